//! The Lambda function `api-users`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_users::router(), api_users::State::from_env).await
}
