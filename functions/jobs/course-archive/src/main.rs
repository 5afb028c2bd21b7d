//! The Lambda function `job-course-archive`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), jobs::Failure> {
    jobs::run_sqs(job_course_archive::Context::from_env, job_course_archive::handle).await
}
