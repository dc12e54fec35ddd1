# A working day on a Debian host: an archive, a build, a package, a repository, a web server.
set -eu
mkdir "$HOME" "$TMPDIR"

mkdir tree
seq 1 200 | while read -r number; do
    mkdir -p "tree/$((number % 7))"
    echo "$number" >"tree/$((number % 7))/$number"
done
tar -cJf tree.tar.xz tree
mkdir unpacked
tar -xJf tree.tar.xz -C unpacked
mv unpacked/tree unpacked/moved

mkdir build
cat >build/hello.h <<'END'
int greet(const char *);
END
cat >build/greet.c <<'END'
#include <stdio.h>
#include "hello.h"
int greet(const char *name) { return printf("Hello, %s\n", name); }
END
cat >build/main.c <<'END'
#include "hello.h"
int main(int argc, char **argv) { return greet(argv[argc - 1]) < 0; }
END
printf 'hello: main.o greet.o\n\t$(CC) -o $@ $^\n%%.o: %%.c hello.h\n\t$(CC) -O1 -c -o $@ $<\n' >build/Makefile
make -C build CC=gcc
build/hello world
touch build/hello.h
make -C build CC=gcc
rm -r build

# The package comes from the mirrors of this host's own configuration, where they can be reached.
mkdir package
cd package
quick='-o Acquire::Retries=0 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20'
if apt-get -q $quick -o APT::Sandbox::User=root download hostname; then
    echo downloaded >../source
else
    mkdir -p made/DEBIAN made/usr/share/made
    printf 'Package: made\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: made here\n' >made/DEBIAN/control
    seq 1 1000 >made/usr/share/made/numbers
    dpkg-deb --root-owner-group -b made made.deb
    echo 'made on the spot' >../source
fi
dpkg-deb -x ./*.deb unpacked
dpkg-deb -e ./*.deb control
dpkg-deb -I ./*.deb
cd ..

export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@localhost GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@localhost
git init -q -b main repository
cd repository
cp -r ../unpacked/moved/. .
git add .
git commit -q -m one
git branch other
git checkout -q other
rm -r 1
echo more >>2/2
git add -A
git commit -q -m two
git checkout -q main
git merge -q other
git status --short
git log --stat >../log
git gc -q
git fsck
cd ..

mkfifo said
python3 -u -m http.server --bind 127.0.0.1 --directory unpacked/moved 0 >said 2>server.log &
server=$!
exec 3<said
read -r line <&3
port=${line#*port }
port=${port%% *}
curl -sS -o got "http://127.0.0.1:$port/3/3"
curl -sS -o got "http://localhost:$port/3/10"
curl -sS -o got "http://127.0.0.1:$port/nothing"
wget -q -O got "http://127.0.0.1:$port/4/"
kill "$server"
wait "$server" || test $? = 143
exec 3<&-
curl -sS "http://127.0.0.1:$port/" || test $? = 7

python3 threads.py
