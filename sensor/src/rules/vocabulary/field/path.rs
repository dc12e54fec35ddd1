//! Fields of the paths that a call on the file system names.

super::rows! {
    "fs.path.name": Text, None, "Absolute path that the call works on.";
    "fs.path.nameraw": Text, None, "The same as the program passed it.";
    "fs.path.source": Text, None, "Absolute path that the call starts from, for calls with two paths.";
    "fs.path.sourceraw": Text, None, "The same as the program passed it.";
    "fs.path.target": Text, None, "Absolute path that the call leads to, for calls with two paths.";
    "fs.path.targetraw": Text, None, "The same as the program passed it.";
}
