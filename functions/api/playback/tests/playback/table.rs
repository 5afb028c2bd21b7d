//! A sample of all that decides a play, as requests, against the seed. All of it is held against the rules in crate `domain`.

use domain::{enrollment::EnrollmentStatus, playback::AccessRule, video::VideoStatus};
use kernel::Id;
use serde_json::{Value, json};

use crate::stage::{Stage, limits};

#[path = "../../../../../shared/domain/src/playback/oracle.rs"]
mod oracle;

use oracle::{Rows, enrollment_of_seed, status_of_seed};

/// Combinations that are tried: each costs a play.
const SAMPLE: usize = 100;

/// Numbers that look random and are the same in every run (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all[(self.0 >> 33) as usize % all.len()]
    }

    fn choice(&mut self) -> Option<bool> {
        self.one_of(&[None, Some(false), Some(true)])
    }
}

#[tokio::test]
async fn a_sample_of_all_combinations_answers_as_the_seed_does() {
    let stage = Stage::with(limits(1_000, 1_000), None).await;
    let settings = json!({"VIDEO_MAX_SESSIONS": 1_000, "VIDEO_MAX_DEVICES": 1_000});
    let elsewhere: Id<_> = stage.world.ambient().id();
    let mut dice = Dice(2);
    let mut answers = std::collections::BTreeMap::<String, usize>::new();
    for _ in 0..SAMPLE {
        // What refuses at once is rarer than in a fair draw, so that what comes after it is met too.
        let status = dice.one_of(&[
            VideoStatus::Ready,
            VideoStatus::Ready,
            VideoStatus::Published,
            VideoStatus::Published,
            VideoStatus::Archived,
            VideoStatus::Processing,
        ]);
        let enrolled = dice.one_of(&[
            EnrollmentStatus::Active,
            EnrollmentStatus::Active,
            EnrollmentStatus::Completed,
            EnrollmentStatus::Suspended,
        ]);
        let in_course = dice.one_of(&[true, true, true, false]);
        let completed = dice.choice();
        let (allow_skip, show_watermark) = (dice.one_of(&[true, false]), dice.one_of(&[true, false]));
        let max_speed = dice.one_of(&[0.0, 1.0, 1.25, 16.0]);
        let rule =
            dice.one_of(&[None, Some(AccessRule::Free), Some(AccessRule::Once), Some(AccessRule::Blocked)]);
        let speed = dice.one_of(&[None, Some(0.5), Some(2.0)]);
        let (skip, watermark) = (dice.choice(), dice.choice());
        let (block_speed, block_seek) = (dice.one_of(&[true, false]), dice.one_of(&[true, false]));

        stage
            .put_video(|video| {
                (video.status, video.allow_skip, video.show_watermark) = (status, allow_skip, show_watermark);
                video.max_speed = max_speed;
                video.course_id = Some(if in_course { stage.course } else { elsewhere });
            })
            .await;
        stage
            .enroll(&stage.student, stage.enrollment, stage.course, |enrollment| enrollment.status = enrolled)
            .await;
        stage.world.store().permissions().remove(stage.video, stage.enrollment).await.unwrap();
        if let Some(rule) = rule {
            stage
                .permit(rule, |permission| {
                    permission.allow_skip_override = skip;
                    permission.max_speed_override = speed;
                    permission.show_watermark_override = watermark;
                    (permission.block_speed_control, permission.block_seek) = (block_speed, block_seek);
                })
                .await;
        }
        stage.set_progress(completed).await;

        let video = json!({
            "status": status_of_seed(&status.to_string()), "allow_skip": allow_skip, "max_speed": max_speed,
            "show_watermark": show_watermark,
        });
        let permission = rule.map_or(Value::Null, |rule| {
            json!({
                "rule": rule, "allow_skip_override": skip, "max_speed_override": speed,
                "show_watermark_override": watermark, "block_speed_control": block_speed, "block_seek": block_seek,
            })
        });
        let rows = Rows {
            video: &video,
            enrollment: &json!({"status": enrollment_of_seed(&enrolled.to_string())}),
            session_enrollment: in_course,
            permission: &permission,
            progress: &completed.map_or(Value::Null, |completed| json!({ "completed": completed })),
            settings: &settings,
        };
        let (expected, found) = rows.play();
        let reply = stage.play("phone").await;
        let answer = if expected == 200 { &reply.body["policy"] } else { &reply.body["detail"] };
        let place = format!("{video} {permission} {enrolled} {in_course} {completed:?}");
        assert_eq!((reply.status.as_u16(), answer), (expected, &found), "{place}");
        *answers.entry(found.as_str().unwrap_or("allowed").to_owned()).or_default() += 1;
        if expected == 200 {
            stage.send("end", &reply.text("token")).await.expect(200);
        }
    }
    // Each answer was met: a sample without one of them would prove less than it says.
    let kinds = [
        "allowed",
        "already_completed_once",
        "blocked",
        "enrollment_not_found",
        "no_session_access",
        "video_not_ready",
    ];
    assert_eq!(answers.keys().collect::<Vec<_>>(), kinds);
    assert!(answers["allowed"] >= 10, "{answers:?}");
}
