//! Fields of the descriptor and the file that the event is about.

super::rows! {
    "fd.name": Text, None, "Path of the file really opened, of a failed open the name that was asked for; of a connection both ends, the client's first; of a unix socket the path or name it is bound to, of a connection the listener's.";
    "fd.nameraw": Text, None, "The name or address as the program passed it.";
    "fd.filename": Text, None, "Last component of `fd.name`.";
    "fd.directory": Text, None, "`fd.name` without its last component.";
    "fd.num": Number, None, "The descriptor; negative for a failed open, 2147483647 for one whose number is not seen (lsm tier).";
    "fd.type": Text, None, "What the descriptor is, such as `file`, `directory`, `ipv4`, `ipv6` or `unix`.";
    "fd.typechar": Text, None, "What the descriptor is in one letter: `f` for a file, `4`, `6` and `u` for sockets.";
    "fd.types": [Text], OptionalIndex, "What all open descriptors are, each type once; with a number what that descriptor is.", NO_RIGHT;
    "fd.uid": Text, None, "Process id and descriptor, which together are one descriptor of the host.";
    "fd.containername": Text, None, "Container id and `fd.name`, separated by a colon.";
    "fd.containerdirectory": Text, None, "Container id and `fd.directory`, separated by a colon.";
    "fd.ino": Number, None, "Inode number.";
    "fd.dev": Number, None, "Device number of the file system.";
    "fd.dev.major": Number, None, "Major part of `fd.dev`.";
    "fd.dev.minor": Number, None, "Minor part of `fd.dev`.";
    "fd.is_upper_layer": Bool, None, "On overlayfs: written since the container was made.";
    "fd.is_lower_layer": Bool, None, "On overlayfs: unchanged since the image.";
    "fdlist.nums": Text, None, "Descriptors that a call such as `poll` waits for, separated by commas.";
    "fdlist.names": Text, None, "Names of these descriptors, separated by commas.";
    "fdlist.cips": Text, None, "Client addresses of these descriptors, separated by commas.";
    "fdlist.sips": Text, None, "Server addresses of these descriptors, separated by commas.";
    "fdlist.cports": Text, None, "Client ports of these descriptors, separated by commas.";
    "fdlist.sports": Text, None, "Server ports of these descriptors, separated by commas.";
    "vigie.fd.memfd": Bool, None, "The file exists in memory only.";
    "vigie.fd.deleted": Bool, None, "No name leads to the file any more.";
    "vigie.fd.hardlink_of": Text, None, "Of a file with several names: the one by which rules know it, where that is not `fd.name`.";
    "vigie.fd.nlink": Number, None, "Number of names that lead to the inode.";
    "vigie.fd.unverified": Bool, None, "The name or the peer comes from memory that the program could still change.";
}
