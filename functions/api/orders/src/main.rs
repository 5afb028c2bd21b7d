//! The Lambda function `api-orders`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), http_kit::Failure> {
    http_kit::serve(api_orders::router(), api_orders::State::from_env).await
}
