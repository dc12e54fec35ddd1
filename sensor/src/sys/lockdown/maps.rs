//! The lock-down's maps, as the guard writes and reads them.

use std::sync::{Arc, Mutex, PoisonError};

use aya::{
    Ebpf, Pod,
    maps::{HashMap, Map, MapData, MapError, PerCpuArray},
};
use sensor_common::lockdown::{Client, FileKey, NameKey, OUTCOMES, Outcome, ProcessTick};
use zerocopy::transmute;

use crate::sys::bpf::LoadError;

/// Keys and values as aya takes them.
type Table<K, V> = HashMap<MapData, K, V>;
type FileBytes = [u8; size_of::<FileKey>()];
type NameBytes = [u8; size_of::<NameKey>()];
type ProcessBytes = [u8; size_of::<ProcessTick>()];
type ClientBytes = [u8; size_of::<Client>()];

/// What the guard tells the programs, and their counters.
pub struct Maps {
    sockets: Table<FileBytes, u32>,
    names: Table<NameBytes, u32>,
    programs: Table<FileBytes, u32>,
    guard: Table<ProcessBytes, u32>,
    counters: PerCpuArray<MapData, [u64; OUTCOMES]>,
    clients: Clients,
}

impl std::fmt::Debug for Maps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Maps").field("counters", &self.counters()).finish_non_exhaustive()
    }
}

/// Clients of the guard, as the kernel saw them connect. Copies are one.
#[derive(Clone, Debug)]
pub struct Clients(Arc<Mutex<Table<u64, ClientBytes>>>);

impl Clients {
    /// Who made the connection with this cookie, once.
    pub fn take(&self, cookie: u64) -> Option<Client> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = table.get(&cookie, 0).ok()?;
        // The kernel forgets it by itself otherwise, when it needs the room.
        table.remove(&cookie).ok();
        Some(transmute!(bytes))
    }
}

impl Maps {
    /// Takes them out of the object.
    pub(super) fn take(ebpf: &mut Ebpf) -> Result<Self, LoadError> {
        let counters = "LOCKED_COUNTERS";
        let wrap = |source| LoadError::Map { name: counters, source };
        Ok(Self {
            sockets: table(ebpf, "LOCKED_SOCKETS")?,
            names: table(ebpf, "LOCKED_NAMES")?,
            programs: table(ebpf, "LOCKED_PROGRAMS")?,
            guard: table(ebpf, "LOCKED_GUARD")?,
            clients: Clients(Arc::new(Mutex::new(table(ebpf, "LOCKED_CLIENTS")?))),
            counters: PerCpuArray::try_from(map(ebpf, counters)?).map_err(wrap)?,
        })
    }

    /// Who connected to the guard.
    pub fn clients(&self) -> Clients {
        self.clients.clone()
    }

    /// Says which process the guard is.
    pub fn set_guard(&mut self, guard: ProcessTick) -> Result<(), MapError> {
        self.guard.insert(to_process(guard), 1, 0)
    }

    /// Says of sockets by their files what they are, of all that are protected.
    pub fn set_sockets(&mut self, sockets: &[(FileKey, u32)]) -> Result<(), MapError> {
        let entries: Vec<_> = sockets.iter().map(|(file, flags)| (to_file(*file), *flags)).collect();
        replace(&mut self.sockets, &entries)
    }

    /// The same by names.
    pub fn set_names(&mut self, names: &[(NameKey, u32)]) -> Result<(), MapError> {
        let to_name = |name: NameKey| -> NameBytes { transmute!(name) };
        let entries: Vec<_> = names.iter().map(|(name, flags)| (to_name(*name), *flags)).collect();
        replace(&mut self.names, &entries)
    }

    /// Says which programs may connect to which classes.
    pub fn set_programs(&mut self, programs: &[(FileKey, u32)]) -> Result<(), MapError> {
        let entries: Vec<_> = programs.iter().map(|(file, classes)| (to_file(*file), *classes)).collect();
        replace(&mut self.programs, &entries)
    }

    /// What became of connections so far.
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        let mut totals = [0_u64; OUTCOMES];
        if let Ok(rows) = self.counters.get(&0, 0) {
            let each =
                |row: &[u64; OUTCOMES]| totals.iter_mut().zip(row).for_each(|(sum, count)| *sum += count);
            rows.iter().for_each(each);
        }
        Outcome::ALL.iter().map(|outcome| outcome.name()).zip(totals).collect()
    }
}

fn to_file(file: FileKey) -> FileBytes {
    transmute!(file)
}

fn to_process(process: ProcessTick) -> ProcessBytes {
    transmute!(process)
}

/// Makes a table hold exactly these: first what is new, so that nothing is unprotected in between.
fn replace<K: Pod + PartialEq>(table: &mut Table<K, u32>, entries: &[(K, u32)]) -> Result<(), MapError> {
    for (key, value) in entries {
        table.insert(key, value, 0)?;
    }
    let keys: Vec<_> = table.keys().filter_map(Result::ok).collect();
    for key in keys.iter().filter(|key| !entries.iter().any(|(wanted, _)| wanted == *key)) {
        table.remove(key)?;
    }
    Ok(())
}

pub(super) fn map(ebpf: &mut Ebpf, name: &'static str) -> Result<Map, LoadError> {
    ebpf.take_map(name).ok_or(LoadError::NoMap(name))
}

fn table<K: Pod, V: Pod>(ebpf: &mut Ebpf, name: &'static str) -> Result<Table<K, V>, LoadError> {
    HashMap::try_from(map(ebpf, name)?).map_err(|source| LoadError::Map { name, source })
}
