//! `bench login`: what a login costs besides the check of the password.

use std::io::Write;

use serde_json::json;

use crate::{
    Outcome,
    lambda::{Instance, Request},
    median,
    platform::{self, BARE, Platform},
    release,
};

/// Accounts that take turns.
const ACCOUNTS: usize = 4;
/// Pairs of a login and a hash.
const PAIRS: usize = 60;
/// Requests before those that count.
const WARM_UP: usize = 4;
/// Everything but the hash may take this (the bare function took 0.114 ms on the machine on which the target was set).
const REST_MS: f64 = 1.0;

const PASSWORD: &str = "a staple for the horse's battery";
const AUTH: &str = "api-auth";

/// An account that logs in.
struct Account {
    email: String,
    /// Of the device that it registered on, so that a login is one from a known device.
    device_token: serde_json::Value,
}

/// Runs the benchmark; `false` when `--check` was asked for and the target is missed.
pub(crate) fn run(args: &[String]) -> Outcome<bool> {
    let (mut check, mut build) = (false, true);
    for arg in args {
        match arg.as_str() {
            "--check" => check = true,
            "--no-build" => build = false,
            other => return Err(format!("login does not know {other}").into()),
        }
    }
    if build {
        release::build(&[AUTH, BARE])?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let measured = runtime.block_on(async {
        let platform = Platform::start(platform::stack().functions()?).await?;
        measure(&platform).await
    })?;
    let good = measured.rest() <= REST_MS;
    print(&mut std::io::stdout().lock(), measured, good)?;
    Ok(!check || good)
}

/// CPU times in nanoseconds, pair by pair.
struct Measured {
    parameters: String,
    logins: Vec<u64>,
    hashes: Vec<u64>,
    /// An invocation of the bare function without a hash.
    bare: u64,
}

impl Measured {
    /// Milliseconds of a login that are not the hash: the least of the one less the least of the other. Other work on the machine
    /// only adds to either, by more than the difference is large, so a median would measure the machine.
    fn rest(&self) -> f64 {
        let least = |values: &[u64]| values.iter().min().copied().unwrap_or_default();
        ms(least(&self.logins)) - ms(least(&self.hashes)) + ms(self.bare)
    }
}

fn ms(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

async fn measure(platform: &Platform) -> Outcome<Measured> {
    let (mut auth, mut bare) = (platform.instance(AUTH).await?, platform.bare().await?);
    let mut accounts = Vec::new();
    for number in 0..ACCOUNTS {
        accounts.push(register(&mut auth, number).await?);
    }
    let hash = stored_hash(platform).await?;
    let mut calls = Vec::new();
    for _ in 0..PAIRS {
        calls.push(bare.invoke(json!({})).await?.1);
    }
    let mut measured = Measured {
        parameters: parameters(&hash),
        logins: Vec::new(),
        hashes: Vec::new(),
        bare: median(&mut calls),
    };
    for (number, account) in accounts.iter().cycle().take(WARM_UP + PAIRS).enumerate() {
        let mut body = json!({"email": account.email, "password": PASSWORD});
        body["device_token"] = account.device_token.clone();
        let login = auth.ask(&Request::post("/api/v1/auth/login", None, body)).await?;
        if !login.body["access_token"].is_string() {
            return Err(format!("a login gave no token: {}", login.body).into());
        }
        let (_, cpu) = bare.invoke(json!({"password": PASSWORD, "hash": hash})).await?;
        if number >= WARM_UP {
            measured.logins.push(login.cpu);
            measured.hashes.push(cpu);
        }
    }
    Ok(measured)
}

async fn register(auth: &mut Instance, number: usize) -> Outcome<Account> {
    let email = format!("person-{number}@learn.example");
    let body = json!({
        "email": email,
        "password": PASSWORD,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "accept_terms": true,
    });
    let reply = auth.ask(&Request::post("/api/v1/auth/register", None, body)).await?;
    Ok(Account { email, device_token: reply.body["device_token"].clone() })
}

/// A hash as the function stored it, with its parameters. All accounts have the same password, so it may be anyone's.
async fn stored_hash(platform: &Platform) -> Outcome<String> {
    let table = format!("{:?}Table", store::Table::Identity);
    let all = platform.world.dynamodb.scan().table_name(table).send().await?;
    let mut hashes = all.items().iter().filter_map(|item| item.get("password_hash")?.as_s().ok());
    let hash = hashes.find(|hash| hash.starts_with("$argon2id$"));
    Ok(hash.ok_or("no account has a hash of Argon2id")?.clone())
}

/// `m=…,t=…,p=…` of a hash in PHC format.
fn parameters(hash: &str) -> String {
    hash.split('$').find(|part| part.starts_with("m=")).unwrap_or_default().to_owned()
}

fn print(out: &mut impl Write, mut measured: Measured, good: bool) -> std::io::Result<()> {
    let rest = measured.rest();
    let least = |values: &[u64]| ms(values.iter().min().copied().unwrap_or_default());
    let (login, hash) = (least(&measured.logins), least(&measured.hashes));
    let (login_median, hash_median) = (ms(median(&mut measured.logins)), ms(median(&mut measured.hashes)));
    writeln!(out, "CPU in ms of {PAIRS} logins and {PAIRS} hashes, in turns.\n")?;
    writeln!(out, "| what | least | median |\n| --- | --- | --- |")?;
    writeln!(out, "| a login | {login:.2} | {login_median:.2} |")?;
    writeln!(
        out,
        "| the bare function with one Argon2id hash ({}) | {hash:.2} | {hash_median:.2} |",
        measured.parameters
    )?;
    writeln!(out, "| the bare function | | {:.2} |", ms(measured.bare))?;
    let mark = if good { "ok" } else { "**over**" };
    writeln!(out, "| all of a login but the hash | {rest:.2} {mark} | |\n| at most | {REST_MS:.2} | |")
}
