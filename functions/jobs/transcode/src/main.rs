//! The Lambda function `job-transcode`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_sqs(job_transcode::Context::from_env, job_transcode::handle).await
}
