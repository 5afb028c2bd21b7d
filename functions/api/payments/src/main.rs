//! The Lambda function `api-payments`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_payments::router(), api_payments::State::from_env).await
}
