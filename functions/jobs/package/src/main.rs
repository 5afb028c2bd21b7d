//! The Lambda function `job-package`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_sqs(job_package::Context::from_env, job_package::handle).await
}
