//! Somebody with a browser.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use reqwest::{
    Client, Method, RequestBuilder, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, COOKIE, HeaderMap, SET_COOKIE},
};
use serde_json::{Value, json};

use super::{Stack, until};

const PASSWORD: &str = "correct horse battery staple";

/// What the distribution answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) request: String,
    pub(crate) status: StatusCode,
    /// Null where it is no JSON.
    pub(crate) body: Value,
    /// `name=value` of the cookies that it sets.
    pub(crate) cookies: Vec<String>,
}

impl Answer {
    /// The body of an answer with a good status.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} answered {}: {}", self.request, self.status, self.body);
        self.body
    }

    /// The code of an error.
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }
}

/// Somebody with a browser: cookies, and an access token after a login.
#[derive(Clone)]
pub(crate) struct Person {
    client: Client,
    base: Url,
    pub(crate) email: String,
    pub(crate) id: String,
    token: Option<String>,
    pub(crate) refresh_token: String,
}

/// A course with one section.
pub(crate) struct Course {
    pub(crate) id: String,
    pub(crate) section: String,
}

impl Stack {
    /// Somebody without an account.
    pub(crate) fn visitor(&self) -> Person {
        self.visitor_at(Ipv4Addr::LOCALHOST)
    }

    /// Somebody without an account at an address of this machine, by which the distribution finds his country.
    pub(crate) fn visitor_at(&self, own: Ipv4Addr) -> Person {
        let base: Url = self.description.viewer_url.parse().unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, base.port_or_known_default().unwrap()));
        // Not every resolver knows *.localhost.
        let client = Client::builder().no_proxy().cookie_store(true).local_address(IpAddr::V4(own));
        let client = client.resolve(base.host_str().unwrap(), address);
        Person {
            client: client.build().unwrap(),
            base,
            email: String::new(),
            id: String::new(),
            token: None,
            refresh_token: String::new(),
        }
    }

    pub(crate) async fn student(&self) -> Person {
        self.person(false).await
    }

    /// An instructor with a channel.
    pub(crate) async fn instructor(&self) -> Person {
        let person = self.person(true).await;
        let word = self.word();
        person.post("/channels", json!({"name": format!("Channel {word}"), "handle": word})).await.ok();
        person
    }

    async fn person(&self, instructor: bool) -> Person {
        let mut person = self.visitor();
        person.email = format!("{}@example.com", self.word());
        let account = json!({
            "email": person.email, "password": PASSWORD, "first_name": "Ada", "last_name": "Lim", "as_instructor": instructor,
        });
        let registered = person.post("/auth/register", account).await.ok();
        person.id = text(&registered, "id");
        person.take_tokens(&registered);
        person
    }
}

/// Where the paths of what is not below `/api/v1` begin.
const OUTSIDE: [&str; 4] = ["/.well-known/", "/sitemap", "/feeds/", "/robots.txt"];

/// Sends a call and reads all of the answer.
async fn take(call: RequestBuilder, request: String) -> Answer {
    let answer = call.send().await.unwrap_or_else(|error| panic!("{request}: {error:?}"));
    let cookies = answer.headers().get_all(SET_COOKIE).iter();
    let cookies = cookies.filter_map(|one| Some(one.to_str().ok()?.split(';').next()?.to_owned())).collect();
    let status = answer.status();
    let body = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
    Answer { request, status, body, cookies }
}

impl Person {
    /// A new session of the same person.
    pub(crate) async fn log_in(&mut self) {
        self.token = None;
        let answer = self.post("/auth/login", json!({"email": self.email, "password": PASSWORD})).await.ok();
        self.take_tokens(&answer);
    }

    /// Goes on with the tokens of an answer.
    pub(crate) fn take_tokens(&mut self, answer: &Value) {
        self.token = Some(text(answer, "access_token"));
        self.refresh_token = text(answer, "refresh_token");
    }

    /// What a program needs to log in as this person.
    pub(crate) const fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The address of the web client.
    pub(crate) fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Option<Value>>) -> Answer {
        self.call(Method::POST, path, body.into()).await
    }

    /// A call of the API; the path is below `/api/v1`, unless it begins with `/.well-known`.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let outside = OUTSIDE.iter().any(|start| path.starts_with(start));
        let path = if outside { path.to_owned() } else { format!("/api/v1{path}") };
        let mut call = self.client.request(method.clone(), self.base.join(&path).unwrap());
        if let Some(token) = &self.token {
            call = call.bearer_auth(token);
        }
        if let Some(body) = body {
            call = call.json(&body);
        }
        take(call, format!("{method} {path}")).await
    }

    /// A file of the API: its media type and its bytes.
    pub(crate) async fn fetch(&self, path: &str) -> (String, Vec<u8>) {
        let mut call = self.client.get(self.base.join(&format!("/api/v1{path}")).unwrap());
        if let Some(token) = &self.token {
            call = call.bearer_auth(token);
        }
        let answer = call.send().await.unwrap();
        assert!(answer.status().is_success(), "GET {path} answered {}", answer.status());
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, answer.bytes().await.unwrap().to_vec())
    }

    /// What a browser gets that opens this address: the headers and the page.
    pub(crate) async fn page(&self, url: &str) -> (HeaderMap, String) {
        let answer = self.client.get(url).header(ACCEPT, "text/html").send().await.unwrap();
        assert!(answer.status().is_success(), "GET {url} answered {}", answer.status());
        (answer.headers().clone(), answer.text().await.unwrap())
    }

    /// A call of the API with another proof of who calls than the access token.
    pub(crate) async fn send(
        &self,
        method: Method,
        target: &str,
        authorization: &str,
        body: Vec<u8>,
    ) -> Answer {
        let call = self.client.request(method.clone(), self.base.join(target).unwrap());
        let call = call.header(AUTHORIZATION, authorization).header("content-type", "application/json");
        take(call.body(body), format!("{method} {target}")).await
    }

    /// A file of the distribution, with this person's cookies or with foreign ones.
    pub(crate) async fn file(&self, url: &str, cookies: Option<&[String]>) -> (StatusCode, Vec<u8>) {
        let mut call = self.client.get(self.base.join(url).unwrap());
        if let Some(cookies) = cookies {
            call = call.header(COOKIE, cookies.join("; "));
        }
        let answer = call.send().await.unwrap_or_else(|error| panic!("GET {url}: {error:?}"));
        (answer.status(), answer.bytes().await.unwrap().to_vec())
    }

    /// PUTs bytes to a presigned URL.
    pub(crate) async fn put(&self, url: &str, content_type: Option<&str>, body: Vec<u8>) {
        let mut call = self.client.put(url);
        if let Some(content_type) = content_type {
            call = call.header("content-type", content_type);
        }
        let answer = call.body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "the upload was refused: {:?}", answer.text().await);
    }

    /// A free course with one empty section.
    pub(crate) async fn course(&self, title: &str) -> Course {
        self.course_for(title, 0.0).await
    }

    /// A course with one empty section, for so many dollars.
    pub(crate) async fn course_for(&self, title: &str, price: f64) -> Course {
        let new =
            json!({"title": title, "description": "As short as can be.", "category": "Film", "price": price});
        let id = text(&self.post("/courses", new).await.ok(), "id");
        let section =
            self.post(&format!("/courses/{id}/sections"), json!({"title": "First steps"})).await.ok();
        Course { id, section: text(&section, "id") }
    }

    /// A lesson with a video, or with a text; its id.
    pub(crate) async fn lesson(&self, course: &str, section: &str, video: Option<&str>) -> String {
        let new = match video {
            Some(video) => json!({"kind": "video", "title": "To watch", "video_id": video}),
            None => json!({"kind": "text", "title": "To read", "content": "What to look for."}),
        };
        text(&self.post(&format!("/courses/{course}/sections/{section}/lessons"), new).await.ok(), "id")
    }

    /// Opens a text of an enrolment and completes it when its least time is over.
    pub(crate) async fn read(&self, enrollment: &str, lesson: &str) -> Value {
        let path = format!("/enrollments/{enrollment}/lessons/{lesson}/progress");
        self.call(Method::PUT, &path, Some(json!({}))).await.ok();
        let done = format!("/enrollments/{enrollment}/mark-lesson-complete");
        until("the end of the least time", async || {
            let answer = self.post(&done, json!({"lesson_id": lesson})).await;
            if answer.status.is_success() {
                return Some(answer.body);
            }
            assert_eq!(answer.code(), "LESSON_NOT_FINISHED", "{}", answer.body);
            None
        })
        .await
    }

    /// The number of the certificate of an enrolment that is completed, once it is there.
    pub(crate) async fn certificate(&self, enrollment: &str) -> String {
        let path = format!("/enrollments/{enrollment}");
        until("the certificate", async || {
            let shown = self.get(&path).await.ok();
            shown["certificate_code"].as_str().map(ToOwned::to_owned)
        })
        .await
    }

    /// A lesson with a quiz of one question; its id.
    pub(crate) async fn quiz(&self, course: &Course) -> String {
        let question = json!({
            "text": "Who frees a value?", "options": ["A collector", "Its owner"],
            "answer": {"kind": "single", "correct": 2},
        });
        let quiz = json!({"questions": [question], "attempts_max": 20});
        let new = json!({"kind": "quiz", "title": "To answer", "quiz": quiz});
        let path = format!("/courses/{}/sections/{}/lessons", course.id, course.section);
        text(&self.post(&path, new).await.ok(), "id")
    }

    /// Uploads a file for the lessons of a course; its id.
    pub(crate) async fn resource(&self, course: &str, bytes: &[u8]) -> String {
        let wish = json!({"content_type": "application/pdf", "size": bytes.len()});
        let ticket = self.post(&format!("/courses/{course}/resources"), wish).await.ok();
        self.put(&text(&ticket, "upload_url"), Some("application/pdf"), bytes.to_vec()).await;
        text(&ticket, "resource_id")
    }

    /// Begins an upload for a section.
    pub(crate) async fn presign(&self, section: &str, name: &str, size: usize, mode: &str) -> Value {
        let wish = json!({
            "filename": name, "size": size, "content_type": "video/mp4", "mode": mode,
            "target": {"kind": "section", "id": section},
        });
        self.post("/media/videos/presign", wish).await.ok()
    }

    /// Uploads a file; the video's id.
    pub(crate) async fn upload(&self, section: &str, name: &str, bytes: &[u8], mode: &str) -> String {
        let ticket = self.presign(section, name, bytes.len(), mode).await;
        if let Some(url) = ticket["upload_url"].as_str() {
            self.put(url, ticket["headers"]["content-type"].as_str(), bytes.to_vec()).await;
        }
        let mut rest = bytes;
        for part in ticket["parts"].as_array().unwrap() {
            let (body, after) = rest.split_at(usize::try_from(part["size"].as_u64().unwrap()).unwrap());
            self.put(part["url"].as_str().unwrap(), None, body.to_vec()).await;
            rest = after;
        }
        self.post(&format!("/media/videos/uploads/{}/complete", text(&ticket, "upload_id")), None).await.ok();
        text(&ticket, "video_id")
    }

    /// The end of the processing: READY, PUBLISHED or FAILED, and the reason that the owner reads.
    pub(crate) async fn processed(&self, video: &str) -> (String, String) {
        until("the end of the processing", async || {
            let state = self.get(&format!("/media/videos/{video}/processing")).await.ok();
            let status = text(&state, "status");
            matches!(status.as_str(), "READY" | "PUBLISHED" | "FAILED")
                .then(|| (status, text(&state, "error_reason")))
        })
        .await
    }

    /// Fails unless the video becomes READY.
    pub(crate) async fn ready(&self, video: &str) {
        let (status, reason) = self.processed(video).await;
        assert_eq!(status, "READY", "{reason}");
    }

    /// Puts the video into a lesson and the course before everybody's eyes.
    pub(crate) async fn publish(&self, course: &Course, video: &str) {
        self.lesson(&course.id, &course.section, Some(video)).await;
        self.post(&format!("/courses/{}/publish", course.id), None).await.ok();
    }

    /// Enrols in a free course; the enrolment's id.
    pub(crate) async fn enroll(&self, course: &str) -> String {
        text(&self.post(&format!("/courses/{course}/enroll"), None).await.ok(), "id")
    }

    /// Asks to play on this person's one device.
    pub(crate) async fn play(&self, video: &str, enrollment: &str) -> Answer {
        let wish = json!({"enrollment_id": enrollment, "device_id": "test"});
        self.post(&format!("/media/videos/{video}/play"), wish).await
    }
}

/// A text field of an object.
#[track_caller]
pub(crate) fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_else(|| panic!("no {name} in {object}")).to_owned()
}
