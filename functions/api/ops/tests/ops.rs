//! The platform's own pages.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

use api_ops::{Dependencies, State};
use cloud::Cloud;
use kernel::Vars;
use testkit::{App, World};

async fn ops() -> (World, App) {
    let world = World::new().await;
    // Nothing listens there: what deep health says of a platform whose services are down.
    let vars = Vars::fixed([
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("INGEST_QUEUE_URL", "http://127.0.0.1:9/ingest"),
        ("TRANSCODE_QUEUE_URL", "http://127.0.0.1:9/transcode"),
        ("PACKAGE_QUEUE_URL", "http://127.0.0.1:9/package"),
        ("INGEST_DEAD_LETTERS_URL", "http://127.0.0.1:9/ingest-dead"),
        ("TRANSCODE_DEAD_LETTERS_URL", "http://127.0.0.1:9/transcode-dead"),
        ("PACKAGE_DEAD_LETTERS_URL", "http://127.0.0.1:9/package-dead"),
        ("NOTIFY_QUEUE_URL", "http://127.0.0.1:9/notify"),
        ("NOTIFY_DEAD_LETTERS_URL", "http://127.0.0.1:9/notify-dead"),
        ("PRIVACY_QUEUE_URL", "http://127.0.0.1:9/privacy"),
        ("PRIVACY_DEAD_LETTERS_URL", "http://127.0.0.1:9/privacy-dead"),
        ("ARCHIVE_QUEUE_URL", "http://127.0.0.1:9/archive"),
        ("ARCHIVE_DEAD_LETTERS_URL", "http://127.0.0.1:9/archive-dead"),
        ("INDEX_QUEUE_URL", "http://127.0.0.1:9/index"),
        ("INDEX_DEAD_LETTERS_URL", "http://127.0.0.1:9/index-dead"),
        ("EDGE_QUEUE_URL", "http://127.0.0.1:9/edge"),
        ("EDGE_DEAD_LETTERS_URL", "http://127.0.0.1:9/edge-dead"),
        ("CERTIFY_QUEUE_URL", "http://127.0.0.1:9/certify"),
        ("CERTIFY_DEAD_LETTERS_URL", "http://127.0.0.1:9/certify-dead"),
        ("MEDIA_BUCKET", "media"),
    ]);
    let cloud = Cloud::from_env(&vars).unwrap();
    let dependencies = Dependencies::from_env(&vars, &cloud).unwrap();
    let app = world.app(api_ops::router(), State::new(world.platform.clone(), dependencies));
    (world, app)
}

#[tokio::test]
async fn everybody_sees_that_it_is_up_and_reads_the_reference() {
    let (_, app) = ops().await;
    let health = app.get("/api/v1/health/", None).await.expect(200);
    assert_eq!((health.text("status").as_str(), health.calls), ("ok", 0));
    let document = app.get("/api/v1/openapi.json", None).await.expect(200);
    assert_eq!(document.body["openapi"], "3.1.0");
    let page = app.get("/api/v1/docs", None).await.expect(200);
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(page.body.as_str().unwrap().contains("LearnFlow API"));
}

#[tokio::test]
async fn deep_health_is_for_admins_and_names_what_is_down() {
    let (world, app) = ops().await;
    app.get("/api/v1/health/deep", None).await.expect_error(401, "NOT_AUTHENTICATED");
    app.get("/api/v1/health/deep", &world.instructor().await).await.expect_error(403, "ADMINS_ONLY");
    let report = app.get("/api/v1/health/deep", &world.admin().await).await.expect(503);
    assert_eq!(report.body["services"][0]["healthy"], true, "the tables answer");
    assert_eq!(report.body["services"][1]["healthy"], false);
    assert_eq!(report.body["queues"].as_array().unwrap().len(), 9);
    assert!(!report.body.to_string().contains("test"), "no credentials in a report");
}

#[tokio::test]
async fn an_unknown_path_is_a_json_404_that_says_where_the_paths_are() {
    let (_, app) = ops().await;
    for path in ["/", "/api/v1/nothing", "/api/v2/health", "/favicon.ico"] {
        app.get(path, None).await.expect_error(404, "ROUTE_NOT_FOUND");
    }
    app.post("/api/v1/health", None, serde_json::json!({})).await.expect_error(405, "METHOD_NOT_ALLOWED");
}
