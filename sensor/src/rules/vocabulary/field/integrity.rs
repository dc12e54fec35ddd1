//! Fields of an operation on a watched file; alerts of file integrity alone have them.

super::rows! {
    "vigie.fim.operation": Text, None, "What was done to the watched file: `created`, `modified`, `renamed`, `deleted`, `mode changed`, `owner changed`, `attributes changed`, `linked` or `read`.";
    "vigie.fim.path": Text, None, "The watched file by its path on the host, whatever it is called where it was used; of a renamed one the new path.";
    "vigie.fim.path_from": Text, None, "The old path of a renamed file, the file that a link is of, or the path from which a file came that took the place of another.";
    "vigie.fim.replaced": Bool, None, "Another file took its place.";
    "vigie.fim.attribute": Text, None, "Name of the extended attribute that was set or removed.";
    "vigie.fim.size.before": Number, None, "Size in bytes before.";
    "vigie.fim.size.after": Number, None, "Size in bytes after.";
    "vigie.fim.sha256.before": Text, None, "SHA-256 of the content before.";
    "vigie.fim.sha256.after": Text, None, "SHA-256 of the content after.";
    "vigie.fim.sha256.unknown": Text, None, "Why a digest is missing.";
    "vigie.fim.mode.before": Text, None, "Permission bits before, four octal digits.";
    "vigie.fim.mode.after": Text, None, "Permission bits after, four octal digits.";
    "vigie.fim.uid.before": Number, None, "User id of the owner before.";
    "vigie.fim.uid.after": Number, None, "User id of the owner after.";
    "vigie.fim.gid.before": Number, None, "Group id before.";
    "vigie.fim.gid.after": Number, None, "Group id after.";
}
