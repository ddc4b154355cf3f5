#!/bin/sh
# What the virtual machine's only service runs. Its output is the machine's second serial line.
cd /checkout || exit 1
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
echo "vm: up after $(cut -d' ' -f1 /proc/uptime) s, Linux $(uname -r), $(python3 --version)"
cp image/udev/*.rules /etc/udev/rules.d/
udevadm control --reload
eval "set -- $(cat /results/arguments)"
case "$*" in *tests/vm/guest*) ;; *) set -- "$@" tests/vm/guest ;; esac
python3 -m pytest -v --color=no --confcutdir=tests/vm/guest -p no:cacheprovider "$@"
echo $? > /results/status
