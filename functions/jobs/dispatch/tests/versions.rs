//! Who hears of the end of a version: what the steps of the pipeline write, as the stream gives it.

// `cfg(test)` tells clippy that helpers belong to tests, too.
#[cfg(test)]
mod versions {
    use std::collections::BTreeMap;

    use aws_lambda_events::dynamodb::{Event, EventRecord};
    use contracts::notify::Notify;
    use domain::video::{TranscodingStatus, VideoStatus};
    use kernel::SignedDuration;
    use store::{
        Item, Query, Table,
        entities::{Poster, Version, Video, pipeline::processing_reminder, version_switch::Packaged},
    };
    use testkit::{World, fixtures};

    struct Stage {
        world: World,
        video: Video,
        seen: BTreeMap<String, Item>,
        records: u32,
    }

    impl Stage {
        /// A video in this state with its first version.
        async fn new(status: VideoStatus) -> Self {
            let world = World::new().await;
            let teacher = world.instructor().await;
            let video = fixtures::video(&world, &teacher, status);
            let mut stage = Self { world, video, seen: BTreeMap::new(), records: 0 };
            stage.world.store().put(&stage.video).await.unwrap();
            stage.put(1, fixtures::version(&stage.video).transcoding_status).await;
            assert_eq!(stage.told().await, []);
            stage
        }

        async fn put(&self, number: u32, transcoding_status: TranscodingStatus) {
            // It has a plan: who tries it again goes on from there.
            let version = Version {
                version_number: number,
                transcoding_status,
                parts_total: 3,
                ..fixtures::version(&self.video)
            };
            self.world.store().put(&version).await.unwrap();
        }

        async fn stored(&self) -> Video {
            self.world.store().videos().get(self.video.id).await.unwrap().unwrap()
        }

        async fn version(&self, number: u32) -> Version {
            self.world.store().versions().get(self.video.id, number).await.unwrap().unwrap()
        }

        async fn complete(&self, number: u32) -> bool {
            self.world.advance(SignedDuration::from_secs(1));
            let (video, version, now) =
                (self.stored().await, self.version(number).await, self.world.ambient().now());
            let path = format!("/posters/{}/{number}/poster_0.jpg", video.id);
            let packaged = Packaged { posters: vec![Poster { path, at_ms: 0 }], assets: Vec::new() };
            self.world.store().versions().complete(&video, &version, &packaged, now).await.unwrap()
        }

        async fn fail(&self, number: u32) -> bool {
            self.world.advance(SignedDuration::from_secs(1));
            let (video, now) = (self.stored().await, self.world.ambient().now());
            self.world.store().versions().fail(&video, number, "It is not a video.", now).await.unwrap()
        }

        /// The owner has it tried again.
        async fn resume(&self, number: u32) -> bool {
            self.world.advance(SignedDuration::from_secs(1));
            let now = self.world.ambient().now();
            let (video, version) = (self.stored().await, self.version(number).await);
            let reminder = processing_reminder(video.id, number, now);
            self.world.store().versions().resume(&video, &version, &reminder, now).await.unwrap()
        }

        /// The owner goes to a version himself.
        async fn activate(&self, number: u32) -> bool {
            self.world.advance(SignedDuration::from_secs(1));
            let (video, version, now) =
                (self.stored().await, self.version(number).await, self.world.ambient().now());
            self.world.store().versions().activate(&video, &version, now).await.unwrap()
        }

        /// The messages to people that all writes since the last look make. The batch is given twice: both times it makes the same.
        async fn told(&mut self) -> Vec<Notify> {
            let query = Query::partition(Video::partition(self.video.id));
            let items = self.world.store().query_all(Table::Media, query).await.unwrap();
            let mut batch = Vec::new();
            for item in items {
                let before = self.seen.insert(item["sk"].as_s().unwrap().clone(), item.clone());
                if before.as_ref() != Some(&item) {
                    self.records += 1;
                    batch.push(record(self.records, before, item));
                }
            }
            let (first, again) = (job_dispatch::sort(batch.clone()), job_dispatch::sort(batch));
            assert!(first.unreadable.is_empty(), "{first:?}");
            assert_eq!(first.messages, again.messages);
            first.messages.into_iter().map(|received| received.message).collect()
        }
    }

    fn record(number: u32, before: Option<Item>, after: Item) -> EventRecord {
        let sample = include_str!("../../../../events/dynamodb/course-published.json");
        let mut record = serde_json::from_str::<Event>(sample).unwrap().records.remove(0);
        record.event_id = format!("record-{number}");
        record.event_name = if before.is_some() { "MODIFY" } else { "INSERT" }.to_owned();
        record.change.old_image = before.unwrap_or_default().into();
        record.change.new_image = after.into();
        record
    }

    #[tokio::test]
    async fn the_owner_hears_once_of_each_version_that_takes_the_place_of_another_or_fails() {
        let mut stage = Stage::new(VideoStatus::Published).await;
        let video_id = stage.video.id;
        let ready = |version| [Notify::VersionReady { video_id, version }];
        let failed = |version| [Notify::VersionFailed { video_id, version }];
        stage.put(2, TranscodingStatus::InProgress).await;
        assert!(stage.told().await.is_empty() && stage.complete(2).await);
        assert_eq!(stage.told().await, ready(2));
        assert!(!stage.complete(2).await && !stage.fail(2).await, "a message that comes again, or late");
        assert_eq!(stage.told().await, []);

        stage.put(3, TranscodingStatus::Pending).await;
        assert!(stage.told().await.is_empty() && stage.fail(3).await);
        assert_eq!(stage.told().await, failed(3));
        assert!(!stage.fail(3).await && !stage.complete(3).await);
        assert_eq!(stage.told().await, []);
        // He has it tried again, and hears how that ends.
        for _ in 0..2 {
            assert!(stage.resume(3).await);
            assert!(stage.told().await.is_empty() && stage.fail(3).await);
            assert_eq!(stage.told().await, failed(3));
        }
    }

    #[tokio::test]
    async fn nobody_hears_of_a_late_version_nor_of_what_the_owner_does_himself() {
        let mut stage = Stage::new(VideoStatus::Ready).await;
        let video_id = stage.video.id;
        for number in [2, 3, 4] {
            stage.put(number, TranscodingStatus::InProgress).await;
        }
        // The second failed beside the first one, is tried again, and comes too late.
        assert!(stage.told().await.is_empty() && stage.fail(2).await);
        assert_eq!(stage.told().await, [Notify::VersionFailed { video_id, version: 2 }]);
        assert!(stage.resume(2).await && stage.complete(4).await);
        assert_eq!(stage.told().await, [Notify::VersionReady { video_id, version: 4 }]);
        assert!(stage.complete(2).await && stage.complete(3).await, "they are kept");
        assert_eq!(stage.told().await, []);
        for number in [1, 3, 4, 2] {
            assert!(stage.activate(number).await);
            assert_eq!((stage.stored().await.active_version, stage.told().await), (Some(number), vec![]));
        }
    }

    #[tokio::test]
    async fn of_the_first_version_that_plays_the_video_tells_alone() {
        let mut stage = Stage::new(VideoStatus::Processing).await;
        let video_id = stage.video.id;
        assert!(stage.fail(1).await);
        assert_eq!(stage.told().await, [Notify::VideoFailed { video_id }]);
        assert!(stage.resume(1).await && stage.told().await.is_empty());
        assert!(stage.complete(1).await);
        assert_eq!(stage.told().await, [Notify::VideoReady { video_id }]);
        assert!(!stage.complete(1).await && stage.told().await.is_empty());
    }
}
