//! Fields of the container that the process runs in.

super::rows! {
    "container.id": Text, None, "First 12 digits of the container's id; `host` outside of containers.";
    "container.full_id": Text, None, "The whole id of the container; `host` outside of containers.";
    "container.name": Text, None, "Name of the container.";
    "container.type": Text, None, "Runtime of the container, such as `docker` or `containerd`.";
    "container.privileged": Bool, None, "The container was started privileged.";
    "container.image": Text, None, "Image as the container's creator named it.";
    "container.image.id": Text, None, "Id of the image.";
    "container.image.repository": Text, None, "Repository of the image, with its registry.";
    "container.image.tag": Text, None, "Tag of the image.";
    "container.image.digest": Text, None, "Digest of the image in its registry.";
    "container.mounts": Text, None, "The mounts, separated by blanks, each as source:destination:mode:rw:propagation.";
    "container.mount": Text, RequiredKey, "One mount in the form of `container.mounts`, by position or by its source, which may be a pattern.";
    "container.mount.source": Text, RequiredKey, "Source of a mount, by position or by its destination, which may be a pattern.";
    "container.mount.dest": Text, RequiredKey, "Destination of a mount, by position or by its source, which may be a pattern.";
    "container.mount.mode": Text, RequiredKey, "Mode of a mount, by position or by its source, which may be a pattern.";
    "container.mount.rdwr": Text, RequiredKey, "`true` for a mount that can be written to, by position or by its source, which may be a pattern.";
    "container.mount.propagation": Text, RequiredKey, "Propagation of a mount, by position or by its source, which may be a pattern.";
    "container.label": Text, RequiredKey, "Value of the label of this name.";
    "container.labels": Text, None, "All labels, as key:value, separated by commas.";
    "container.start_ts": Number, None, "Start of the container, nanoseconds since 1970.";
    "container.duration": Number, None, "Nanoseconds since the container started.";
    "container.ip": Text, None, "Address of the container.";
    "container.cni.json": Text, None, "Result of the network plugin, as JSON.";
    "container.host_pid": Bool, None, "The container shares the host's pid namespace.";
    "container.host_network": Bool, None, "The container shares the host's network namespace.";
    "container.host_ipc": Bool, None, "The container shares the host's IPC namespace.";
    "container.healthcheck": Text, None, "Command of the container's health check.", DEPRECATED;
    "container.liveness_probe": Text, None, "Command of the container's liveness probe.", DEPRECATED;
    "container.readiness_probe": Text, None, "Command of the container's readiness probe.", DEPRECATED;
    "vigie.container.verified": Bool, None, "The container runtime confirmed the container and its cgroup.";
    "vigie.container.unverified": Text, None, "Why the container is not confirmed: `pending`, `unreachable`, `unknown_id` and so on.";
    "vigie.container.outer": [Text], None, "The containers that the container runs in, the outermost first, each by the first 12 digits of its id.";
    "vigie.container.escape": Bool, None, "The process has left the container for the host's mount namespace, and is still in the container's cgroup.";
    "vigie.unit": Text, None, "The systemd unit of a process on the host, by its cgroup.";
    "vigie.unit.verified": Bool, None, "Process 1 made the unit's cgroup, or it is older than the sensor and process 1 is systemd; false for units of a user's own manager.";
    "vigie.cgroup.id": Number, None, "Id of the process's cgroup.";
    "vigie.cgroup.path": Text, None, "Path of the process's cgroup.";
}
