//! Attendance as teachers meet it.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

use api_enrollments::{Settings, State};
use domain::{enrollment::EnrollmentStatus, video::VideoStatus};
use futures::future::join_all;
use kernel::{Id, SignedDuration, id::kinds};
use serde_json::{Value, json};
use store::entities::{Course, Enrollment, Section, Video, VideoProgress};
use testkit::{
    App, Caller, World,
    aws::{NOWHERE, cloud_at},
    fixtures,
};

struct Class {
    world: World,
    app: App,
    teacher: Caller,
    course: Id<kinds::Course>,
    section: Id<kinds::Section>,
}

impl Class {
    /// A course with a section without videos.
    async fn new() -> Self {
        let world = World::new().await;
        let objects = cloud_at(NOWHERE).objects();
        let state = State::new(world.platform.clone(), objects, Settings::default());
        let app = world.app(api_enrollments::router(), state);
        let teacher = world.instructor().await;
        let course: Course = fixtures::course(&world, &teacher);
        assert!(world.store().courses().create(&course).await.unwrap());
        let now = world.ambient().now();
        let section = Section {
            id: world.ambient().id(),
            course_id: course.id,
            title: "Basics".into(),
            description: String::new(),
            lesson_order: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        world.store().courses().add_section(teacher.id, &section).await.unwrap();
        Self { app, teacher, course: course.id, section: section.id, world }
    }

    fn path(&self) -> String {
        format!("/api/v1/courses/{}/sections/{}/attendance", self.course, self.section)
    }

    /// A student, a millisecond younger than the one before.
    async fn student(&self) -> Enrollment {
        self.world.advance(SignedDuration::from_millis(1));
        let student = self.world.student().await;
        let enrollment = fixtures::enrollment(&self.world, &student, self.course);
        self.world.store().put(&enrollment).await.unwrap();
        enrollment
    }

    async fn video(&self, status: VideoStatus) -> Video {
        let video = Video {
            course_id: Some(self.course),
            section_id: Some(self.section),
            ..fixtures::video(&self.world, &self.teacher, status)
        };
        self.world.store().put(&video).await.unwrap();
        video
    }

    async fn watched(&self, student: &Enrollment, video: &Video, progress: f64) {
        let now = self.world.ambient().now();
        let progress: VideoProgress = serde_json::from_value(json!({
            "video_id": video.id, "enrollment_id": student.id, "user_id": student.user_id, "progress": progress,
            "last_position": 1, "completed": progress >= 0.9, "revision": 1, "created_at": now, "updated_at": now,
        }))
        .unwrap();
        self.world.store().put(&progress).await.unwrap();
    }

    async fn set(&self, marks: &[(&Enrollment, Value)]) -> testkit::Reply {
        let marks: Vec<_> =
            marks.iter().map(|(who, status)| json!({"enrollment": who.id, "status": status})).collect();
        self.app.put(&self.path(), &self.teacher, json!({"attendance": marks})).await
    }

    /// Status and whether it follows from watching, of each student in order.
    async fn shown(&self) -> Vec<(Value, Value)> {
        let page = self.app.get(&self.path(), &self.teacher).await.expect(200);
        let results = page.body["results"].as_array().unwrap();
        results.iter().map(|one| (one["status"].clone(), one["by_rule"].clone())).collect()
    }
}

fn by_hand(status: &str) -> (Value, Value) {
    (json!(status), json!(false))
}

fn unknown() -> (Value, Value) {
    (Value::Null, json!(false))
}

#[tokio::test]
async fn a_teacher_marks_many_at_once_and_takes_marks_back() {
    let class = Class::new().await;
    let (one, two, three) = (class.student().await, class.student().await, class.student().await);
    assert_eq!(class.shown().await, [unknown(), unknown(), unknown()]);

    let marks = [(&one, json!("present")), (&two, json!("late")), (&three, Value::Null)];
    for _ in 0..2 {
        let reply = class.set(&marks).await.expect(200);
        assert_eq!(reply.body, json!({"set": 2, "removed": 1}));
        assert!(reply.calls <= 4, "{}: session, course and section, the class, one transaction", reply.calls);
        assert_eq!(class.shown().await, [by_hand("present"), by_hand("late"), unknown()]);
    }
    class.set(&[(&one, json!("excused")), (&three, json!("absent"))]).await.expect(200);
    assert_eq!(class.shown().await, [by_hand("excused"), by_hand("late"), by_hand("absent")]);
    class.set(&[(&two, Value::Null)]).await.expect(200);
    assert_eq!(class.shown().await, [by_hand("excused"), unknown(), by_hand("absent")]);
}

#[tokio::test]
async fn who_has_completed_every_video_counts_as_present_unless_the_teacher_says_otherwise() {
    let class = Class::new().await;
    let videos = [class.video(VideoStatus::Ready).await, class.video(VideoStatus::Published).await];
    // What can't be watched is not demanded.
    for status in [VideoStatus::Processing, VideoStatus::Failed, VideoStatus::Archived] {
        class.video(status).await;
    }
    let (all, some, overruled) = (class.student().await, class.student().await, class.student().await);
    for video in &videos {
        class.watched(&all, video, 0.9).await;
        class.watched(&overruled, video, 1.0).await;
    }
    class.watched(&some, &videos[0], 1.0).await;
    class.watched(&some, &videos[1], 0.89).await;
    class.set(&[(&overruled, json!("absent"))]).await.expect(200);

    let page = class.app.get(&class.path(), &class.teacher).await.expect(200);
    assert!(
        page.calls <= 8,
        "{}: session, course and section, class, marks, section, its videos, progress in two",
        page.calls
    );
    assert_eq!(page.body["videos"], 2);
    let completed: Vec<_> =
        page.body["results"].as_array().unwrap().iter().map(|one| one["videos_completed"].clone()).collect();
    assert_eq!(completed, [json!(2), json!(1), json!(2)]);
    assert_eq!(class.shown().await, [(json!("present"), json!(true)), unknown(), by_hand("absent")]);

    // The hand wins over the rule, and the rule counts again without it.
    class.set(&[(&all, json!("late")), (&overruled, Value::Null)]).await.expect(200);
    assert_eq!(class.shown().await, [by_hand("late"), unknown(), (json!("present"), json!(true))]);
}

#[tokio::test]
async fn a_class_is_read_in_pages_of_which_each_costs_the_same() {
    let class = Class::new().await;
    class.video(VideoStatus::Ready).await;
    let mut students = Vec::new();
    for _ in 0..5 {
        students.push(class.student().await);
    }
    let ended = Enrollment { status: EnrollmentStatus::Expired, ..students[4].clone() };
    class.world.store().put(&ended).await.unwrap();
    let (mut seen, mut next) = (Vec::new(), Some(format!("{}?page_size=2", class.path())));
    while let Some(path) = next {
        let page = class.app.get(&path, &class.teacher).await.expect(200);
        assert!(page.calls <= 8, "{}", page.calls);
        seen.extend(page.body["results"].as_array().unwrap().iter().map(|one| one["enrollment"].clone()));
        next = page.body["next"]
            .as_str()
            .map(|url| url.strip_prefix("https://learn.example").unwrap().to_owned());
    }
    assert_eq!(seen, students.iter().map(|one| json!(one.id)).collect::<Vec<_>>());
    assert_eq!(class.shown().await.len(), 5, "and a whole class of 1,000 is one page");
}

#[tokio::test]
async fn several_groups_of_students_are_marked_by_one_request() {
    let class = Class::new().await;
    let (person, mut students) = (class.world.student().await, Vec::new());
    for _ in 0..120 {
        class.world.advance(SignedDuration::from_millis(1));
        students.push(Enrollment {
            user_id: class.world.ambient().id(),
            ..fixtures::enrollment(&class.world, &person, class.course)
        });
    }
    join_all(students.iter().map(|one| class.world.store().put(one))).await;
    let marks: Vec<_> = students.iter().map(|one| (one, json!("present"))).collect();
    let reply = class.set(&marks).await.expect(200);
    assert_eq!(reply.body, json!({"set": 120, "removed": 0}));
    assert!(reply.calls <= 6, "{}: session, course and section, the class, three transactions", reply.calls);
    assert!(class.shown().await.iter().all(|one| *one == by_hand("present")));
}

#[tokio::test]
async fn attendance_is_the_teachers_business_and_of_his_class() {
    let class = Class::new().await;
    let student = class.student().await;
    let (someone, other) = (class.world.student().await, class.world.instructor().await);
    let body = json!({"attendance": [{"enrollment": student.id, "status": "present"}]});
    let path = class.path();
    class.app.get(&path, None).await.expect_error(401, "NOT_AUTHENTICATED");
    class.app.get(&path, &someone).await.expect_error(403, "INSTRUCTORS_ONLY");
    class.app.put(&path, &someone, body.clone()).await.expect_error(403, "INSTRUCTORS_ONLY");
    class.app.get(&path, &other).await.expect_error(404, "SECTION_NOT_FOUND");
    class.app.put(&path, &other, body.clone()).await.expect_error(404, "SECTION_NOT_FOUND");
    // A section of another course is none of this one.
    let elsewhere = Class { section: class.world.ambient().id(), ..class };
    elsewhere.app.get(&elsewhere.path(), &elsewhere.teacher).await.expect_error(404, "SECTION_NOT_FOUND");
    let class = Class { section: path.split('/').nth(6).unwrap().parse().unwrap(), ..elsewhere };

    // One stranger among them, and nobody is marked.
    let stranger = fixtures::enrollment(&class.world, &someone, class.world.ambient().id());
    class.world.store().put(&stranger).await.unwrap();
    let refused = class.set(&[(&student, json!("present")), (&stranger, json!("present"))]).await;
    let refused = refused.expect_error(404, "ENROLLMENT_NOT_FOUND");
    assert_eq!(refused.body["error"]["details"]["enrollments"], json!([stranger.id]));
    assert_eq!(class.shown().await, [unknown()]);
}

#[tokio::test]
async fn bad_input_is_named_field_by_field() {
    let class = Class::new().await;
    let student = class.student().await;
    let item = |status: Value| json!({"enrollment": student.id, "status": status});
    let many: Vec<_> = (0..1_001)
        .map(|_| json!({"enrollment": class.world.ambient().id::<kinds::Enrollment>(), "status": "late"}))
        .collect();
    for (body, field) in [
        (json!({}), "attendance"),
        (json!({"attendance": []}), "attendance"),
        (json!({"attendance": many}), "attendance"),
        (json!({"attendance": [item(json!("late")), item(json!("absent"))]}), "attendance"),
        (json!({"attendance": [item(json!("PRESENT"))]}), "attendance[0].status"),
        (json!({"attendance": [{"enrollment": student.id}]}), "attendance[0].status"),
        (json!({"attendance": [{"enrollment": 7, "status": "late"}]}), "attendance[0].enrollment"),
        (json!({"attendance": [item(json!("late"))], "section": class.section}), "section"),
    ] {
        let reply = class.app.put(&class.path(), &class.teacher, body).await;
        let reply = reply.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    for query in ["?page_size=0", "?page_size=1001", "?cursor=x"] {
        let reply = class.app.get(&format!("{}{query}", class.path()), &class.teacher).await;
        assert!([400, 422].contains(&reply.status.as_u16()), "{query}: {:#}", reply.body);
    }
    assert_eq!(class.shown().await, [unknown()]);
}
