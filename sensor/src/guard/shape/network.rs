//! What is sent about networks.

use super::{Shape, members};

/// `network.EndpointSettings`.
pub(super) const ENDPOINT: Shape = Shape::Struct(&[members! {
    "IPAMConfig": [ENDPOINT_IPAM], "Links": list, "Aliases": list, "DriverOpts": map, "GwPriority": Number,
    "NetworkID": Text, "EndpointID": Text, "Gateway": Text, "IPAddress": Text, "MacAddress": Text,
    "IPPrefixLen": Number, "IPv6Gateway": Text, "GlobalIPv6Address": Text, "GlobalIPv6PrefixLen": Number,
    "DNSNames": list,
}]);
const ENDPOINT_IPAM: Shape =
    Shape::Struct(&[members! { "IPv4Address": Text, "IPv6Address": Text, "LinkLocalIPs": list }]);

/// `network.ConfigReference`.
const CONFIG_REFERENCE: Shape = Shape::Struct(&[members! { "Network": Text }]);
const IPAM: Shape = Shape::Struct(&[members! {
    "Driver": Text, "Options": map, "Config": [Shape::List(&IPAM_CONFIG)],
}]);
const IPAM_CONFIG: Shape = Shape::Struct(&[members! {
    "Subnet": Text, "IPRange": Text, "Gateway": Text, "AuxiliaryAddresses": map,
}]);

/// `POST /networks/create`.
pub const NETWORK_CREATE: Shape = Shape::Struct(&[members! {
    "Name": Text, "CheckDuplicate": Bool, "Driver": Text, "Scope": Text, "EnableIPv4": Bool, "EnableIPv6": Bool,
    "IPAM": [IPAM], "Internal": Bool, "Attachable": Bool, "Ingress": Bool, "ConfigOnly": Bool,
    "ConfigFrom": [CONFIG_REFERENCE], "Options": map, "Labels": map,
}]);

/// `POST /networks/{id}/connect`.
pub const CONNECT: Shape = Shape::Struct(&[members! { "Container": Text, "EndpointConfig": [ENDPOINT] }]);

/// `POST /networks/{id}/disconnect`.
pub const DISCONNECT: Shape = Shape::Struct(&[members! { "Container": Text, "Force": Bool }]);
