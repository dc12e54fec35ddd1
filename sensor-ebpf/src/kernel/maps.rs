//! The maps shared with the engine.

use aya_ebpf::{
    macros::map,
    maps::{Array, LruHashMap, PerCpuArray, RingBuf},
};
use sensor_common::{counters::Row, event::Kind};

use super::{
    message::Peer,
    scratch::{SLOTS, Slot},
};

/// Processes and containers. The engine sets the size.
#[map]
pub(super) static CRITICAL: RingBuf = RingBuf::with_byte_size(1 << 20, 0);

/// Opens. The engine sets the size.
#[map]
pub(super) static BULK: RingBuf = RingBuf::with_byte_size(1 << 20, 0);

/// One row of counters per kind, by [`Kind::index`].
#[map]
pub(super) static COUNTERS: PerCpuArray<Row> = PerCpuArray::with_max_entries(Kind::ALL.len() as u32, 0);

/// What the reader is doing ([`sensor_common::config::reader`]).
#[map]
pub(super) static READER: Array<u32> = Array::with_max_entries(1, 0);

/// Peers that datagrams were exchanged with, so that only the first one is reported. Which is forgotten when others
/// take its place is met anew.
#[map]
pub(super) static PEERS: LruHashMap<Peer, u8> = LruHashMap::with_max_entries(16_384, 0);

/// Where records are put together.
#[map]
pub(super) static SCRATCH: PerCpuArray<Slot> = PerCpuArray::with_max_entries(SLOTS, 0);

/// By thread: when the record of the objects of its call was made, until the record of the call's end is. A call that
/// takes longer than so many others lets its token go, and its end keeps the names as passed.
#[map]
pub(super) static TOKENS: LruHashMap<u32, u64> = LruHashMap::with_max_entries(8192, 0);
