//! What is sent about volumes.

use super::{MAP_OF_TEXTS, NOTHING, Shape, members};

const TOPOLOGIES: Shape = Shape::List(&Shape::Struct(&[members! { "Segments": [MAP_OF_TEXTS] }]));

/// `volume.ClusterVolumeSpec`.
const CLUSTER: Shape = Shape::Struct(&[members! {
    "Group": Text, "AccessMode": [ACCESS_MODE],
    "AccessibilityRequirements":
        [Shape::Struct(&[members! { "Requisite": [TOPOLOGIES], "Preferred": [TOPOLOGIES] }])],
    "CapacityRange": [Shape::Struct(&[members! { "RequiredBytes": Number, "LimitBytes": Number }])],
    "Secrets": [Shape::List(&Shape::Struct(&[members! { "Key": Text, "Secret": Text }]))],
    "Availability": Text,
}]);
const ACCESS_MODE: Shape = Shape::Struct(&[members! {
    "Scope": Text, "Sharing": Text,
    "MountVolume": [Shape::Struct(&[members! { "FsType": Text, "MountFlags": list }])], "BlockVolume": [NOTHING],
}]);

/// `POST /volumes/create`.
pub const VOLUME_CREATE: Shape = Shape::Struct(&[members! {
    "ClusterVolumeSpec": [CLUSTER], "Driver": Text, "DriverOpts": map, "Labels": map, "Name": Text,
}]);

/// `PUT /volumes/{name}`: `volume.UpdateOptions`.
pub const VOLUME_UPDATE: Shape = Shape::Struct(&[members! { "Spec": [CLUSTER] }]);
