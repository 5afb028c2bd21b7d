//! Somebody with something in every table and bucket, each of it a text that is found nowhere else.

mod buying;
mod teaching;

use domain::{
    certificate::CertificateCode,
    course::CourseStatus,
    identity::{Digest, Preferences, Role, SecurityEventKind},
    notification::Notice,
};
use kernel::{Id, Secret, SignedDuration, id::kinds};
use serde_json::{Value, json};
use store::{
    Entity, Update,
    entities::{
        ActivityDay, AdminAction, ApiKey, Attendance, Certificate, Course, Device, Enrollment, EventBatch,
        Export, IdempotencyRecord, LearnerActivity, LessonProgress, LoginSource, MailState, Mfa,
        Notification, OneTimeToken, PlaybackEvent, PlaybackRecord, Player, QuizAttempt, QuizRecord,
        RecoveryCode, Registration, SearchQuery, SecurityEvent, Session, SocialAccount, SocialLink, User,
        VideoPermission, VideoProgress, VideoViolations,
        api_key::ApiKeyUse,
        mail::Suppressed,
        notification::Told,
        review::{ReviewChanges, Reviewed},
    },
};
use testkit::{Caller, fixtures};

use crate::stage::{EXPORTS, MEDIA, Stage, UPLOADS};

/// A person, and what is planted of him.
pub(crate) struct Person {
    pub(crate) caller: Caller,
    /// What he must find in his archive.
    pub(crate) shown: Vec<String>,
    /// Secrets, and what repeats others.
    pub(crate) hidden: Vec<String>,
    /// A course of his with a student.
    pub(crate) kept: Id<kinds::Course>,
    pub(crate) email: String,
    pub(crate) username: String,
    number: usize,
}

impl Person {
    pub(crate) fn id(&self) -> Id<kinds::User> {
        self.caller.id
    }

    fn plant(&mut self, label: &str) -> String {
        let text = format!("canary-{label}-{}-{}", self.shown.len(), self.number);
        self.shown.push(text.clone());
        text
    }

    /// A network address, of which he must find the network at least.
    fn address(&mut self) -> String {
        let site = format!("2001:db8:{:x}", self.number * 1_000 + self.shown.len());
        self.shown.push(format!("{site}::/48"));
        format!("{site}::7")
    }

    fn secret(&mut self, label: &str) -> String {
        let text = format!("secret-{label}-{}-{}", self.hidden.len(), self.number);
        self.hidden.push(text.clone());
        text
    }

    /// All that must be gone after an erasure.
    pub(crate) fn traces(&self) -> impl Iterator<Item = &String> {
        self.shown.iter().chain(&self.hidden)
    }
}

async fn put<E: Entity>(stage: &Stage, fields: Value) -> E {
    let entity: E = serde_json::from_value(fields).unwrap();
    stage.world.store().put(&entity).await.unwrap();
    entity
}

/// A course of another, which the person takes.
pub(crate) async fn course_of_another(stage: &Stage) -> Course {
    let teacher = stage.world.instructor().await;
    let course = Course { status: CourseStatus::Published, ..fixtures::course(&stage.world, &teacher) };
    assert!(stage.world.store().courses().create(&course).await.unwrap());
    course
}

/// A person who learns in this course, teaches, and has used everything that there is.
pub(crate) async fn settle(stage: &Stage, taken: &Course, number: usize) -> Person {
    let ambient = stage.world.ambient();
    let id: Id<kinds::User> = ambient.id();
    let nobody = Caller { id, session: ambient.id(), token: String::new() };
    let mut person = Person {
        caller: nobody,
        shown: Vec::new(),
        hidden: Vec::new(),
        kept: ambient.id(),
        email: String::new(),
        username: String::new(),
        number,
    };
    account(stage, &mut person).await;
    logins(stage, &mut person).await;
    passing(stage, &mut person).await;
    learning(stage, &mut person, taken).await;
    buying::buying(stage, &mut person, taken).await;
    let channel = teaching::channel(stage, &mut person).await;
    teaching::teaching(stage, &mut person, channel).await;
    teaching::films(stage, &mut person, channel).await;
    told(stage, &mut person).await;
    person
}

/// What he was told, and his wish for a digest.
async fn told(stage: &Stage, person: &mut Person) {
    let (ambient, notifications) = (stage.world.ambient(), stage.world.store().notifications());
    let course = person.plant("told");
    let notification = Notification {
        id: ambient.id(),
        user_id: person.id(),
        event_id: ambient.id(),
        notice: Notice::CoursePublished { course_id: ambient.id(), course },
        created_at: ambient.now(),
        read_at: None,
    };
    assert_eq!(notifications.tell(&notification).await.unwrap(), Told::Made);
    let daily = |wanted: &mut Preferences| {
        wanted.digest = Digest::Daily;
        Ok(())
    };
    let changed = notifications.change_preferences(person.id(), ambient.now(), daily).await.unwrap();
    assert_eq!(changed.unwrap().unwrap().digest, Digest::Daily);
}

async fn account(stage: &Stage, person: &mut Person) {
    let (ambient, id) = (stage.world.ambient(), person.id());
    person.email = format!("{}@example.com", person.plant("email"));
    person.username = person.plant("username");
    let name = (Secret::new(person.plant("first-name")), Secret::new(person.plant("last-name")));
    let email = Secret::new(person.email.clone());
    let now = ambient.now();
    let mut user = User::new(id, email, person.username.clone(), name, Role::Instructor, now);
    user.password_hash = Some(Secret::new(person.secret("password")));
    user.phone = Some(Secret::new(person.plant("phone")));
    user.birthdate = Some(Secret::new("1907-03-09".parse().unwrap()));
    user.timezone = person.plant("timezone");
    user.bio = person.plant("bio");
    user.avatar_url = format!("/avatars/{id}/{}.jpg", person.plant("avatar"));
    user.country = person.plant("country");
    let device = Device {
        id: ambient.id(),
        user_id: id,
        device_info: person.plant("device"),
        ip_address: person.address(),
        created_at: now,
        updated_at: now,
        trusted_until: None,
    };
    let life = SignedDuration::from_hours(24 * 7);
    let mut session =
        Session::new(person.caller.session, &user, &device, person.secret("refresh"), life, now);
    session.device_info = person.plant("session");
    session.ip_address = person.plant("session-ip");
    let (ip, agent) = (person.address(), person.plant("event-device"));
    person.shown.push(ip.clone());
    let event = SecurityEvent::now(ambient, id, SecurityEventKind::Registered, &ip, &agent)
        .with("note", person.plant("event-detail"));
    let registration = Registration { user, session, device, event };
    assert_eq!(stage.world.store().users().register(&registration).await.unwrap(), None);
    let picture = person.plant("picture");
    stage.object(MEDIA, &format!("avatars/{id}/{}.jpg", ambient.id::<()>()), &picture).await;
    let sent = person.secret("picture-upload");
    stage.object(UPLOADS, &format!("pictures/{id}/{}", ambient.id::<()>()), &sent).await;
    let archive = person.secret("old-archive");
    stage.object(EXPORTS, &format!("{}old.zip", Export::prefix(id)), &archive).await;
}

async fn logins(stage: &Stage, person: &mut Person) {
    let (ambient, store, id) = (stage.world.ambient(), stage.world.store(), person.id());
    let now = ambient.now();
    put::<Mfa>(
        stage,
        json!({"user_id": id, "sealed_secret": person.secret("totp"), "last_step": 1, "enabled_at": now, "created_at": now}),
    )
    .await;
    put::<RecoveryCode>(stage, json!({"user_id": id, "hash": person.secret("recovery"), "created_at": now}))
        .await;
    let account: SocialAccount = put(
        stage,
        json!({
            "provider": "google", "issuer": "https://accounts.example", "subject": person.plant("subject"),
            "user_id": id, "email": person.plant("social-email"), "tokens": person.secret("tokens"),
            "created_at": now, "last_used_at": now,
        }),
    )
    .await;
    let digest = SocialAccount::digest(&account.issuer, account.subject.expose());
    put::<SocialLink>(
        stage,
        json!({"user_id": id, "provider": "google", "account": digest, "created_at": now}),
    )
    .await;
    let key: ApiKey = put(
        stage,
        json!({
            "id": ambient.id::<()>(), "user_id": id, "name": person.plant("api-key"), "scopes": ["profile:read"],
            "created_at": now, "valid_until": now + SignedDuration::from_hours(24 * 300),
        }),
    )
    .await;
    put::<ApiKeyUse>(stage, json!({"key_id": key.id, "last_used_on": "2026-06-01"})).await;
    let source = LoginSource {
        subject: id.to_string(),
        source: person.secret("failed-login-from"),
        known_device: false,
    };
    store.logins().attempt(&source, "", 100, now).await.unwrap();
    put::<AdminAction>(
        stage,
        json!({
            "id": ambient.id::<()>(), "admin_id": ambient.id::<()>(), "user_id": id, "kind": "unlocked",
            "reason": person.plant("reason"), "at": now,
        }),
    )
    .await;
    let suppressed = MailState::of(&person.email, Suppressed::Bounce, now);
    store.mails().suppress(&suppressed).await.unwrap();
}

/// What lives for minutes or hours.
async fn passing(stage: &Stage, person: &mut Person) {
    let (ambient, id) = (stage.world.ambient(), person.id());
    let (now, later) = (ambient.now(), ambient.now() + SignedDuration::from_hours(1));
    put::<OneTimeToken>(
        stage,
        json!({
            "hash": person.secret("token"), "purpose": "verify_email", "user_id": id, "email": person.secret("token-email"),
            "created_at": now, "valid_until": later,
        }),
    )
    .await;
    put::<IdempotencyRecord>(
        stage,
        json!({
            "user_id": id, "operation": "create_channel", "idempotency_key": "key", "request_hash": "",
            "attempt_id": ambient.id::<()>(), "lease_until": now, "response": person.secret("response"), "created_at": now,
        }),
    )
    .await;
    let subject = format!("login:{}", person.secret("ip"));
    stage.world.store().rates().hit(&subject, now, 60).await.unwrap();
}

async fn learning(stage: &Stage, person: &mut Person, taken: &Course) {
    let (ambient, store, id) = (stage.world.ambient(), stage.world.store(), person.id());
    let (now, video) = (ambient.now(), ambient.id::<kinds::Video>());
    let mut enrollment = fixtures::enrollment(&stage.world, &person.caller, taken.id);
    enrollment.student_name = Secret::new(person.plant("student"));
    let free = Update::of::<Course>(Course::key_of(taken.id)).set("price_minor", 0);
    store.update(free).await.unwrap();
    assert!(matches!(
        store.enrollments().enroll_free(&enrollment).await.unwrap(),
        store::entities::enrollment::Enrolled::Made(_)
    ));
    put::<SearchQuery>(
        stage,
        json!({
            "id": ambient.id::<kinds::Search>(), "user_id": id, "query": person.plant("search"),
            "normalized_query": "canary", "result_count": 0, "created_at": now,
        }),
    )
    .await;
    put::<VideoProgress>(
        stage,
        json!({
            "video_id": video, "enrollment_id": enrollment.id, "user_id": id, "progress": 0.5, "last_position": 7,
            "completed": false, "revision": 1, "created_at": now, "updated_at": now,
        }),
    )
    .await;
    let lesson = ambient.id::<kinds::Lesson>();
    put::<LessonProgress>(
        stage,
        json!({
            "enrollment_id": enrollment.id, "lesson_id": lesson, "course_id": taken.id, "user_id": id, "kind": "quiz",
            "opened_at": now, "revision": 1, "created_at": now, "updated_at": now,
        }),
    )
    .await;
    let recent = json!([{"enrollment_id": enrollment.id, "lesson_id": lesson, "at": now}]);
    put::<LearnerActivity>(
        stage,
        json!({"user_id": id, "recent": recent, "revision": 1, "created_at": now, "updated_at": now}),
    )
    .await;
    put::<ActivityDay>(stage, json!({"user_id": id, "day": "2026-05-31", "streak": 1})).await;
    put::<QuizRecord>(
        stage,
        json!({"user_id": id, "lesson_id": lesson, "course_id": taken.id, "attempts": 1, "updated_at": now}),
    )
    .await;
    put::<QuizAttempt>(
        stage,
        json!({
            "id": ambient.id::<()>(), "user_id": id, "lesson_id": lesson, "course_id": taken.id, "version": 1,
            "answers": [{"question": 1, "text": person.plant("answer")}], "outcomes": [], "score": 0, "points": 1,
            "passed": false, "created_at": now,
        }),
    )
    .await;
    reviewing(stage, person, &enrollment).await;
    certified(stage, person, &enrollment).await;
    put::<VideoPermission>(
        stage,
        json!({
            "video_id": video, "enrollment_id": enrollment.id, "user_id": id, "rule": "once",
            "created_at": now, "updated_at": now,
        }),
    )
    .await;
    put::<VideoViolations>(
        stage,
        json!({
            "video_id": video, "enrollment_id": enrollment.id, "user_id": id, "count": 1, "last_at": now,
        }),
    )
    .await;
    put::<Attendance>(
        stage,
        json!({
            "section_id": ambient.id::<kinds::Section>(), "course_id": taken.id, "enrollment_id": enrollment.id,
            "user_id": id, "status": "late", "marked_at": now,
        }),
    )
    .await;
    for _ in 0..2 {
        let session = ambient.id::<kinds::Playback>();
        put::<PlaybackRecord>(
            stage,
            json!({
                "session_id": session, "video_id": video, "version": 1, "user_id": id,
                "device_id": person.plant("player"), "status": "ENDED", "started_at": now, "valid_until": now,
            }),
        )
        .await;
        let policy = json!({
            "allow_seek": true, "playback_rate": {"max": 1.0, "ui_control": true},
            "watermark": {"enabled": true, "mode": "overlay", "fields": []},
            "concurrency": {"max_sessions": 1, "max_devices": 1, "max_concurrent_sessions": 1},
        });
        put::<PlaybackEvent>(
            stage,
            json!({
                "id": ambient.id::<()>(), "session_id": session, "video_id": video, "user_id": id,
                "event_type": "SEEK_ATTEMPT", "event_payload": {"note": person.plant("payload")},
                "policy_snapshot": policy, "violated": true, "violation_reason": person.plant("violation"),
                "occurred_at": now, "received_at": now,
            }),
        )
        .await;
        put::<EventBatch>(
            stage,
            json!({"session_id": session, "batch_id": person.secret("batch"), "stored": 1, "created_at": now}),
        )
        .await;
    }
    put::<Player>(
        stage,
        json!({
            "user_id": id, "revision": 1, "idle_after": now.as_second() + 90 * 24 * 3600,
            "sessions": {ambient.id::<()>().to_string(): {
                "video_id": video, "device_id": person.plant("live-player"), "started_at": 1, "last_seen": 1, "expires_at": 1,
            }},
        }),
    )
    .await;
}

/// A certificate with its document.
async fn certified(stage: &Stage, person: &mut Person, enrollment: &Enrollment) {
    let (ambient, id) = (stage.world.ambient(), person.id());
    let now = ambient.now();
    let certificate: Certificate = put(
        stage,
        json!({
            "code": CertificateCode::from_random(ambient.random.bytes()), "enrollment_id": enrollment.id, "user_id": id,
            "student_name": person.plant("certified"), "course_id": enrollment.course_id, "course_title": "Rust",
            "language": "ko", "completed_at": now, "completed_on": "2026-06-01", "issued_at": now,
            "jws": person.plant("signed"), "ready_at": now, "updated_at": now,
        }),
    )
    .await;
    stage.object(UPLOADS, &certificate.object_key(), &person.plant("document")).await;
}

/// A review that was changed once, and a vote for a stranger's.
async fn reviewing(stage: &Stage, person: &mut Person, enrollment: &Enrollment) {
    let (course, now, reviews) =
        (enrollment.course_id, stage.world.ambient().now(), stage.world.store().reviews());
    let mut review = fixtures::review(&stage.world, person.id(), course);
    review.title = person.plant("review-title");
    review.comment = person.plant("review-before");
    let made = reviews.create(&review, enrollment.id).await.unwrap();
    assert!(matches!(made, Reviewed::Made(_)), "{made:?}");
    let changes = ReviewChanges { comment: Some(person.plant("review")), ..Default::default() };
    reviews.change(course, review.id, person.id(), &changes, now).await.unwrap();
    let strangers = fixtures::review(&stage.world, stage.world.ambient().id(), course);
    stage.world.store().put(&strangers).await.unwrap();
    let voted = reviews.vote(course, strangers.id, person.id(), now).await.unwrap().unwrap();
    assert_eq!(voted.helpful_count, 1);
}

/// The person deletes his account.
pub(crate) async fn leave(stage: &Stage, person: &Person) {
    let (ambient, store) = (stage.world.ambient(), stage.world.store());
    let user = store.users().get(person.id()).await.unwrap().unwrap();
    let event = SecurityEvent::now(ambient, user.id, SecurityEventKind::Deleted, "", "");
    let deleted = store.deletions().delete(&user, person.caller.session, &event, ambient).await.unwrap();
    assert!(deleted.is_some());
}

/// He comes back.
pub(crate) async fn come_back(stage: &Stage, person: &Person) -> store::entities::deletion::Restoration {
    let (ambient, store) = (stage.world.ambient(), stage.world.store());
    let user = store.users().get(person.id()).await.unwrap().unwrap();
    let event = SecurityEvent::now(ambient, user.id, SecurityEventKind::Restored, "", "");
    store.deletions().restore(&user, &event, ambient.now()).await.unwrap()
}
