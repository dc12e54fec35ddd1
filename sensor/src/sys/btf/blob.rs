//! Small BTF blobs for tests, built type by type.

/// A blob under construction; types get the ids 1, 2, ... in the order in which they are added.
pub(super) struct Blob {
    types: Vec<u8>,
    strings: Vec<u8>,
    next: u32,
    big_endian: bool,
}

pub(super) const INT: u32 = 1;
pub(super) const PTR: u32 = 2;
pub(super) const STRUCT: u32 = 4;
pub(super) const UNION: u32 = 5;
pub(super) const FWD: u32 = 7;
pub(super) const TYPEDEF: u32 = 8;
pub(super) const CONST: u32 = 10;
pub(super) const FUNC: u32 = 12;

/// The bit of a struct whose members tell the widths of bit fields.
pub(super) const TELLS_BIT_FIELDS: u32 = 1 << 31;

impl Blob {
    pub(super) fn new(big_endian: bool) -> Self {
        Self { types: Vec::new(), strings: vec![0], next: 1, big_endian }
    }

    fn word(&self, value: u32) -> [u8; 4] {
        if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn name(&mut self, name: &str) -> u32 {
        if name.is_empty() {
            return 0;
        }
        let offset = u32::try_from(self.strings.len()).unwrap();
        self.strings.extend_from_slice(name.as_bytes());
        self.strings.push(0);
        offset
    }

    /// Any type: `info` is the kind plus flags plus the number of entries, `behind` the words that follow.
    pub(super) fn raw(&mut self, name: &str, info: u32, size_or_id: u32, behind: &[u32]) -> u32 {
        let name = self.name(name);
        for value in [name, info, size_or_id].iter().chain(behind) {
            let bytes = self.word(*value);
            self.types.extend_from_slice(&bytes);
        }
        self.next += 1;
        self.next - 1
    }

    /// A type without entries.
    pub(super) fn plain(&mut self, name: &str, kind: u32, size_or_id: u32) -> u32 {
        self.raw(name, kind << 24, size_or_id, &[])
    }

    /// An integer of so many bytes, of which so many bits are used.
    pub(super) fn int(&mut self, name: &str, bytes: u32, bits: u32) -> u32 {
        self.raw(name, INT << 24, bytes, &[bits])
    }

    /// An array.
    pub(super) fn array(&mut self, of: u32, len: u32) -> u32 {
        self.raw("", 3 << 24, 0, &[of, of, len])
    }

    /// A struct or union with members of (name, type, raw offset).
    pub(super) fn structure(
        &mut self,
        name: &str,
        info: u32,
        size: u32,
        members: &[(&str, u32, u32)],
    ) -> u32 {
        let entries = u32::try_from(members.len()).unwrap();
        let words: Vec<u32> =
            members.iter().flat_map(|(name, id, offset)| [self.name(name), *id, *offset]).collect();
        self.raw(name, info | entries, size, &words)
    }

    /// The finished blob.
    pub(super) fn build(self) -> Vec<u8> {
        let magic = 0xeb9f_u16;
        let mut blob = if self.big_endian { magic.to_be_bytes() } else { magic.to_le_bytes() }.to_vec();
        blob.extend_from_slice(&[1, 0]);
        let types = u32::try_from(self.types.len()).unwrap();
        let strings = u32::try_from(self.strings.len()).unwrap();
        for value in [24, 0, types, types, strings] {
            blob.extend_from_slice(&self.word(value));
        }
        blob.extend_from_slice(&self.types);
        blob.extend_from_slice(&self.strings);
        blob
    }
}
