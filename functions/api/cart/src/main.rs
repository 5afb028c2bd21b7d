//! The Lambda function `api-cart`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_cart::router(), api_cart::State::from_env).await
}
