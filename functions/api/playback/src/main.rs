//! The Lambda function `api-playback`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_playback::router(), api_playback::State::from_env).await
}
