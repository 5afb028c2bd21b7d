//! The Lambda function `api-billing`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_billing::router(), api_billing::State::from_env).await
}
