//! The Lambda function `job-ledger`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_stream(job_ledger::Context::from_env, job_ledger::handle).await
}
