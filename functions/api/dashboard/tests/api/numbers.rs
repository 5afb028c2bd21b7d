//! What is counted, and on which day.

use serde_json::json;
use testkit::fixtures;

use crate::stage::Stage;

#[tokio::test]
async fn who_has_learnt_nothing_sees_zeros_in_two_calls() {
    let stage = Stage::new().await;
    let stats = stage.stats().await;
    let expected = json!({
        "courses_enrolled": 1, "courses_completed": 0, "lessons_completed": 0, "total_hours_learned": 0,
        "seconds_learned": 0, "days_learned": 0, "current_streak_days": 0, "longest_streak_days": 0,
        "frozen_days_left": 0, "learned_today": false, "average_rating_given": null, "certificates_earned": 0,
    });
    assert_eq!(stats, expected);
    assert_eq!(stage.get("/stats").await.calls, 2, "counts and days, ratings; the session is remembered");
    stage.app.get("/api/v1/dashboard/stats", None).await.expect_error(401, "NOT_AUTHENTICATED");
    let stranger = stage.world.student().await;
    let other = stage.app.get("/api/v1/dashboard/stats", &stranger).await.expect(200).body;
    assert_eq!(other["courses_enrolled"], 0);
}

#[tokio::test]
async fn time_counts_once_and_no_more_than_was_learnt() {
    let mut stage = Stage::new().await;
    let seconds = async |stage: &Stage| stage.stats().await["seconds_learned"].clone();
    // A text of five seconds: opened, and left open for an hour.
    stage.spend(0, 0).await;
    assert_eq!((seconds(&stage).await, &stage.stats().await["days_learned"]), (json!(0), &json!(0)));
    stage.pass(1).await;
    stage.spend(0, 3).await;
    assert_eq!(seconds(&stage).await, 3);
    stage.spend(0, 3_600).await;
    assert_eq!(seconds(&stage).await, 40, "eight times its least time");
    stage.spend(0, 3_600).await;
    assert_eq!(seconds(&stage).await, 40);
    // One that he says he has read counts as its least time.
    stage.spend(1, 0).await;
    stage.pass(1).await;
    stage.complete(1).await;
    stage.complete(1).await;
    assert_eq!(seconds(&stage).await, 45);
    // Each second of a video once, and what completes it too.
    stage.watch(3, 0.0, 50.0).await;
    stage.watch(3, 0.0, 50.0).await;
    assert_eq!(seconds(&stage).await, 95);
    stage.watch(3, 20.0, 95.0).await;
    stage.watch(3, 0.0, 100.0).await;
    let stats = stage.stats().await;
    assert_eq!((&stats["seconds_learned"], &stats["lessons_completed"]), (&json!(145), &json!(3)));
    assert_eq!((&stats["days_learned"], &stats["learned_today"]), (&json!(1), &json!(true)));
}

#[tokio::test]
async fn days_are_those_of_the_learner_and_stay_what_they_were() {
    // Noon in London is 21:00 in Seoul.
    let mut stage = Stage::new().await;
    stage.live_in("Asia/Seoul").await;
    stage.watch(3, 0.0, 10.0).await;
    stage.pass(4).await;
    stage.watch(3, 10.0, 20.0).await;
    let stats = stage.stats().await;
    assert_eq!((&stats["days_learned"], &stats["current_streak_days"]), (&json!(2), &json!(2)));
    stage.live_in("America/Los_Angeles").await;
    stage.watch(3, 20.0, 30.0).await;
    let stats = stage.stats().await;
    assert_eq!((&stats["days_learned"], &stats["learned_today"]), (&json!(2), &json!(true)));
    let days = stage.get("/activity").await.expect(200).body;
    assert_eq!(days["today"], "2026-06-01", "where he is it is the day before");
    assert_eq!(days["days"].as_array().unwrap().len(), 1, "tomorrow's is not shown yet: {days}");
    stage.live_in("").await;
    stage.pass(24).await;
    assert_eq!(stage.stats().await["current_streak_days"], 2);
}

#[tokio::test]
async fn who_plays_what_he_knows_keeps_his_streak_and_collects_no_hours() {
    let mut stage = Stage::new().await;
    stage.watch(3, 0.0, 100.0).await;
    stage.pass(24).await;
    assert_eq!(stage.stats().await["learned_today"], false);
    stage.watch(3, 0.0, 100.0).await;
    let stats = stage.stats().await;
    assert_eq!((&stats["current_streak_days"], &stats["seconds_learned"]), (&json!(2), &json!(100)));
}

#[tokio::test]
async fn the_average_is_that_of_his_own_ratings() {
    let stage = Stage::new().await;
    let rated = [4, 4, 1].map(|index| domain::review::Rating::ALL[index]);
    for rating in rated {
        let review = fixtures::review(&stage.world, stage.student.id, stage.world.ambient().id());
        stage.world.store().put(&store::entities::Review { rating, ..review }).await.unwrap();
    }
    let other = fixtures::review(&stage.world, stage.teacher.id, stage.enrollment.course_id);
    stage.world.store().put(&other).await.unwrap();
    assert_eq!(stage.stats().await["average_rating_given"], 4.0);
}
