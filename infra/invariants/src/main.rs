//! `check-invariants`: reads every table of a running stack and proves the invariants on what is stored. Exits with 1 on the first cent.
//!
//! LEARNFLOW_STACK names the description that the launcher writes of a stack (`.local/stack.json`).

use std::{collections::BTreeMap, io::Write as _, process::ExitCode, time::Duration};

use cloud::Cloud;
use invariants::{Circumstances, Finding};
use kernel::{Ambient, SignedDuration, Vars};
use serde::Deserialize;
use store::{Store, Table, Tables};

/// Where the launcher describes the stack of `make up`.
const DESCRIPTION: &str = ".local/stack.json";
/// Readings until what is found counts: while pages are read, the stack goes on, and a thing may be seen before and another one after a
/// transaction that changed both. What really is wrong is wrong in each reading.
const READINGS: usize = 5;
/// Between two readings.
const PAUSE: Duration = Duration::from_secs(3);
/// How long a set of the ledger may wait for its balances: the stream's reader is seconds behind, minutes on a busy machine.
const POSTING_TIME: SignedDuration = SignedDuration::from_mins(5);

/// Default of the template's parameter MaxSessions.
const MAX_SESSIONS: usize = 1;

/// Why nothing was checked.
type Failure = Box<dyn std::error::Error>;

/// The stack, as far as it matters here.
#[derive(Deserialize)]
struct Description {
    endpoint: String,
    outputs: BTreeMap<String, String>,
    /// Those of the template that are not left at their defaults.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

impl Description {
    fn open() -> Result<Self, Failure> {
        let path = std::env::var("LEARNFLOW_STACK").unwrap_or_else(|_| DESCRIPTION.to_owned());
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{path} can't be read ({error}): bring the stack up with `make up`"))?;
        Ok(serde_json::from_str(&text)?)
    }

    fn store(&self) -> Result<Store, Failure> {
        // The emulator's administrator (infra/local/aws.py).
        let vars = Vars::fixed([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", &self.endpoint),
        ]);
        let name = |table: Table| {
            let output = format!("{table:?}TableName");
            let name = self.outputs.get(&output).ok_or_else(|| format!("the stack has no output {output}"));
            name.map(|name| (table, name.clone()))
        };
        let names = Table::ALL.into_iter().map(name).collect::<Result<Vec<_>, _>>()?;
        Ok(Store::new(Cloud::from_env(&vars)?.dynamodb(&vars), Tables::fixed(names)))
    }
}

async fn check() -> Result<Vec<Finding>, Failure> {
    let (description, ambient) = (Description::open()?, Ambient::system());
    let store = description.store()?;
    let max_sessions = match description.parameters.get("MaxSessions") {
        Some(text) => text.parse().map_err(|_| "MaxSessions must be a whole number")?,
        None => MAX_SESSIONS,
    };
    let mut findings: Vec<Finding> = Vec::new();
    for reading in 0..READINGS {
        if reading > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let circumstances =
            Circumstances { now: ambient.now(), max_sessions, posting_time: Some(POSTING_TIME) };
        let found = invariants::check(&store, &circumstances).await?;
        if reading == 0 {
            findings = found;
        } else {
            let same = |one: &Finding| {
                found.iter().any(|other| (other.invariant, &other.subject) == (one.invariant, &one.subject))
            };
            findings.retain(same);
        }
        if findings.is_empty() {
            break;
        }
    }
    Ok(findings)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Failure> {
    let findings = check().await?;
    let mut out = std::io::stdout().lock();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    if findings.is_empty() {
        writeln!(out, "Every invariant holds.")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{} things do not hold.", findings.len())?;
    Ok(ExitCode::FAILURE)
}
