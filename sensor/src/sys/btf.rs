//! The kernel's type information (BTF), read for two questions only: at which offset a struct keeps a member,
//! and whether a function exists. One pass notes where each type lies and hashes the names that can be asked
//! for; everything else stays unread.

mod layout;
mod member;

#[cfg(test)]
mod blob;
#[cfg(test)]
mod tests;

use thiserror::Error;

use layout::{Kind, Sections, Type};

/// Where the running kernel shows its types.
const KERNEL: &str = "/sys/kernel/btf/vmlinux";
/// Largest blob that is read; today's kernels have 4 to 8 MiB.
const MAX_SIZE: usize = 256 << 20;

/// Type information that cannot be used.
#[derive(Debug, Error)]
pub enum BtfError {
    /// The file cannot be read.
    #[error("cannot read {KERNEL}: Vigie needs a kernel built with CONFIG_DEBUG_INFO_BTF=y")]
    Read(#[source] std::io::Error),
    /// More bytes than any kernel has.
    #[error("{0} bytes of BTF are more than the limit of {MAX_SIZE}")]
    TooLarge(usize),
    /// The bytes do not begin as BTF does.
    #[error("not BTF: it begins with {0:#06x}, not with 0xeb9f")]
    BadMagic(u16),
    /// Another version of the format.
    #[error("BTF version {0} is not known, only version 1")]
    UnknownVersion(u8),
    /// The header or a section ends outside of the blob.
    #[error("BTF is cut short: {0} lies outside of it")]
    Truncated(&'static str),
    /// A type whose size is not known, so that no later type can be found.
    #[error("BTF type {id} is of the unknown kind {kind}")]
    UnknownKind {
        /// Id of the type.
        id: u32,
        /// Its kind.
        kind: u32,
    },
}

/// Type information, indexed.
#[derive(Debug)]
pub struct Btf {
    sections: Sections,
    /// Offset of each type within the type section; the first is that of type 1 (0 is `void`).
    positions: Vec<u32>,
    structures: Named,
    functions: Named,
}

/// Types of one sort, by the hash of their names. Scanning hashes that lie side by side takes microseconds,
/// less than it would take to sort them for the few questions that are asked.
#[derive(Debug, Default)]
struct Named {
    hashes: Vec<u32>,
    ids: Vec<u32>,
}

impl Btf {
    /// Reads the running kernel's types.
    pub fn of_kernel() -> Result<Self, BtfError> {
        Self::parse(std::fs::read(KERNEL).map_err(BtfError::Read)?)
    }

    /// Indexes a blob of either byte order.
    pub fn parse(data: Vec<u8>) -> Result<Self, BtfError> {
        if data.len() > MAX_SIZE {
            return Err(BtfError::TooLarge(data.len()));
        }
        let sections = Sections::find(data)?;
        let mut btf = Self {
            sections,
            positions: Vec::new(),
            structures: Named::default(),
            functions: Named::default(),
        };
        btf.index()?;
        Ok(btf)
    }

    /// The offset, in bytes, of a member such as `tgid`, `ns.inum` or, in an array, of its first element; the
    /// size of the struct if `member` is empty.
    ///
    /// Members of unnamed structs and unions are found as C finds them. A bit field has no offset. Of several
    /// structs with the same name the first that has the member answers.
    pub fn member_offset(&self, structure: &str, member: &str) -> Option<u32> {
        member.split('|').find_map(|name| self.offset_of(structure, name))
    }

    fn offset_of(&self, structure: &str, member: &str) -> Option<u32> {
        self.named(&self.structures, structure.as_bytes()).find_map(|found| {
            if member.is_empty() { Some(found.size_or_id) } else { self.offset_in(&found, member.as_bytes()) }
        })
    }

    /// Whether the kernel has a function of this name. Inlined ones are not listed.
    pub fn has_function(&self, name: &str) -> bool {
        self.named(&self.functions, name.as_bytes()).next().is_some()
    }

    /// Number of types, `void` not counted.
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// Whether there are no types at all.
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    fn index(&mut self) -> Result<(), BtfError> {
        let end = self.sections.types_len();
        let mut position = 0;
        let mut id = 1;
        while position < end {
            let found = self.sections.type_at(position).ok_or(BtfError::Truncated("a type"))?;
            let size = found.len().ok_or(BtfError::UnknownKind { id, kind: found.raw_kind() })?;
            if size > end.saturating_sub(position) {
                return Err(BtfError::Truncated("the end of a type"));
            }
            self.positions.push(u32::try_from(position).unwrap_or(u32::MAX));
            let named = match found.kind() {
                Some(Kind::Struct | Kind::Union) => Some(&mut self.structures),
                Some(Kind::Func) => Some(&mut self.functions),
                Some(_) | None => None,
            };
            if let Some(named) = named {
                named.hashes.push(hash(self.sections.name(found.name)));
                named.ids.push(id);
            }
            position = position.saturating_add(size);
            id = id.saturating_add(1);
        }
        Ok(())
    }

    /// The types of one sort that have this name, in the blob's order.
    fn named<'a>(&'a self, among: &'a Named, name: &'a [u8]) -> impl Iterator<Item = Type> + 'a {
        let wanted = hash(name);
        let candidates = among.hashes.iter().zip(&among.ids).filter(move |(hash, _)| **hash == wanted);
        candidates
            .filter_map(|(_, id)| self.type_by_id(*id))
            .filter(move |found| self.sections.name(found.name) == name)
    }

    fn type_by_id(&self, id: u32) -> Option<Type> {
        let position = self.positions.get(usize::try_from(id).ok()?.checked_sub(1)?)?;
        self.sections.type_at(usize::try_from(*position).ok()?)
    }
}

/// FNV-1a. Whoever could choose the kernel's type names has no need to make them collide.
fn hash(name: &[u8]) -> u32 {
    name.iter().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
