//! Where users have their files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::confined::{Demand, read_below};

/// Most bytes of the host's list of users that are read.
const MAX_PASSWD: u64 = 4 << 20;

/// The home of a user of the host, by the host's own list.
pub fn of_user(uid: u32) -> Option<PathBuf> {
    let demand = Demand { owner: 0, limit: MAX_PASSWD };
    let list = read_below(Path::new("/etc"), Path::new("passwd"), demand).ok()?;
    in_list(&list.bytes, uid)
}

fn in_list(list: &[u8], uid: u32) -> Option<PathBuf> {
    let uid = uid.to_string();
    list.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let home = (fields.nth(2)? == uid.as_bytes()).then(|| fields.nth(2))??;
        home.starts_with(b"/").then(|| PathBuf::from(OsStr::from_bytes(home)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_found_by_number() {
        let list = b"a:x:7:7::/home/a:/bin/sh\nbroken:8\nb:x:8:8::relative:/bin/sh\nc:x:9:9\n";
        assert_eq!(in_list(list, 7), Some(PathBuf::from("/home/a")));
        for uid in [8, 9, 10] {
            assert_eq!(in_list(list, uid), None, "{uid}");
        }
    }
}
