//! The Lambda function `api-reviews`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_reviews::router(), api_reviews::State::from_env).await
}
