//! Channels and their videos.

use contracts::index::Index;
use domain::{
    channel::{ChannelStatus, Quota},
    video::{VideoStatus, Visibility},
};
use kernel::SignedDuration;
use search::{Document, Filter, Kind, Page, Request};
use store::entities::{Channel, Video};
use testkit::{Caller, fixtures};

use crate::stage::Stage;

impl Stage {
    /// A channel, as the tables have it.
    async fn channel(&self, owner: &Caller, name: &str) -> Channel {
        let mut channel = fixtures::channel(&self.world, owner, Quota::STANDARD);
        channel.name = name.to_owned();
        self.world.store().put(&channel).await.unwrap();
        channel
    }

    /// A public video, as the tables have it.
    async fn video(&self, owner: &Caller, channel: &Channel, title: &str) -> Video {
        let mut video = fixtures::video(&self.world, owner, VideoStatus::Published);
        (video.channel_id, video.title, video.visibility) =
            (channel.id, title.to_owned(), Visibility::Public);
        video.published_at = Some(self.world.ambient().now());
        self.world.store().put(&video).await.unwrap();
        video
    }

    async fn titles(&self, kind: Kind) -> Vec<String> {
        let mut titles: Vec<_> = self.listed(kind).await.into_iter().map(|one| one.title).collect();
        titles.sort();
        titles
    }

    async fn search(&self, kind: Kind, text: &str) -> Vec<Document> {
        let filter = Filter::kind(kind);
        let request = Request { text: text.to_owned(), filter, ..Request::default() };
        let hits = self.snapshot().await.search(&request).unwrap().hits;
        hits.into_iter().map(|hit| hit.document).collect()
    }
}

fn about(channel: &Channel) -> [Index; 2] {
    [Index::Channel { channel_id: channel.id }, Index::ChannelVideos { channel_id: channel.id }]
}

fn about_video(video: &Video) -> Index {
    Index::Video { video_id: video.id }
}

#[tokio::test]
async fn a_channel_comes_is_renamed_and_goes_with_its_videos() {
    let stage = Stage::new().await;
    let owner = stage.world.instructor().await;
    let mut channel = stage.channel(&owner, "Ferris Films").await;
    let video = stage.video(&owner, &channel, "Borrowing explained").await;
    stage.deliver(&[Index::Channel { channel_id: channel.id }, about_video(&video)]).await;
    assert_eq!(stage.search(Kind::Channel, "ferris").await[0].slug, channel.handle);
    let found = stage.search(Kind::Video, "ferris").await;
    assert_eq!((found.len(), found[0].title.as_str()), (1, "Borrowing explained"));
    assert_eq!(found[0].extra["channel_handle"], channel.handle.as_str());
    assert_eq!(
        (found[0].duration_seconds, found[0].thumbnail.clone()),
        (60, Some(video.thumbnail_path.clone()))
    );

    channel.name = "Crab Cinema".into();
    stage.world.store().put(&channel).await.unwrap();
    stage.deliver(&about(&channel)).await;
    assert!(stage.search(Kind::Video, "ferris").await.is_empty());
    assert_eq!(stage.search(Kind::Video, "crab cinema").await.len(), 1);
    assert_eq!(stage.titles(Kind::Channel).await, ["Crab Cinema"]);

    for (status, shown) in [
        (ChannelStatus::Suspended, 0),
        (ChannelStatus::Active, 1),
        (ChannelStatus::Deleted, 0),
        (ChannelStatus::Deleted, 0),
    ] {
        channel.status = status;
        stage.world.store().put(&channel).await.unwrap();
        stage.deliver(&about(&channel)).await;
        let listed = (stage.listed(Kind::Channel).await.len(), stage.listed(Kind::Video).await.len());
        assert_eq!(listed, (shown, shown), "{status:?}");
    }
}

#[tokio::test]
async fn a_video_is_listed_while_everybody_may_find_it() {
    let stage = Stage::new().await;
    let owner = stage.world.instructor().await;
    let channel = stage.channel(&owner, "Ferris Films").await;
    let video = stage.video(&owner, &channel, "Borrowing explained").await;
    let now = Some(stage.world.ambient().now());
    for (changed, shown) in [
        (video.clone(), 1),
        (Video { visibility: Visibility::Unlisted, ..video.clone() }, 0),
        (Video { title: "Borrowing anew".into(), ..video.clone() }, 1),
        (Video { visibility: Visibility::Private, ..video.clone() }, 0),
        (Video { status: VideoStatus::Ready, ..video.clone() }, 0),
        (video.clone(), 1),
        (Video { status: VideoStatus::Archived, ..video.clone() }, 0),
        (video.clone(), 1),
        (Video { deleted_at: now, ..video.clone() }, 0),
    ] {
        stage.world.store().put(&changed).await.unwrap();
        stage.deliver(&[about_video(&video), about_video(&video)]).await;
        let found = stage.search(Kind::Video, "borrowing").await;
        assert_eq!(found.len(), shown, "{changed:?}");
        assert!(found.iter().all(|found| found.title == changed.title));
    }
    // By its tags, and not by those that it had.
    for tags in [&["ownership", "rust"][..], &["lifetimes"]] {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        stage.world.store().put(&Video { tags, ..video.clone() }).await.unwrap();
        stage.deliver(&[about_video(&video)]).await;
    }
    assert_eq!(stage.search(Kind::Video, "lifetimes").await.len(), 1);
    assert!(stage.search(Kind::Video, "ownership").await.is_empty());
    stage.world.store().put(&Video { deleted_at: now, ..video.clone() }).await.unwrap();
    stage.deliver(&[about_video(&video)]).await;
    // Of what never was, nothing comes.
    let id = stage.world.ambient().id();
    stage
        .deliver(&[Index::Video { video_id: id }, Index::Channel { channel_id: stage.world.ambient().id() }])
        .await;
    let listed = (stage.listed(Kind::Video).await.len(), stage.listed(Kind::Channel).await.len());
    assert_eq!(listed, (0, 1));
}

#[tokio::test]
async fn a_rebuild_finds_all_channels_and_all_their_public_videos() {
    let stage = Stage::new().await;
    let owner = stage.world.instructor().await;
    let full = stage.channel(&owner, "Full").await;
    for number in 0..105 {
        stage.video(&owner, &full, &format!("Film {number}")).await;
    }
    let private = stage.video(&owner, &full, "Private").await;
    stage.world.store().put(&Video { visibility: Visibility::Private, ..private }).await.unwrap();
    let mut hidden = stage.channel(&owner, "Hidden").await;
    stage.video(&owner, &hidden, "Hidden film").await;
    hidden.status = ChannelStatus::Suspended;
    stage.world.store().put(&hidden).await.unwrap();
    // More than one page of channels, most of them empty.
    for number in 0..103 {
        stage.channel(&owner, &format!("Empty {number}")).await;
    }
    let last = stage.channel(&owner, "Last").await;
    stage.video(&owner, &last, "Last film").await;

    stage.world.advance(SignedDuration::from_millis(5));
    stage.deliver(&[Index::Rebuild]).await;
    let channels = stage.titles(Kind::Channel).await;
    assert_eq!(channels.len(), 105);
    assert!(!channels.contains(&"Hidden".to_owned()));
    let films = stage.titles(Kind::Video).await;
    assert_eq!(films.len(), 106);
    assert!(films.contains(&"Last film".to_owned()) && !films.contains(&"Hidden film".to_owned()));

    // What a message finds after the rebuild is newer.
    hidden.status = ChannelStatus::Active;
    stage.world.store().put(&hidden).await.unwrap();
    stage.deliver(&about(&hidden)).await;
    assert!(stage.titles(Kind::Video).await.contains(&"Hidden film".to_owned()));
    let page = Page { offset: 0, limit: 1 };
    let request = Request { filter: Filter::kind(Kind::Channel), page, ..Request::default() };
    assert_eq!(stage.snapshot().await.search(&request).unwrap().count, 106);
}
