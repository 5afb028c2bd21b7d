//! The Lambda function `job-dispatch`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_stream(job_dispatch::Context::from_env, job_dispatch::handle).await
}
