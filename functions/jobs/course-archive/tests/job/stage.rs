//! The platform around the job: the API of courses, storage behind a proxy that can cut the job off, and what is stored.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
    time::Duration,
};

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use cloud::Objects;
use contracts::{Queue, archive::CourseArchive};
use domain::sweep::SweepKind;
use jobs::{Delivery, JobError, Publisher, Sent};
use kernel::{Id, SignedDuration, Vars, id::kinds};
use serde_json::{Value, json};
use store::entities::{CourseExport, CourseImport, Resource};
use testkit::{
    App, Caller, Reply, World,
    aws::{AwsServer, NOWHERE, cloud_at, job_settings},
    cut::Cut,
};

pub(crate) const UPLOADS: &str = "uploads-bucket";
pub(crate) const EXPORTS: &str = "exports-bucket";
const TICKET: &str = "/api/v1/courses/import-archive/ticket";
pub(crate) const IMPORT: &str = "/api/v1/courses/import-archive";

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) app: App,
    pub(crate) sent: Sent,
    pub(crate) objects: Objects,
    pub(crate) cut: Cut,
    settings: Vec<(String, String)>,
    _aws: AwsServer,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let aws = AwsServer::start("s3");
        let cut = Cut::default();
        for bucket in [UPLOADS, EXPORTS] {
            aws.make_bucket(bucket);
        }
        let own = [("UPLOADS_BUCKET", UPLOADS), ("EXPORTS_BUCKET", EXPORTS)];
        let (storage, tables) = (cut.before(aws.url()).await, cut.before(world.dynamodb_url.clone()).await);
        let settings = job_settings(&storage, &tables, &own);
        let cloud = cloud_at(&aws.url());
        let s3 = aws_sdk_s3::config::Builder::from(cloud.sdk()).force_path_style(true).build();
        let s3 = aws_sdk_s3::Client::from_conf(s3);
        let versions = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        s3.put_bucket_versioning().bucket(UPLOADS).versioning_configuration(versions).send().await.unwrap();
        let (publisher, sent) = Publisher::keeping_for_tests(world.ambient());
        let groups = api_courses::Settings { uploads_bucket: UPLOADS.into(), exports_bucket: EXPORTS.into() };
        let state = api_courses::State::new(world.platform.clone(), cloud.objects(), publisher, &groups);
        let app = world.app(api_courses::router(), state);
        Self { world, app, sent, objects: cloud.objects(), cut, settings, _aws: aws }
    }

    /// Delivers a message to a fresh instance of the job, which dies before the request after `requests`. `None` when it died.
    pub(crate) async fn deliver(
        &self,
        message: &CourseArchive,
        (receive_count, requests): (u32, usize),
    ) -> Option<Result<(), JobError>> {
        let context = self.context(&[]);
        let delivery = self.delivery(message, receive_count);
        self.cut.after(requests);
        self.cut.run(Box::pin(job_course_archive::handle(&context, delivery))).await
    }

    /// Delivers a message while no S3 answers.
    pub(crate) async fn deliver_without_s3(
        &self,
        message: &CourseArchive,
        receive_count: u32,
    ) -> Result<(), JobError> {
        let context = self.context(&[("AWS_ENDPOINT_URL", NOWHERE)]);
        self.cut.after(usize::MAX);
        Box::pin(job_course_archive::handle(&context, self.delivery(message, receive_count))).await
    }

    fn context(&self, other: &[(&str, &str)]) -> job_course_archive::Context {
        let mut settings = self.settings.clone();
        // The last value of a name counts.
        settings.extend(other.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        job_course_archive::Context::with(Vars::fixed(settings), self.world.ambient().clone()).unwrap()
    }

    fn delivery(&self, message: &CourseArchive, receive_count: u32) -> Delivery {
        Delivery {
            message_id: "1".into(),
            body: contracts::encode(message, self.world.ambient()),
            receive_count,
            time_left: Duration::from_secs(600),
        }
    }

    /// Delivers a message and expects that it is done.
    pub(crate) async fn done(&self, message: &CourseArchive) {
        self.deliver(message, (1, usize::MAX)).await.unwrap().unwrap();
    }

    /// What was sent to the job since the last look.
    pub(crate) fn told(&self) -> Vec<CourseArchive> {
        self.sent.take(Queue::Archive).iter().map(|text| contracts::decode(text).unwrap()).collect()
    }

    /// A course with a text that has a file of each of these contents; its path.
    pub(crate) async fn course(&self, teacher: &Caller, files: &[&[u8]]) -> String {
        let new = json!({"title": "Rust for Everyone", "price": 0});
        let made = self.app.post("/api/v1/courses", teacher, new).await.expect(201);
        let course = format!("/api/v1/courses/{}", made.text("id"));
        let section = self.app.post(&format!("{course}/sections"), teacher, json!({"title": "Basics"})).await;
        let lessons = format!("{course}/sections/{}/lessons", section.expect(201).text("id"));
        let text = json!({"kind": "text", "title": "Ownership", "content": "Each value has one owner."});
        let lesson = self.app.post(&lessons, teacher, text).await.expect(201).text("id");
        for (number, content) in files.iter().enumerate() {
            let wish = json!({"content_type": "application/pdf", "size": content.len()});
            let ticket = self.app.post(&format!("{course}/resources"), teacher, wish).await.expect(201);
            let id = ticket.text("resource_id");
            let key = Resource::object_key(made.text("id").parse().unwrap(), id.parse().unwrap());
            self.objects.write(UPLOADS, &key, "application/pdf", "", content.to_vec()).await.unwrap();
            let file =
                json!({"resource_id": id, "title": format!("Part {number}"), "file_name": "슬라이드.pdf"});
            self.app.post(&format!("{course}/lessons/{lesson}/resources"), teacher, file).await.expect(201);
        }
        course
    }

    /// Asks for an archive; the message.
    pub(crate) async fn ask(&self, teacher: &Caller, course: &str) -> CourseArchive {
        self.app.post(&format!("{course}/archive"), teacher, json!({})).await.expect(202);
        self.told().remove(0)
    }

    pub(crate) async fn exported(&self, teacher: &Caller, course: &str) -> Reply {
        self.app.get(&format!("{course}/archive"), teacher).await.expect(200)
    }

    /// The bytes of the archive that is ready.
    pub(crate) async fn archive(&self, teacher: &Caller, course: &str) -> Vec<u8> {
        let state = self.exported(teacher, course).await;
        assert_eq!(state.text("status"), "ready", "{:?}", state.body);
        let course: Id<kinds::Course> = course.rsplit('/').next().unwrap().parse().unwrap();
        let export =
            self.world.store().course_archives().export_of(teacher.id, course).await.unwrap().unwrap();
        let bytes = self.objects.read(EXPORTS, &export.object_key()).await.unwrap();
        assert_eq!(state.body["size_bytes"], json!(bytes.len()));
        bytes
    }

    /// Sends an archive, and asks for a draft of it; the message and where its state is.
    pub(crate) async fn send(&self, teacher: &Caller, archive: &[u8]) -> (CourseArchive, String) {
        let ticket = self.app.post(TICKET, teacher, json!({"size": archive.len()})).await.expect(201);
        let id = ticket.text("archive_id");
        let key = CourseImport::object_key_of(teacher.id, id.parse().unwrap());
        self.objects.write(UPLOADS, &key, "application/zip", "", archive.to_vec()).await.unwrap();
        self.app.post(IMPORT, teacher, json!({"archive_id": id})).await.expect(202);
        (self.told().remove(0), format!("{IMPORT}/{id}"))
    }

    /// Sends an archive and has the job take it; the state.
    pub(crate) async fn import(&self, teacher: &Caller, archive: &[u8]) -> Value {
        let (message, state) = self.send(teacher, archive).await;
        self.done(&message).await;
        self.app.get(&state, teacher).await.expect(200).body
    }

    /// The contents of the files of a course, by their titles, as its teacher finds them.
    pub(crate) async fn files(&self, teacher: &Caller, course: &str) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let page = self.app.get(course, teacher).await.expect(200).body;
        let lessons = page["curriculum"].as_array().unwrap().iter().flat_map(|section| {
            section["lessons"].as_array().unwrap().iter().map(|lesson| lesson["id"].as_str().unwrap())
        });
        for lesson in lessons {
            let lesson = self.app.get(&format!("{course}/lessons/{lesson}"), teacher).await.expect(200).body;
            for file in lesson["resources"].as_array().unwrap() {
                assert_eq!(
                    (&file["file_name"], &file["content_type"]),
                    (&json!("슬라이드.pdf"), &json!("application/pdf"))
                );
                let id = file["id"].as_str().unwrap().parse().unwrap();
                let key = Resource::object_key(page["id"].as_str().unwrap().parse().unwrap(), id);
                let bytes = self.objects.read(UPLOADS, &key).await.unwrap();
                assert_eq!(file["size"], json!(bytes.len()));
                let head = self.objects.head(UPLOADS, &key).await.unwrap();
                assert_eq!(head.content_type.as_deref(), Some("application/pdf"));
                found.insert(file["title"].as_str().unwrap().to_owned(), bytes);
            }
        }
        found
    }

    /// How many courses a teacher sees.
    pub(crate) async fn courses(&self, teacher: &Caller) -> usize {
        let own = self.app.get("/api/v1/instructor/courses?page_size=100", teacher).await.expect(200).body;
        own["results"].as_array().unwrap().len()
    }

    /// Files that the janitor would remove within a day.
    pub(crate) async fn loose(&self) -> usize {
        let until = self.world.ambient().now() + SignedDuration::from_hours(24);
        self.world.store().sweeps().due(SweepKind::Resource, until, 100).await.unwrap().len()
    }

    /// The archives of a teacher that were sent and are still there.
    pub(crate) async fn sent_archives(&self, teacher: &Caller) -> usize {
        self.objects.list(UPLOADS, &CourseImport::prefix(teacher.id), 10).await.unwrap().len()
    }

    /// The archives of a teacher's courses.
    pub(crate) async fn written(&self, teacher: &Caller) -> usize {
        self.objects.list(EXPORTS, &CourseExport::prefix(teacher.id), 10).await.unwrap().len()
    }
}

/// The entries of an archive, as another program reads it.
pub(crate) fn entries(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut entries = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        entries.insert(file.name().unwrap().into_owned(), bytes);
    }
    entries
}

/// An archive of these entries.
pub(crate) fn pack<'a>(entries: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = archive::Writer::default();
    for (name, bytes) in entries {
        writer.start(name, archive::Packing::Stored).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap()
}
