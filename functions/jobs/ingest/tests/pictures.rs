//! Pictures of people, courses and videos from the S3 event to what is shown, on a real S3 and real ffmpeg.

// `cfg(test)` tells clippy that helpers belong to tests, too.
#[cfg(test)]
mod pictures {
    use std::{path::Path, process::Command, time::Duration};

    use cloud::Objects;
    use domain::video::VideoStatus;
    use job_ingest::Context;
    use jobs::Delivery;
    use kernel::{Id, Vars, id::kinds};
    use store::entities::{
        Course, CourseThumbnail, Pictured, Poster, ProfilePicture, ShownPicture, Version, Video,
        VideoThumbnail, picture::PictureDecision,
    };
    use testkit::{
        Caller, World,
        aws::{AwsServer, cloud_at, job_settings},
        fixtures,
    };

    const UPLOADS: &str = "uploads-bucket";
    const MEDIA: &str = "media-bucket";

    struct Stage {
        world: World,
        objects: Objects,
        vars: Vars,
        _aws: AwsServer,
    }

    impl Stage {
        async fn new() -> Self {
            let (world, aws) = (World::new().await, AwsServer::start("s3,sqs"));
            aws.make_bucket(UPLOADS);
            aws.make_bucket(MEDIA);
            let own = [
                ("UPLOADS_BUCKET", UPLOADS),
                ("MEDIA_BUCKET", MEDIA),
                ("PUBLIC_BASE_URL", "https://learn.example"),
                ("TRANSCODE_WORKERS", "4"),
                ("TRANSCODE_QUEUE_URL", "http://127.0.0.1:9/transcode"),
                ("PACKAGE_QUEUE_URL", "http://127.0.0.1:9/package"),
            ];
            let vars = Vars::fixed(job_settings(&aws.url(), &world.dynamodb_url, &own));
            let objects = cloud_at(&aws.url()).objects();
            Self { world, objects, vars, _aws: aws }
        }

        /// Puts a file where a browser would, and gives its picture.
        async fn upload(&self, user: &Caller, file: &[u8]) -> Id<kinds::Picture> {
            self.upload_for(user.id, file).await
        }

        async fn upload_for<K: Pictured>(&self, owner: Id<K>, file: &[u8]) -> Id<kinds::Picture> {
            self.world.advance(kernel::SignedDuration::from_secs(1));
            let id = self.world.ambient().id();
            let key = ShownPicture::upload_key(owner, id);
            self.objects.write(UPLOADS, &key, "image/jpeg", "", file.to_vec()).await.unwrap();
            id
        }

        /// Delivers the event of an upload, as S3 writes it.
        async fn event(&self, user: &Caller, id: Id<kinds::Picture>) {
            self.event_of(&ProfilePicture::upload_key(user.id, id)).await;
        }

        /// Delivers the event of the upload under this key.
        async fn event_of(&self, key: &str) {
            let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../events/s3/picture-created.json");
            let body = std::fs::read_to_string(sample).unwrap().replace(
                "pictures/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/01933b7a-3c5e-7000-8000-4f2d1c9a7b11",
                key,
            );
            assert!(body.contains(key));
            let context = Context::from_env(self.vars.clone()).await.unwrap();
            let delivery = Delivery {
                message_id: "1".into(),
                body,
                receive_count: 1,
                time_left: Duration::from_secs(60),
            };
            job_ingest::handle(&context, delivery).await.unwrap();
        }

        async fn shown(&self, user: &Caller) -> String {
            self.world.store().users().get(user.id).await.unwrap().unwrap().avatar_url
        }

        async fn refusal(&self, user: &Caller) -> Option<String> {
            let picture = self.world.store().pictures().of(user.id).await.unwrap()?;
            picture.refusal.map(|reason| reason.to_string())
        }

        async fn uploads(&self) -> Vec<String> {
            self.objects.list(UPLOADS, "", 100).await.unwrap()
        }

        async fn media(&self) -> Vec<String> {
            self.objects.list(MEDIA, "", 100).await.unwrap()
        }
    }

    fn url(user: &Caller, id: Id<kinds::Picture>) -> String {
        format!("https://learn.example/avatars/{}/{id}.jpg", user.id)
    }

    /// A picture of ffmpeg's.
    fn picture(name: &str, size: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        let source = format!("testsrc2=s={size}");
        let done = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", &source, "-frames:v", "1"])
            .arg(&file)
            .status();
        assert!(done.unwrap().success());
        std::fs::read(Path::new(&file)).unwrap()
    }

    #[tokio::test]
    async fn a_course_gets_its_picture_in_its_shape() {
        let stage = Stage::new().await;
        let teacher = stage.world.instructor().await;
        let course = fixtures::course(&stage.world, &teacher);
        stage.world.store().put(&course).await.unwrap();
        let read = async || {
            let found: Option<Course> =
                stage.world.store().get(Course::key_of(course.id), store::Consistency::Strong).await.unwrap();
            found.unwrap()
        };
        let mut before = String::new();
        for (name, size) in [("wide.jpg", "1000x100"), ("tall.png", "100x1000"), ("odd.webp", "641x479")] {
            stage.world.advance(kernel::SignedDuration::from_secs(1));
            let id = stage.world.ambient().id();
            let upload = CourseThumbnail::upload_key(course.id, id);
            stage.objects.write(UPLOADS, &upload, "image/jpeg", "", picture(name, size)).await.unwrap();
            let revision = read().await.revision;
            stage.event_of(&upload).await;
            stage.event_of(&upload).await;
            let (key, after) = (CourseThumbnail::object_key(course.id, id), read().await);
            assert_eq!(after.thumbnail, format!("https://learn.example/{key}"), "{name}");
            assert_eq!(after.revision, revision + 1, "an edit that runs meanwhile is planned again");
            assert_eq!(stage.media().await, std::slice::from_ref(&key), "{name}: {before} is gone");
            assert!(stage.uploads().await.is_empty(), "{name}");
            let header = domain::picture::inspect(&stage.objects.read(MEDIA, &key).await.unwrap()).unwrap();
            assert_eq!((header.width, header.height), (1280, 720), "{name}");
            before = key;
        }
        // A text stays unseen, and says why.
        stage.world.advance(kernel::SignedDuration::from_secs(1));
        let upload = CourseThumbnail::upload_key(course.id, stage.world.ambient().id());
        stage.objects.write(UPLOADS, &upload, "image/jpeg", "", b"no picture".to_vec()).await.unwrap();
        stage.event_of(&upload).await;
        assert_eq!(read().await.thumbnail, format!("https://learn.example/{before}"));
        let state = stage.world.store().pictures().of(course.id).await.unwrap().unwrap();
        assert!(state.refusal.is_some());
    }

    impl Stage {
        /// A video that plays, with posters to choose from.
        async fn video(&self) -> Video {
            let teacher = self.world.instructor().await;
            let video = fixtures::video(&self.world, &teacher, VideoStatus::Published);
            let poster =
                |n: u64| Poster { path: format!("/posters/{}/1/poster_{n}.jpg", video.id), at_ms: n * 1_000 };
            let version = Version { posters: (0..3).map(poster).collect(), ..fixtures::version(&video) };
            self.world.store().put(&video).await.unwrap();
            self.world.store().put(&version).await.unwrap();
            video
        }

        async fn stored(&self, video: &Video) -> Video {
            self.world.store().videos().get(video.id).await.unwrap().unwrap()
        }

        async fn event_for(&self, video: &Video, id: Id<kinds::Picture>) {
            self.event_of(&VideoThumbnail::upload_key(video.id, id)).await;
        }

        /// The owner chooses a picture out of the film.
        async fn choose(&self, video: &Video, choice: u32) {
            self.world.advance(kernel::SignedDuration::from_secs(1));
            let (versions, id) = (self.world.store().versions(), self.world.ambient().id());
            let version = versions.get(video.id, 1).await.unwrap().unwrap();
            let now = self.world.ambient().now();
            assert!(versions.choose_poster(video, &version, choice, id, now).await.unwrap().is_some());
        }
    }

    fn path(video: &Video, id: Id<kinds::Picture>) -> String {
        format!("/{}", VideoThumbnail::object_key(video.id, id))
    }

    #[tokio::test]
    async fn a_video_gets_the_picture_of_its_owner_whatever_comes_twice_late_or_out_of_order() {
        let stage = Stage::new().await;
        let video = stage.video().await;
        let file = picture("a.png", "900x400");
        let first = stage.upload_for(video.id, &file).await;
        let second = stage.upload_for(video.id, &file).await;
        stage.event_for(&video, second).await;
        for _ in 0..2 {
            stage.event_for(&video, second).await;
            stage.event_for(&video, first).await;
        }
        let shown = stage.stored(&video).await;
        assert_eq!(
            (shown.thumbnail(), &shown.thumbnail_path),
            (&*path(&video, second), &video.thumbnail_path)
        );
        let key = VideoThumbnail::object_key(video.id, second);
        assert_eq!(stage.media().await, std::slice::from_ref(&key));
        assert!(stage.uploads().await.is_empty());
        let header = domain::picture::inspect(&stage.objects.read(MEDIA, &key).await.unwrap()).unwrap();
        assert_eq!((header.width, header.height), (1280, 720));
        // A text stays unseen, and says why.
        let text = stage.upload_for(video.id, b"no picture").await;
        stage.event_for(&video, text).await;
        let state = stage.world.store().pictures().of(video.id).await.unwrap().unwrap();
        assert!(state.decided == text && state.shown == Some(second) && state.refusal.is_some());
        assert_eq!(stage.stored(&video).await.thumbnail(), path(&video, second));
    }

    #[tokio::test]
    async fn a_picture_out_of_the_film_that_was_chosen_wins_against_every_upload_of_before() {
        let stage = Stage::new().await;
        let video = stage.video().await;
        let file = picture("a.jpg", "300x300");
        let (early, late) =
            (stage.upload_for(video.id, &file).await, stage.upload_for(video.id, &file).await);
        stage.event_for(&video, early).await;
        stage.choose(&video, 2).await;
        for upload in [late, early, late] {
            stage.event_for(&video, upload).await;
        }
        let chosen = format!("/posters/{}/1/poster_2.jpg", video.id);
        assert_eq!(stage.stored(&video).await.thumbnail(), chosen);
        let kept = VideoThumbnail::object_key(video.id, early);
        assert_eq!(stage.media().await, [kept], "it can be chosen again");
        assert!(stage.uploads().await.is_empty());
        // Its owner changes his mind once more.
        let after = stage.upload_for(video.id, &file).await;
        stage.event_for(&video, after).await;
        assert_eq!(stage.stored(&video).await.thumbnail(), path(&video, after));
        assert_eq!(stage.media().await, [VideoThumbnail::object_key(video.id, after)]);
    }

    #[tokio::test]
    async fn nothing_is_left_of_an_upload_for_a_video_that_was_deleted_meanwhile() {
        let stage = Stage::new().await;
        let video = stage.video().await;
        let file = picture("a.jpg", "300x300");
        let shown = stage.upload_for(video.id, &file).await;
        stage.event_for(&video, shown).await;
        let (late, died) = (stage.upload_for(video.id, &file).await, stage.upload_for(video.id, &file).await);
        // This run had made the picture when it died; then the janitor came.
        let left = VideoThumbnail::object_key(video.id, died);
        stage.objects.write(MEDIA, &left, "image/jpeg", "", b"made".to_vec()).await.unwrap();
        let upload = VideoThumbnail::upload_key(video.id, died);
        assert!(stage.objects.purge(UPLOADS, &upload).await.unwrap());
        let now = stage.world.ambient().now();
        let purge = fixtures::upload(&stage.world, &video).purge(now);
        assert!(stage.world.store().videos().remove(video.id, video.owner_id, &purge, now).await.unwrap());
        for upload in [late, died] {
            stage.event_for(&video, upload).await;
        }
        assert_eq!(stage.media().await, [VideoThumbnail::object_key(video.id, shown)], "the janitor's");
        assert!(stage.uploads().await.is_empty());
    }

    #[tokio::test]
    async fn a_picture_is_shown_and_its_upload_is_gone() {
        let stage = Stage::new().await;
        let user = stage.world.student().await;
        for name in ["a.jpg", "a.png", "a.webp"] {
            let id = stage.upload(&user, &picture(name, "800x600")).await;
            stage.event(&user, id).await;
            assert_eq!(stage.shown(&user).await, url(&user, id), "{name}");
            let key = ProfilePicture::object_key(user.id, id);
            assert_eq!(
                stage.media().await,
                std::slice::from_ref(&key),
                "{name}: what was shown before is gone"
            );
            assert!(stage.uploads().await.is_empty(), "{name}");
            let square = stage.objects.read(MEDIA, &key).await.unwrap();
            let header = domain::picture::inspect(&square).unwrap();
            assert_eq!((header.width, header.height), (512, 512), "{name}");
            let kind = stage.objects.head(MEDIA, &key).await.unwrap().content_type;
            assert_eq!(kind.as_deref(), Some("image/jpeg"), "{name}");
        }
    }

    #[tokio::test]
    async fn what_is_no_picture_is_refused_with_its_reason_and_the_old_one_stays() {
        let stage = Stage::new().await;
        let user = stage.world.student().await;
        let good = stage.upload(&user, &picture("a.jpg", "300x300")).await;
        stage.event(&user, good).await;
        let mut half = picture("a.png", "600x600");
        half.truncate(half.len() / 2);
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bomb.extend([0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff, 8, 6, 0, 0, 0]);
        for (file, reason) in [
            (b"#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n".to_vec(), "not a picture"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec(), "not a picture"),
            (b"\xff\xd8\xff\xe0 and then nothing of the kind".to_vec(), "damaged"),
            (half, "damaged"),
            (bomb, "too large"),
            (picture("tiny.png", "32x32"), "too small"),
            (vec![0xff; 5 * 1024 * 1024 + 1], "larger than 5 MB"),
            (Vec::new(), "not a picture"),
        ] {
            let id = stage.upload(&user, &file).await;
            stage.event(&user, id).await;
            let refusal = stage.refusal(&user).await.unwrap();
            assert!(refusal.contains(reason), "{reason}: {refusal}");
            assert!(stage.uploads().await.is_empty(), "{reason}");
            assert_eq!(stage.shown(&user).await, url(&user, good), "{reason}");
            assert_eq!(stage.media().await, [ProfilePicture::object_key(user.id, good)], "{reason}");
        }
        let again = stage.upload(&user, &picture("a.jpg", "300x300")).await;
        stage.event(&user, again).await;
        assert_eq!(stage.refusal(&user).await, None, "a good one takes the reason away");
    }

    #[tokio::test]
    async fn events_that_come_twice_late_and_out_of_order_change_nothing() {
        let stage = Stage::new().await;
        let user = stage.world.student().await;
        let file = picture("a.jpg", "300x300");
        let (first, second) = (stage.upload(&user, &file).await, stage.upload(&user, &file).await);
        stage.event(&user, second).await;
        for _ in 0..3 {
            stage.event(&user, second).await;
            stage.event(&user, first).await;
        }
        assert_eq!(stage.shown(&user).await, url(&user, second));
        assert_eq!(stage.media().await, [ProfilePicture::object_key(user.id, second)]);
        assert!(stage.uploads().await.is_empty());
        // The same URL can take a second file while it is valid; it is not shown.
        let key = ProfilePicture::upload_key(user.id, second);
        stage.objects.write(UPLOADS, &key, "image/jpeg", "", b"another".to_vec()).await.unwrap();
        stage.event(&user, second).await;
        assert!(stage.uploads().await.is_empty() && stage.refusal(&user).await.is_none());
    }

    #[tokio::test]
    async fn a_removal_and_the_end_of_the_account_win_against_an_upload_under_way() {
        let stage = Stage::new().await;
        let (user, gone) = (stage.world.student().await, stage.world.student().await);
        let file = picture("a.jpg", "300x300");
        let late = stage.upload(&user, &file).await;
        stage.world.advance(kernel::SignedDuration::from_secs(1));
        let (id, now) = (stage.world.ambient().id(), stage.world.ambient().now());
        let removed = PictureDecision::Removed;
        assert!(stage.world.store().pictures().decide(user.id, id, &removed, now).await.unwrap());
        stage.event(&user, late).await;
        assert_eq!(stage.shown(&user).await, "");

        let orphan = stage.upload(&gone, &file).await;
        let key = store::entities::User::key_of(gone.id);
        let delete = stage.world.dynamodb.delete_item().table_name("IdentityTable");
        let text = aws_sdk_dynamodb::types::AttributeValue::S;
        delete.key("pk", text(key.pk)).key("sk", text(key.sk)).send().await.unwrap();
        stage.event(&gone, orphan).await;
        assert!(stage.media().await.is_empty() && stage.uploads().await.is_empty());
    }

    #[tokio::test]
    async fn a_run_that_died_is_finished_by_the_next() {
        let stage = Stage::new().await;
        let user = stage.world.student().await;
        let id = stage.upload(&user, &picture("a.jpg", "300x300")).await;
        // It had written the square and died before it was decided.
        let key = ProfilePicture::object_key(user.id, id);
        stage.objects.write(MEDIA, &key, "image/jpeg", "", b"half".to_vec()).await.unwrap();
        stage.event(&user, id).await;
        assert!(stage.objects.read(MEDIA, &key).await.unwrap().starts_with(&[0xff, 0xd8, 0xff]));
        // It had decided and died before it cleaned up.
        let upload = ProfilePicture::upload_key(user.id, id);
        stage.objects.write(UPLOADS, &upload, "image/jpeg", "", picture("a.jpg", "300x300")).await.unwrap();
        let older: Id<kinds::Picture> = "01900000-0000-7000-8000-000000000000".parse().unwrap();
        let left = ProfilePicture::object_key(user.id, older);
        stage.objects.write(MEDIA, &left, "image/jpeg", "", b"old".to_vec()).await.unwrap();
        stage.event(&user, id).await;
        assert_eq!(stage.media().await, [key]);
        assert!(stage.uploads().await.is_empty());
        assert_eq!(stage.shown(&user).await, url(&user, id));
    }
}
