//! The days of a calendar.

use serde_json::{Value, json};

use crate::stage::Stage;

fn day(date: &str, seconds: u64, frozen: bool) -> Value {
    json!({"date": date, "seconds_learned": seconds, "lessons_completed": 0, "frozen": frozen})
}

#[tokio::test]
async fn a_missed_day_is_frozen_and_shown_as_such() {
    let mut stage = Stage::new().await;
    for number in 0..7 {
        let from = f64::from(number) * 10.0;
        stage.watch(3, from, from + 10.0).await;
        stage.pass(24).await;
    }
    // The 8th of June is missed, and nobody knows yet of the 9th.
    stage.pass(24).await;
    let shown = stage.get("/activity").await.expect(200);
    assert_eq!(shown.calls, 3, "the login, the sums, the days");
    let body = shown.body;
    assert_eq!(
        (&body["from"], &body["to"], &body["today"]),
        (&json!("2025-06-09"), &json!("2026-06-09"), &json!("2026-06-09"))
    );
    assert_eq!((&body["current_streak_days"], &body["frozen_days_left"]), (&json!(7), &json!(0)));
    assert_eq!((&body["learned_today"], &body["seconds_learned"]), (&json!(false), &json!(70)));
    let days = body["days"].as_array().unwrap();
    assert_eq!(days.len(), 8);
    assert_eq!((&days[0], &days[7]), (&day("2026-06-01", 10, false), &day("2026-06-08", 0, true)));

    stage.watch(3, 70.0, 80.0).await;
    // A window that ends with the frozen day learns of it from the day after.
    let part = stage.get("/activity?from=2026-06-07&to=2026-06-08").await.expect(200).body;
    assert_eq!(part["days"], json!([day("2026-06-07", 10, false), day("2026-06-08", 0, true)]));
    assert_eq!((&part["seconds_learned"], &part["current_streak_days"]), (&json!(10), &json!(8)));
    let year = stage.get("/activity?year=2026").await.expect(200).body;
    assert_eq!((&year["from"], &year["to"]), (&json!("2026-01-01"), &json!("2026-12-31")));
    assert_eq!(year["days"].as_array().unwrap().len(), 9);
    assert_eq!(stage.get("/activity?year=2025").await.expect(200).body["days"], json!([]));

    stage.pass(48).await;
    let after = stage.get("/activity").await.expect(200).body;
    assert_eq!((&after["current_streak_days"], &after["longest_streak_days"]), (&json!(0), &json!(8)));
    assert_eq!(after["days"].as_array().unwrap().len(), 9);
}

#[tokio::test]
async fn windows_are_checked() {
    let stage = Stage::new().await;
    for query in
        ["from=2024-01-01&to=2024-12-31", "to=2024-12-31", "from=2026-06-01", "from=2020-02-29", "year=2000"]
    {
        stage.get(&format!("/activity?{query}")).await.expect(200);
    }
    for query in [
        "from=2024-01-01&to=2025-01-01",
        "from=2026-06-02&to=2026-06-01",
        "from=2026-02-30",
        "from=-000002-12-31&to=-000001-01-05",
        "to=3000-01-01",
        "year=1999",
        "year=2026&from=2026-01-01",
        "year=soon",
    ] {
        stage.get(&format!("/activity?{query}")).await.expect_error(422, "VALIDATION_FAILED");
    }
    let from = stage.get("/activity?from=2020-02-29").await.body;
    assert_eq!((&from["from"], &from["to"]), (&json!("2020-02-29"), &json!("2021-02-28")));
}
