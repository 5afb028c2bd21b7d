//! Many at once: nothing is lost, nothing counted twice.

use std::time::Duration;

use futures::future::join_all;
use kernel::{Id, id::kinds};
use serde_json::json;
use store::entities::TeachingStats;
use testkit::{App, Caller, World, conflicts::Conflicts};

use crate::setup::{
    app, column, counts, course, post, review, reviews_of, stored, student_of, taught, world,
};

/// So many students of the course.
async fn class(world: &World, course: Id<kinds::Course>, size: usize) -> Vec<Caller> {
    let mut class = Vec::with_capacity(size);
    for _ in 0..size {
        class.push(student_of(world, course).await);
    }
    class
}

/// Everybody reviews the course at once, each rating of 1 to 5 as often as the others.
async fn all_review(app: &App, course: Id<kinds::Course>, class: &[Caller]) {
    let apps = vec![app.clone(); class.len()];
    let rating = |place: usize| u8::try_from(place % 5 + 1).unwrap();
    let all = apps.iter().zip(class).enumerate();
    let written = all.map(|(place, (app, student))| post(app, student, course, rating(place)));
    for reply in join_all(written).await {
        reply.expect(201);
    }
}

#[tokio::test]
async fn two_hundred_reviews_at_once_are_all_counted() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let class = class(&world, course, 200).await;
    all_review(&app, course, &class).await;
    assert_eq!(counts(&world, course).await, [40; 5]);
    assert_eq!(taught(&world, &teacher).await, [40; 5]);
    let page = app.get(&reviews_of(course), None).await.expect(200);
    let distribution = json!({"5": 40, "4": 40, "3": 40, "2": 40, "1": 40});
    assert_eq!(page.body["summary"], json!({"count": 200, "rating": 3.0, "distribution": distribution}));

    // Half of them change their mind, a quarter leaves, all at once.
    let apps = vec![app.clone(); 200];
    let list = reviews_of(course);
    let own = join_all(apps.iter().zip(&class).map(|(app, who)| app.get(&list, who))).await;
    let paths: Vec<_> =
        own.iter().map(|page| format!("{}/{}", reviews_of(course), page.text("own_review_id"))).collect();
    let all = apps.iter().zip(&class).zip(&paths).enumerate();
    let changes = all.map(async |(place, ((app, who), path))| match place % 4 {
        0 | 1 => app.patch(path, who, json!({"rating": 5})).await.expect(200),
        2 => app.delete(path, who).await.expect(204),
        _ => app.get(&reviews_of(course), who).await.expect(200),
    });
    join_all(changes).await;
    // Of each rating 40 reviews, at places that go through all remainders of 4: ten each.
    assert_eq!(counts(&world, course).await, [10, 10, 10, 10, 110]);
    assert_eq!(taught(&world, &teacher).await, [10, 10, 10, 10, 110]);
    let mut seen = Vec::new();
    for page in 1..=2 {
        let page = app.get(&format!("{}?page_size=100&page={page}", reviews_of(course)), None).await;
        seen.extend(column(&page.expect(200), "rating"));
    }
    let found = [1, 2, 3, 4, 5].map(|stars| seen.iter().filter(|rating| **rating == stars).count());
    assert_eq!(found, [10, 10, 10, 10, 110], "the counts are those of the reviews");
}

/// DynamoDB cancels a transaction that meets another one on an item, which the embedded one never does: a proxy does it here, and
/// each transaction holds its items for 10 ms.
#[tokio::test]
async fn two_hundred_reviewers_who_meet_are_all_counted() {
    let conflicts = Conflicts::default();
    let url = conflicts.before(testkit::dynamo::serve().await).await;
    let world = World::on(url, "2026-06-01T12:00:00Z".parse().unwrap()).await;
    let app = app(&world);
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let class = class(&world, course, 200).await;
    conflicts.hold(Duration::from_millis(10));
    all_review(&app, course, &class).await;
    conflicts.hold(Duration::ZERO);
    assert!(conflicts.met() > 500, "{} transactions met another one", conflicts.met());
    assert_eq!(counts(&world, course).await, [40; 5]);
    assert_eq!(taught(&world, &teacher).await, [40; 5]);
}

/// A class that enrols in two courses of a teacher meets on the courses and on the numbers of the teacher.
#[tokio::test]
async fn a_class_that_enrols_at_once_is_counted_exactly() {
    let conflicts = Conflicts::default();
    let url = conflicts.before(testkit::dynamo::serve().await).await;
    let world = World::on(url, "2026-06-01T12:00:00Z".parse().unwrap()).await;
    let teacher = world.instructor().await;
    let courses = [course(&world, &teacher).await, course(&world, &teacher).await];
    conflicts.hold(Duration::from_millis(5));
    join_all((0..120).map(|place| student_of(&world, courses[place % 2]))).await;
    conflicts.hold(Duration::ZERO);
    assert!(conflicts.met() > 100, "{} transactions met another one", conflicts.met());
    for course in courses {
        assert_eq!(stored(&world, course).await.student_count, 60);
    }
    let stats: Option<TeachingStats> =
        world.store().get(TeachingStats::key_of(teacher.id), store::Consistency::Strong).await.unwrap();
    assert_eq!(stats.unwrap().students(), 120);
}

/// The places of a course's newest reviews are taken and given back without a read: whatever meets there, each names a review of the course.
#[tokio::test]
async fn the_newest_review_is_among_those_that_a_course_names() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let named = async || -> Vec<String> {
        stored(&world, course).await.recent.iter().map(|one| one.review_id.to_string()).collect()
    };
    let mut written = Vec::new();
    for _ in 0..12 {
        let (path, author) = review(&world, &app, course, 5).await;
        let id = path.rsplit('/').next().unwrap().to_owned();
        assert!(named().await.contains(&id), "the newest");
        written.push((path, author));
    }
    assert!(named().await.len() > 1);
    let apps = vec![app.clone(); written.len()];
    let gone = apps.iter().zip(&written).map(|(app, (path, author))| app.delete(path, author));
    for reply in join_all(gone).await {
        reply.expect(204);
    }
    assert!(named().await.is_empty(), "what goes leaves its author nowhere");
    assert_eq!(taught(&world, &teacher).await, [0; 5]);
}

#[tokio::test]
async fn of_many_tries_at_once_one_review_is_written() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let student = student_of(&world, course).await;
    let apps = vec![app.clone(); 50];
    let tries = join_all(apps.iter().map(|app| post(app, &student, course, 5))).await;
    let (won, lost): (Vec<_>, Vec<_>) = tries.into_iter().partition(|reply| reply.status == 201);
    assert_eq!(won.len(), 1);
    for reply in lost {
        let reply = reply.expect_error(409, "ALREADY_REVIEWED");
        assert_eq!(reply.body["error"]["details"]["review_id"], won[0].body["id"]);
    }
    assert_eq!(counts(&world, course).await, [0, 0, 0, 0, 1]);
}

#[tokio::test]
async fn a_change_and_a_deletion_at_once_leave_nothing_behind() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let admin = world.admin().await;
    for _ in 0..10 {
        let (path, author) = review(&world, &app, course, 3).await;
        let apps = vec![app.clone(); 6];
        let changes = apps.iter().enumerate().map(async |(place, app)| match place {
            0 => app.delete(&path, &author).await,
            1 => app.delete(&path, &admin).await,
            other => app.patch(&path, &author, json!({"rating": other - 1})).await,
        });
        let outcomes: Vec<_> =
            join_all(changes).await.into_iter().map(|reply| reply.status.as_u16()).collect();
        assert!(outcomes.iter().all(|status| [200, 204, 404].contains(status)), "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|status| **status == 204).count(), 1, "{outcomes:?}");
        assert_eq!(counts(&world, course).await, [0; 5], "{outcomes:?}");
        let id: Id<kinds::Review> = path.rsplit('/').next().unwrap().parse().unwrap();
        let around = store::entities::belongings::Part::AroundReview(id);
        assert!(world.store().belongings().all(&around).await.unwrap().is_empty(), "{outcomes:?}");
    }
}

#[tokio::test]
async fn changes_at_once_each_keep_what_they_replaced() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let (path, author) = review(&world, &app, course, 1).await;
    let apps = vec![app.clone(); 10];
    let changes = apps.iter().enumerate().map(|(place, app)| {
        app.patch(&path, &author, json!({"rating": place % 5 + 1, "comment": format!("Words {place}")}))
    });
    for reply in join_all(changes).await {
        reply.expect(200);
    }
    let id: Id<kinds::Review> = path.rsplit('/').next().unwrap().parse().unwrap();
    let around = store::entities::belongings::Part::AroundReview(id);
    let kept = world.store().belongings().all(&around).await.unwrap();
    let mut texts: Vec<_> = kept.iter().map(|edit| edit["comment"].as_s().unwrap().clone()).collect();
    let page = app.get(&reviews_of(course), None).await;
    texts.push(page.body["results"][0]["comment"].as_str().unwrap().to_owned());
    texts.sort();
    let mut all: Vec<_> = (0..10).map(|place| format!("Words {place}")).collect();
    all.insert(0, "I have learnt a lot.".into());
    assert_eq!(texts, all);
    assert_eq!(counts(&world, course).await.iter().sum::<u64>(), 1);
}
