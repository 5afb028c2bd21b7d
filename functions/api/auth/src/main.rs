//! The Lambda function `api-auth`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_auth::router(), api_auth::State::from_env).await
}
