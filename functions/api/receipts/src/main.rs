//! The Lambda function `api-receipts`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_receipts::router(), api_receipts::State::from_env).await
}
