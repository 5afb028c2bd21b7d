//! The Lambda function `job-index`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_sqs_batch(contracts::Queue::Index, job_index::from_env, job_index::handle).await
}
