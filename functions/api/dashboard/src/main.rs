//! The Lambda function `api-dashboard`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_dashboard::router(), api_dashboard::State::from_env).await
}
