//! Where the tables hold what belongs to a person: for the export and the erasure, which no other access pattern serves, since a
//! person asks for all of it at once.
//!
//! A [`Part`] is one partition of a table or an index. Together they reach every item that names the person; crate `job-privacy`
//! has the list of all kinds of items and of what becomes of each, and a test that no kind is missing there.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use domain::commerce::Currency;
use kernel::{Id, Timestamp, id::kinds};

use super::{
    AdminAction, Cart, Channel, ChannelOfUser, Course, EmailGuard, Enrollment, EnrollmentGuard, HandleGuard,
    LearnerStats, LessonProgress, Notification, Order, Payment, Player, PromoUse, Refund, Review,
    SearchQuery, SlugGuard, SubscriptionInvoice, TaughtCourse, TeachingStats, User, UsernameGuard, Video,
    WeeklyUploads, api_key::ApiKeyUse, commerce::RevenueMonth, course::DELETED_BY,
    security_event::SecurityEvent, teaching::count_students,
};
use crate::{
    Condition, Entity as _, Item, Key, Position, Query, QueryPage, Store, StoreError, Table,
    TransactionError, Update, from_item, item_type,
};

/// Deletes in one BatchWriteItem (DynamoDB API reference).
const BATCH_MAX: usize = 25;
/// Rounds in which DynamoDB may leave deletes of a batch undone.
const BATCH_ROUNDS: u32 = 5;

/// A partition that holds what belongs to a person, or to a thing of his.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Identity: the user, and all whose key begins with him.
    Account(Id<kinds::User>),
    /// Identity, index 1: what has a key of its own and names him, such as sessions and API keys.
    Logins(Id<kinds::User>),
    /// Identity: security events.
    Events(Id<kinds::User>),
    /// Identity: failed logins.
    Attempts(Id<kinds::User>),
    /// Identity: when an API key was used.
    KeyUse(Id<kinds::ApiKey>),
    /// Identity, index 1: what admins did to the account.
    AdminLog(Id<kinds::User>),
    /// Learning: enrolments, their guards, counts.
    Learner(Id<kinds::User>),
    /// Learning, index 2: progress of an enrolment.
    Progress(Id<kinds::Enrollment>),
    /// Learning: progress of an enrolment in lessons.
    Lessons(Id<kinds::Enrollment>),
    /// Learning, index 1: permissions, violations and attendance of an enrolment, and its guard.
    Permissions(Id<kinds::Enrollment>),
    /// Media: live playback sessions.
    Player(Id<kinds::User>),
    /// Media, index 1: uploads and plays.
    Media(Id<kinds::User>),
    /// Media: a play with its events.
    Play(Id<kinds::Playback>),
    /// Media, index 2: videos of a channel.
    Videos(Id<kinds::Channel>),
    /// Media: a video with its versions and all that was made of them.
    Video(Id<kinds::Video>),
    /// Media: counts of a channel's uploads.
    Uploads(Id<kinds::Channel>),
    /// Catalog: places of the courses that he teaches.
    Taught(Id<kinds::User>),
    /// Catalog: the numbers of his teaching, and the archives of his courses.
    Teaching(Id<kinds::User>),
    /// Catalog, index 1: courses that he deleted.
    DeletedCourses(Id<kinds::User>),
    /// Catalog, index 1: what he searched for.
    Searches(Id<kinds::User>),
    /// Catalog: a course with its sections and lessons.
    Course(Id<kinds::Course>),
    /// Catalog: the place of a section.
    Section(Id<kinds::Section>),
    /// Catalog: place and text of a lesson.
    Lesson(Id<kinds::Lesson>),
    /// Catalog, index 1: reviews that he wrote, what they said before, his votes.
    Reviewer(Id<kinds::User>),
    /// Catalog: the reviews of a course, their guards and replies.
    Reviews(Id<kinds::Course>),
    /// Catalog: what a review said before, and votes for it.
    AroundReview(Id<kinds::Review>),
    /// Commerce: cart, wishes, orders, counts, subscriptions.
    Buyer(Id<kinds::User>),
    /// Commerce, index 1: payments.
    Payments(Id<kinds::User>),
    /// Commerce, index 1: invoices of subscriptions.
    Invoices(Id<kinds::User>),
    /// Commerce, index 1: refunds.
    Refunds(Id<kinds::User>),
    /// Commerce, index 1: uses of promo codes.
    PromoUses(Id<kinds::User>),
    /// Commerce: the months of his sales in this currency.
    Earnings(Id<kinds::User>, Currency),
    /// Social: the place of his channel.
    ChannelPlace(Id<kinds::User>),
    /// Social: his channel.
    Channel(Id<kinds::Channel>),
    /// Social: what he was told, and the plan of his digest.
    Notifications(Id<kinds::User>),
}

impl Part {
    /// The table that it is of.
    pub const fn table(&self) -> Table {
        match self {
            Self::Account(_)
            | Self::Logins(_)
            | Self::Events(_)
            | Self::Attempts(_)
            | Self::KeyUse(_)
            | Self::AdminLog(_) => Table::Identity,
            Self::Learner(_) | Self::Progress(_) | Self::Lessons(_) | Self::Permissions(_) => Table::Learning,
            Self::Player(_)
            | Self::Media(_)
            | Self::Play(_)
            | Self::Videos(_)
            | Self::Video(_)
            | Self::Uploads(_) => Table::Media,
            Self::Taught(_)
            | Self::Teaching(_)
            | Self::DeletedCourses(_)
            | Self::Searches(_)
            | Self::Course(_)
            | Self::Section(_)
            | Self::Lesson(_)
            | Self::Reviewer(_)
            | Self::Reviews(_)
            | Self::AroundReview(_) => Table::Catalog,
            Self::Buyer(_)
            | Self::Payments(_)
            | Self::Invoices(_)
            | Self::Refunds(_)
            | Self::PromoUses(_)
            | Self::Earnings(..) => Table::Commerce,
            Self::ChannelPlace(_) | Self::Channel(_) | Self::Notifications(_) => Table::Social,
        }
    }

    fn query(&self) -> Query {
        let partition = |key: Key| Query::partition(key.pk);
        match self {
            Self::Account(user) => partition(User::key_of(*user)),
            Self::Logins(user) => Query::index(1, User::key_of(*user).pk),
            Self::Events(user) => Query::partition(SecurityEvent::partition(*user)),
            Self::Attempts(user) => Query::partition(format!("ATTEMPTS#{user}")),
            Self::KeyUse(key) => partition(ApiKeyUse::key_of(*key)),
            Self::AdminLog(user) => Query::index(1, AdminAction::about(*user)),
            Self::Learner(user) => partition(LearnerStats::key_of(*user)),
            Self::Progress(enrollment) => Query::index(2, format!("ENROLLMENT#{enrollment}")),
            Self::Lessons(enrollment) => Query::partition(LessonProgress::partition(*enrollment)),
            Self::Permissions(enrollment) => Query::index(1, format!("ENROLLMENT#{enrollment}")),
            Self::Player(user) => partition(Player::key_of(*user)),
            Self::Media(user) => Query::index(1, format!("USER#{user}")),
            Self::Play(session) => Query::partition(format!("PLAYBACK#{session}")),
            Self::Videos(channel) => Query::index(2, format!("CHANNEL#{channel}")),
            Self::Video(video) => Query::partition(Video::partition(*video)),
            Self::Uploads(channel) => partition(WeeklyUploads::key_of(*channel, "")),
            Self::Taught(user) => Query::partition(TaughtCourse::partition(*user)),
            Self::Teaching(user) => partition(TeachingStats::key_of(*user)),
            Self::DeletedCourses(user) => Query::index(1, format!("{DELETED_BY}#{user}")),
            Self::Searches(user) => Query::index(1, SearchQuery::of_user(*user)),
            Self::Course(course) => Query::partition(Course::partition(*course)),
            Self::Section(section) => Query::partition(format!("SECTION#{section}")),
            Self::Lesson(lesson) => Query::partition(format!("LESSON#{lesson}")),
            Self::Reviewer(user) => Query::index(1, Review::by_user(*user)),
            Self::Reviews(course) => Query::partition(Review::partition(*course)),
            Self::AroundReview(review) => Query::partition(Review::surroundings(*review)),
            Self::Buyer(user) => partition(Cart::key_of(*user)),
            Self::Payments(user) => Query::index(1, Payment::by_user(*user)),
            Self::Invoices(user) => Query::index(1, SubscriptionInvoice::by_user(*user)),
            Self::Refunds(user) => Query::index(1, Refund::by_user(*user)),
            Self::PromoUses(user) => Query::index(1, PromoUse::by_user(*user)),
            Self::Earnings(user, currency) => Query::partition(RevenueMonth::partition(*user, *currency)),
            Self::ChannelPlace(user) => partition(ChannelOfUser::key_of(*user)),
            Self::Channel(channel) => partition(Channel::key_of(*channel)),
            Self::Notifications(user) => Query::partition(Notification::partition(*user)),
        }
    }
}

/// A name that is kept for one owner, and is free again once he is erased.
#[derive(Clone, Debug)]
pub enum Guard<'a> {
    /// An address in its normal form.
    Email(&'a str, Id<kinds::User>),
    /// A user name in lower case.
    Username(&'a str, Id<kinds::User>),
    /// A channel's handle.
    Handle(&'a str, Id<kinds::Channel>),
}

/// What belongs to people.
pub struct Belongings<'a>(&'a Store);

impl Store {
    /// What belongs to people.
    pub fn belongings(&self) -> Belongings<'_> {
        Belongings(self)
    }
}

impl Belongings<'_> {
    /// A page of the raw items of a part. One query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page(&self, part: &Part, after: Option<Position>) -> Result<QueryPage<Item>, StoreError> {
        self.0.query_items(part.table(), part.query().after(after)).await
    }

    /// All raw items of a part whose size a rule of the domain bounds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all(&self, part: &Part) -> Result<Vec<Item>, StoreError> {
        self.0.query_all(part.table(), part.query()).await
    }

    /// Takes the words of admins out of the log of what was done to an account: who did what when stays. One query, and a write
    /// for each line.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_reasons(&self, user: Id<kinds::User>) -> Result<(), StoreError> {
        for item in self.all(&Part::AdminLog(user)).await? {
            let action: AdminAction = from_item(item)?;
            if !action.reason.is_empty() {
                let update = Update::of::<AdminAction>(action.key()).set("reason", "");
                self.0.update(update.when(Condition::Exists)).await?;
            }
        }
        Ok(())
    }

    /// Takes what is personal out of an order: to whom the bill went, but for the country that its tax was reckoned by. The order itself is
    /// the platform's bookkeeping. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_address(&self, order: &Order) -> Result<(), StoreError> {
        let update = Update::of::<Order>(order.key()).set("billing_address", order.billing_address.erased());
        self.0.update(update.when(Condition::Exists)).await.map(|_| ())
    }

    /// Takes the words of who asked for it out of a refund. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_refund_reason(&self, refund: &Refund) -> Result<(), StoreError> {
        let update = Update::of::<Refund>(refund.key()).set("reason", "");
        self.0.update(update.when(Condition::Exists)).await.map(|_| ())
    }

    /// Frees a name, if it is its owner's still. One transaction of one delete.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn free(&self, guard: &Guard<'_>) -> Result<(), StoreError> {
        let (table, key, owner, id) = guard.place();
        let his = Condition::equals(owner, id);
        let transaction = self.0.transaction().delete("guard", table, key, Some(his));
        match transaction.commit().await {
            Ok(()) | Err(TransactionError::Failed { .. }) => Ok(()),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Deletes these items of a table; what is gone already counts as done. One call for 25 of them.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when DynamoDB keeps leaving some.
    pub async fn remove(&self, table: Table, items: &[Item]) -> Result<(), StoreError> {
        let name = self.0.table(table)?;
        for chunk in items.chunks(BATCH_MAX) {
            let mut rest = chunk.iter().map(delete_request).collect::<Result<Vec<_>, _>>()?;
            for _ in 0..BATCH_ROUNDS {
                if rest.is_empty() {
                    break;
                }
                let answer = self.0.client().batch_write_item().request_items(name, rest).send().await?;
                rest = answer.unprocessed_items.and_then(|mut left| left.remove(name)).unwrap_or_default();
            }
            if !rest.is_empty() {
                return Err(StoreError::Throttled);
            }
        }
        Ok(())
    }

    /// Takes a student out of a course: enrolment, guard, the course's count of students and its teacher's in one transaction; a second
    /// one where the course is gone. Nothing changes when the enrolment is gone already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_enrollment(&self, enrollment: &Enrollment, now: Timestamp) -> Result<(), StoreError> {
        let guard = EnrollmentGuard::key_of(enrollment.user_id, enrollment.course_id);
        let transaction = || {
            self.0
                .transaction()
                .delete("enrollment", Table::Learning, enrollment.key(), Some(Condition::Exists))
                .delete("guard", Table::Learning, guard.clone(), None)
        };
        let count = Update::of::<Course>(Course::key_of(enrollment.course_id))
            .add("student_count", -1)
            .set("updated_at", now)
            .when(Condition::compare("student_count", ">", 0));
        let mut counted = transaction().hot().update("course", count);
        if let Some(teacher) = enrollment.instructor_id {
            counted = counted.update("teaching", count_students(teacher, -1));
        }
        match counted.commit().await {
            Err(TransactionError::Failed { label: "course", .. }) => {}
            Ok(()) | Err(TransactionError::Failed { .. }) => return Ok(()),
            Err(TransactionError::Store(error)) => return Err(error),
        }
        match transaction().commit().await {
            Ok(()) | Err(TransactionError::Failed { .. }) => Ok(()),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Removes the item of a draft without students, its place in its instructor's list and the guard of its slug, in one
    /// transaction. `false` when it has students or is published. The sections and lessons went before, so that the course is
    /// found again as long as any of them is left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_course(&self, course: &Course) -> Result<bool, StoreError> {
        let empty = Condition::equals("student_count", 0)
            .and(Condition::equals("status", domain::course::CourseStatus::Draft));
        let place = TaughtCourse::key_of(course.instructor_id, course.id);
        let his = Condition::NotExists.or(Condition::equals("course_id", course.id));
        let transaction = self
            .0
            .transaction()
            .delete("course", Table::Catalog, course.key(), Some(Condition::NotExists.or(empty)))
            .delete("place", Table::Catalog, place, None)
            .delete("slug", Table::Catalog, SlugGuard::key_of(&course.slug), Some(his));
        match transaction.commit().await {
            Ok(()) => Ok(true),
            // A deleted course's slug may be another's by now.
            Err(TransactionError::Failed { label: "slug", .. }) => {
                self.0.delete(Table::Catalog, course.key()).await.map(|()| true)
            }
            Err(TransactionError::Failed { .. }) => Ok(false),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Replaces a channel by what stands for it from now on. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_channel(&self, pseudonym: &Channel) -> Result<(), StoreError> {
        self.0.put(pseudonym).await
    }
}

impl Guard<'_> {
    /// Table, key, the attribute that names the owner, and his id.
    fn place(&self) -> (Table, Key, &'static str, String) {
        match self {
            Self::Email(normal, user) => {
                (EmailGuard::TABLE, EmailGuard::key_of(normal), "user_id", user.to_string())
            }
            Self::Username(lower, user) => {
                (UsernameGuard::TABLE, UsernameGuard::key_of(lower), "user_id", user.to_string())
            }
            Self::Handle(handle, channel) => {
                (HandleGuard::TABLE, HandleGuard::key_of(handle), "channel_id", channel.to_string())
            }
        }
    }
}

fn delete_request(item: &Item) -> Result<WriteRequest, StoreError> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    let delete = DeleteRequest::builder().set_key(Some(Key::new(text("pk"), text("sk")).into_item())).build();
    let delete = delete.map_err(|error| StoreError::Unexpected(error.to_string()))?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

/// Whether an attribute serves storage alone.
fn is_internal(name: &str) -> bool {
    name.starts_with("gsi") || matches!(name, "pk" | "sk" | "type" | "v" | "expires_at" | "revision")
}

/// The fields of an item as JSON, without its keys and without those that are named in `hidden`.
///
/// # Errors
/// [`StoreError::Malformed`].
pub fn readable(
    mut item: Item,
    hidden: &[&str],
) -> Result<serde_json::Map<String, serde_json::Value>, StoreError> {
    let malformed = |reason: String| StoreError::Malformed { kind: "any", reason };
    let kind = item_type(&item).to_owned();
    item.retain(|name, value| {
        let shown = !is_internal(name) && !hidden.contains(&name.as_str());
        shown && !matches!(value, AttributeValue::Null(_))
    });
    serde_dynamo::from_item(item).map_err(|error| malformed(format!("{kind}: {error}")))
}
