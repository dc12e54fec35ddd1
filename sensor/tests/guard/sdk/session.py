"""A session of ordinary use with Docker's Python SDK: each line tells a step and what came of it.

The arguments are a socket, an image, and a word that marks what this session makes. What is another one each time (ids,
times) is called the same, so that two sessions say the same if what they talked to did.
"""

import io
import json
import re
import socket
import sys
import tarfile
import time

import docker

SOCKET, IMAGE, MARK = sys.argv[1:]
ID = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{12})(?![0-9a-f])")
CLIENT = docker.DockerClient(base_url=f"unix://{SOCKET}", timeout=120)
USUAL = {"network_mode": "none", "labels": {"mark": MARK}}


def shown(value):
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    if isinstance(value, (tuple, list)):
        return [shown(element) for element in value]
    if isinstance(value, dict):
        return {shown(name): shown(element) for name, element in value.items()}
    return ID.sub("ID", value).replace(MARK, "MARK") if isinstance(value, str) else value


def step(name, work):
    """Does something, and tells what came of it, errors of the engine included."""
    try:
        came = shown(work())
    except docker.errors.ContainerError as error:
        came = {"exit": error.exit_status, "stderr": shown(error.stderr)}
    except docker.errors.APIError as error:
        came = {"status": error.status_code, "explanation": shown(error.explanation)}
    print(json.dumps([name, came], sort_keys=True), flush=True)


def run(*command, **options):
    return CLIENT.containers.run(IMAGE, list(command), **{**USUAL, **options})


def archive(name, content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def content_of(stream):
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar if entry.isfile()}


def talk(connection, said, end=True):
    """Says something over a stream, may end that direction, and reads what comes until the other one ends."""
    plain = getattr(connection, "_sock", connection)
    plain.sendall(said)
    if end:
        plain.shutdown(socket.SHUT_WR)
    heard = b""
    while piece := plain.recv(65536):
        heard += piece
    connection.close()
    return heard


def system():
    step("ping", CLIENT.ping)
    step("version", CLIENT.version)
    step("info", lambda: [CLIENT.info()[name] for name in ("Driver", "OSType", "ServerVersion", "SecurityOptions")])
    step("df", lambda: sorted(CLIENT.df()))
    step("no such container", lambda: CLIENT.containers.get("nothing"))


def runs():
    step("run", lambda: run("echo", "hello", remove=True))
    both = ("sh", "-c", "echo out; echo err >&2")
    step("run for its errors", lambda: run(*both, remove=True, stdout=False, stderr=True))
    step("run that fails", lambda: run("sh", "-c", "echo no >&2; exit 7", remove=True))
    step("run with a terminal", lambda: run("sh", "-c", "test -t 1 && echo a terminal", remove=True, tty=True))
    step("run with options", lambda: run(
        "id", remove=True, user="1000", environment={"A": "b"}, mem_limit="64m", cap_drop=["ALL"], read_only=True,
        security_opt=["no-new-privileges"], tmpfs={"/t": "size=1m"}))


def life():
    made = CLIENT.containers.create(IMAGE, ["sh", "-c", "echo made; exit 4"], name="made", **USUAL)
    step("status of what was made", lambda: made.status)
    step("start", made.start)
    step("wait", made.wait)
    step("logs", made.logs)
    step("logs with times", lambda: len(made.logs(timestamps=True, stdout=True, stderr=False).split()))
    step("logs that follow", lambda: b"".join(made.logs(stream=True, follow=True)))
    step("inspect", lambda: [CLIENT.api.inspect_container("made")[part] for part in ("HostConfig", "Mounts", "Args")])
    step("diff", made.diff)
    step("commit", lambda: made.commit("kept", "1").tags)
    step("rename", lambda: made.rename("renamed"))
    step("list", lambda: [one.name for one in CLIENT.containers.list(all=True, filters={"label": f"mark={MARK}"})])
    step("remove", lambda: made.remove(v=True))


def busy():
    box = run("sleep", "1000", name="busy", detach=True)
    step("exec", lambda: box.exec_run(["echo", "in"]))
    step("exec that fails", lambda: box.exec_run(["sh", "-c", "exit 3"]))
    step("exec with both outputs", lambda: box.exec_run(["sh", "-c", "echo out; echo err >&2"], demux=True))
    step("exec with a terminal", lambda: box.exec_run(["sh", "-c", "test -t 1 && echo a terminal"], tty=True))
    step("exec with options", lambda: box.exec_run(["sh", "-c", "echo $A; id -u; pwd"], environment=["A=b"],
                                                   user="1000", workdir="/tmp"))
    step("exec as a stream", lambda: b"".join(
        box.exec_run(["busybox", "seq", "3"], stream=True, tty=True).output))
    # Not by logs: an engine of 20.10 may end those before their end.
    step("exec with much output", lambda: len(box.exec_run(["busybox", "seq", "200000"]).output))
    step("exec in the background", lambda: box.exec_run(["true"], detach=True).output)
    step("exec with input", lambda: talk(box.exec_run(["cat"], stdin=True, socket=True).output, b"over and back\n"))
    step("exec with much input", lambda: len(talk(
        box.exec_run(["busybox", "wc", "-c"], stdin=True, socket=True).output, b"x" * 3_000_000)))
    step("exec with input on a terminal", lambda: talk(
        box.exec_run(["sh", "-c", "read line; echo got $line"], stdin=True, tty=True, socket=True).output, b"a\n",
        end=False))
    step("put", lambda: box.put_archive("/tmp", archive("file", b"content")))
    step("get", lambda: content_of(box.get_archive("/tmp/file")[0]))
    step("what was put", lambda: box.exec_run(["cat", "/tmp/file"]).output)
    step("get what is not there", lambda: box.get_archive("/nothing"))
    step("top", lambda: [row[-1] for row in box.top()["Processes"]])
    step("stats", lambda: sorted(box.stats(stream=False)))
    step("stats as a stream", lambda: sorted(next(box.stats(stream=True, decode=True))))
    step("resize", lambda: box.resize(24, 80))
    step("pause", box.pause)
    step("unpause", box.unpause)
    step("update", lambda: box.update(mem_limit="128m", memswap_limit="128m"))
    step("kill", lambda: box.kill("USR1"))
    step("restart", lambda: box.restart(timeout=0))
    step("export", lambda: len(b"".join(box.export())) > 100_000)
    step("stop", lambda: box.stop(timeout=0))
    step("wait for what has ended", box.wait)
    step("remove what was busy", box.remove)


def streams():
    box = CLIENT.containers.create(IMAGE, ["sh", "-c", "read line; echo got $line; exit 6"], stdin_open=True, **USUAL)
    connection = CLIENT.api.attach_socket(box.id, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
    box.start()
    step("attach", lambda: talk(connection, b"to a container\n"))
    step("exit of what was attached", box.wait)
    step("logs of what was attached", box.logs)
    box.remove()
    box = run("sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done", detach=True)
    step("logs of what runs", lambda: b"".join(box.logs(stream=True, follow=True)))
    box.remove(force=True)


def images():
    image = CLIENT.images.get(IMAGE)
    step("images", lambda: sorted(tag for one in CLIENT.images.list() for tag in one.tags))
    step("tag", lambda: image.tag("other", "2"))
    step("history", lambda: [layer["CreatedBy"] for layer in image.history()])
    saved = b"".join(CLIENT.images.get("kept:1").save(named=True))
    step("save", lambda: sorted(
        shown(entry.name) for entry in tarfile.open(fileobj=io.BytesIO(saved))))
    step("remove an image", lambda: CLIENT.images.remove("kept:1"))
    step("load", lambda: [tag for one in CLIENT.images.load(saved) for tag in one.tags])
    step("import", lambda: CLIENT.api.import_image_from_data(archive("a", b"b"), "imported", "1") != "")
    step("remove images", lambda: [CLIENT.images.remove(name) for name in ("kept:1", "other:2", "imported:1")])
    context = archive("Dockerfile", b"FROM scratch\nCOPY Dockerfile /here\nCMD [\"none\"]\n")
    step("build", lambda: CLIENT.images.build(fileobj=io.BytesIO(context), custom_context=True, tag="built:1")[0].tags)
    step("remove what was built", lambda: CLIENT.images.remove("built:1"))
    step("prune images", lambda: CLIENT.images.prune())


def volumes_and_networks():
    volume = CLIENT.volumes.create("store", labels={"a": "b"})
    mounts = {"store": {"bind": "/store", "mode": "rw"}}
    step("volume", lambda: [volume.name, volume.attrs["Driver"], volume.attrs["Labels"]])
    step("write to it", lambda: run("sh", "-c", "echo x > /store/y", remove=True, volumes=mounts))
    step("read from it", lambda: run("cat", "/s/y", remove=True, mounts=[docker.types.Mount("/s", "store", "volume")]))
    step("volumes", lambda: [one.name for one in CLIENT.volumes.list()])
    step("remove it", volume.remove)
    step("prune volumes", lambda: CLIENT.volumes.prune()["VolumesDeleted"])
    step("networks", lambda: sorted(one.name for one in CLIENT.networks.list()))
    step("network", lambda: CLIENT.networks.get("none").attrs["Driver"])
    step("no such network", lambda: CLIENT.networks.get("nothing"))


def events():
    happening = CLIENT.events(decode=True, since=int(time.time()) - 60, filters={"label": f"mark={MARK}"})
    step("the first event", lambda: next(happening)["Action"])
    happening.close()
    past = CLIENT.events(decode=True, since=0, until=int(time.time()) + 1, filters={"label": f"mark={MARK}"})
    # What a container that runs does by itself may come in between.
    actions = [event["Action"] for event in past]
    # The engine tells these again where its runtime's word of the pause comes after the end of it.
    told_again = {"pause", "unpause"}
    once = told_again.intersection(actions)
    step("events", lambda: sorted([action for action in actions if action not in told_again] + list(once)))


for part in (system, runs, life, busy, streams, images, volumes_and_networks, events):
    part()
