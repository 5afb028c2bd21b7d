//! How long it takes until everybody finds what somebody has written. Nothing else runs meanwhile (.config/nextest.toml).

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::stack::{Stack, until};

/// From a write to the first list that shows it; what the specification of the catalogue asks for.
const FRESH: Duration = Duration::from_secs(10);
/// Writes, one after the other: each meets the readers at another moment of the seconds between two looks for a new index.
const WRITES: u32 = 8;

#[tokio::test]
async fn a_change_is_found_within_ten_seconds() {
    let stack = Stack::open();
    let (teacher, visitor) = (stack.instructor().await, stack.visitor());
    let course = teacher.course("How soon it is found").await;
    teacher.lesson(&course.id, &course.section, None).await;
    teacher.post(&format!("/courses/{}/publish", course.id), None).await.ok();
    let mut times = Vec::new();
    for _ in 0..WRITES {
        let word = stack.word();
        let title = json!({"title": format!("Found as {word}")});
        teacher.call(Method::PATCH, &format!("/courses/{}", course.id), Some(title)).await.ok();
        let written = Instant::now();
        until("the new title", async || {
            let list = visitor.get(&format!("/courses?search={word}")).await.ok();
            (list["count"] == 1).then_some(())
        })
        .await;
        times.push(written.elapsed());
    }
    times.sort();
    println!("from write to visible: {times:.1?}");
    // Not the slowest: the machine may have had other things to do for a moment.
    assert!(times[times.len() / 2] < FRESH, "{times:.1?}");
}
