//! `bench login`: what a login costs besides the check of the password.

use std::io::Write;

use serde_json::json;

use crate::{
    Outcome,
    lambda::{Instance, Request},
    median, ms,
    platform::{self, BARE, BARE_WARM_MS, Platform},
    release,
};

/// Accounts that take turns.
const ACCOUNTS: usize = 4;
/// Logins that count.
const LOGINS: usize = 60;
/// Those before them.
const WARM_UP: usize = 4;
/// Everything but the hash may take this, where a warm request of the bare function takes [`BARE_WARM_MS`].
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
    let good = measured.rest() <= measured.limit();
    print(&mut std::io::stdout().lock(), measured, good)?;
    Ok(!check || good)
}

/// CPU times in nanoseconds, login by login.
struct Measured {
    parameters: String,
    /// A warm request of the bare function.
    bare: u64,
    logins: Vec<u64>,
    /// What of each the check of the password took, by the function's own account.
    hashes: Vec<u64>,
}

impl Measured {
    /// Milliseconds of a login that are not the hash, in the middle.
    fn rest(&self) -> f64 {
        let pairs = self.logins.iter().zip(&self.hashes);
        ms(median(&mut pairs.map(|(login, hash)| login.saturating_sub(*hash)).collect::<Vec<_>>()))
    }

    /// Milliseconds that it may take on this machine.
    fn limit(&self) -> f64 {
        REST_MS * ms(self.bare) / BARE_WARM_MS
    }
}

async fn measure(platform: &Platform) -> Outcome<Measured> {
    let bare = platform.bare().await?.warm(&Request::get("/", None)).await?;
    let mut auth = platform.instance_with(AUTH, &[("LOG_LEVEL", "warn,api_auth::passwords=debug")]).await?;
    let mut accounts = Vec::new();
    for number in 0..ACCOUNTS {
        accounts.push(register(&mut auth, number).await?);
    }
    let mut logins = Vec::new();
    for account in accounts.iter().cycle().take(WARM_UP + LOGINS) {
        let mut body = json!({"email": account.email, "password": PASSWORD});
        body["device_token"] = account.device_token.clone();
        let login = auth.ask(&Request::post("/api/v1/auth/login", None, body)).await?;
        if !login.body["access_token"].is_string() {
            return Err(format!("a login gave no token: {}", login.body).into());
        }
        logins.push(login.cpu);
    }
    let hashes: Vec<u64> = auth.log()?.lines().filter_map(hash_time).collect();
    if hashes.len() != logins.len() {
        return Err(format!("{} logins logged {} checks", logins.len(), hashes.len()).into());
    }
    let parameters = parameters(&stored_hash(platform).await?);
    Ok(Measured { parameters, bare, logins: logins.split_off(WARM_UP), hashes: hashes[WARM_UP..].to_vec() })
}

/// Nanoseconds of CPU that a line of the function's log says the check of a password took.
fn hash_time(line: &str) -> Option<u64> {
    serde_json::from_str::<serde_json::Value>(line).ok()?["fields"]["cpu_ns"].as_u64()
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
    let (bare, rest, limit) = (ms(measured.bare), measured.rest(), measured.limit());
    let (login, hash) = (ms(median(&mut measured.logins)), ms(median(&mut measured.hashes)));
    let mark = if good { "ok" } else { "**over**" };
    writeln!(
        out,
        "CPU in ms of {LOGINS} logins, medians; in brackets as a multiple of the bare function in this run.\n"
    )?;
    writeln!(out, "| what | ms |\n| --- | --- |")?;
    writeln!(out, "| the bare function, warm | {bare:.3} |")?;
    writeln!(out, "| a login | {login:.2} |")?;
    writeln!(out, "| of it Argon2id ({}) | {hash:.2} |", measured.parameters)?;
    writeln!(out, "| all else, login by login | {rest:.2} ({:.1}×) {mark} |", rest / bare)?;
    writeln!(out, "| at most | {limit:.2} ({:.1}×) |", limit / bare)
}
