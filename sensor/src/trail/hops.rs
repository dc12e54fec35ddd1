//! Changes of user on the way: every setuid program by which people become somebody else.

use std::sync::Arc;

use crate::process::{Image, ProcessKey};

use super::{Entry, World};

/// Programs that run another one as another user.
const SWITCHES: [&[u8]; 6] = [b"sudo", b"su", b"doas", b"pkexec", b"runuser", b"run0"];
/// Most hops that are told.
pub(super) const MAX_HOPS: usize = 16;

/// One change of user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The program that did it.
    pub program: Box<[u8]>,
    /// Who called it.
    pub before: u32,
    /// As whom it ran what came next; `None` if nothing came yet.
    pub after: Option<u32>,
}

impl<'a> World<'a> {
    /// The changes of user between an entry and a process, the first one first.
    pub fn hops(self, entry: &Entry<'_>, key: ProcessKey, time: u64) -> Vec<Hop> {
        let images = self.images_since(entry, key, time);
        let followed = images.iter().zip(images.iter().skip(1).map(Some).chain([None]));
        let switches = followed.filter(|(image, _)| is_switch(image));
        let hops = switches.map(|(image, next)| Hop {
            program: image.exec.exe.file_name().into(),
            before: image.uid,
            after: next.map(|next| next.uid),
        });
        hops.take(MAX_HOPS).collect()
    }

    /// Everything that ran between an entry and a process, each program once, the oldest first.
    fn images_since(self, entry: &Entry<'_>, key: ProcessKey, time: u64) -> Vec<&'a Arc<Image>> {
        let line = self.line(key);
        let own = line.iter().position(|process| process.key() == entry.leader.key()).unwrap_or(0);
        let mut images: Vec<&'a Arc<Image>> = Vec::new();
        for place in (0..=own).rev() {
            let Some(process) = line.get(place) else { continue };
            // Of an ancestor only what it ran until it made the next one.
            let child = place.checked_sub(1).and_then(|next| line.get(next));
            let until = child.map_or(time, |child| child.key().start.min(time));
            for image in process.images_until(until).filter(|image| !entry.is_in_front(image)) {
                if !images.last().is_some_and(|last| Arc::ptr_eq(last, image)) {
                    images.push(image);
                }
            }
        }
        images
    }
}

/// Whether it is a program that changes the user, and may: it has root's rights by its file or by its caller.
fn is_switch(image: &Image) -> bool {
    let named = SWITCHES.contains(&image.exec.exe.file_name());
    named && image.euid == 0 && (image.exec.is_setuid_root() || image.uid == 0)
}
