//! Fields of the user and group of the process.

super::rows! {
    "user.uid": Number, None, "User id; of a call that changes it the one before.";
    "user.name": Text, None, "Name of the user, by the passwd file of the host or of the container; missing where that has none for the id, or cannot be read.";
    "user.homedir": Text, None, "Home directory of the user.";
    "user.shell": Text, None, "Login shell of the user.";
    "user.loginuid": Number, None, "User id that logged in, whatever the process became since; -1 without a login.";
    "user.loginname": Text, None, "Name of the user that logged in.";
    "vigie.user.inner_uid": Number, None, "User id in the user namespace of the process's container; missing on the host.";
    "vigie.user.euid": Number, None, "Effective user id.";
    "vigie.group.egid": Number, None, "Effective group id.";
    "vigie.cred.uid": Number, None, "Real user id after a call that changes ids or capabilities.";
    "vigie.cred.euid": Number, None, "Effective user id after a call that changes ids or capabilities.";
    "vigie.cred.suid": Number, None, "Saved user id after a call that changes ids or capabilities.";
    "vigie.cred.fsuid": Number, None, "User id for access to files after a call that changes ids or capabilities.";
    "vigie.cred.gid": Number, None, "Real group id after a call that changes ids or capabilities.";
    "vigie.cred.egid": Number, None, "Effective group id after a call that changes ids or capabilities.";
    "vigie.cred.sgid": Number, None, "Saved group id after a call that changes ids or capabilities.";
    "vigie.cred.fsgid": Number, None, "Group id for access to files after a call that changes ids or capabilities.";
    "vigie.cred.before.uid": Number, None, "Real user id before such a call.";
    "vigie.cred.before.euid": Number, None, "Effective user id before such a call.";
    "vigie.cred.before.suid": Number, None, "Saved user id before such a call.";
    "vigie.cred.before.fsuid": Number, None, "User id for access to files before such a call.";
    "vigie.cred.before.gid": Number, None, "Real group id before such a call.";
    "vigie.cred.before.egid": Number, None, "Effective group id before such a call.";
    "vigie.cred.before.sgid": Number, None, "Saved group id before such a call.";
    "vigie.cred.before.fsgid": Number, None, "Group id for access to files before such a call.";
    "vigie.cred.escalation": Bool, None, "A process got the rights of root, or capabilities, and nothing that may give them accounts for it.";
    "group.gid": Number, None, "Group id.";
    "group.name": Text, None, "Name of the group, by the group file of the host or of the container.";
}
