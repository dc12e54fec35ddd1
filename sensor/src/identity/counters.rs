//! What the identity stage counts.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counts {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal;)+) => {
        /// One thing counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Count {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Count {
            /// Every count, in table order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in summaries and metrics.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }

        const LEN: usize = Count::ALL.len();
    };
}

counts! {
    /// Claims handed to the resolver.
    Asked = "asked";
    /// Claims that found the resolver's queue full; asked again when next seen.
    QueueFull = "queue_full";
    /// Answers that confirm a claim.
    Verified = "verified";
    /// Answers that do not.
    Unverified = "unverified";
    /// Answers that changed an earlier one.
    Amended = "amended";
    /// Answers for records that were evicted meanwhile.
    Stale = "stale_answers";
    /// Claims that were forgotten unanswered or refused because too many stood open.
    Busy = "busy";
    /// Requests made to the Docker Engine.
    Requests = "docker_requests";
    /// Requests for which no connection could be made.
    Unreachable = "docker_unreachable";
    /// Requests that took too long.
    TimedOut = "docker_timed_out";
    /// Requests whose answer made no sense.
    Garbage = "docker_garbage";
    /// Requests whose answer was larger than we read.
    TooLarge = "docker_too_large";
    /// Requests refused by the engine.
    Refused = "docker_refused";
    /// Requests for something the engine does not have.
    NotFound = "docker_not_found";
    /// Times the stream of events was opened.
    StreamOpened = "docker_stream_opened";
    /// Times it could not be, or ended.
    StreamLost = "docker_stream_lost";
    /// Events read from it.
    StreamEvents = "docker_stream_events";
    /// Events that made no sense.
    StreamGarbage = "docker_stream_garbage";
    /// Events that were too long.
    StreamTooLong = "docker_stream_too_long";
    /// Containers not looked at when they were created, because too many were.
    NotForeseen = "not_foreseen";
    /// Containers asked about at CRI sockets, each of them counted.
    CriRequests = "cri_requests";
    /// Those for which no connection could be made.
    CriUnreachable = "cri_unreachable";
    /// Those that took too long.
    CriTimedOut = "cri_timed_out";
    /// Those whose answer made no sense.
    CriGarbage = "cri_garbage";
    /// Those whose answer was larger than we read.
    CriTooLarge = "cri_too_large";
    /// Those that were refused.
    CriRefused = "cri_refused";
    /// Those about something that is not there.
    CriNotFound = "cri_not_found";
    /// Times a stream of events was opened.
    CriStreamOpened = "cri_stream_opened";
    /// Times one could not be, or ended.
    CriStreamLost = "cri_stream_lost";
    /// Events read from them.
    CriStreamEvents = "cri_stream_events";
    /// Events that made no sense.
    CriStreamGarbage = "cri_stream_garbage";
    /// Containers looked for in podman's storage.
    PodmanReads = "podman_reads";
    /// Those that took too long, or found all readers hanging.
    PodmanTimedOut = "podman_timed_out";
    /// Those whose files may not be read: another owner, a link, no regular file.
    PodmanRefused = "podman_refused";
    /// Those whose files make no sense, or are too large.
    PodmanGarbage = "podman_garbage";
    /// Those that are not there.
    PodmanNotFound = "podman_not_found";
    /// Cgroup events of v1 hierarchies, which name no event's cgroup.
    OtherHierarchy = "cgroup_other_hierarchy";
    /// Cgroups forgotten while they existed, to stay within bounds.
    CgroupsEvicted = "cgroups_evicted";
    /// Walks of the cgroup file system for an id that no event had announced.
    Walks = "cgroup_walks";
    /// Walks not made because the last one was too recent.
    WalksSpared = "cgroup_walks_spared";
    /// Walks that failed or stopped at their bound.
    WalksPartial = "cgroup_walks_partial";
    /// Events whose cgroup stayed unknown.
    UnknownCgroup = "cgroup_unknown";
}

/// The counters, shared by the engine and the resolver's thread.
#[derive(Debug)]
pub struct Counters([AtomicU64; LEN]);

impl Default for Counters {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; LEN])
    }
}

impl Counters {
    /// Counts one more.
    pub fn add(&self, count: Count) {
        if let Some(cell) = self.0.get(count as usize) {
            cell.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many so far.
    pub fn get(&self, count: Count) -> u64 {
        self.0.get(count as usize).map_or(0, |cell| cell.load(Ordering::Relaxed))
    }

    /// Every count by name, in table order.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Count::ALL.iter().map(|&count| (count.name(), self.get(count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_count_has_its_own_cell_and_name() {
        let counters = Counters::default();
        for (index, &count) in Count::ALL.iter().enumerate() {
            (0..=index).for_each(|_| counters.add(count));
        }
        let values: Vec<u64> = counters.all().map(|(_, value)| value).collect();
        assert_eq!(values, (1..=LEN as u64).collect::<Vec<_>>());
        let names: std::collections::BTreeSet<_> = Count::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(names.len(), LEN);
    }
}
