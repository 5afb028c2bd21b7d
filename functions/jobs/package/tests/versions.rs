//! What the packaging of a version does, twice, late, in company and killed anywhere, on a real S3.

// `cfg(test)` tells clippy that helpers belong to tests, too.
#[cfg(test)]
mod versions {
    use std::time::Duration;

    use cloud::Objects;
    use contracts::media::PackageVersion;
    use domain::{
        media::{AudioMode, PartKind, Rung, Segment, VersionPlan},
        video::{TranscodingStatus, VideoStatus},
    };
    use futures::future::join_all;
    use job_package::Context;
    use jobs::Delivery;
    use kernel::{SignedDuration, Vars};
    use media::{AudioOutput, ChunkOutput, CpuTime, InitOutput, Picture, RungOutput, SegmentOutput};
    use store::entities::{Part, StoredPlan, Version, Video, picture::PictureDecision};
    use testkit::{
        World,
        aws::{AwsServer, cloud_at, job_settings},
        cut::Cut,
        fixtures,
    };

    const MEDIA: &str = "media-bucket";

    struct Stage {
        world: World,
        objects: Objects,
        cut: Cut,
        settings: Vec<(String, String)>,
        video: Video,
        _aws: AwsServer,
    }

    impl Stage {
        /// A published video whose first version plays.
        async fn new() -> Self {
            let (world, aws, cut) = (World::new().await, AwsServer::start("s3"), Cut::default());
            aws.make_bucket(MEDIA);
            let (storage, tables) =
                (cut.before(aws.url()).await, cut.before(world.dynamodb_url.clone()).await);
            let settings = job_settings(&storage, &tables, &[("MEDIA_BUCKET", MEDIA)]);
            let objects = cloud_at(&aws.url()).objects();
            let teacher = world.instructor().await;
            let video = fixtures::video(&world, &teacher, VideoStatus::Published);
            let video = Video { latest_version: 3, ..video };
            world.store().put(&video).await.unwrap();
            world.store().put(&fixtures::version(&video)).await.unwrap();
            Self { world, objects, cut, settings, video, _aws: aws }
        }

        /// A version all of whose parts are done.
        async fn encoded(&self, number: u32) {
            let (store, id, now) = (self.world.store(), self.video.id, self.world.ambient().now());
            let plan: VersionPlan = serde_json::from_str(fixtures::PLAN).unwrap();
            let parts_total = plan.parts();
            let version = Version {
                version_number: number,
                transcoding_status: TranscodingStatus::InProgress,
                source_duration_seconds: 60.0,
                parts_total,
                parts_done: (0..parts_total).collect(),
                ..fixtures::version(&self.video)
            };
            store.put(&version).await.unwrap();
            let text = fixtures::PLAN.to_owned();
            let stored = StoredPlan { video_id: id, version_number: number, plan: text, created_at: now };
            store.put(&stored).await.unwrap();
            for part in 0..parts_total {
                let result = made(&plan, plan.part(part).unwrap());
                let (version_number, cpu_seconds) = (number, 1.0);
                let part = Part { video_id: id, version_number, part, result, cpu_seconds, created_at: now };
                store.put(&part).await.unwrap();
            }
        }

        /// One delivery, which dies before the request after `requests`; whether it ended.
        async fn package(&self, number: u32, requests: usize) -> bool {
            self.cut.after(requests);
            self.cut.run(Box::pin(self.deliver(number))).await.is_some()
        }

        async fn deliver(&self, number: u32) {
            let (vars, ambient) = (Vars::fixed(self.settings.clone()), self.world.ambient());
            let context = Context::with(vars, ambient.clone()).unwrap();
            let message = PackageVersion { video_id: self.video.id, version: number };
            let delivery = Delivery {
                message_id: "1".into(),
                body: contracts::encode(&message, ambient),
                receive_count: 1,
                time_left: Duration::from_secs(60),
            };
            job_package::handle(&context, delivery).await.unwrap();
        }

        async fn stored(&self) -> Video {
            self.world.store().videos().get(self.video.id).await.unwrap().unwrap()
        }

        async fn status(&self, number: u32) -> TranscodingStatus {
            let version = self.world.store().versions().get(self.video.id, number).await.unwrap();
            version.unwrap().transcoding_status
        }

        async fn keys(&self, number: u32) -> Vec<String> {
            let prefix = format!("hls/videos/{}/{number}/", self.video.id);
            let keys = self.objects.list(MEDIA, &prefix, 100).await.unwrap();
            keys.into_iter().map(|key| key[prefix.len()..].to_owned()).collect()
        }
    }

    fn init(codec: &str) -> InitOutput {
        InitOutput { sha256: "00".into(), bytes: 700, codec: codec.into(), timescale: 12_800 }
    }

    /// What a worker reports of a part.
    fn made(plan: &VersionPlan, kind: PartKind) -> String {
        let (plan, cpu) = (&plan.plan, CpuTime { user_ms: 1, system_ms: 1 });
        match kind {
            PartKind::Chunk(index) => {
                let segment = |one: Segment| SegmentOutput {
                    index: one.index,
                    duration: u64::from(one.frames) * 512,
                    samples: one.frames,
                    bytes: 100_000,
                };
                let segments = plan.segments(&plan.chunk(index).unwrap()).into_iter().map(segment);
                let segments = Vec::from_iter(segments);
                let (size, codec) = (|rung: &Rung| rung.size, "avc1.64001F");
                let rung =
                    |rung| RungOutput { size: size(rung), init: init(codec), segments: segments.clone() };
                let rungs = plan.rungs.iter().map(rung).collect();
                serde_json::to_string(&ChunkOutput { chunk: index, rungs, cpu, decode_errors: 0 })
            }
            PartKind::Audio => {
                let one = SegmentOutput { index: 0, duration: 12_800 * 60, samples: 2_813, bytes: 900_000 };
                let (mode, init) = (AudioMode::Copy { first_sample: 0 }, init("mp4a.40.2"));
                serde_json::to_string(&AudioOutput { init, segments: vec![one], mode, channels: 2, cpu })
            }
            PartKind::Pictures => {
                let picture = |(n, at_ms): (usize, &u64)| Picture {
                    name: format!("poster_{n}.jpg"),
                    at_ms: *at_ms,
                    width: 1_280,
                    height: 720,
                    bytes: 30_000,
                };
                serde_json::to_string(&Vec::from_iter(plan.posters_ms.iter().enumerate().map(picture)))
            }
        }
        .unwrap()
    }

    #[tokio::test]
    async fn a_job_that_dies_anywhere_leaves_the_version_before_until_the_next_one_is_whole() {
        let stage = Stage::new().await;
        stage.encoded(2).await;
        let mut requests = 0;
        while !stage.package(2, requests).await {
            let video = stage.stored().await;
            if video.active_version == Some(1) {
                assert_eq!(video.thumbnail_path, stage.video.thumbnail_path);
            } else {
                // The answer alone was lost.
                assert_eq!(stage.status(2).await, TranscodingStatus::Completed);
                assert!(stage.keys(2).await.contains(&"master.m3u8".to_owned()));
            }
            requests += 1;
        }
        assert!(requests > 8, "{requests}");
        let video = stage.stored().await;
        assert_eq!((video.active_version, video.status), (Some(2), VideoStatus::Published));
        assert_eq!(video.thumbnail_path, format!("/posters/{}/2/poster_2.jpg", video.id));
        let expected = ["audio", "v360", "v480", "v720"].map(|folder| format!("{folder}/index.m3u8"));
        let mut found = stage.keys(2).await;
        found.retain(|key| key != "master.m3u8");
        assert_eq!(found, expected);
        assert_eq!(stage.keys(1).await, Vec::<String>::new(), "nothing of the one before is touched");
    }

    #[tokio::test]
    async fn a_late_and_doubled_message_of_an_older_version_does_not_switch_back() {
        let stage = Stage::new().await;
        stage.encoded(2).await;
        stage.encoded(3).await;
        assert!(stage.package(3, usize::MAX).await);
        let switched = stage.stored().await;
        stage.world.advance(SignedDuration::from_mins(1));
        for number in [2, 2, 3] {
            assert!(stage.package(number, usize::MAX).await);
            let video = stage.stored().await;
            assert_eq!((video.active_version, video.updated_at), (Some(3), switched.updated_at));
        }
        assert_eq!(stage.status(2).await, TranscodingStatus::Completed, "its owner may go to it");
    }

    #[tokio::test]
    async fn a_picture_that_its_owner_uploaded_stays_with_every_version() {
        let stage = Stage::new().await;
        let (id, store) = (stage.video.id, stage.world.store());
        let path = format!("/posters/videos/{id}/own.jpg");
        let (picture, now) = (stage.world.ambient().id(), stage.world.ambient().now());
        let decision = PictureDecision::Shown(path.clone());
        assert!(store.pictures().decide(id, picture, &decision, now).await.unwrap());
        stage.encoded(2).await;
        assert!(stage.package(2, usize::MAX).await);
        let switched = stage.stored().await;
        assert_eq!((switched.active_version, switched.thumbnail()), (Some(2), path.as_str()));
        // Back to one out of the film: that of the version that plays.
        let second = store.versions().get(id, 2).await.unwrap().unwrap();
        stage.world.advance(SignedDuration::from_secs(1));
        let (wish, now) = (stage.world.ambient().id(), stage.world.ambient().now());
        let chosen = store.versions().choose_poster(&switched, &second, 0, wish, now).await.unwrap();
        let poster = format!("/posters/{id}/2/poster_0.jpg");
        assert_eq!((chosen.unwrap().thumbnail(), stage.stored().await.thumbnail()), (&*poster, &*poster));
        stage.encoded(3).await;
        assert!(stage.package(3, usize::MAX).await);
        assert_eq!(stage.stored().await.thumbnail(), format!("/posters/{id}/3/poster_2.jpg"));
    }

    #[tokio::test]
    async fn of_two_jobs_at_once_the_newer_version_wins() {
        let stage = Stage::new().await;
        stage.encoded(2).await;
        stage.encoded(3).await;
        stage.cut.after(usize::MAX);
        join_all([2, 3, 2, 3].map(|number| Box::pin(stage.deliver(number)))).await;
        let video = stage.stored().await;
        assert_eq!((video.active_version, video.newest_shown), (Some(3), Some(3)));
        for number in [2, 3] {
            assert_eq!(stage.status(number).await, TranscodingStatus::Completed);
        }
    }
}
