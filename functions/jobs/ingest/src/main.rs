//! The Lambda function `job-ingest`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_sqs(job_ingest::Context::from_env, job_ingest::handle).await
}
