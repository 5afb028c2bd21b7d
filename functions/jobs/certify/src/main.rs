//! The Lambda function `job-certify`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_sqs(job_certify::Context::from_env, job_certify::handle).await
}
