//! The Lambda function `job-privacy`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_sqs(job_privacy::Context::from_env, job_privacy::handle).await
}
