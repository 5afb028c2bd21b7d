//! The Lambda function `job-digest`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_schedule(job_digest::Context::from_env, job_digest::handle).await
}
