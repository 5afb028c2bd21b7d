//! The Lambda function `api-ops`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_ops::router(), api_ops::State::from_env).await
}
