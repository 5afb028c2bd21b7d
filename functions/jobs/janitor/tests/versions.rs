//! Versions of videos that were replaced, from their retention to the last object, on a real S3.

// `cfg(test)` tells clippy that helpers belong to tests, too.
#[cfg(test)]
mod versions {
    use cloud::Objects;
    use domain::{
        sweep::SweepKind,
        version::{GRACE, RETENTION},
        video::{TranscodingStatus, VideoStatus},
    };
    use job_janitor::{Context, Task, handle};
    use kernel::{SignedDuration, Vars};
    use store::{
        Key, Query, Table,
        entities::{
            Asset, Part, PartRun, StoredPlan, Version, Video, VideoThumbnail, picture::PictureDecision,
            pipeline::version_reminder,
        },
    };
    use testkit::{
        World,
        aws::{AwsServer, cloud_at, job_settings},
        cut::Cut,
        fixtures,
    };

    const UPLOADS: &str = "uploads-bucket";
    const MEDIA: &str = "media-bucket";

    struct Stage {
        world: World,
        aws: AwsServer,
        objects: Objects,
        cut: Cut,
        distribution: String,
        settings: Vec<(String, String)>,
        video: Video,
    }

    impl Stage {
        /// A video whose second version plays, and whose first was replaced now.
        async fn new() -> Self {
            let (world, aws, cut) = (World::new().await, AwsServer::start("s3,cloudfront"), Cut::default());
            aws.make_bucket(UPLOADS);
            aws.make_bucket(MEDIA);
            let distribution = aws.make_distribution();
            let own = [
                ("UPLOADS_BUCKET", UPLOADS),
                ("MEDIA_BUCKET", MEDIA),
                ("DISTRIBUTION_ID", &distribution),
                ("INGEST_QUEUE_URL", "http://127.0.0.1:9/ingest"),
                ("TRANSCODE_QUEUE_URL", "http://127.0.0.1:9/transcode"),
                ("PACKAGE_QUEUE_URL", "http://127.0.0.1:9/package"),
                ("PRIVACY_QUEUE_URL", "http://127.0.0.1:9/privacy"),
                ("CERTIFY_QUEUE_URL", "http://127.0.0.1:9/certify"),
            ];
            let (storage, tables) =
                (cut.before(aws.url()).await, cut.before(world.dynamodb_url.clone()).await);
            let settings = job_settings(&storage, &tables, &own);
            let objects = cloud_at(&aws.url()).objects();
            let teacher = world.instructor().await;
            let video = fixtures::video(&world, &teacher, VideoStatus::Published);
            let video = Video { active_version: Some(2), newest_shown: Some(2), latest_version: 2, ..video };
            let stage = Self { world, aws, objects, cut, distribution, settings, video };
            let now = stage.world.ambient().now();
            stage.world.store().put(&stage.video).await.unwrap();
            stage.put_version(1, TranscodingStatus::Completed).await;
            stage.put_version(2, TranscodingStatus::Completed).await;
            let one = Version { idle_since: Some(now), ..stage.version(1).await.unwrap() };
            stage.world.store().put(&one).await.unwrap();
            stage.remind(1).await;
            stage
        }

        async fn remind(&self, number: u32) {
            let due = self.world.ambient().now() + RETENTION;
            self.world.store().put(&version_reminder(self.video.id, number, due)).await.unwrap();
        }

        /// All that is stored of a version, in S3 and in the table.
        async fn put_version(&self, number: u32, transcoding_status: TranscodingStatus) {
            let (store, id, now) = (self.world.store(), self.video.id, self.world.ambient().now());
            let version =
                Version { version_number: number, transcoding_status, ..fixtures::version(&self.video) };
            store.put(&version).await.unwrap();
            let plan = StoredPlan {
                video_id: id,
                version_number: number,
                plan: fixtures::PLAN.into(),
                created_at: now,
            };
            store.put(&plan).await.unwrap();
            for part in 0..3 {
                let result = "{}".to_owned();
                let made = Part {
                    video_id: id,
                    version_number: number,
                    part,
                    result,
                    cpu_seconds: 1.0,
                    created_at: now,
                };
                store.put(&made).await.unwrap();
                let run =
                    PartRun { video_id: id, version_number: number, part, begun_at: now, sent_again: false };
                store.put(&run).await.unwrap();
            }
            let asset = Asset {
                video_id: id,
                version_number: number,
                resolution: "360p".into(),
                bitrate_kbps: 800,
                playlist_url: String::new(),
                segment_path_prefix: String::new(),
                file_size_bytes: 1,
                codec: "H.264".into(),
                created_at: now,
            };
            store.put(&asset).await.unwrap();
            for key in self.keys(number) {
                let bucket = if key.starts_with("uploads/") { UPLOADS } else { MEDIA };
                self.objects.write(bucket, &key, "video/mp4", "", b"film".to_vec()).await.unwrap();
            }
        }

        /// What S3 holds of a version.
        fn keys(&self, number: u32) -> Vec<String> {
            let id = self.video.id;
            let hls = ["master.m3u8", "v360/init.mp4", "v360/seg_00000.m4s"];
            let hls = hls.map(|name| format!("hls/videos/{id}/{number}/{name}"));
            let others =
                [format!("posters/{id}/{number}/poster_0.jpg"), format!("uploads/{id}/{number}/{id}")];
            hls.into_iter().chain(others).collect()
        }

        async fn version(&self, number: u32) -> Option<Version> {
            self.world.store().versions().get(self.video.id, number).await.unwrap()
        }

        async fn stored_keys(&self) -> Vec<String> {
            let mut keys = self.objects.list(MEDIA, "", 100).await.unwrap();
            keys.extend(self.objects.list(UPLOADS, "", 100).await.unwrap());
            keys
        }

        /// The sort keys of the video's items.
        async fn items(&self) -> Vec<String> {
            let query = Query::partition(Video::partition(self.video.id));
            let items = self.world.store().query_all(Table::Media, query).await.unwrap();
            items.iter().map(|item| item["sk"].as_s().unwrap().clone()).collect()
        }

        async fn reminders(&self) -> usize {
            let end = self.world.ambient().now() + RETENTION + RETENTION;
            self.world.store().sweeps().due(SweepKind::Version, end, 100).await.unwrap().len()
        }

        /// One run of the job, which dies before the request after `requests`; whether it ended.
        async fn run(&self, requests: usize) -> bool {
            let vars = Vars::fixed(self.settings.clone());
            let context = Context::with(vars, self.world.ambient().clone()).unwrap();
            self.cut.after(requests);
            let task = Box::pin(handle(&context, Task::Sweep { ahead_seconds: 0 }));
            match self.cut.run(task).await {
                Some(done) => {
                    done.unwrap();
                    true
                }
                None => false,
            }
        }
    }

    #[tokio::test]
    async fn a_replaced_version_stays_for_a_week_and_goes_when_no_cookie_opens_it() {
        let stage = Stage::new().await;
        assert!(stage.run(usize::MAX).await);
        stage.world.advance(RETENTION - SignedDuration::from_secs(1));
        assert!(stage.run(usize::MAX).await);
        assert!(stage.version(1).await.unwrap().retired_at.is_none(), "its owner may still go back");

        stage.world.advance(SignedDuration::from_secs(1));
        assert!(stage.run(usize::MAX).await);
        assert!(stage.version(1).await.unwrap().retired_at.is_some());
        assert_eq!(stage.stored_keys().await.len(), 10, "cookies for it may still be out");
        stage.world.advance(GRACE - SignedDuration::from_secs(1));
        assert!(stage.run(usize::MAX).await);
        assert_eq!(stage.stored_keys().await.len(), 10);
        assert_eq!(stage.aws.invalidations(&stage.distribution), 0);

        stage.world.advance(SignedDuration::from_secs(1));
        assert!(stage.run(usize::MAX).await);
        let mut left = stage.keys(2);
        left.sort_by_key(|key| key.starts_with("uploads/"));
        assert_eq!(stage.stored_keys().await, left);
        assert_eq!(stage.aws.invalidations(&stage.distribution), 1);
        let items = stage.items().await;
        assert!(items.iter().all(|sort| sort == "VIDEO" || sort.contains("#0002")), "{items:?}");
        assert_eq!((items.len(), stage.reminders().await), (10, 0));
    }

    /// Cut off at each of its requests, one after the other, until it is through.
    #[tokio::test]
    async fn a_run_that_dies_anywhere_is_finished_by_the_next() {
        let stage = Stage::new().await;
        stage.world.advance(RETENTION);
        let mut requests = 0;
        while !stage.run(requests).await {
            requests += 1;
            assert!(stage.version(1).await.is_some());
            assert_eq!(stage.stored_keys().await.len(), 10);
        }
        stage.world.advance(GRACE);
        let mut requests = 0;
        while !stage.run(requests).await {
            // Whatever is gone, its reminder is not.
            assert_eq!(stage.reminders().await, 1, "after {requests} requests");
            requests += 1;
        }
        assert!(requests > 15, "{requests}");
        assert_eq!((stage.stored_keys().await.len(), stage.items().await.len()), (5, 10));
        assert_eq!(stage.reminders().await, 0);
        assert!(stage.keys(2).iter().all(|key| !key.contains("/1/")));
        assert!(stage.version(2).await.is_some());
    }

    #[tokio::test]
    async fn what_is_used_again_stays() {
        let stage = Stage::new().await;
        stage.world.advance(SignedDuration::from_hours(24));
        // Its owner went back to the first, and the second was replaced.
        let one = stage.version(1).await.unwrap();
        assert!(
            stage
                .world
                .store()
                .versions()
                .activate(&stage.video, &one, stage.world.ambient().now())
                .await
                .unwrap()
        );
        stage.world.advance(RETENTION - SignedDuration::from_hours(1));
        assert!(stage.run(usize::MAX).await);
        for number in [1, 2] {
            assert!(stage.version(number).await.unwrap().retired_at.is_none(), "{number}");
        }
        stage.world.advance(SignedDuration::from_hours(2));
        assert!(stage.run(usize::MAX).await);
        assert!(stage.version(1).await.unwrap().retired_at.is_none());
        assert!(stage.version(2).await.unwrap().retired_at.is_some(), "a week after it was replaced");
        stage.world.advance(GRACE);
        assert!(stage.run(usize::MAX).await);
        assert!(stage.stored_keys().await.iter().all(|key| key.contains("/1/")));
    }

    #[tokio::test]
    async fn nothing_is_looked_for_of_a_video_that_is_gone() {
        let stage = Stage::new().await;
        stage
            .world
            .store()
            .delete(Table::Media, Key::new(Video::partition(stage.video.id), "VIDEO"))
            .await
            .unwrap();
        stage.world.advance(RETENTION);
        assert!(stage.run(usize::MAX).await);
        assert_eq!(
            (stage.reminders().await, stage.stored_keys().await.len()),
            (0, 10),
            "its own reminder removes it"
        );
    }
    #[tokio::test]
    async fn all_of_a_deleted_video_goes_its_uploaded_pictures_too_wherever_the_run_dies() {
        let stage = Stage::new().await;
        let (id, picture) = (stage.video.id, stage.world.ambient().id());
        let now = stage.world.ambient().now();
        let (shown, sent) =
            (VideoThumbnail::object_key(id, picture), VideoThumbnail::upload_key(id, picture));
        for (bucket, key) in [(MEDIA, &shown), (UPLOADS, &sent)] {
            stage.objects.write(bucket, key, "image/jpeg", "", b"a picture".to_vec()).await.unwrap();
        }
        let decision = PictureDecision::Shown(format!("/{shown}"));
        assert!(stage.world.store().pictures().decide(id, picture, &decision, now).await.unwrap());
        assert!(stage.items().await.contains(&"THUMBNAIL".to_owned()));
        let purge = fixtures::upload(&stage.world, &stage.video).purge(now);
        assert!(stage.world.store().videos().remove(id, stage.video.owner_id, &purge, now).await.unwrap());
        let mut requests = 0;
        while !stage.run(requests).await {
            requests += 1;
        }
        assert!(requests > 10, "{requests}");
        assert_eq!((stage.stored_keys().await, stage.items().await), (Vec::new(), Vec::new()));
    }
}
