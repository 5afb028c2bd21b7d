//! The Lambda function `api-videos`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_videos::router(), api_videos::State::from_env).await
}
