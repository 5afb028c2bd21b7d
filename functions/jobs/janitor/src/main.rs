//! The Lambda function `job-janitor`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_schedule(job_janitor::Context::from_env, job_janitor::handle).await
}
