//! Every table and bucket, and how a person's things are found in it.

mod buckets;
mod catalog;
mod commerce;
mod identity;
mod learning;
mod media;
mod reviews;
mod social;

use domain::identity::{UserStatus, normalize_email};
use jobs::JobError;
use kernel::{Id, id::kinds};
use store::{
    Item, Table,
    entities::{Channel, Course, TaughtCourse, User, belongings::Part},
    from_item, item_type,
};

use crate::{Archive, Context};

/// Where things are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// A table.
    Table(Table),
    /// A bucket, by its logical name in template.yaml.
    Bucket(&'static str),
}

/// A table or a bucket that holds what belongs to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Courses and reviews.
    Catalog,
    /// Enrolments and progress.
    Learning,
    /// Source files, and the documents of certificates.
    UploadsBucket,
    /// Videos, uploads, plays.
    Media,
    /// Pictures; the films go with their videos.
    MediaBucket,
    /// Archives.
    ExportsBucket,
    /// Carts and orders.
    Commerce,
    /// The channel and the notifications.
    Social,
    /// The account.
    Identity,
}

/// All of them, in the order of an erasure. Courses first, since what they keep decides about videos and channel; each later place
/// needs only what the ones after it still hold; the account, from which all is found, is the last.
pub const PLACES: [Place; 9] = [
    Place::Catalog,
    Place::Learning,
    Place::UploadsBucket,
    Place::Media,
    Place::MediaBucket,
    Place::ExportsBucket,
    Place::Commerce,
    Place::Social,
    Place::Identity,
];

impl Place {
    /// Where it is.
    pub const fn holding(self) -> Holding {
        match self {
            Self::Catalog => Holding::Table(Table::Catalog),
            Self::Learning => Holding::Table(Table::Learning),
            Self::UploadsBucket => Holding::Bucket("UploadsBucket"),
            Self::Media => Holding::Table(Table::Media),
            Self::MediaBucket => Holding::Bucket("MediaBucket"),
            Self::ExportsBucket => Holding::Bucket("ExportsBucket"),
            Self::Commerce => Holding::Table(Table::Commerce),
            Self::Social => Holding::Table(Table::Social),
            Self::Identity => Holding::Table(Table::Identity),
        }
    }

    /// The kinds of items that are found there ([`crate::kinds::Kind::name`]); none in a bucket.
    pub const fn reaches(self) -> &'static [&'static str] {
        match self {
            Self::Catalog => catalog::REACHES,
            Self::Learning => learning::REACHES,
            Self::Media => media::REACHES,
            Self::Commerce => commerce::REACHES,
            Self::Social => social::REACHES,
            Self::Identity => identity::REACHES,
            Self::UploadsBucket | Self::MediaBucket | Self::ExportsBucket => &[],
        }
    }

    /// Adds what it holds of a person to his archive.
    pub(crate) async fn collect(
        self,
        context: &Context,
        subject: &Subject,
        archive: &mut Archive,
    ) -> Result<(), JobError> {
        match self {
            Self::Catalog => catalog::collect(context, subject, archive).await,
            Self::Learning => learning::collect(context, subject, archive).await,
            Self::Media => media::collect(context, subject, archive).await,
            Self::UploadsBucket => buckets::collect_certificates(context, subject, archive).await,
            Self::MediaBucket => buckets::collect_pictures(context, subject, archive).await,
            Self::Commerce => commerce::collect(context, subject, archive).await,
            Self::Social => social::collect(context, subject, archive).await,
            Self::Identity => identity::collect(context, subject, archive).await,
            // An archive in it would say all of it twice.
            Self::ExportsBucket => Ok(()),
        }
    }

    /// Erases what it holds of a person, as far as it is still there.
    pub(crate) async fn erase(self, context: &Context, subject: &Subject) -> Result<(), JobError> {
        match self {
            Self::Catalog => catalog::erase(context, subject).await,
            Self::Learning => learning::erase(context, subject).await,
            Self::UploadsBucket => buckets::erase_uploads(context, subject).await,
            Self::Media => media::erase(context, subject).await,
            Self::MediaBucket => buckets::erase_pictures(context, subject).await,
            Self::ExportsBucket => buckets::erase_archives(context, subject).await,
            Self::Commerce => commerce::erase(context, subject).await,
            Self::Social => social::erase(context, subject).await,
            Self::Identity => identity::erase(context, subject).await,
        }
    }
}

/// Buckets that hold nothing of anybody, and why.
pub const IMPERSONAL: &[(&str, &str)] = &[
    ("WebBucket", "it holds the files of the web client"),
    (
        "IndexBucket",
        "it repeats public pages: documents follow the tables, and the weekly rebuild leaves nothing of what they were before",
    ),
];

/// Whose things are looked for.
#[derive(Debug)]
pub struct Subject {
    /// The account.
    pub user: User,
    /// His channel, where he has one.
    pub channel: Option<Channel>,
}

impl Subject {
    /// A person by his id.
    pub(crate) async fn find(context: &Context, id: Id<kinds::User>) -> Result<Option<Self>, JobError> {
        match context.store.users().get(id).await? {
            Some(user) => Ok(Some(Self::of(context, user).await?)),
            None => Ok(None),
        }
    }

    pub(crate) async fn of(context: &Context, user: User) -> Result<Self, JobError> {
        let channel = context.store.channels().of_user(user.id).await?;
        Ok(Self { user, channel })
    }

    pub(crate) fn has_account(&self) -> bool {
        self.user.status != UserStatus::Deleted
    }

    pub(crate) fn id(&self) -> Id<kinds::User> {
        self.user.id
    }

    /// His address in its normal form.
    pub(crate) fn email(&self) -> String {
        normalize_email(self.user.email.expose())
    }

    /// His user name as guards keep it.
    pub(crate) fn username(&self) -> String {
        self.user.username.to_lowercase()
    }

    /// Whether any course of his is left.
    pub(crate) async fn teaches(&self, context: &Context) -> Result<bool, JobError> {
        Ok(!context.store.belongings().all(&Part::Taught(self.id())).await?.is_empty())
    }

    /// The courses of his that are left.
    pub(crate) async fn courses(&self, context: &Context) -> Result<Vec<Id<kinds::Course>>, JobError> {
        let places = context.store.belongings().all(&Part::Taught(self.id())).await?;
        let ids = places.into_iter().map(|item| Ok(from_item::<TaughtCourse>(item)?.course_id));
        ids.collect()
    }
}

/// Does something with each page of a part.
async fn each_page(
    context: &Context,
    part: &Part,
    mut take: impl AsyncFnMut(Vec<Item>) -> Result<(), JobError>,
) -> Result<(), JobError> {
    let mut after = None;
    loop {
        let page = context.store.belongings().page(part, after).await?;
        take(page.items).await?;
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Adds all items of a part to the archive.
async fn collect_part(context: &Context, part: &Part, archive: &mut Archive) -> Result<(), JobError> {
    each_page(context, part, async |items| Ok(archive.add(items)?)).await
}

/// Removes all items of a part but those of the types `but`.
async fn erase_part(context: &Context, part: &Part, but: &[&str]) -> Result<(), JobError> {
    each_page(context, part, async |mut items| {
        items.retain(|item| !but.contains(&item_type(item)));
        Ok(context.store.belongings().remove(part.table(), &items).await?)
    })
    .await
}

/// The course that a raw item holds.
fn course_of(item: Item) -> Result<Course, JobError> {
    Ok(from_item(item)?)
}
