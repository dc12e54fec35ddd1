//! Fields of the paths that a call on the file system names.

super::rows! {
    "fs.path.name": Text, None, "Absolute path that the call works on.";
    "fs.path.nameraw": Text, None, "The same as the program passed it.";
    "fs.path.source": Text, None, "Absolute path that the call starts from, for calls with two paths.";
    "fs.path.sourceraw": Text, None, "The same as the program passed it.";
    "fs.path.target": Text, None, "Absolute path that the call leads to, for calls with two paths.";
    "fs.path.targetraw": Text, None, "The same as the program passed it.";
    "vigie.file.ino": Number, None, "Inode number of the file that the event is about, where the kernel told.";
    "vigie.file.dev": Number, None, "Device number of its file system.";
    "vigie.file.size": Number, None, "Its size in bytes: before a change, after an open or a close.";
    "vigie.file.nlink": Number, None, "Number of names that led to it before the event.";
    "vigie.file.mode": Number, None, "Its permission bits, before a change.";
    "vigie.file.uid": Number, None, "User id of its owner, before a change.";
    "vigie.file.gid": Number, None, "Group id of its owner, before a change.";
    "vigie.replaced.ino": Number, None, "Inode number of the file that had the new name before a rename.";
    "vigie.replaced.dev": Number, None, "Device number of its file system.";
    "vigie.replaced.size": Number, None, "Its size in bytes.";
    "vigie.replaced.nlink": Number, None, "Number of names that led to it before the rename.";
    "vigie.path.unverified": Bool, None, "Paths were put together from names that the program could still change; links in them are not followed.";
}
