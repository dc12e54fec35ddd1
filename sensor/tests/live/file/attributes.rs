//! Modes, owners and extended attributes.

use crate::support::{Kept, Operand, Place, Tier, at_least, call, device_and_inode, want};

use super::{
    calls::{done, each_is_one_event, failed, row, text},
    flag,
};

const ENOENT: (&str, i32) = ("ENOENT", 2);
const EBADF: (&str, i32) = ("EBADF", 9);

#[test]
fn a_mode_is_told_in_words() {
    let place = Place::new();
    let file = place.file("file", b"123");
    let (device, inode) = device_and_inode(&file);
    each_is_one_event(&place, |program, tier| {
        let [name, none] = ["file", "none"].map(|name| text(program, name));
        program.must(call::OPENAT, &[Operand::CWD, name, flag::RDONLY.into()]);
        program.keep();
        let setuid = "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID";
        let mut chmod = done(
            "chmod",
            want! {
                "evt.arg.filename" => file, "evt.arg.mode" => setuid, "fs.path.name" => file,
                "fs.path.nameraw" => "file", "fd.name" => (), "vigie.path.unverified" => tier == Tier::Tracepoint,
            },
        );
        if tier == Tier::Lsm {
            chmod.extend(
                want! { "vigie.file.ino" => inode, "vigie.file.mode" => 0o644, "vigie.file.uid" => 0 },
            );
        }
        let fchmod = done(
            "fchmod",
            want! {
                "fd.name" => file, "fd.ino" => inode, "fd.dev" => device, "fd.num" => 3, "evt.arg.fd" => 3,
                "evt.arg.mode" => "S_IRUSR", "fd.type" => "file", "fs.path.name" => file, "vigie.file.size" => 3,
                "vigie.fd.unverified" => tier == Tier::Tracepoint,
            },
        );
        let fchmodat = want! { "evt.arg.dirfd" => -100, "evt.arg.filename" => file, "evt.arg.mode" => "S_IWUSR|S_IRUSR" };
        let missing = want! { "evt.arg.filename" => place.join("none") };
        let mut rows = vec![
            row(call::CHMOD, &[name, 0o4755.into()], chmod),
            row(call::FCHMOD, &[Kept.into(), 0o400.into()], fchmod),
            row(call::FCHMODAT, &[Operand::CWD, name, 0o600.into()], done("fchmodat", fchmodat)),
            row(call::CHMOD, &[none, 0.into()], failed("chmod", ENOENT, missing)),
            row(
                call::FCHMOD,
                &[99.into(), 0.into()],
                failed("fchmod", EBADF, want! { "fd.num" => 99, "fd.name" => () }),
            ),
        ];
        if at_least(6, 6) {
            let by_flags = want! { "evt.arg.filename" => file, "evt.arg.flags" => "AT_SYMLINK_NOFOLLOW" };
            let operands = [Operand::CWD, name, 0o640.into(), 0x100.into()];
            rows.push(row(call::FCHMODAT2, &operands, done("fchmodat2", by_flags)));
        }
        rows
    });
}

#[test]
fn an_owner_is_told_by_its_numbers() {
    let place = Place::new();
    let file = place.file("file", b"");
    let (_, inode) = device_and_inode(&file);
    each_is_one_event(&place, |program, tier| {
        let [name, none] = ["file", "none"].map(|name| text(program, name));
        program.must(call::OPENAT, &[Operand::CWD, name, flag::RDONLY.into()]);
        program.keep();
        let mut chown =
            done("chown", want! { "evt.arg.path" => file, "evt.arg.uid" => 7, "evt.arg.gid" => -1 });
        if tier == Tier::Lsm {
            chown.extend(want! { "vigie.file.ino" => inode, "vigie.file.uid" => 0, "vigie.file.gid" => 0 });
        }
        let fchown = want! { "fd.name" => file, "fd.ino" => inode, "evt.arg.uid" => 9, "evt.arg.gid" => 10 };
        let fchownat = want! {
            "evt.arg.dirfd" => -100, "evt.arg.pathname" => file, "evt.arg.uid" => 0, "evt.arg.gid" => 0,
            "evt.arg.flags" => "AT_SYMLINK_NOFOLLOW",
        };
        let lchown = want! { "evt.arg.path" => file, "evt.arg.uid" => 8, "evt.arg.gid" => 8 };
        vec![
            row(call::CHOWN, &[name, 7.into(), (-1).into()], chown),
            row(call::LCHOWN, &[name, 8.into(), 8.into()], done("lchown", lchown)),
            row(call::FCHOWN, &[Kept.into(), 9.into(), 10.into()], done("fchown", fchown)),
            row(
                call::FCHOWNAT,
                &[Operand::CWD, name, 0.into(), 0.into(), 0x100.into()],
                done("fchownat", fchownat),
            ),
            row(
                call::CHOWN,
                &[none, 0.into(), 0.into()],
                failed("chown", ENOENT, want! { "evt.arg.path" => place.join("none") }),
            ),
        ]
    });
}

#[test]
fn an_extended_attribute_is_told_by_its_name() {
    let place = Place::new();
    let file = place.file("file", b"");
    let (_, inode) = device_and_inode(&file);
    each_is_one_event(&place, |program, _| {
        let [name, none] = ["file", "none"].map(|name| text(program, name));
        let attribute = text(program, "trusted.vigie");
        program.must(call::OPENAT, &[Operand::CWD, name, flag::RDONLY.into()]);
        program.keep();
        let set = [attribute, attribute, 7.into(), 0.into()];
        let with = |first: Operand| [&[first], &set[..]].concat();
        let by_name = want! {
            "evt.arg.path" => file, "evt.arg.name" => "trusted.vigie", "evt.arg.size" => 7, "evt.arg.flags" => "0",
            "fs.path.name" => file,
        };
        let by_fd = want! {
            "fd.name" => file, "fd.ino" => inode, "evt.arg.name" => "trusted.vigie", "evt.arg.size" => 7,
            "evt.arg.fd" => 3,
        };
        let removed = want! { "evt.arg.path" => file, "evt.arg.name" => "trusted.vigie" };
        let removed_by_fd = want! { "fd.name" => file, "evt.arg.name" => "trusted.vigie" };
        vec![
            row(call::SETXATTR, &with(name), done("setxattr", by_name.clone())),
            row(call::REMOVEXATTR, &[name, attribute], done("removexattr", removed.clone())),
            row(call::LSETXATTR, &with(name), done("lsetxattr", by_name)),
            row(call::LREMOVEXATTR, &[name, attribute], done("lremovexattr", removed)),
            row(call::FSETXATTR, &with(Kept.into()), done("fsetxattr", by_fd)),
            row(call::FREMOVEXATTR, &[Kept.into(), attribute], done("fremovexattr", removed_by_fd)),
            row(
                call::SETXATTR,
                &with(none),
                failed("setxattr", ENOENT, want! { "evt.arg.path" => place.join("none") }),
            ),
        ]
    });
}
