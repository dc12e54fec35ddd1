//! `cargo xtask vm`: the live tests, or any static program, in a guest.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::guest::{Clock, File, Guest, Kernel, dynamic, engine_host, shell_word, userland};
use crate::progress::step;
use crate::setup::Need;
use crate::workspace::Workspace;
use crate::{artifacts, setup};

/// Boot a Debian kernel in an emulator, run the live tests there, and return their result.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask vm --kernel 6.1                              all live tests\n  \
    cargo xtask vm --kernel 5.10 --filter smoke              those whose name contains `smoke`\n  \
    cargo xtask vm --kernel 6.12 --filter file -- --nocapture\n  \
    cargo xtask vm --kernel 6.1 --installed                  the guard on a host with systemd and Docker\n  \
    cargo xtask vm --kernel 7.2 --vigie -- doctor            `vigie doctor` there\n  \
    cargo xtask vm --kernel 6.1 --cmdline 'lsm=lockdown'     without the BPF LSM")]
pub(crate) struct Arguments {
    /// The kernel's version.
    #[arg(long, value_enum)]
    kernel: Kernel,
    /// Run only the tests whose name contains this.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["vigie", "program"])]
    filter: Option<String>,
    /// Added to the kernel's command line.
    #[arg(long, value_name = "EXTRA", default_value = "")]
    cmdline: String,
    /// Run the tests of an installed guard in place of the live tests, on a host with systemd and Docker.
    #[arg(long, conflicts_with_all = ["vigie", "program"])]
    installed: bool,
    /// Run `vigie` with ARGS in place of the tests.
    #[arg(long, conflicts_with = "program")]
    vigie: bool,
    /// Run this static program with ARGS in place of the tests.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// Given to the test program, or to what runs in its place.
    #[arg(last = true)]
    args: Vec<String>,
}

/// The kernel on which a whole working day is done: its guest has Debian's tools.
const WORKPLACE: Kernel = Kernel::V6_1;

/// Sets up, builds, boots.
pub(crate) fn task(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let need_build = arguments.program.is_none().then_some(Need::Build);
    let need_workload = (need_build.is_some() && !arguments.vigie).then_some(Need::Workload);
    let of_host: &[Need] = if arguments.installed { &[Need::Docker, Need::Init] } else { &[] };
    let needs = need_build.into_iter().chain(need_workload).chain(of_host.iter().copied());
    let needs: Vec<Need> = needs.chain([Need::Guest(arguments.kernel)]).collect();
    setup::ensure(workspace, &needs)?;
    let guest = step("building for the guest (static, release)", || guest(workspace, arguments))?;
    let code = step(format_args!("guest {}", arguments.kernel.label()), || guest.boot(workspace, echo))?;
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

fn guest(workspace: &Workspace, arguments: &Arguments) -> Result<Guest> {
    let (files, command) = if let Some(program) = &arguments.program {
        let name =
            program.file_name().and_then(|name| name.to_str()).context("--program needs a file's path")?;
        (vec![File::program(name, program)?], words(&shell_word(&format!("/bin/{name}")), &arguments.args))
    } else if arguments.vigie {
        let vigie = artifacts::vigie(workspace)?;
        (vec![File::program("vigie", &vigie)?], words("/bin/vigie", &arguments.args))
    } else {
        let tests = if arguments.installed { installed_tests } else { live_tests };
        let mut guest = tests(workspace, arguments.kernel, arguments.filter.as_deref(), &arguments.args)?;
        guest.cmdline = format!("{} {}", guest.cmdline, arguments.cmdline);
        return Ok(guest);
    };
    let cmdline = arguments.cmdline.clone();
    Ok(Guest {
        kernel: arguments.kernel,
        files,
        links: Vec::new(),
        job: command,
        cmdline,
        clock: Clock::Host,
    })
}

/// A guest that runs the live tests whose name contains `filter`.
pub(crate) fn live_tests(
    workspace: &Workspace,
    kernel: Kernel,
    filter: Option<&str>,
    args: &[String],
) -> Result<Guest> {
    let programs = artifacts::tests(workspace, &["live"])?;
    let mut files =
        vec![File::program("vigie", &programs.vigie)?, File::program("live", &programs.test("live")?)?];
    let mut links = Vec::new();
    if kernel == WORKPLACE {
        let userland = userland::read(userland::WORKING_DAY)?;
        files.extend(userland.files);
        links = userland.links;
    } else {
        files.extend(dynamic::program("strace", Path::new("/usr/bin/strace"))?);
    }
    let job = format!(
        "export VIGIE_BIN=/bin/vigie VIGIE_GUEST={}\n{}",
        kernel.label(),
        words("/bin/live", &one_by_one(filter, args))
    );
    Ok(Guest { kernel, files, links, job, cmdline: String::new(), clock: Clock::Host })
}

/// A guest that runs the tests of an installed guard whose name contains `filter`.
pub(crate) fn installed_tests(
    workspace: &Workspace,
    kernel: Kernel,
    filter: Option<&str>,
    args: &[String],
) -> Result<Guest> {
    let programs = artifacts::tests(workspace, &["installed"])?;
    let (mut files, links) = engine_host::contents()?;
    files.push(File::program("vigie", &programs.vigie)?);
    files.push(File::program("installed", &programs.test("installed")?)?);
    let job = words("/bin/installed", &one_by_one(filter, args));
    // The console is the tests'.
    let cmdline = "systemd.show_status=no".to_owned();
    Ok(Guest { kernel, files, links, job, cmdline, clock: Clock::Host })
}

/// What libtest is told.
fn one_by_one(filter: Option<&str>, args: &[String]) -> Vec<String> {
    let mut arguments = vec!["--test-threads=1".to_owned()];
    arguments.extend(filter.map(str::to_owned));
    arguments.extend_from_slice(args);
    arguments
}

fn words(program: &str, arguments: &[String]) -> String {
    let words: Vec<String> = arguments.iter().map(|argument| shell_word(argument)).collect();
    format!("{program} {}\n", words.join(" "))
}

/// Passes a line of output on as it came.
pub(crate) fn echo(line: &[u8]) -> Result<()> {
    let mut output = std::io::stdout().lock();
    output.write_all(line).and_then(|()| output.write_all(b"\n")).context("writing to standard output")
}
