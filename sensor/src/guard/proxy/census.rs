//! Who has how many connections: no more than there is room for, and no user more than his share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The connections at this moment.
#[derive(Debug, Default)]
pub(super) struct Census(Mutex<Heads>);

#[derive(Debug, Default)]
struct Heads {
    all: usize,
    /// By user id; nobody who has none.
    of: HashMap<u32, usize>,
}

/// A connection's place; free again once this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    census: Arc<Census>,
    user: u32,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Crowded {
    /// So many are there.
    #[error("{0} connections are open already; try again later")]
    All(usize),
    /// So many of this user are.
    #[error("user {user} has {count} connections open already; try again later")]
    User {
        /// The user's id.
        user: u32,
        /// His connections.
        count: usize,
    },
}

impl Census {
    /// A place for a connection of this user's, among so many and so many of his.
    pub(super) fn seat(self: &Arc<Self>, user: u32, most: usize, per_user: usize) -> Result<Seat, Crowded> {
        let mut heads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = heads.of.get(&user).copied().unwrap_or_default();
        if heads.all >= most {
            return Err(Crowded::All(heads.all));
        }
        if count >= per_user {
            return Err(Crowded::User { user, count });
        }
        heads.all = heads.all.saturating_add(1);
        heads.of.insert(user, count.saturating_add(1));
        Ok(Seat { census: Arc::clone(self), user })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut heads = self.census.0.lock().unwrap_or_else(PoisonError::into_inner);
        heads.all = heads.all.saturating_sub(1);
        if let Some(count) = heads.of.get_mut(&self.user) {
            *count = count.saturating_sub(1);
        }
        heads.of.retain(|_, count| *count > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_cannot_take_what_is_there_for_others() {
        let census = Arc::new(Census::default());
        let seat = |user| census.seat(user, 3, 2);
        let mine = [seat(1).unwrap(), seat(1).unwrap()];
        assert_eq!(seat(1).unwrap_err(), Crowded::User { user: 1, count: 2 });
        let other = seat(2).unwrap();
        assert_eq!(seat(2).unwrap_err(), Crowded::All(3));
        drop(mine);
        let again = seat(1).unwrap();
        drop((other, again));
        assert!(census.0.lock().unwrap().of.is_empty());
        assert_eq!(census.0.lock().unwrap().all, 0);
    }
}
