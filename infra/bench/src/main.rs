//! `bench`: measures what docs and targets claim. docs/performance.md has the results.

use std::{error::Error, io::Write, process::ExitCode};

mod aws;
mod cost;
mod functions;
mod lambda;
mod login;
mod media;
mod platform;
mod release;
mod search;
mod stack;

/// What a step gives, or why it could not.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// A case and what it measures.
struct Case {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Outcome<bool>,
}

const CASES: [Case; 5] = [
    Case {
        name: "cost",
        about: "what a month of the idle stack costs, counted in template.yaml",
        run: cost::run,
    },
    Case {
        name: "functions",
        about: "start, first request, warm requests, memory and size of each API function; FN=courses for one",
        run: functions::run,
    },
    Case { name: "login", about: "CPU of a login besides Argon2", run: login::run },
    Case {
        name: "media",
        about: "chunked transcoding against one run of ffmpeg: frames, gaps, sync, SSIM, CPU",
        run: media::run,
    },
    Case {
        name: "search",
        about: "lists, searches and suggestions among 1,000 and 100,000 courses; ARGS=--million for a million too",
        run: search::run,
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.split_first() {
        None => list().map(|()| true),
        Some((name, rest)) => match CASES.iter().find(|case| case.name == name) {
            Some(case) => (case.run)(rest),
            None => Err(format!("there is no case {name}; `make bench` lists them").into()),
        },
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            writeln!(std::io::stderr(), "{error}").ok();
            ExitCode::from(2)
        }
    }
}

fn list() -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    for Case { name, about, .. } in CASES {
        writeln!(out, "  {name:<10} {about}")?;
    }
    writeln!(out, "\nmake bench CASE=functions FN=courses ARGS=--check; docs/performance.md says more")?;
    Ok(())
}

/// The middle one; 0 of none.
pub(crate) fn median(values: &mut [u64]) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Milliseconds.
pub(crate) fn ms(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

/// Says on standard error what is being measured.
pub(crate) struct Progress {
    done: usize,
    of: usize,
}

impl Progress {
    pub(crate) fn new(of: usize) -> Self {
        Self { done: 0, of }
    }

    pub(crate) fn step(&mut self, what: &str) -> std::io::Result<()> {
        self.done += 1;
        writeln!(std::io::stderr(), "{}/{} {what}", self.done, self.of)
    }
}
