//! `bench functions`: what a start and a request of each API function cost, against the bare function in the same run.

mod measure;
mod reads;
mod seed;
mod table;

use std::{collections::BTreeSet, io::Write as _};

use crate::{
    Outcome, Progress, cost,
    platform::{self, BARE, Platform},
    release,
};
use measure::Measured;
use reads::{READS, Reads};
use seed::Data;

#[derive(Default)]
struct Options {
    /// Only this function; `courses` is `api-courses`.
    only: Option<String>,
    /// Fail when a target is missed.
    check: bool,
    /// Take the release binaries as they are.
    no_build: bool,
}

impl Options {
    fn parse(args: &[String]) -> Outcome<Self> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--fn" => {
                    options.only = Some(args.next().ok_or("--fn needs a function, such as courses")?.clone())
                }
                "--check" => options.check = true,
                "--no-build" => options.no_build = true,
                other => return Err(format!("functions does not know {other}").into()),
            }
        }
        Ok(options)
    }

    fn selects(&self, binary: &str) -> bool {
        self.only.as_ref().is_none_or(|only| binary == only || binary == format!("api-{only}"))
    }
}

/// Runs the benchmark; `false` when `--check` was asked for and a target is missed.
pub(crate) fn run(args: &[String]) -> Outcome<bool> {
    let options = Options::parse(args)?;
    let functions = platform::stack().functions()?;
    let api = functions.iter().filter(|function| function.is_api);
    let selected: Vec<String> =
        api.map(|function| function.binary.clone()).filter(|binary| options.selects(binary)).collect();
    if selected.is_empty() {
        return Err(format!("no API function is called {}", options.only.unwrap_or_default()).into());
    }
    let reads: Vec<&Reads> =
        READS.iter().filter(|reads| selected.iter().any(|name| name == reads.binary)).collect();
    if !options.no_build {
        let seeders = reads.iter().flat_map(|reads| reads.seeds).filter_map(|seed| seed.binary());
        let packages: BTreeSet<&str> =
            selected.iter().map(String::as_str).chain(seeders).chain([BARE]).collect();
        release::build(&packages.into_iter().collect::<Vec<_>>())?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (bare, measured) = runtime.block_on(async {
        let platform = Platform::start(functions).await?;
        let data = Data::make(&platform, &reads).await?;
        let bare = measure::bare(&platform).await?;
        let mut measured = Vec::new();
        let mut progress = Progress::new(selected.len());
        for binary in &selected {
            progress.step(binary)?;
            let reads = reads.iter().find(|reads| reads.binary == binary);
            measured.push(measure::function(&platform, &data, binary, reads.copied()).await?);
        }
        Outcome::Ok((bare, measured))
    })?;
    let mut out = std::io::stdout().lock();
    let missed = table::print(&mut out, &bare, &measured)?;
    if let Some(courses) = measured.iter().find(|function| function.binary == "api-courses") {
        writeln!(out)?;
        cost::print_reads(&mut out, &list_read(courses)?)?;
    }
    Ok(!options.check || missed == 0)
}

/// What one read of the list of courses uses.
fn list_read(courses: &Measured) -> Outcome<cost::Use> {
    let list = courses.list.as_ref().ok_or("the list of courses was not measured")?;
    Ok(cost::Use {
        cpu_ms: list.cpu_ms,
        dynamodb_calls: list.metered.calls,
        read_units: list.metered.units,
        log_bytes: courses.log_bytes,
        memory_mb: courses.memory_mb,
    })
}
