"""What threads do: share a working directory, wait for each other, run programs, sockets of every family."""
import os
import signal
import socket
import subprocess
import threading


def work(number):
    for turn in range(20):
        name = f"thread-{number}-{turn}"
        os.mkdir(name)
        os.chmod(name, 0o700)
        os.rename(name, name + "-renamed")
        with open(name + "-renamed/file", "w") as file:
            os.fchmod(file.fileno(), 0o600)
        os.unlink(name + "-renamed/file")
        os.rmdir(name + "-renamed")


def at_a_descriptor():
    here = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    os.mkdir("at", 0o750, dir_fd=here)
    os.close(os.open("file", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=here))
    os.rename("file", "at/file", src_dir_fd=here, dst_dir_fd=here)
    os.chmod("at/file", 0o640, dir_fd=here)
    os.unlink("at/file", dir_fd=here)
    os.fchdir(here)
    os.rmdir("at", dir_fd=here)
    os.close(os.open(".", os.O_TMPFILE | os.O_RDWR))
    os.close(here)


class Enough(Exception):
    """The second signal."""


def interrupted():
    """An open that waits for a reader is interrupted, made again, and interrupted for good."""
    os.mkfifo("unread")
    left = [1]

    def alarm(*_):
        if not left:
            raise Enough
        left.pop()

    signal.signal(signal.SIGALRM, alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    try:
        os.open("unread", os.O_WRONLY)
    except Enough:
        signal.setitimer(signal.ITIMER_REAL, 0)
    os.unlink("unread")


def refused(call, *arguments):
    try:
        call(*arguments)
    except OSError:
        pass


def sockets():
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind("listener.sock")
        listener.listen()
        client.connect("listener.sock")
    os.unlink("listener.sock")
    name = b"\0vigie-oracle-%d" % os.getpid()
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(name)
        listener.listen()
        client.connect(name)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        datagram.bind(("127.0.0.1", 0))
        datagram.connect(("127.0.0.2", 9))
    with socket.socket(socket.AF_INET6) as six:
        refused(six.bind, ("::1", 0))
        refused(six.connect, ("::1", 1))
    with socket.socket() as four:
        refused(four.connect, ("127.0.0.1", 1))
        refused(four.bind, ("192.0.2.1", 80))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as netlink:
        netlink.bind((0, 0))
    with socket.socket(socket.AF_UNIX) as client:
        refused(client.connect, "/nobody/listens")


threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
subprocess.run(["/bin/true"], check=True)
for thread in threads:
    thread.join()
at_a_descriptor()
interrupted()
sockets()
refused(os.kill, 2**22 + 5, signal.SIGTERM)
refused(os.open, "x" * 300, os.O_RDONLY)
refused(os.open, "", os.O_RDONLY)
refused(os.execv, "/nothing", ["nothing"])
# An exec from a thread: the others end, and the program goes on under the number of the process.
threading.Thread(target=os.execv, args=("/bin/true", ["true"])).start()
threading.Event().wait()
