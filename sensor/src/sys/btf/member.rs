//! The way from a struct to one of its members, through unnamed structs and named ones.

use super::Btf;
use super::layout::{Kind, Member, Type};

/// Deepest nesting of unnamed structs, and longest chain of aliases, that is followed.
const MAX_DEPTH: u32 = 32;
/// Most members looked at for one question, so that a blob whose structs contain themselves ends it.
const MAX_STEPS: u32 = 100_000;

/// A member found, counted from the outermost struct.
struct Found {
    bit_offset: u32,
    member: Member,
}

/// One name looked for, with what is left of the budget.
struct Search<'a> {
    btf: &'a Btf,
    name: &'a [u8],
    steps: u32,
}

impl Btf {
    /// The offset, in bytes, of the member at the end of a dotted path.
    pub(super) fn offset_in(&self, structure: &Type, path: &[u8]) -> Option<u32> {
        let mut inside = *structure;
        let mut bits: u32 = 0;
        let mut names = path.split(|byte| *byte == b'.').peekable();
        while let Some(name) = names.next() {
            let mut search = Search { btf: self, name, steps: MAX_STEPS };
            let found = search.within(inside, 0, 0)?;
            bits = bits.checked_add(found.bit_offset)?;
            if names.peek().is_none() {
                let whole_bytes = bits.is_multiple_of(8) && !self.is_bit_field(&found.member);
                return whole_bytes.then_some(bits / 8);
            }
            inside = self.unaliased(found.member.type_id)?;
            if !is_structure(&inside) {
                return None;
            }
        }
        None
    }

    /// The type behind `typedef`, `const` and their like.
    fn unaliased(&self, mut id: u32) -> Option<Type> {
        for _ in 0..MAX_DEPTH {
            let found = self.type_by_id(id)?;
            if found.kind() != Some(Kind::Alias) {
                return Some(found);
            }
            id = found.size_or_id;
        }
        None
    }

    fn is_bit_field(&self, member: &Member) -> bool {
        member.is_bit_field
            || self
                .unaliased(member.type_id)
                .is_some_and(|found| found.kind() == Some(Kind::Int) && self.sections.is_narrowed(&found))
    }
}

impl Search<'_> {
    /// Looks through the members in order, into unnamed structs where they lie.
    fn within(&mut self, structure: Type, base: u32, depth: u32) -> Option<Found> {
        if depth > MAX_DEPTH {
            return None;
        }
        for member in self.btf.sections.members(structure) {
            self.steps = self.steps.checked_sub(1)?;
            let bit_offset = base.checked_add(member.bit_offset)?;
            let name = self.btf.sections.name(member.name);
            if !name.is_empty() && name == self.name {
                return Some(Found { bit_offset, member });
            }
            let nested = if name.is_empty() { self.btf.unaliased(member.type_id) } else { None };
            if let Some(nested) = nested.filter(is_structure)
                && let Some(found) = self.within(nested, bit_offset, depth.saturating_add(1))
            {
                return Some(found);
            }
        }
        None
    }
}

fn is_structure(found: &Type) -> bool {
    matches!(found.kind(), Some(Kind::Struct | Kind::Union))
}
