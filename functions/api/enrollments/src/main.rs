//! The Lambda function `api-enrollments`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_enrollments::router(), api_enrollments::State::from_env).await
}
