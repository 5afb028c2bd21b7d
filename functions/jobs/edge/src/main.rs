//! The Lambda function `job-edge`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_sqs_batch(contracts::Queue::Edge, job_edge::Context::from_env, job_edge::handle).await
}
