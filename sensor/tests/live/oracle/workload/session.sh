# What anybody does in a shell: files, archives, a web server, signals. Busybox can do all of it.
set -eu

mkdir tree tree/deep
for name in one two three 'with blank' "with
line" '"quoted"' 'gr\ün'; do
    echo "$name" >"tree/deep/$name"
done
chmod 640 tree/deep/one
chmod 000 tree/deep/missing 2>/dev/null || true
ln -s deep/one tree/link
cat tree/link >>tree/deep/two
cd tree/deep
mv one ../uno
rm two
mv three with\ blank
mv nothing nowhere 2>/dev/null || true
rmdir ../deep 2>/dev/null || true
mkdir ../deep 2>/dev/null || true
cd ../..

tar -czf tree.tar.gz tree
mkdir unpacked
tar -xzf tree.tar.gz -C unpacked
mv unpacked/tree unpacked/moved
rm -r tree
cp -r unpacked/moved copy
rm -rf unpacked

# A program that is not there, one that cannot be run, and a script.
./nothing 2>/dev/null || true
echo text >text
./text 2>/dev/null || true
printf '#!/bin/sh\ncd /\n: >"$1"\n' >script
chmod 755 script
./script "$PWD/made by script"

# A process that waits in the middle of a call is killed, and one that is not there is not.
mkfifo ready never
sh -c 'echo "$$" >ready; read -r nothing <never' &
read -r victim <ready
kill -0 "$victim"
kill -KILL "$victim"
wait "$victim" || test $? = 137
kill -TERM "$victim" 2>/dev/null || true

# A process that waits in the middle of a call is stopped and goes on: the call is made again.
sh -c 'echo "$$" >ready; echo late >never' &
read -r waiter <ready
kill -STOP "$waiter"
kill -CONT "$waiter"
read -r late <never
test "$late" = late
wait "$waiter"
