//! The queue and the thread that empties it.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

/// Lines that may wait to be written.
const CAPACITY: usize = 16_384;
/// Bytes gathered before they are written.
const BATCH: usize = 64 * 1024;
/// How long to wait after a failed write, such as on a full disk.
const RETRY: Duration = Duration::from_millis(100);
/// How often an ending sink tries to write what is left.
const LAST_TRIES: u32 = 3;

/// Where the lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Stdout,
    /// Appended to this file, which is created with mode 0600.
    File(PathBuf),
}

/// The file cannot be written to.
#[derive(Debug, thiserror::Error)]
#[error("{path}: cannot be opened for writing: {source}", path = .path.display())]
pub struct OpenError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    pub source: io::Error,
}

/// What became of the lines.
#[derive(Debug, Default)]
pub struct Counters {
    /// Put into the queue.
    pub queued: AtomicU64,
    /// Written whole.
    pub written: AtomicU64,
    /// Not taken because the queue was full, or lost because the destination is gone.
    pub dropped: AtomicU64,
    /// Writes that failed and were tried again.
    pub errors: AtomicU64,
}

/// A destination behind its queue.
#[derive(Debug)]
pub struct Sink {
    queue: Option<Arc<SyncSender<Vec<u8>>>>,
    thread: Option<JoinHandle<()>>,
    counters: Arc<Counters>,
    gone: Arc<AtomicBool>,
}

impl Sink {
    /// Opens the destination and starts its thread.
    pub fn open(destination: &Destination) -> Result<Self, OpenError> {
        let output: Box<dyn Write + Send> = match destination {
            Destination::Stdout => Box::new(io::stdout()),
            Destination::File(path) => Box::new(open_file(path)?),
        };
        let (queue, lines) = sync_channel(CAPACITY);
        let counters = Arc::new(Counters::default());
        let gone = Arc::new(AtomicBool::new(false));
        let writer = Writer {
            output,
            pending: Vec::new(),
            written: 0,
            counters: Arc::clone(&counters),
            gone: Arc::clone(&gone),
        };
        let thread = std::thread::spawn(move || writer.run(&lines));
        Ok(Self { queue: Some(Arc::new(queue)), thread: Some(thread), counters, gone })
    }

    /// Queues a line, which must end with a newline. Never waits.
    pub fn send(&self, line: Vec<u8>) {
        if let Some(queue) = &self.queue {
            queue_line(queue, line, &self.counters);
        }
    }

    /// Another way into the same queue, for as long as the sink is open.
    pub fn inlet(&self) -> Inlet {
        let queue = self.queue.as_ref().map(Arc::downgrade).unwrap_or_default();
        Inlet { queue, counters: Arc::clone(&self.counters) }
    }

    /// Whether the reader has gone for good (a closed pipe).
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// What became of the lines so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Writes what is queued and stops.
    pub fn close(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the sink's thread ended abnormally");
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.close();
    }
}

/// A way into a sink's queue. Lines that come after the sink was closed are counted as dropped.
#[derive(Clone, Debug)]
pub struct Inlet {
    queue: Weak<SyncSender<Vec<u8>>>,
    counters: Arc<Counters>,
}

impl Inlet {
    /// Queues a line, which must end with a newline. Never waits.
    pub fn send(&self, line: Vec<u8>) {
        match self.queue.upgrade() {
            Some(queue) => queue_line(&queue, line, &self.counters),
            None => {
                self.counters.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

fn queue_line(queue: &SyncSender<Vec<u8>>, line: Vec<u8>, counters: &Counters) {
    match queue.try_send(line) {
        Ok(()) => counters.queued.fetch_add(1, Ordering::Relaxed),
        Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
            counters.dropped.fetch_add(1, Ordering::Relaxed)
        }
    };
}

fn open_file(path: &Path) -> Result<File, OpenError> {
    use std::os::unix::fs::OpenOptionsExt;
    let open = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    open.map_err(|source| OpenError { path: path.to_owned(), source })
}

/// Whether more lines may come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Queue {
    Open,
    Closed,
}

/// The thread's side. What a failed write left over stays in `pending`, so that a line that was cut by a full
/// disk goes on where it stopped once there is room.
struct Writer {
    output: Box<dyn Write + Send>,
    pending: Vec<u8>,
    written: usize,
    counters: Arc<Counters>,
    gone: Arc<AtomicBool>,
}

impl Writer {
    fn run(mut self, lines: &Receiver<Vec<u8>>) {
        while !self.gone.load(Ordering::Relaxed) {
            if self.pending.len() == self.written {
                let Ok(line) = lines.recv() else { break };
                self.pending.extend(line);
            }
            while self.pending.len() < BATCH {
                let Ok(line) = lines.try_recv() else { break };
                self.pending.extend(line);
            }
            if self.write().is_err() && self.rest(lines) == Queue::Closed {
                break;
            }
        }
        self.finish(lines);
    }

    /// Writes what is pending; on an error what is left stays.
    fn write(&mut self) -> io::Result<()> {
        while let Some(rest) = self.pending.get(self.written..).filter(|rest| !rest.is_empty()) {
            match self.output.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => {
                    let written = rest.get(..count).unwrap_or(rest);
                    self.counters.written.fetch_add(lines_in(written), Ordering::Relaxed);
                    self.written = self.written.saturating_add(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        self.pending.clear();
        self.written = 0;
        self.output.flush()
    }

    fn failed(&self, error: io::Error) -> io::Error {
        self.counters.errors.fetch_add(1, Ordering::Relaxed);
        if error.kind() == ErrorKind::BrokenPipe {
            self.gone.store(true, Ordering::Relaxed);
        }
        error
    }

    /// Waits before the next try. A line that comes meanwhile is kept.
    fn rest(&mut self, lines: &Receiver<Vec<u8>>) -> Queue {
        match lines.recv_timeout(RETRY) {
            Ok(line) if self.pending.len() < BATCH => self.pending.extend(line),
            Ok(_) => {
                self.counters.dropped.fetch_add(1, Ordering::Relaxed);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Queue::Closed,
        }
        Queue::Open
    }

    /// The last tries, then counts what is lost.
    fn finish(mut self, lines: &Receiver<Vec<u8>>) {
        for line in lines.try_iter() {
            self.pending.extend(line);
        }
        for _ in 0..LAST_TRIES {
            if self.gone.load(Ordering::Relaxed) || self.write().is_ok() {
                break;
            }
        }
        let lost = self.pending.get(self.written..).unwrap_or_default();
        self.counters.dropped.fetch_add(lines_in(lost), Ordering::Relaxed);
    }
}

fn lines_in(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }

    #[test]
    fn every_line_is_written_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alerts");
        let mut sink = Sink::open(&Destination::File(path.clone())).unwrap();
        for number in 0..1000 {
            sink.send(format!("{number}\n").into_bytes());
        }
        sink.close();
        let text = std::fs::read_to_string(path).unwrap();
        let numbers: Vec<u32> = text.lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(numbers, (0..1000).collect::<Vec<_>>());
        assert_eq!(count(&sink.counters().written), 1000);
        assert_eq!(count(&sink.counters().dropped), 0);
    }

    #[test]
    fn what_comes_by_an_inlet_is_written_until_the_sink_is_closed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alerts");
        let mut sink = Sink::open(&Destination::File(path.clone())).unwrap();
        let inlet = sink.inlet();
        sink.send(b"one\n".to_vec());
        inlet.clone().send(b"two\n".to_vec());
        sink.close();
        inlet.send(b"three\n".to_vec());
        assert_eq!(std::fs::read_to_string(path).unwrap(), "one\ntwo\n");
        assert_eq!((count(&sink.counters().written), count(&sink.counters().dropped)), (2, 1));
    }

    #[test]
    fn a_full_device_loses_lines_and_counts_them() {
        let mut sink = Sink::open(&Destination::File("/dev/full".into())).unwrap();
        for _ in 0..10 {
            sink.send(b"line\n".to_vec());
        }
        sink.close();
        assert_eq!(count(&sink.counters().written), 0);
        assert_eq!(count(&sink.counters().dropped), 10);
        assert!(count(&sink.counters().errors) > 0);
    }

    #[test]
    fn an_unwritable_file_is_named() {
        let error = Sink::open(&Destination::File("/proc/none/alerts".into())).unwrap_err();
        assert!(error.to_string().starts_with("/proc/none/alerts: cannot be opened"), "{error}");
    }

    #[test]
    fn a_cut_line_goes_on_where_it_stopped() {
        struct Half(Vec<u8>, bool);
        impl Write for Half {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                self.1 = !self.1;
                if self.1 {
                    return Err(io::Error::other("full"));
                }
                self.0.extend(&buf[..buf.len().min(3)]);
                assert!("one\ntwo\n".as_bytes().starts_with(&self.0));
                Ok(buf.len().min(3))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut writer = Writer {
            output: Box::new(Half(Vec::new(), false)),
            pending: b"one\ntwo\n".to_vec(),
            written: 0,
            counters: Arc::default(),
            gone: Arc::default(),
        };
        while writer.write().is_err() {}
        assert_eq!(count(&writer.counters.written), 2);
    }
}
