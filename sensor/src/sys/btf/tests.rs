//! Offsets from hand-made blobs, hostile ones included.

use super::blob::{Blob, CONST, FUNC, FWD, PTR, STRUCT, TELLS_BIT_FIELDS, TYPEDEF, UNION};
use super::{Btf, BtfError};

/// ```c
/// struct inner { int a; struct { int b; union { int c; long d; }; }; };
/// typedef const struct inner inner_t;
/// struct outer { long first; inner_t in; int list[4]; struct outer *self; };
/// void do_filp_open(void);
/// ```
fn sample(big_endian: bool) -> Blob {
    let mut blob = Blob::new(big_endian);
    let int = blob.int("int", 4, 32);
    let long = blob.int("long", 8, 64);
    blob.plain("outer", FWD, 0);
    let choice = blob.structure("", UNION << 24, 8, &[("c", int, 0), ("d", long, 0)]);
    let unnamed = blob.structure("", STRUCT << 24, 16, &[("b", int, 0), ("", choice, 64)]);
    let inner = blob.structure("inner", STRUCT << 24, 24, &[("a", int, 0), ("", unnamed, 64)]);
    let constant = blob.plain("", CONST, inner);
    let alias = blob.plain("inner_t", TYPEDEF, constant);
    let list = blob.array(int, 4);
    let pointer = blob.plain("", PTR, 11);
    let members = [("first", long, 0), ("in", alias, 64), ("list", list, 256), ("self", pointer, 384)];
    assert_eq!(blob.structure("outer", STRUCT << 24, 56, &members), 11);
    let proto = blob.raw("", 13 << 24, 0, &[]);
    blob.plain("do_filp_open", FUNC, proto);
    blob
}

#[test]
fn members_are_found_in_either_byte_order() {
    for big_endian in [false, true] {
        let btf = Btf::parse(sample(big_endian).build()).unwrap();
        assert_eq!(btf.member_offset("outer", "first"), Some(0));
        assert_eq!(btf.member_offset("outer", "in"), Some(8));
        assert_eq!(btf.member_offset("outer", "list"), Some(32), "an array's own offset");
        assert_eq!(btf.member_offset("outer", "self"), Some(48));
        assert_eq!(btf.member_offset("outer", ""), Some(56), "the size");
        assert_eq!(btf.len(), 13);
    }
}

#[test]
fn unnamed_structs_and_aliases_are_walked_through() {
    let btf = Btf::parse(sample(false).build()).unwrap();
    assert_eq!(btf.member_offset("inner", "b"), Some(8));
    assert_eq!(btf.member_offset("inner", "d"), Some(16));
    assert_eq!(btf.member_offset("outer", "in.a"), Some(8));
    assert_eq!(btf.member_offset("outer", "in.c"), Some(24));
}

#[test]
fn what_is_not_there_is_not_found() {
    let btf = Btf::parse(sample(false).build()).unwrap();
    for (structure, member) in [
        ("outer", "b"),
        ("outer", "in.nothing"),
        ("outer", "self.first"),
        ("outer", "first.a"),
        ("outer", "in."),
        ("outer", "."),
        ("out", "first"),
        ("inner_t", "a"),
        ("", "b1"),
        ("do_filp_open", ""),
    ] {
        assert_eq!(btf.member_offset(structure, member), None, "{structure}.{member}");
    }
}

#[test]
fn functions_are_told_from_other_names() {
    let btf = Btf::parse(sample(false).build()).unwrap();
    assert!(btf.has_function("do_filp_open"));
    assert!(!btf.has_function("do_filp_ope"));
    assert!(!btf.has_function("outer"));
}

#[test]
fn bit_fields_have_no_offset_in_either_encoding() {
    let mut blob = Blob::new(false);
    let int = blob.int("int", 4, 32);
    let narrow = blob.int("int", 4, 8);
    let info = STRUCT << 24 | TELLS_BIT_FIELDS;
    blob.structure("new", info, 8, &[("whole", int, 32), ("bits", int, 8 << 24), ("odd", int, 3)]);
    blob.structure("old", STRUCT << 24, 4, &[("bits", narrow, 8)]);
    let btf = Btf::parse(blob.build()).unwrap();
    assert_eq!(btf.member_offset("new", "whole"), Some(4));
    assert_eq!(btf.member_offset("new", "bits"), None);
    assert_eq!(btf.member_offset("new", "odd"), None);
    assert_eq!(btf.member_offset("old", "bits"), None);
}

#[test]
fn the_first_struct_that_has_the_member_answers() {
    let mut blob = Blob::new(false);
    let int = blob.int("int", 4, 32);
    blob.structure("twin", STRUCT << 24, 4, &[("a", int, 0)]);
    blob.structure("twin", STRUCT << 24, 12, &[("a", int, 32), ("b", int, 64)]);
    let btf = Btf::parse(blob.build()).unwrap();
    assert_eq!(btf.member_offset("twin", "a"), Some(0));
    assert_eq!(btf.member_offset("twin", "b"), Some(8));
    assert_eq!(btf.member_offset("twin", ""), Some(4));
}

#[test]
fn every_truncation_is_an_error() {
    let whole = sample(false).build();
    for len in 0..whole.len() {
        assert!(Btf::parse(whole[..len].to_vec()).is_err(), "{len} bytes");
    }
    assert!(Btf::parse(whole).is_ok());
}

#[test]
fn errors_say_what_is_wrong() {
    let blob = sample(false).build();
    let broken = |at: usize, byte: u8| {
        let mut blob = blob.clone();
        blob[at] = byte;
        Btf::parse(blob)
    };
    assert!(matches!(broken(0, 0), Err(BtfError::BadMagic(0xeb00))));
    assert!(matches!(broken(2, 2), Err(BtfError::UnknownVersion(2))));
    assert!(matches!(broken(11, 0xff), Err(BtfError::Truncated("the type section"))));
    assert!(matches!(broken(23, 0xff), Err(BtfError::Truncated("the string section"))));
    assert!(matches!(broken(24 + 7, 31), Err(BtfError::UnknownKind { id: 1, kind: 31 })));
}

#[test]
fn a_struct_that_contains_itself_ends_the_search() {
    let mut blob = Blob::new(false);
    let members: Vec<(&str, u32, u32)> = (0..64).map(|_| ("", 1, 0)).collect();
    blob.structure("loop", STRUCT << 24, 8, &members);
    let alias = blob.plain("round", TYPEDEF, 2);
    blob.structure("through", STRUCT << 24, 8, &[("alias", alias, 0)]);
    let btf = Btf::parse(blob.build()).unwrap();
    assert_eq!(btf.member_offset("loop", "nothing"), None);
    assert_eq!(btf.member_offset("through", "alias.nothing"), None);
}

#[test]
fn damaged_bytes_never_panic() {
    let whole = sample(true).build();
    for at in 0..whole.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut blob = whole.clone();
            blob[at] = byte;
            if let Ok(btf) = Btf::parse(blob) {
                let _offset = btf.member_offset("outer", "in.d");
                let _size = btf.member_offset("inner", "");
            }
        }
    }
}
