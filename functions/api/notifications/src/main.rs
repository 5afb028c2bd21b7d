//! The Lambda function `api-notifications`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_notifications::router(), api_notifications::State::from_env).await
}
