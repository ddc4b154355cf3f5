# For the shell, in the virtual machine: what tests and workbench alike need. Run from /checkout.
. tests/vm/guest/environment.sh
echo "vm: up after $(cut -d' ' -f1 /proc/uptime) s, Linux $(uname -r), $(python3 --version)"
cp image/udev/*.rules /etc/udev/rules.d/
udevadm control --reload
udevadm trigger --action=change --subsystem-match=dahdi  # loaded at boot, before the rules came
