//! What became of channels and their videos, as changes of the index.

use std::collections::{BTreeMap, BTreeSet};

use catalog::documents::{self, lists_channel, lists_video};
use contracts::index::Index;
use domain::video::VideoStatus;
use kernel::{Id, Timestamp, id::kinds};
use search::{Change, Document, Kind, Objects};
use store::{
    Position, StoreError,
    entities::{Channel, Video},
};

use crate::{Context, version};

/// Videos of one page of a channel's list; with them comes one batch.
const PAGE: u32 = 100;

type Videos = BTreeSet<Id<kinds::Video>>;
type Channels = BTreeMap<Id<kinds::Channel>, Channel>;

/// Reads the channels and videos among these things and gives what their documents are now. `at` is before every read.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn read<O: Objects>(
    context: &Context<O>,
    wanted: &BTreeSet<Index>,
    at: Timestamp,
) -> Result<Vec<Change>, StoreError> {
    let (mut own, mut videos) = (BTreeSet::new(), Videos::new());
    for thing in wanted {
        match thing {
            Index::Channel { channel_id } => {
                own.insert(*channel_id);
            }
            Index::Video { video_id } => {
                videos.insert(*video_id);
            }
            Index::ChannelVideos { channel_id } => take_published(context, *channel_id, &mut videos).await?,
            Index::Course { .. }
            | Index::Instructor { .. }
            | Index::Category { .. }
            | Index::Rebuild
            | Index::Sweep => {}
        }
    }
    let found: BTreeMap<_, _> =
        videos_of(context, &videos).await?.into_iter().map(|video| (video.id, video)).collect();
    let named: BTreeSet<_> =
        own.iter().copied().chain(found.values().map(|video| video.channel_id)).collect();
    let channels: Channels = channels_of(context, &named)
        .await?
        .into_iter()
        .filter(lists_channel)
        .map(|channel| (channel.id, channel))
        .collect();

    let version = version(at);
    let gone = |kind, id| Change::Delete { kind, id, version, at: at.as_second() };
    let mut changes = Vec::with_capacity(own.len() + videos.len());
    for id in own {
        changes.push(match channels.get(&id) {
            Some(channel) => documents::upsert(documents::channel(channel, version)),
            None => gone(Kind::Channel, id.to_string()),
        });
    }
    for id in videos {
        let video = found.get(&id).filter(|video| lists_video(video));
        changes.push(match video.and_then(|video| Some((video, channels.get(&video.channel_id)?))) {
            Some((video, channel)) => documents::upsert(documents::video(video, channel, version)),
            None => gone(Kind::Video, id.to_string()),
        });
    }
    Ok(changes)
}

/// Adds the videos of a channel that are published, or were a moment ago: an index of the table lists them.
async fn take_published<O: Objects>(
    context: &Context<O>,
    channel: Id<kinds::Channel>,
    videos: &mut Videos,
) -> Result<(), StoreError> {
    let mut start = None;
    loop {
        let (page, next) = published(context, channel, start).await?;
        videos.extend(page);
        match next {
            Some(next) => start = Some(next),
            None => return Ok(()),
        }
    }
}

/// A page of the videos of a channel that are published, or were a moment ago.
async fn published<O: Objects>(
    context: &Context<O>,
    channel: Id<kinds::Channel>,
    start: Option<Position>,
) -> Result<(Videos, Option<Position>), StoreError> {
    let list = context.store.videos();
    let page = list.of_channel(channel, Some(VideoStatus::Published), PAGE, start).await?;
    Ok((page.items.into_iter().map(|video| video.id).collect(), page.next))
}

/// These videos as they are now.
async fn videos_of<O: Objects>(context: &Context<O>, ids: &Videos) -> Result<Vec<Video>, StoreError> {
    let keys = ids.iter().map(|id| Video::key_of(*id));
    context.store.batch().with_all::<Video>(keys).read().await?.all()
}

/// These channels as they are now.
async fn channels_of<O: Objects>(
    context: &Context<O>,
    ids: &BTreeSet<Id<kinds::Channel>>,
) -> Result<Vec<Channel>, StoreError> {
    let keys = ids.iter().map(|id| Channel::key_of(*id));
    context.store.batch().with_all::<Channel>(keys).read().await?.all()
}

/// How far a rebuild is in a page of channels.
pub(crate) struct Shelf {
    channels: Vec<Channel>,
    /// Where the videos of the last of them go on.
    start: Option<Position>,
    /// Where the channels go on.
    next: Option<Position>,
    /// When the channels were read.
    version: u64,
}

impl Shelf {
    /// Channels from `start` on, and their documents.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn open<O: Objects>(
        context: &Context<O>,
        start: Option<Position>,
        limit: u32,
    ) -> Result<(Self, Vec<Document>), StoreError> {
        let page = context.store.channels().all(start, limit).await?;
        // The list may be behind, so each of them is read again.
        let version = version(context.ambient.now());
        let ids = page.items.iter().map(|channel| channel.id).collect();
        let mut channels = channels_of(context, &ids).await?;
        channels.retain(lists_channel);
        let documents = channels.iter().map(|channel| documents::channel(channel, version)).collect();
        Ok((Self { channels, start: None, next: page.next, version }, documents))
    }

    /// A page of the documents of their videos; `None` after the last one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn videos<O: Objects>(
        &mut self,
        context: &Context<O>,
    ) -> Result<Option<Vec<Document>>, StoreError> {
        let start = self.start.take();
        let Some(channel) = self.channels.last() else { return Ok(None) };
        let (ids, next) = published(context, channel.id, start).await?;
        let videos = videos_of(context, &ids).await?;
        // The channel was read before the videos: they know what was before that.
        let documents = videos
            .iter()
            .filter(|video| lists_video(video))
            .map(|video| documents::video(video, channel, self.version))
            .collect();
        match next {
            Some(next) => self.start = Some(next),
            None => {
                self.channels.pop();
            }
        }
        Ok(Some(documents))
    }

    /// Where the channels go on.
    pub(crate) fn next(self) -> Option<Position> {
        self.next
    }
}
