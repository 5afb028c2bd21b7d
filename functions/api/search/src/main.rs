//! The Lambda function `api-search`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_search::router(), api_search::State::from_env).await
}
