//! The guard installed on a host that systemd and Docker run, with kernel programs of the tier `lsm`: a guest of its own,
//! which `cargo xtask test --only guest-6.1-installed` boots.

// `cfg(test)` always holds here; it tells the lints that all of this is a test.
#[cfg(test)]
mod death;
#[cfg(test)]
mod host;
#[cfg(test)]
mod lockdown;
#[cfg(test)]
mod picture;
#[cfg(test)]
mod rollout;
