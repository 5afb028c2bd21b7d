//! What CloudFront is asked for, over its own protocol.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::State, routing::post};
use http::{HeaderMap, StatusCode};
use job_edge::Context;
use jobs::{Delivery, JobError};
use kernel::Vars;

/// Takes invalidations as CloudFront does (API reference, `CreateInvalidation`), or refuses them.
#[derive(Clone, Default)]
struct CloudFront {
    bodies: Arc<Mutex<Vec<String>>>,
    busy: Arc<Mutex<bool>>,
}

impl CloudFront {
    /// The job's context with this one as its CloudFront.
    async fn context(&self) -> Context {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let path = "/2020-05-31/distribution/EDFDVBD6EXAMPLE/invalidation";
        let app = Router::new().route(path, post(invalidate)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let vars = Vars::fixed([
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("DISTRIBUTION_ID", "EDFDVBD6EXAMPLE"),
        ]);
        Context::from_env(vars).await.unwrap()
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.bodies.lock().unwrap())
    }
}

async fn invalidate(State(front): State<CloudFront>, body: String) -> (StatusCode, HeaderMap, String) {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "text/xml".parse().unwrap());
    if *front.busy.lock().unwrap() {
        let error = r#"<ErrorResponse xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Error><Type>Sender</Type><Code>TooManyInvalidationsInProgress</Code><Message>Wait.</Message></Error><RequestId>1</RequestId></ErrorResponse>"#;
        return (StatusCode::BAD_REQUEST, headers, error.to_owned());
    }
    let answer = format!(
        r#"<Invalidation xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Id>I1</Id><Status>InProgress</Status><CreateTime>2026-06-01T12:00:00Z</CreateTime>{body}</Invalidation>"#
    );
    front.bodies.lock().unwrap().push(body);
    headers.insert("location", "https://cloudfront.amazonaws.com/I1".parse().unwrap());
    (StatusCode::CREATED, headers, answer)
}

fn delivery(body: &str) -> Delivery {
    let time_left = Duration::from_secs(30);
    Delivery { message_id: "1".into(), body: body.into(), receive_count: 1, time_left }
}

const SAMPLE: &str = include_str!("../../../../events/sqs/edge-course.json");

/// What stands in an element of a body, each time.
fn texts(body: &str, element: &str) -> Vec<String> {
    let start = format!("<{element}>");
    let parts = body.split(start.as_str()).skip(1);
    parts.map(|part| part.split("</").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_batch_is_one_invalidation_and_its_repetition_has_the_same_reference() {
    let front = CloudFront::default();
    let context = front.context().await;
    let other = SAMPLE.replace("e001", "e002").replace("c001", "c002").replace("rust-for", "go-for");
    for _ in 0..2 {
        let outcomes = job_edge::handle(&context, vec![delivery(SAMPLE), delivery(&other)]).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    }
    let asked = front.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], asked[1], "for CloudFront the second one is the first");
    assert_eq!(
        texts(&asked[0], "Path"),
        [
            "/api/v1/courses/01933b7a-3c5e-7000-8000-00000000c001*",
            "/api/v1/courses/rust-for-everyone*",
            "/api/v1/courses/01933b7a-3c5e-7000-8000-00000000c002*",
            "/api/v1/courses/go-for-everyone*",
        ]
    );
    assert_eq!(texts(&asked[0], "Quantity"), ["4"]);
    assert_eq!(texts(&asked[0], "CallerReference").len(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_is_parked_and_its_neighbour_goes_on() {
    let front = CloudFront::default();
    let context = front.context().await;
    let newer = SAMPLE.replace("\"version\": 1", "\"version\": 2");
    let outcomes = job_edge::handle(&context, vec![delivery("{}"), delivery(SAMPLE), delivery(&newer)]).await;
    assert!(matches!(outcomes[..], [Err(JobError::Fail(_)), Ok(()), Err(JobError::Fail(_))]), "{outcomes:?}");
    assert_eq!(front.asked().len(), 1);
    let outcomes = job_edge::handle(&context, vec![delivery("nothing")]).await;
    assert!(matches!(outcomes[..], [Err(JobError::Fail(_))]));
    assert!(front.asked().is_empty(), "nothing to forget, nothing asked");
}

#[tokio::test]
async fn a_busy_cloudfront_is_asked_again_later() {
    let front = CloudFront::default();
    let context = front.context().await;
    *front.busy.lock().unwrap() = true;
    let outcomes = job_edge::handle(&context, vec![delivery(SAMPLE)]).await;
    assert!(matches!(outcomes[..], [Err(JobError::Retry(_))]), "{outcomes:?}");
    *front.busy.lock().unwrap() = false;
    let outcomes = job_edge::handle(&context, vec![delivery(SAMPLE)]).await;
    assert!(outcomes[0].is_ok());
    assert_eq!(front.asked().len(), 1);
}
