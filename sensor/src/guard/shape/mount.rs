//! `mount.Mount`, of containers and of services.

use super::{Shape, members};

/// `mount.Driver`, and `swarm.Driver`.
pub(super) const DRIVER: Shape = Shape::Struct(&[members! { "Name": Text, "Options": map }]);

/// `mount.Mount`.
pub(super) const MOUNT: Shape = Shape::Struct(&[members! {
    "Type": Text, "Source": Text, "Target": Text, "ReadOnly": Bool, "Consistency": Text,
    "BindOptions": [BIND], "VolumeOptions": [VOLUME], "ImageOptions": [IMAGE], "TmpfsOptions": [TMPFS],
    "ClusterOptions": [super::NOTHING],
}]);

const BIND: Shape = Shape::Struct(&[members! {
    "Propagation": Text, "NonRecursive": Bool, "CreateMountpoint": Bool, "ReadOnlyNonRecursive": Bool,
    "ReadOnlyForceRecursive": Bool,
}]);
const VOLUME: Shape = Shape::Struct(&[members! {
    "NoCopy": Bool, "Labels": map, "Subpath": Text, "DriverConfig": [DRIVER],
}]);
const IMAGE: Shape = Shape::Struct(&[members! { "Subpath": Text }]);
const TMPFS: Shape = Shape::Struct(&[members! {
    "SizeBytes": Number, "Mode": Number, "Options": [Shape::List(&super::LIST_OF_TEXTS)],
}]);
