#!/bin/sh
# What the virtual machine runs when it tests. Its output is the machine's second serial line.
cd /checkout || exit 1
. tests/vm/guest/prepare.sh
eval "set -- $(cat /results/arguments)"
status=0
run() {
    python3 -m pytest -v --color=no --confcutdir=tests/vm/guest -p no:cacheprovider "$@" || status=$?
}
# The exchange's spans stay up from the first test to the last: taking them down after their alarms were simulated can
# leave DAHDI's driver (3.1) in a loop that never ends. The tests of the configuration make spans of their own, first.
up() {
    python3 -m tests.vm.guest.dahdi up || status=1
}
case "$*" in
--bench) up; python3 -m tests.vm.guest.bench_pstn || status=$? ;;
*test_pstn_config*) run "$@" ;;
*tests/vm/guest/*) up; run "$@" ;;
*) run "$@" tests/vm/guest/test_pstn_config.py; up; run "$@" --ignore=tests/vm/guest/test_pstn_config.py tests/vm/guest ;;
esac
echo $status > /results/status
