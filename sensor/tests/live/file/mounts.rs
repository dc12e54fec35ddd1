//! Mounts and roots.

use crate::support::{Kept, Operand, Place, call, want};

use super::{
    calls::{done, each_is_one_event, failed, made, row, text},
    private_mounts,
};

#[test]
fn mounts_are_told_with_their_paths() {
    const NOSUID: u32 = 2;
    const BIND: u32 = 0x1000;
    const DETACH: u32 = 2;
    let place = Place::new();
    let [from, to] = ["from", "to"].map(|name| place.directory(name));
    each_is_one_event(&place, |program, _| {
        private_mounts(program);
        let [source, target, none] = ["from", "to", "none"].map(|name| text(program, name));
        let kind = text(program, "tmpfs");
        let mount = want! {
            "evt.arg.dev" => "tmpfs", "evt.arg.dir" => to, "evt.arg.type" => "tmpfs", "evt.arg.flags" => "NOSUID",
            "fs.path.source" => "tmpfs", "fs.path.target" => to, "fs.path.targetraw" => "to",
        };
        let bind = want! {
            "evt.arg.dev" => from, "evt.arg.dir" => to, "evt.arg.type" => (), "evt.arg.flags" => "BIND",
            "fs.path.source" => from, "fs.path.sourceraw" => "from", "fs.path.target" => to,
        };
        let umount = want! { "evt.arg.name" => to, "evt.arg.flags" => "DETACH", "fs.path.name" => to };
        let private = want! { "evt.arg.dir" => "/", "evt.arg.flags" => "REC|PRIVATE", "evt.arg.dev" => () };
        vec![
            made(done("mount", private)),
            row(call::MOUNT, &[kind, target, kind, NOSUID.into(), 0.into()], done("mount", mount)),
            row(call::MOUNT, &[source, target, 0.into(), BIND.into(), 0.into()], done("mount", bind)),
            row(call::UMOUNT2, &[target, DETACH.into()], done("umount2", umount)),
            row(
                call::UMOUNT2,
                &[none, 0.into()],
                failed("umount2", ("ENOENT", 2), want! { "evt.arg.name" => place.join("none") }),
            ),
            row(
                call::PIVOT_ROOT,
                &[none, target],
                failed(
                    "pivot_root",
                    ("ENOENT", 2),
                    want! { "evt.arg.new_root" => place.join("none"), "evt.arg.put_old" => to },
                ),
            ),
        ]
    });
}

#[test]
fn mounts_by_descriptor_are_told() {
    const CLONE: u32 = 1;
    const FROM_EMPTY_PATH: u32 = 4;
    let place = Place::new();
    let [from, to] = ["from", "to"].map(|name| place.directory(name));
    each_is_one_event(&place, |program, _| {
        private_mounts(program);
        let [source, target, empty] = ["from", "to", ""].map(|name| text(program, name));
        program.must(call::OPEN_TREE, &[Operand::CWD, source, CLONE.into()]);
        program.keep();
        let tree = want! { "evt.arg.dirfd" => -100, "evt.arg.path" => from, "evt.arg.flags" => 1, "fs.path.name" => from };
        let moved = want! {
            "evt.arg.from_dirfd" => 3, "evt.arg.to_dirfd" => -100, "evt.arg.to_path" => to, "evt.arg.flags" => 4,
            "fs.path.target" => to,
        };
        vec![
            made(done("open_tree", tree)),
            row(
                call::MOVE_MOUNT,
                &[Kept.into(), empty, Operand::CWD, target, FROM_EMPTY_PATH.into()],
                done("move_mount", moved),
            ),
            row(
                call::FSMOUNT,
                &[99.into(), 0.into(), 2.into()],
                failed("fsmount", ("EBADF", 9), want! { "evt.arg.fs_fd" => 99, "evt.arg.attr_flags" => 2 }),
            ),
        ]
    });
}
