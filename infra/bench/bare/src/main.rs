//! The yardstick of `make bench`: a function with nothing but the runtime. Given a password and its hash, it also checks
//! them, which is what a login spends on Argon2 alone.

use argon2::{Argon2, PasswordHash, PasswordVerifier as _};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    password: String,
    /// PHC format, with the parameters.
    hash: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(answer)).await
}

async fn answer(event: LambdaEvent<Event>) -> Result<Value, Error> {
    if let Some(hash) = event.payload.hash {
        let hash = PasswordHash::new(&hash)?;
        Argon2::default().verify_password(event.payload.password.as_bytes(), &hash)?;
    }
    Ok(json!({"statusCode": 200, "headers": {"content-type": "application/json"}, "body": "{}"}))
}
