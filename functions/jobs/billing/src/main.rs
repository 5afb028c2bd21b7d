//! The Lambda function `job-billing`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_schedule(job_billing::Context::from_env, job_billing::handle).await
}
