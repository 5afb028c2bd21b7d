//! The Lambda function `api-channels`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_channels::router(), api_channels::State::from_env).await
}
