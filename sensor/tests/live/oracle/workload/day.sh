# A working day: an archive, a build, a package, a repository, a web server.
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

# A server that outlives the script would be waited for.
server=
trap 'test -z "$server" || kill "$server"' EXIT

# serve DIRECTORY: a web server for it, as $server on $port.
serve() {
    mkfifo said
    python3 -u -m http.server --bind 127.0.0.1 --directory "$1" 0 >said 2>server.log &
    server=$!
    exec 3<said
    read -r line <&3
    port=${line#*port }
    port=${port%% *}
}

stop_serving() {
    kill "$server"
    wait "$server" || test $? = 143
    server=
    exec 3<&-
    rm said
}

# The package comes from the mirrors of this host's own configuration, or from here, where they cannot be reached.
mkdir package
cd package
quick='-q -o Acquire::Retries=0 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o APT::Sandbox::User=root'
if apt-get $quick download hostname; then
    echo "a mirror's" >../source
else
    mkdir -p made/DEBIAN made/usr/share/made served state/lists/partial cache/archives/partial
    printf 'Package: made\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: made here\n' >made/DEBIAN/control
    seq 1 1000 >made/usr/share/made/numbers
    dpkg-deb --root-owner-group -b made served/made.deb
    {
        dpkg-deb -f served/made.deb
        echo "Filename: made.deb"
        echo "Size: $(stat -c %s served/made.deb)"
        echo "SHA256: $(sha256sum served/made.deb | cut -d ' ' -f 1)"
    } >served/Packages
    serve served
    echo "deb [trusted=yes] http://127.0.0.1:$port ./" >sources.list
    here="-o Dir::Etc::SourceList=$PWD/sources.list -o Dir::Etc::SourceParts=/dev/null -o Dir::State=$PWD/state"
    here="$here -o Dir::State::status=/dev/null -o Dir::Cache=$PWD/cache"
    apt-get $quick $here update
    apt-get $quick $here download made
    stop_serving
    echo 'made and served on the spot' >../source
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

serve unpacked/moved
curl -sS -o got "http://127.0.0.1:$port/3/3"
curl -sS -o got "http://localhost:$port/3/10"
curl -sS -o got "http://127.0.0.1:$port/nothing"
wget -q -O got "http://127.0.0.1:$port/4/"
stop_serving
curl -sS "http://127.0.0.1:$port/" || test $? = 7

python3 threads.py
