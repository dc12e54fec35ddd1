//! Fields of the user and group of the process.

super::rows! {
    "user.uid": Number, None, "User id.";
    "user.name": Text, None, "Name of the user, as the host knows it; missing in containers, which have names of their own.";
    "user.homedir": Text, None, "Home directory of the user.";
    "user.shell": Text, None, "Login shell of the user.";
    "user.loginuid": Number, None, "User id that logged in, whatever the process became since; -1 without a login.";
    "user.loginname": Text, None, "Name of the user that logged in.";
    "vigie.user.euid": Number, None, "Effective user id.";
    "vigie.group.egid": Number, None, "Effective group id.";
    "group.gid": Number, None, "Group id.";
    "group.name": Text, None, "Name of the group, as the host knows it; missing in containers.";
}
