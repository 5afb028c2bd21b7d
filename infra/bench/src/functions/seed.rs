//! Data of a size that a real platform has, made through the functions themselves where they can make it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{channel::Quota, video::VideoStatus};
use kernel::{Id, id::kinds};
use serde_json::json;
use store::{Consistency, entities::Video};
use testkit::Caller;

use super::reads::{Reads, Seed, Who};
use crate::{
    Outcome,
    lambda::{Instance, Request},
    platform::Platform,
};

/// Items of a list: a page of the API.
pub(crate) const LIST: usize = 20;

/// What was made.
pub(crate) struct Data {
    student: Caller,
    teacher: Caller,
    admin: Caller,
    /// By the names that paths use.
    ids: BTreeMap<&'static str, String>,
    courses: Vec<String>,
    videos: Vec<String>,
}

impl Data {
    /// Makes what these reads need.
    pub(crate) async fn make(platform: &Platform, reads: &[&Reads]) -> Outcome<Self> {
        let world = &platform.world;
        let (student, teacher, admin) =
            (world.student().await, world.instructor().await, world.admin().await);
        let mut data =
            Self { student, teacher, admin, ids: BTreeMap::new(), courses: Vec::new(), videos: Vec::new() };
        let seeds: BTreeSet<Seed> = reads.iter().flat_map(|reads| reads.seeds.iter().copied()).collect();
        for seed in seeds {
            let made = match seed {
                Seed::Sessions => data.sessions(platform).await,
                Seed::Users => data.users(platform).await,
                Seed::Channel => data.channel(platform).await,
                Seed::Courses => data.courses(platform).await,
                Seed::Enrollments => data.enrollments(platform).await,
                Seed::Videos => data.videos(platform).await,
                Seed::Progress => data.progress(platform).await,
            };
            made.map_err(|error| format!("{seed:?} can't be made: {error}"))?;
        }
        Ok(data)
    }

    /// A path with the ids in place of the names.
    pub(crate) fn path(&self, pattern: &str) -> String {
        let filled = |path: String, (name, id): (&&str, &String)| path.replace(&format!("{{{name}}}"), id);
        self.ids.iter().fold(pattern.to_owned(), filled)
    }

    /// The access token of a reader.
    pub(crate) fn token(&self, who: Who) -> Option<&str> {
        match who {
            Who::Visitor => None,
            Who::Student => Some(&self.student.token),
            Who::Teacher => Some(&self.teacher.token),
            Who::Admin => Some(&self.admin.token),
        }
    }

    async fn sessions(&mut self, platform: &Platform) -> Outcome<()> {
        // His own is the first.
        for _ in 1..LIST {
            platform.world.login(self.student.id).await;
        }
        Ok(())
    }

    async fn users(&mut self, platform: &Platform) -> Outcome<()> {
        for _ in 0..LIST {
            platform.world.student().await;
        }
        Ok(())
    }

    async fn channel(&mut self, platform: &Platform) -> Outcome<()> {
        let mut function = platform.instance("api-channels").await?;
        let body = json!({"name": "Rust, slowly", "handle": "rust-slowly", "description": WORDS});
        let request = Request::post("/api/v1/channels", Some(&self.teacher.token), body);
        let id = made(&mut function, request, "id").await?;
        self.ids.insert("channel", id);
        // A new channel may upload less than a page of videos in a week.
        let channels = platform.world.store().channels();
        let mut channel = channels.of_user(self.teacher.id).await?.ok_or("the channel was not stored")?;
        channel.quota = Quota::PREMIUM;
        platform.world.store().put(&channel).await?;
        Ok(())
    }

    async fn courses(&mut self, platform: &Platform) -> Outcome<()> {
        let mut function = platform.instance("api-courses").await?;
        let token = Some(self.teacher.token.as_str());
        for number in 1..=LIST {
            let course = json!({
                "title": format!("Complete Web Development Bootcamp, part {number}"),
                "short_description": "Everything from the first page to a service that others depend on.",
                "description": WORDS,
                "category": "Development",
                "price": 0,
                "tags": ["web", "rust", "beginners"],
                "outcomes": ["Write a service", "Test it", "Run it"],
            });
            let course = made(&mut function, Request::post("/api/v1/courses", token, course), "id").await?;
            let path = format!("/api/v1/courses/{course}");
            let sections = format!("{path}/sections");
            let section = Request::post(&sections, token, json!({"title": "Basics"}));
            let section = made(&mut function, section, "id").await?;
            let lessons = format!("{sections}/{section}/lessons");
            let lesson =
                json!({"kind": "text", "title": "Ownership", "content": WORDS, "duration_seconds": 90});
            made(&mut function, Request::post(&lessons, token, lesson), "id").await?;
            let publish = format!("{path}/publish");
            function.ask(&Request::post(&publish, token, json!({}))).await?;
            self.ids.entry("course").or_insert_with(|| course.clone());
            self.ids.entry("section").or_insert(section);
            self.courses.push(course);
        }
        Ok(())
    }

    async fn enrollments(&mut self, platform: &Platform) -> Outcome<()> {
        let mut function = platform.instance("api-enrollments").await?;
        for course in &self.courses {
            let path = format!("/api/v1/courses/{course}/enroll");
            let request = Request::post(&path, Some(&self.student.token), json!({}));
            let id = made(&mut function, request, "id").await?;
            self.ids.entry("enrollment").or_insert(id);
        }
        Ok(())
    }

    async fn videos(&mut self, platform: &Platform) -> Outcome<()> {
        let mut function = platform.instance("api-uploads").await?;
        let token = Some(self.teacher.token.as_str());
        for number in 1..=LIST {
            let target = json!({"kind": "section", "id": self.path("{section}")});
            let upload =
                json!({"filename": format!("lesson-{number}.mp4"), "size": 7_340_032, "target": target});
            let ticket = function.ask(&Request::post("/api/v1/media/videos/presign", token, upload)).await?;
            let id = |name: &str| text(&ticket.body, name);
            let video = id("video_id")?;
            self.ids.entry("video").or_insert_with(|| video.clone());
            self.ids.entry("upload").or_insert(id("upload_id")?);
            self.videos.push(video);
        }
        Ok(())
    }

    async fn progress(&mut self, platform: &Platform) -> Outcome<()> {
        let store = platform.world.store();
        let mut function = platform.instance("api-playback").await?;
        for id in &self.videos {
            // As the package job leaves a video; encoding twenty of them is what `media` measures.
            let video: Id<kinds::Video> = id.parse()?;
            let key = Video::key_of(video);
            let mut video: Video =
                store.get(key, Consistency::Strong).await?.ok_or("the video was not stored")?;
            video.duration_ms = 600_000;
            video.active_version = Some(video.latest_version);
            video.status = VideoStatus::Ready;
            store.put(&video).await?;
            let watched = json!({
                "video": id,
                "enrollment": self.path("{enrollment}"),
                "intervals": [[0.0, 12.5], [40.0, 55.0]],
                "last_position": 55.0,
            });
            let path = "/api/v1/media/video-progress";
            function.ask(&Request::put(path, Some(&self.student.token), watched)).await?;
        }
        Ok(())
    }
}

async fn made(function: &mut Instance, request: Request<'_>, name: &str) -> Outcome<String> {
    text(&function.ask(&request).await?.body, name)
}

fn text(body: &serde_json::Value, name: &str) -> Outcome<String> {
    let text = body[name].as_str().ok_or_else(|| format!("no {name} in {body}"))?;
    Ok(text.to_owned())
}

/// About 600 characters, as descriptions have them.
const WORDS: &str = "You begin with an empty folder and end with a service that other people depend on. On the way you \
    meet ownership and borrowing, errors that are values, traits, and the few kinds of concurrency that are worth \
    knowing. Every part ends with something that runs: a command, a library, a server, a job that survives its own \
    death. Nothing is left as an exercise that was not solved before, and every measurement comes with the machine \
    that it was taken on. You should have written programs in any language; which one does not matter. You do not \
    need to know Rust, and you do not need to have fought with a compiler before: this one is on your side.";
