#!/bin/sh
# The guest's first program: mount what a Linux system has, run the job, report its exit code, power off. Where there is
# systemd, all that is left to it.
#
# The report goes to the second serial port, where nothing else writes, so no output of the job can imitate it.

export PATH=/bin:/usr/bin HOME=/root TERM=linux TMPDIR=/tmp RUST_BACKTRACE=1

chmod 755 /

if [ -x /lib/systemd/systemd ]; then
    for module in /lib/modules/*.ko; do
        insmod "$module"
    done
    # Programs that change their root, as runtimes of containers do, need one that is mounted upon another.
    mkdir /root-of-systemd
    mount -o bind / /root-of-systemd
    cd /root-of-systemd
    mount -o move . /
    exec chroot . /lib/systemd/systemd
fi

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs tmp /tmp
chmod 1777 /tmp /dev/shm
mount -t tmpfs -o mode=755 run /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tracefs tracefs /sys/kernel/tracing
mount -t bpf bpf /sys/fs/bpf
mount -t securityfs securityfs /sys/kernel/security

for module in /lib/modules/*.ko; do
    insmod "$module"
done

hostname guest
ifconfig lo 127.0.0.1 up
ulimit -n 65536

sh /job </dev/null
code=$?

# Opened once the job is over; closing it waits until the bytes are out.
echo "exit $code" >/dev/ttyS1
poweroff -f
