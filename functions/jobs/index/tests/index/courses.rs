//! Courses, who teaches them, and categories.

use std::{io::Write, sync::Arc};

use contracts::index::Index;
use domain::course::CourseStatus;
use jobs::{JobError, Outcome};
use kernel::{Ambient, Clock, Random, Secret, SignedDuration};
use search::{
    Kind, ObjectError, Objects, Writer,
    directory::Place,
    manifest::MANIFEST,
    objects::{Fetched, Listed, Tag},
    writer::KEEP_SECONDS,
};
use store::entities::{Course, user::ProfileChanges};
use testkit::World;

use crate::stage::{Stage, about, category, delivery, raw};

#[tokio::test]
async fn a_course_comes_changes_and_goes() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let mut course = stage.published(&teacher, "Rust for Everyone").await;
    stage.deliver(&[about(&course)]).await;
    let listed = stage.listed(Kind::Course).await;
    assert_eq!(
        (listed.len(), listed[0].title.as_str(), listed[0].price_cents),
        (1, "Rust for Everyone", 1_999)
    );
    assert_eq!(listed[0].instructor.as_ref().unwrap().name, "Ada Lovelace");
    let people = stage.listed(Kind::Instructor).await;
    assert_eq!((people.len(), &people[0].extra["courses_count"]), (1, &1.into()));

    course.title = "Rust for the Web".into();
    course.student_count = 12;
    stage.world.store().put(&course).await.unwrap();
    stage.deliver(&[about(&course), about(&course)]).await;
    stage.deliver(&[about(&course)]).await;
    assert_eq!(stage.found("web").await, ["Rust for the Web"]);
    assert!(stage.found("everyone").await.is_empty());
    assert_eq!(stage.listed(Kind::Instructor).await[0].students, 12);

    course.status = CourseStatus::Draft;
    stage.world.store().put(&course).await.unwrap();
    stage.deliver(&[about(&course)]).await;
    assert!(stage.listed(Kind::Course).await.is_empty() && stage.listed(Kind::Instructor).await.is_empty());
}

#[tokio::test]
async fn a_teachers_new_name_is_that_of_all_his_courses() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let courses = [stage.published(&teacher, "Rust").await, stage.published(&teacher, "Go").await];
    stage.deliver(&courses.each_ref().map(about)).await;
    let changes =
        ProfileChanges { last_name: Some(Secret::new("Byron".into())), ..ProfileChanges::default() };
    let now = stage.world.ambient().now();
    stage.world.store().users().change_profile(teacher.id, changes, now).await.unwrap().unwrap();
    stage.deliver(&[Index::Instructor { user_id: teacher.id }]).await;
    for course in stage.listed(Kind::Course).await {
        assert_eq!(course.instructor.unwrap().name, "Ada Byron");
        assert_eq!(course.extra["last_name"], "Byron");
    }
    let mut found = stage.found("byron").await;
    found.sort();
    assert_eq!(found, ["Go", "Rust"]);
    assert_eq!(stage.listed(Kind::Instructor).await[0].title, "Ada Byron");
}

#[tokio::test]
async fn who_read_earlier_does_not_overwrite_who_read_later() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let course = stage.published(&teacher, "New").await;
    let late = Ambient { clock: Clock::manual(stage.world.ambient().now()), random: Random::seeded(2) };
    stage.deliver(&[about(&course)]).await;
    // A second job that stamped its reading before, and comes to write only now; what it has read is older.
    stage.world.store().put(&Course { title: "Old".into(), ..course.clone() }).await.unwrap();
    let writer = Writer::new(Arc::clone(&stage.objects), Place::Memory);
    let context = job_index::Context::new(stage.world.store().clone(), writer, late);
    let outcomes = job_index::handle(&context, vec![delivery(&stage.world, &about(&course))]).await;
    assert!(matches!(outcomes[..], [Ok(())]));
    assert_eq!(stage.listed(Kind::Course).await[0].title, "New");
}

#[tokio::test]
async fn a_batch_is_one_commit_and_what_is_unreadable_does_not_hold_it_up() {
    let stage = Stage::new().await;
    stage.begin().await;
    let before = stage.snapshot().await.generation();
    let teacher = stage.world.instructor().await;
    let mut deliveries = vec![raw("not a message".into())];
    for number in 0..20 {
        let course = stage.published(&teacher, &format!("Course {number}")).await;
        deliveries.push(delivery(&stage.world, &about(&course)));
    }
    let category = category(&stage.world, "Development");
    stage.world.store().categories().create(&category).await.unwrap();
    deliveries.push(delivery(&stage.world, &Index::Category { category_id: category.id }));
    let outcomes = job_index::handle(&stage.context, deliveries).await;
    assert!(matches!(outcomes[0], Err(JobError::Fail(_))));
    assert!(outcomes[1..].iter().all(Outcome::is_ok));
    assert_eq!(stage.snapshot().await.generation(), before + 1);
    assert_eq!(stage.listed(Kind::Course).await.len(), 20);
    assert_eq!(stage.listed(Kind::Category).await[0].slug, "development");

    stage.world.store().categories().delete(&category).await.unwrap();
    stage.deliver(&[Index::Category { category_id: category.id }]).await;
    assert!(stage.listed(Kind::Category).await.is_empty());
}

#[tokio::test]
async fn a_rebuild_holds_all_that_is_published_and_nothing_else() {
    let stage = Stage::new().await;
    stage.begin().await;
    let teachers = [stage.world.instructor().await, stage.world.instructor().await];
    for number in 0..120 {
        // Of one time, a second, or hours: the pages must not lose any of them.
        stage.world.advance(SignedDuration::from_millis(i64::from(number % 3)));
        stage.published(&teachers[number as usize % 2], &format!("Course {number}")).await;
    }
    let gone = stage.published(&teachers[0], "Gone without a message").await;
    stage.deliver(&[about(&gone)]).await;
    stage.world.store().put(&Course { status: CourseStatus::Draft, ..gone }).await.unwrap();
    stage.world.store().categories().create(&category(&stage.world, "Development")).await.unwrap();
    assert_eq!(stage.listed(Kind::Course).await.len(), 1);

    stage.deliver(&[Index::Rebuild, Index::Rebuild]).await;
    let listed = stage.listed(Kind::Course).await;
    assert_eq!(listed.len(), 120);
    assert!(listed.iter().all(|course| course.title != "Gone without a message"));
    let people = stage.listed(Kind::Instructor).await;
    assert_eq!(people.len(), 2);
    assert!(people.iter().all(|person| person.extra["courses_count"] == 60));
    assert_eq!(stage.listed(Kind::Category).await.len(), 1);
}

#[tokio::test]
async fn where_there_is_no_index_or_one_of_an_older_release_the_first_message_makes_all_of_it() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let courses = [stage.published(&teacher, "Rust").await, stage.published(&teacher, "Go").await];
    stage.deliver(&[about(&courses[0])]).await;
    assert_eq!(stage.listed(Kind::Course).await.len(), 2);

    for unreadable in [r#"{"format": 0}"#, "{", ""] {
        stage.objects.put(MANIFEST, unreadable.into()).await.unwrap();
        stage.deliver(&[about(&courses[1])]).await;
        assert_eq!(stage.listed(Kind::Course).await.len(), 2, "{unreadable}");
    }
    let newer = format!(r#"{{"format": {}}}"#, search::FORMAT + 1);
    stage.objects.put(MANIFEST, newer.clone().into()).await.unwrap();
    let deliveries = vec![delivery(&stage.world, &about(&courses[1]))];
    let outcomes = job_index::handle(&stage.context, deliveries).await;
    assert!(matches!(outcomes[..], [Err(JobError::Retry(_))]), "a newer release is about to take over");
    let Fetched::Found { bytes, .. } = stage.objects.get(MANIFEST, None).await.unwrap() else {
        unreachable!("it was put there")
    };
    assert_eq!(bytes, newer.as_bytes());
}

#[tokio::test]
async fn a_sweep_removes_what_a_rebuild_replaced_after_six_hours() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let course = stage.published(&teacher, "Rust").await;
    stage.deliver(&[about(&course)]).await;
    let gone = async || {
        let before = stage.objects.list("").await.unwrap().len();
        stage.deliver(&[Index::Sweep]).await;
        before - stage.objects.list("").await.unwrap().len()
    };
    assert_eq!(gone().await, 0, "a reader may still need them");
    stage.world.advance(SignedDuration::from_secs(KEEP_SECONDS + 1));
    // Journals leave the manifest with the next generation, and the bucket as long after that.
    stage.deliver(&[Index::Rebuild]).await;
    stage.world.advance(SignedDuration::from_secs(KEEP_SECONDS + 1));
    assert!(gone().await > 0);
    assert_eq!(gone().await, 0);
    assert_eq!(stage.listed(Kind::Course).await.len(), 1);
}

/// A store that is down.
struct Down;

fn down<T>(key: &str) -> Result<T, ObjectError> {
    Err(ObjectError::Failed { key: key.to_owned(), reason: "down".to_owned() })
}

impl Objects for Down {
    async fn get(&self, key: &str, _: Option<&Tag>) -> Result<Fetched, ObjectError> {
        down(key)
    }
    async fn download(&self, key: &str, _: &mut (dyn Write + Send)) -> Result<(), ObjectError> {
        down(key)
    }
    async fn put(&self, key: &str, _: bytes::Bytes) -> Result<(), ObjectError> {
        down(key)
    }
    async fn put_if(&self, key: &str, _: bytes::Bytes, _: Option<&Tag>) -> Result<Option<Tag>, ObjectError> {
        down(key)
    }
    async fn list(&self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        down(prefix)
    }
    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        down(key)
    }
}

#[tokio::test]
async fn all_of_a_batch_comes_again_when_the_index_can_not_be_written() {
    let world = World::new().await;
    let writer = Writer::new(Down, Place::Memory);
    let context = job_index::Context::new(world.store().clone(), writer, world.ambient().clone());
    let course = Index::Course { course_id: world.ambient().id() };
    let deliveries = [&course, &course, &Index::Rebuild].map(|message| delivery(&world, message)).to_vec();
    let outcomes = job_index::handle(&context, deliveries).await;
    assert_eq!(outcomes.len(), 3);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(JobError::Retry(_)))));
}
