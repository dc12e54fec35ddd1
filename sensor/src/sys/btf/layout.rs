//! The format of BTF: header, type section, string section, and how long each kind of type is.

use std::ops::Range;

use super::BtfError;

const MAGIC: u16 = 0xeb9f;
/// Length of the part of the header that every version-1 blob has.
const HEADER: usize = 24;
/// Length of the part that every type has: name, info, size or type.
const TYPE: usize = 12;
/// Length of a member of a struct: name, type, offset.
const MEMBER: usize = 12;

/// A blob whose sections lie within it.
#[derive(Debug)]
pub(super) struct Sections {
    data: Vec<u8>,
    big_endian: bool,
    types: Range<usize>,
    strings: Range<usize>,
}

/// What a type is, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Struct,
    Union,
    /// `typedef`, `volatile`, `const`, `restrict`, type tags: another type under a new name.
    Alias,
    Func,
    Other,
}

/// The part that every type has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    /// Where it begins in the type section.
    position: usize,
    /// Offset of its name.
    pub(super) name: u32,
    info: u32,
    /// Size in bytes of a struct or integer, id of the type that an alias stands for.
    pub(super) size_or_id: u32,
}

/// A member of a struct or union.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// Offset of its name.
    pub(super) name: u32,
    /// Id of its type.
    pub(super) type_id: u32,
    /// Distance from the start of the struct, in bits.
    pub(super) bit_offset: u32,
    /// Declared as a bit field, as far as the member itself tells.
    pub(super) is_bit_field: bool,
}

impl Type {
    pub(super) fn raw_kind(&self) -> u32 {
        (self.info >> 24) & 0x1f
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        Some(match self.raw_kind() {
            1 => Kind::Int,
            4 => Kind::Struct,
            5 => Kind::Union,
            8..=11 | 18 => Kind::Alias,
            12 => Kind::Func,
            2 | 3 | 6 | 7 | 13..=17 | 19 => Kind::Other,
            _ => return None,
        })
    }

    fn entries(&self) -> usize {
        usize::try_from(self.info & 0xffff).unwrap_or_default()
    }

    /// Whether the members of this struct tell the widths of their bit fields.
    fn tells_bit_fields(&self) -> bool {
        self.info >> 31 == 1
    }

    /// Its length in the type section, or `None` for a kind that is not known.
    pub(super) fn len(&self) -> Option<usize> {
        let behind = match self.raw_kind() {
            // PTR, FWD, the aliases, FUNC, FLOAT
            2 | 7..=12 | 16 | 18 => 0,
            // INT, VAR, DECL_TAG
            1 | 14 | 17 => 4,
            // ARRAY
            3 => 12,
            // STRUCT, UNION, DATASEC, ENUM64
            4 | 5 | 15 | 19 => MEMBER.saturating_mul(self.entries()),
            // ENUM, FUNC_PROTO
            6 | 13 => 8_usize.saturating_mul(self.entries()),
            _ => return None,
        };
        Some(TYPE.saturating_add(behind))
    }
}

impl Sections {
    /// Reads the header.
    pub(super) fn find(data: Vec<u8>) -> Result<Self, BtfError> {
        let cut = || BtfError::Truncated("the header");
        let magic = data.first_chunk().copied().map(u16::from_le_bytes).ok_or_else(cut)?;
        if magic != MAGIC && magic != MAGIC.swap_bytes() {
            return Err(BtfError::BadMagic(magic));
        }
        let version = *data.get(2).ok_or_else(cut)?;
        if version != 1 {
            return Err(BtfError::UnknownVersion(version));
        }
        let mut sections = Self { data, big_endian: magic != MAGIC, types: 0..0, strings: 0..0 };
        let word =
            |at| sections.word(&(0..HEADER), at).and_then(|word| usize::try_from(word).ok()).ok_or_else(cut);
        let header_len = word(4)?;
        let section = |offset: usize, len: usize| {
            let start = header_len.checked_add(offset)?;
            let range = start..start.checked_add(len)?;
            sections.data.get(range.clone()).map(|_| range)
        };
        let types = section(word(8)?, word(12)?).ok_or(BtfError::Truncated("the type section"))?;
        let strings = section(word(16)?, word(20)?).ok_or(BtfError::Truncated("the string section"))?;
        sections.types = types;
        sections.strings = strings;
        Ok(sections)
    }

    /// Length of the type section, in bytes.
    pub(super) fn types_len(&self) -> usize {
        self.types.len()
    }

    /// The type that begins at this offset of the type section.
    pub(super) fn type_at(&self, position: usize) -> Option<Type> {
        Some(Type {
            position,
            name: self.word(&self.types, position)?,
            info: self.word(&self.types, position.checked_add(4)?)?,
            size_or_id: self.word(&self.types, position.checked_add(8)?)?,
        })
    }

    /// The members of a struct or union.
    pub(super) fn members(&self, of: Type) -> impl Iterator<Item = Member> + '_ {
        let first = of.position.saturating_add(TYPE);
        (0..of.entries()).map_while(move |index| {
            let at = first.checked_add(index.checked_mul(MEMBER)?)?;
            let offset = self.word(&self.types, at.checked_add(8)?)?;
            let (bits, bit_offset) =
                if of.tells_bit_fields() { (offset >> 24, offset & 0x00ff_ffff) } else { (0, offset) };
            Some(Member {
                name: self.word(&self.types, at)?,
                type_id: self.word(&self.types, at.checked_add(4)?)?,
                bit_offset,
                is_bit_field: bits != 0,
            })
        })
    }

    /// Whether an integer takes fewer bits than its bytes hold: how old blobs write a bit field.
    pub(super) fn is_narrowed(&self, int: &Type) -> bool {
        let encoding =
            int.position.checked_add(TYPE).and_then(|at| self.word(&self.types, at)).unwrap_or_default();
        let (bits, offset) = (encoding & 0xff, (encoding >> 16) & 0xff);
        offset != 0 || bits != int.size_or_id.saturating_mul(8)
    }

    /// The string at this offset, empty where there is none.
    pub(super) fn name(&self, offset: u32) -> &[u8] {
        let strings = self.data.get(self.strings.clone()).unwrap_or_default();
        let from = usize::try_from(offset).ok().and_then(|at| strings.get(at..)).unwrap_or_default();
        from.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    fn word(&self, section: &Range<usize>, at: usize) -> Option<u32> {
        let bytes = *self.data.get(section.clone())?.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}
