//! Destroying, and using what is not one's own.

use std::process::Command;

use anyhow::Result;

use crate::action::{Action, Place};
use crate::stage::{Doer, Stage, act};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "RemoveBulkDataFromDisk",
        does: "`shred -u` of a file",
        place: Place::Host,
        by: "shred",
        upstream: "Remove Bulk Data from Disk",
        ours: &["File shredded"],
        perform: shred,
    },
    Action {
        name: "DetectCryptoMinersUsingTheStratumProtocol",
        does: "`echo` with the options of a miner",
        place: Place::Host,
        by: "echo",
        upstream: "Detect crypto miners using the Stratum protocol",
        ours: &["Cryptocurrency miner run"],
        perform: stratum,
    },
];

fn shred(stage: &Stage) -> Result<Doer> {
    let file = stage.file("bulk-data", "data that somebody wants gone\n")?;
    act(Command::new("shred").arg("-u").arg(file))
}

fn stratum(_: &Stage) -> Result<Doer> {
    act(Command::new("echo").args(["-o", "stratum+tcp://example.com:3333", "-u", "user", "-p", "pass"]))
}
