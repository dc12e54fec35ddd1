//! Fields of the user and group of the process.

super::rows! {
    "user.uid": Number, None, "User id.";
    "user.name": Text, None, "Name of the user, by the passwd file of the host or of the container; missing where that has none for the id, or cannot be read.";
    "user.homedir": Text, None, "Home directory of the user.";
    "user.shell": Text, None, "Login shell of the user.";
    "user.loginuid": Number, None, "User id that logged in, whatever the process became since; -1 without a login.";
    "user.loginname": Text, None, "Name of the user that logged in.";
    "vigie.user.inner_uid": Number, None, "User id in the user namespace of the process's container; missing on the host.";
    "vigie.user.euid": Number, None, "Effective user id.";
    "vigie.group.egid": Number, None, "Effective group id.";
    "group.gid": Number, None, "Group id.";
    "group.name": Text, None, "Name of the group, by the group file of the host or of the container.";
}
