//! The Lambda function `job-notify`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_sqs(job_notify::Context::from_env, job_notify::handle).await
}
