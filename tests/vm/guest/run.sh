#!/bin/sh
# What the virtual machine runs when it tests. Its output is the machine's second serial line.
cd /checkout || exit 1
. tests/vm/guest/prepare.sh
eval "set -- $(cat /results/arguments)"
status=0
pytest() {
    python3 -m pytest -v --color=no --confcutdir=tests/vm/guest -o cache_dir=/tmp/pytest "$@"
}
# Real drivers on an emulated processor: what fails is run once more, for all to see; failing twice is failing.
run() {
    pytest "$@" && return
    echo "failed: these are run once more"
    pytest --last-failed "$@" || status=$?
}
# The exchange's spans stay up from the first test to the last, and alarms are simulated last: after them DAHDI's driver
# (3.1) was seen in a loop that never ended. The tests of the configuration make spans of their own, first.
up() {
    python3 -m tests.vm.guest.dahdi up || status=1
}
all() {
    here=tests/vm/guest
    run "$@" $here/test_pstn_config.py
    up
    run "$@" --ignore=$here/test_pstn_config.py --ignore=$here/test_pstn_pri_trouble.py \
        --ignore=$here/test_pstn_alarms.py $here
    run "$@" $here/test_pstn_pri_trouble.py $here/test_pstn_alarms.py
}
case "$*" in
--bench) up; python3 -m tests.vm.guest.bench_pstn || status=$? ;;
*test_pstn_config*) run "$@" ;;
*tests/vm/guest/*) up; run "$@" ;;
*) all "$@" ;;
esac
echo $status > /results/status
