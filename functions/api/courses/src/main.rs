//! The Lambda function `api-courses`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_courses::router(), api_courses::State::from_env).await
}
