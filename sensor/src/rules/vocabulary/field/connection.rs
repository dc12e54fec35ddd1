//! Fields of the socket that the event is about.
//!
//! Those of both ends hold if one end satisfies the comparison; `!=` needs both. So do the domain names of an
//! address, of which there can be several.

super::rows! {
    "fd.ip": (ends Ip), None, "Address of either end.", FILTER_ONLY NO_RIGHT NO_TRANSFORMER;
    "fd.cip": Ip, None, "Address of the client.";
    "fd.sip": Ip, None, "Address of the server.";
    "fd.lip": Ip, None, "Address of this side.";
    "fd.rip": Ip, None, "Address of the other side.";
    "fd.port": (ends Port), None, "Port of either end.", FILTER_ONLY NO_RIGHT NO_TRANSFORMER;
    "fd.cport": Port, None, "Port of the client.";
    "fd.sport": Port, None, "Port of the server.";
    "fd.lport": Port, None, "Port of this side.";
    "fd.rport": Port, None, "Port of the other side.";
    "fd.net": (ends Net), None, "Address of either end, compared with networks.", FILTER_ONLY NO_RIGHT NO_TRANSFORMER;
    "fd.cnet": Net, None, "Address of the client, compared with networks.", FILTER_ONLY NO_RIGHT NO_TRANSFORMER;
    "fd.snet": Net, None, "Address of the server, compared with networks.", FILTER_ONLY NO_RIGHT NO_TRANSFORMER;
    "fd.lnet": Net, None, "Address of this side, compared with networks.", FILTER_ONLY NO_RIGHT NO_TRANSFORMER;
    "fd.rnet": Net, None, "Address of the other side, compared with networks.", FILTER_ONLY NO_RIGHT NO_TRANSFORMER;
    "fd.proto": (ends Port), None, "Port of either end, usually compared by the name of its service.", FILTER_ONLY NO_RIGHT NO_TRANSFORMER;
    "fd.cproto": Text, None, "Service of the client's port.";
    "fd.sproto": Text, None, "Service of the server's port.";
    "fd.lproto": Text, None, "Service of this side's port.";
    "fd.rproto": Text, None, "Service of the other side's port.";
    "fd.cip.name": (ends Text), None, "Domain names of the client.", NO_RIGHT NO_TRANSFORMER;
    "fd.sip.name": (ends Text), None, "Domain names of the server.", NO_RIGHT NO_TRANSFORMER;
    "fd.lip.name": (ends Text), None, "Domain names of this side.", NO_RIGHT NO_TRANSFORMER;
    "fd.rip.name": (ends Text), None, "Domain names of the other side.", NO_RIGHT NO_TRANSFORMER;
    "fd.l4proto": Text, None, "Transport protocol: `tcp`, `udp`, `icmp` or `raw`.";
    "fd.sockfamily": Text, None, "Family of the socket: `ip` or `unix`.";
    "fd.is_server": Bool, None, "The process is the server of the connection.";
    "fd.connected": Bool, None, "The socket is connected.";
    "fd.name_changed": Bool, None, "The event changed the name of the descriptor, as a new peer does.";
    "vigie.fd.net_ns": Number, None, "Inode number of the network namespace that the socket belongs to.";
    "vigie.fd.bound_name": Text, None, "Name that a unix socket was bound to, as its owner passed it; of a connection the listener's. `@` stands for the NUL of an abstract one.";
    "vigie.fd.bound_ino": Number, None, "Inode number of the file that a unix socket is bound to; of a connection the listener's.";
    "vigie.fd.bound_dev": Number, None, "Device number of that file's file system.";
}
