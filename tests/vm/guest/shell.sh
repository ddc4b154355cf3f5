#!/bin/sh
# What the virtual machine runs as a workbench: the exchange's spans, then sshd. The host knows it by its key.
cd /checkout || exit 1
. tests/vm/guest/prepare.sh
modprobe virtio_net
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
install -D -m 600 /results/authorized_keys /root/.ssh/authorized_keys
python3 -m tests.vm.guest.dahdi up || echo "vm: the exchange did not come up"
mkdir -p /run/sshd
/usr/sbin/sshd -o MaxSessions=100 -o MaxStartups=100 -o UseDNS=no -o UsePAM=no -o PrintMotd=no  # returns when it listens
cp /etc/ssh/ssh_host_ed25519_key.pub /results/host_key
echo "vm: sshd listens"
exec sleep infinity
