//! Vigie's engine. Data flows one way through the modules: ring, decode, process, identity, observation, rules,
//! alert, sink.

pub mod alert;
pub mod cli;
pub mod commands;
pub mod decode;
pub mod dns;
pub mod doctor;
pub mod engine;
pub mod enrichment;
pub mod guard;
mod hex;
pub mod identity;
pub mod links;
pub mod metrics;
pub mod objects;
pub mod observation;
pub mod process;
pub mod replay;
pub mod ring;
pub mod rules;
pub mod sink;
pub mod sys;
pub mod trail;
pub mod watch;
