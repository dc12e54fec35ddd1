//! Names given and taken away: rename, link, symlink, mkdir, mknod, unlink.

use std::fs;

use crate::support::{Operand, Place, Tier, call, device_and_inode, want};

use super::calls::{done, each_is_one_event, failed, row, text};

/// `AT_FDCWD` as an argument says it.
const CWD: i32 = -100;
const ENOENT: (&str, i32) = ("ENOENT", 2);

#[test]
fn a_rename_tells_the_file_and_the_one_it_replaces() {
    let place = Place::new();
    let (a, b) = (place.file("a", b"12345"), place.file("b", b"1"));
    let ((device, old), (_, replaced)) = (device_and_inode(&a), device_and_inode(&b));
    each_is_one_event(&place, |program, tier| {
        let [a, b, c, d, none] = ["a", "b", "c", "d", "none"].map(|name| text(program, name));
        let of = |name: &str| place.join(name);
        let mut first = done(
            "rename",
            want! {
                "fs.path.source" => of("a"), "fs.path.sourceraw" => "a", "fs.path.target" => of("b"),
                "fs.path.targetraw" => "b", "evt.arg.oldpath" => of("a"), "evt.arg.newpath" => of("b"),
                "evt.rawres" => 0, "evt.arg.res" => "SUCCESS", "vigie.path.unverified" => tier == Tier::Tracepoint,
                "fs.path.name" => (),
            },
        );
        if tier == Tier::Lsm {
            first.extend(want! {
                "vigie.file.ino" => old, "vigie.file.dev" => device, "vigie.file.size" => 5, "vigie.file.nlink" => 1,
                "vigie.replaced.ino" => replaced, "vigie.replaced.dev" => device, "vigie.replaced.size" => 1,
                "vigie.replaced.nlink" => 1,
            });
        }
        let second = done(
            "renameat",
            want! {
                "evt.arg.olddirfd" => CWD, "evt.arg.oldpath" => of("b"), "evt.arg.newdirfd" => CWD,
                "evt.arg.newpath" => of("c"), "vigie.replaced.ino" => (),
            },
        );
        let third =
            done("renameat2", want! { "evt.arg.flags" => "RENAME_NOREPLACE", "evt.arg.newpath" => of("d") });
        let missing = want! { "evt.arg.oldpath" => of("none"), "evt.arg.newpath" => of("d"), "vigie.path.unverified" => true };
        vec![
            row(call::RENAME, &[a, b], first),
            row(call::RENAMEAT, &[Operand::CWD, b, Operand::CWD, c], second),
            row(call::RENAMEAT2, &[Operand::CWD, c, Operand::CWD, d, 1.into()], third),
            row(call::RENAME, &[none, d], failed("rename", ENOENT, missing)),
        ]
    });
    assert_eq!(fs::read(place.join("d")).unwrap(), b"12345");
}

#[test]
fn links_tell_what_they_lead_to() {
    let place = Place::new();
    let (device, inode) = device_and_inode(&place.file("file", b""));
    each_is_one_event(&place, |program, tier| {
        let [file, hard, second, soft, softer, none] =
            ["file", "hard", "second", "soft", "softer", "none"].map(|name| text(program, name));
        let target = text(program, "../any/where");
        let of = |name: &str| place.join(name);
        let mut link = done(
            "link",
            want! {
                // The link is the source, as Falco has it.
                "fs.path.source" => of("hard"), "fs.path.target" => of("file"), "fs.path.targetraw" => "file",
                "evt.arg.oldpath" => of("file"), "evt.arg.newpath" => of("hard"),
            },
        );
        if tier == Tier::Lsm {
            link.extend(
                want! { "vigie.file.ino" => inode, "vigie.file.dev" => device, "vigie.file.nlink" => 1 },
            );
        }
        let linkat = done(
            "linkat",
            want! {
                "evt.arg.olddir" => CWD, "evt.arg.oldpath" => of("file"), "evt.arg.newdir" => CWD,
                "evt.arg.newpath" => of("second"), "evt.arg.flags" => "AT_SYMLINK_FOLLOW",
            },
        );
        let symlink = done(
            "symlink",
            want! {
                "evt.arg.target" => "../any/where", "evt.arg.linkpath" => of("soft"), "fs.path.source" => of("soft"),
                "fs.path.target" => "../any/where", "vigie.path.unverified" => tier == Tier::Tracepoint,
            },
        );
        let symlinkat =
            done("symlinkat", want! { "evt.arg.linkdirfd" => CWD, "evt.arg.linkpath" => of("softer") });
        vec![
            row(call::LINK, &[file, hard], link),
            row(call::LINKAT, &[Operand::CWD, file, Operand::CWD, second, 0x400.into()], linkat),
            row(call::SYMLINK, &[target, soft], symlink),
            row(call::SYMLINKAT, &[target, Operand::CWD, softer], symlinkat),
            row(call::LINK, &[none, soft], failed("link", ENOENT, want! { "evt.arg.oldpath" => of("none") })),
            row(
                call::SYMLINK,
                &[target, soft],
                failed("symlink", ("EEXIST", 17), want! { "evt.arg.linkpath" => of("soft") }),
            ),
        ]
    });
}

#[test]
fn what_is_made_and_removed_is_told() {
    let place = Place::new();
    place.directory("real");
    let (_, inode) = device_and_inode(&place.file("real/file", b""));
    std::os::unix::fs::symlink("real", place.join("link")).unwrap();
    each_is_one_event(&place, |program, tier| {
        let of = |name: &str| place.join(name);
        let [one, two, pipe, node, file] =
            ["real/../one", "two", "pipe", "node", "link/file"].map(|name| text(program, name));
        // Where the kernel tells which file it took, links are followed.
        let removed = if tier == Tier::Lsm { of("real/file") } else { of("link/file") };
        let mut unlink = done(
            "unlink",
            want! { "fs.path.name" => removed, "fs.path.nameraw" => "link/file", "evt.arg.path" => removed },
        );
        if tier == Tier::Lsm {
            unlink.extend(want! { "vigie.file.ino" => inode, "vigie.file.nlink" => 1, "vigie.path.unverified" => false });
        }
        let mkdir =
            want! { "fs.path.name" => of("one"), "evt.arg.path" => of("one"), "evt.arg.mode" => 0o750 };
        let mkdirat = want! { "evt.arg.dirfd" => CWD, "evt.arg.path" => of("two"), "evt.arg.mode" => 0o700 };
        let mknod = want! {
            "evt.arg.path" => of("pipe"), "evt.arg.mode" => "S_IWUSR|S_IRUSR|S_IFIFO", "evt.arg.dev" => 0,
            "fs.path.name" => of("pipe"),
        };
        let mknodat = want! {
            "evt.arg.dirfd" => CWD, "evt.arg.path" => of("node"), "evt.arg.mode" => "S_IRUSR|S_IFREG",
        };
        let unlinkat = want! {
            "evt.arg.dirfd" => CWD, "evt.arg.name" => of("two"), "evt.arg.flags" => "AT_REMOVEDIR",
            "fs.path.name" => of("two"),
        };
        vec![
            row(call::MKDIR, &[one, 0o750.into()], done("mkdir", mkdir)),
            row(call::MKDIRAT, &[Operand::CWD, two, 0o700.into()], done("mkdirat", mkdirat)),
            row(
                call::MKDIR,
                &[two, 0.into()],
                failed("mkdir", ("EEXIST", 17), want! { "evt.arg.path" => of("two") }),
            ),
            row(call::MKNOD, &[pipe, 0o010_600.into(), 0.into()], done("mknod", mknod)),
            row(call::MKNODAT, &[Operand::CWD, node, 0o100_400.into(), 0.into()], done("mknodat", mknodat)),
            row(call::UNLINK, &[file], done("unlink", unlink)),
            row(call::UNLINK, &[file], failed("unlink", ENOENT, want! { "evt.arg.path" => of("link/file") })),
            row(call::UNLINKAT, &[Operand::CWD, two, 0x200.into()], done("unlinkat", unlinkat)),
            row(
                call::RMDIR,
                &[one],
                done("rmdir", want! { "evt.arg.path" => of("one"), "fs.path.name" => of("one") }),
            ),
        ]
    });
}
