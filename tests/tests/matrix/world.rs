//! The people and things of the matrix.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Actor;
use crate::stack::{Person, Stack, clip, text};

/// What a row needs anew for each attempt that succeeds, because it destroys it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: it leaves things as they are, or as good.
    Nothing,
    /// A draft with a section and a lesson: `new_course`, `new_section`, `new_lesson`, and an empty one, `empty_section`.
    Draft,
    /// An upload that has begun: `new_upload`, `new_key` and `new_video`.
    Upload,
    /// A permission: `permission`.
    Permission,
    /// A login of the actor's own, whose session may end.
    Login,
    /// Another session of the owner: `session`.
    Session,
    /// A play of the enrolled student: `play` and `play_token`.
    Play,
    /// An API key of the owner, who has just logged in: `api_key`.
    ApiKey,
    /// The enrolled student's review of the course: `review`.
    Review,
    /// A category: `category`.
    Category,
    /// A file of the owner that no lesson has: `new_resource`.
    Resource,
    /// A file of the lesson: `resource`.
    AddedResource,
}

pub(super) struct World<'a> {
    stack: &'a Stack,
    people: [Person; 6],
    names: BTreeMap<&'static str, String>,
    section: String,
}

impl<'a> World<'a> {
    /// A published course with a film and a text, and somebody who is enrolled in it.
    pub(super) async fn new(stack: &'a Stack) -> Self {
        let (owner, other) = (stack.instructor().await, stack.instructor().await);
        let (student, enrolled) = (stack.student().await, stack.student().await);
        let mut admin = stack.student().await;
        stack.promote(&mut admin).await;
        for person in [&owner, &other, &student, &enrolled, &admin] {
            stack.confirm_address(person).await;
        }
        let course = owner.course("The matrix").await;
        let scratch = tempfile::tempdir().unwrap();
        let film = clip(
            scratch.path(),
            "small.mp4",
            "-f lavfi -i testsrc=size=320x240:rate=25:duration=1 -pix_fmt yuv420p",
        );
        let video = owner.upload(&course.section, "small.mp4", &film, "single").await;
        owner.ready(&video).await;
        let lesson = owner.lesson(&course.id, &course.section, Some(&video)).await;
        let quiz = owner.quiz(&course).await;
        owner.post(&format!("/courses/{}/publish", course.id), None).await.ok();
        let open = owner.course("Open to all").await;
        owner.lesson(&open.id, &open.section, None).await;
        owner.post(&format!("/courses/{}/publish", open.id), None).await.ok();
        let graduate = stack.student().await;
        let read = owner.course("To be completed").await;
        let text_lesson = owner.lesson(&read.id, &read.section, None).await;
        owner.post(&format!("/courses/{}/publish", read.id), None).await.ok();
        let completed = graduate.enroll(&read.id).await;
        graduate.read(&completed, &text_lesson).await;
        let names = BTreeMap::from([
            ("certificate", graduate.certificate(&completed).await),
            ("channel", text(&owner.get("/channels/me").await.ok(), "id")),
            ("course", course.id.clone()),
            ("open_course", open.id),
            ("section", course.section.clone()),
            ("lesson", lesson),
            ("quiz_lesson", quiz),
            ("video", video),
            ("enrollment", enrolled.enroll(&course.id).await),
            ("plan", plan_of(&admin).await),
            ("promo_code", "MATRIX".to_owned()),
            ("set_aside", "payment:none".to_owned()),
            ("bystander", stack.student().await.id),
            // A device that nobody has.
            ("nobody", "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".to_owned()),
            ("provider", "local".to_owned()),
            ("sitemap_file", "1.xml".to_owned()),
            ("version", "1".to_owned()),
            ("language", "en".to_owned()),
        ]);
        let people = [stack.visitor(), student, enrolled, owner, other, admin];
        let mut world = Self { stack, people, names, section: course.section };
        // What is refused needs something that exists.
        for needs in
            [Needs::Draft, Needs::Upload, Needs::Permission, Needs::Session, Needs::Play, Needs::ApiKey]
                .into_iter()
                .chain([Needs::Resource, Needs::AddedResource])
        {
            world.renew(needs, Actor::Owner).await;
        }
        world
    }

    pub(super) const fn person(&self, actor: Actor) -> &Person {
        &self.people[actor as usize]
    }

    /// Makes what a row needs, before an attempt.
    pub(super) async fn prepare(&mut self, needs: Needs, actor: Actor, succeeds: bool) {
        if succeeds {
            self.renew(needs, actor).await;
        }
        self.names.insert("word", self.stack.word());
        // Anybody may log in and refresh, with what somebody knows: here the student's.
        let student = &mut self.people[Actor::Student as usize];
        if needs == Needs::Login {
            student.log_in().await;
        }
        let (email, refresh) = (student.email.clone(), student.refresh_token.clone());
        self.names.insert("email", email);
        self.names.insert("refresh", refresh);
    }

    async fn renew(&mut self, needs: Needs, actor: Actor) {
        let owner = self.person(Actor::Owner).clone();
        match needs {
            Needs::Nothing => {}
            Needs::Draft => {
                let draft = owner.course("A draft").await;
                let lesson = owner.lesson(&draft.id, &draft.section, None).await;
                let more = owner
                    .post(&format!("/courses/{}/sections", draft.id), json!({"title": "Empty"}))
                    .await
                    .ok();
                self.names.insert("empty_section", text(&more, "id"));
                self.names.insert("new_course", draft.id);
                self.names.insert("new_section", draft.section);
                self.names.insert("new_lesson", lesson);
            }
            Needs::Upload => {
                let ticket = owner.presign(&self.section, "new.mp4", 1000, "multipart").await;
                self.names.insert("new_upload", text(&ticket, "upload_id"));
                self.names.insert("new_key", text(&ticket, "file_key"));
                self.names.insert("new_video", text(&ticket, "video_id"));
            }
            Needs::Permission => {
                let (video, enrollment) = (&self.names["video"], &self.names["enrollment"]);
                let wish = json!({"video": video, "enrollment": enrollment, "rule": "free"});
                let made = owner.post("/media/video-permissions", wish).await;
                assert!(made.status.is_success() || made.status == 409, "{made:?}");
                self.names.insert("permission", format!("{video}_{enrollment}"));
            }
            Needs::Login if actor == Actor::Visitor => {}
            Needs::Login => self.people[actor as usize].log_in().await,
            Needs::Session => {
                let mut elsewhere = owner.clone();
                let before = session_ids(&owner).await;
                elsewhere.log_in().await;
                let new = session_ids(&owner).await.into_iter().find(|id| !before.contains(id));
                self.names.insert("session", new.expect("a new session"));
            }
            Needs::Resource => {
                let file = owner.resource(&self.names["course"], b"slides").await;
                self.names.insert("new_resource", file);
            }
            Needs::AddedResource => {
                let (course, lesson) = (self.names["course"].clone(), self.names["lesson"].clone());
                let file = owner.resource(&course, b"slides").await;
                let new = json!({"resource_id": file, "title": "Slides", "file_name": "slides.pdf"});
                owner.post(&format!("/courses/{course}/lessons/{lesson}/resources"), new).await.ok();
                self.names.insert("resource", file);
            }
            Needs::ApiKey => {
                let mut elsewhere = owner.clone();
                elsewhere.log_in().await;
                let wish = json!({"name": "To be revoked", "scopes": ["profile:read"]});
                let made = elsewhere.post("/users/api-keys", wish).await.ok();
                self.names.insert("api_key", text(&made, "id"));
            }
            Needs::Review => {
                let path = format!("/courses/{}/reviews", self.names["course"]);
                let enrolled = self.person(Actor::Enrolled).clone();
                let made = enrolled.post(&path, json!({"rating": 5, "comment": "Words."})).await;
                // There is one where the row before has left it.
                let id = match made.status.is_success() {
                    true => text(&made.body, "id"),
                    false => text(&made.body["error"]["details"], "review_id"),
                };
                self.names.insert("review", id);
            }
            Needs::Category => {
                let (admin, wish) = (self.person(Actor::Admin), json!({"name": "Of the matrix"}));
                // It is there already where an earlier run has left it.
                admin.post("/admin/categories", wish).await;
                let all = admin.get("/categories").await.ok();
                let mut all = all["results"].as_array().unwrap().iter();
                let made = all.find(|one| one["name"] == "Of the matrix").expect("a category");
                let id = text(made, "id");
                self.names.insert("category", id);
            }
            Needs::Play => {
                let enrolled = self.person(Actor::Enrolled).clone();
                if let Some(before) = self.names.get("play") {
                    // Gone already where the row before has ended it.
                    enrolled.call(reqwest::Method::DELETE, &format!("/media/sessions/{before}"), None).await;
                }
                let play = enrolled.play(&self.names["video"], &self.names["enrollment"]).await.ok();
                self.names.insert("play", text(&play, "session_id"));
                self.names.insert("play_token", text(&play, "token"));
            }
        }
    }

    /// A text with the names in braces replaced.
    pub(super) fn fill(&self, template: &str) -> String {
        let fill =
            |text: String, (name, value): (&&str, &String)| text.replace(&format!("{{{name}}}"), value);
        self.names.iter().fold(template.to_owned(), fill)
    }

    /// A body with the names in braces replaced; `{own_enrollment}` is null for those who have none.
    pub(super) fn body(&self, template: &Value, actor: Actor) -> Value {
        match template {
            Value::String(text) if text == "{own_enrollment}" => match actor {
                Actor::Enrolled => json!(self.names["enrollment"]),
                _ => Value::Null,
            },
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => items.iter().map(|item| self.body(item, actor)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), self.body(value, actor))).collect()
            }
            other => other.clone(),
        }
    }
}

/// A plan: made by an earlier run, or now.
async fn plan_of(admin: &Person) -> String {
    let wish = json!({"name": "Basic", "plan_type": "basic", "price_monthly_cents": 499, "price_annual_cents": 4990});
    admin.post("/admin/plans", wish).await;
    let all = admin.get("/admin/plans").await.ok();
    let mut all = all["results"].as_array().unwrap().iter();
    text(all.find(|one| one["plan_type"] == "basic").expect("a plan"), "id")
}

async fn session_ids(person: &Person) -> Vec<String> {
    let sessions = person.get("/auth/sessions").await.ok();
    sessions["results"].as_array().unwrap().iter().map(|session| text(session, "id")).collect()
}
