//! The Lambda function `api-uploads`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_uploads::router(), api_uploads::State::from_env).await
}
