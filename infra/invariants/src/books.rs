//! Everything that the checks look at, as plain lists.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::identity::UserStatus;
use kernel::{Id, id::kinds};
use store::{
    Entity, Item, Store, StoreError, Table,
    entities::{
        Balance, Certificate, Enrollment, EnrollmentGuard, IdempotencyRecord, LearnerStats, Lesson,
        LessonProgress, Order, OrderCounter, Payment, Player, PromoOfUser, PromoRule, PromoUse, Refund,
        Reminder, Session, SetAside, StoredSet, SubscriptionInvoice, SubscriptionPlan, User,
        UserSubscription, Video, VideoProgress, VideoTag, commerce::RevenueMonth,
    },
    from_item, item_type, to_item,
};

use crate::{Finding, Invariant};

/// One reading of all tables: what the invariants are about. What they are not about (reviews, notifications) is read over.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// Orders with their lines.
    pub orders: Vec<Order>,
    /// Payments of orders.
    pub payments: Vec<Payment>,
    /// Refunds of orders.
    pub refunds: Vec<Refund>,
    /// Money that a person looks at.
    pub set_asides: Vec<SetAside>,
    /// The ledger.
    pub sets: Vec<StoredSet>,
    /// Balances of its accounts.
    pub balances: Vec<Balance>,
    /// What creators earned.
    pub months: Vec<RevenueMonth>,
    /// Promo codes.
    pub promos: Vec<PromoRule>,
    /// Uses of a code by a user.
    pub promo_users: Vec<PromoOfUser>,
    /// Records of uses.
    pub promo_uses: Vec<PromoUse>,
    /// Plans.
    pub plans: Vec<SubscriptionPlan>,
    /// Subscriptions, those that have ended too.
    pub subscriptions: Vec<UserSubscription>,
    /// Keys of subscriptions, in the same order: those of the live ones differ from those of the history.
    pub live_subscriptions: Vec<bool>,
    /// Invoices of subscriptions.
    pub invoices: Vec<SubscriptionInvoice>,
    /// Counters of order numbers.
    pub counters: Vec<OrderCounter>,
    /// What the billing job is to look at.
    pub reminders: Vec<Reminder>,
    /// Places in courses.
    pub enrollments: Vec<Enrollment>,
    /// One for each user and course that he has a place in.
    pub guards: Vec<EnrollmentGuard>,
    /// Counts of learners.
    pub learners: Vec<LearnerStats>,
    /// Progress in lessons.
    pub lesson_progress: Vec<LessonProgress>,
    /// Progress in videos.
    pub video_progress: Vec<VideoProgress>,
    /// Certificates.
    pub certificates: Vec<Certificate>,
    /// Lessons of courses.
    pub lessons: Vec<Lesson>,
    /// Logins.
    pub sessions: Vec<Session>,
    /// Live plays, where they are kept in DynamoDB.
    pub players: Vec<Player>,
    /// Answers by idempotency key.
    pub answers: Vec<IdempotencyRecord>,
    /// Users whose account was not deleted: of the others, things are being erased.
    pub users: BTreeSet<Id<kinds::User>>,
    /// Counts of the tags of videos.
    pub video_tags: Vec<VideoTag>,
    /// How many videos have a tag. One that is deleted has none.
    pub tagged: BTreeMap<String, i64>,
    /// What could not be read.
    pub unreadable: Vec<Finding>,
}

impl Books {
    /// Reads every table, page by page.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut books = Self::default();
        for table in Table::ALL {
            let mut start = None;
            loop {
                let page = store.audit_page(table, start).await?;
                books.take_all(page.items);
                start = page.next;
                if start.is_none() {
                    break;
                }
            }
        }
        Ok(books)
    }

    /// A reading of these items.
    pub fn of_items(items: impl IntoIterator<Item = Item>) -> Self {
        let mut books = Self::default();
        books.take_all(items);
        books
    }

    fn take_all(&mut self, items: impl IntoIterator<Item = Item>) {
        for item in items {
            if let Err(finding) = self.take(item) {
                self.unreadable.push(finding);
            }
        }
    }

    fn take(&mut self, item: Item) -> Result<(), Finding> {
        match item_type(&item) {
            Order::TYPE => self.orders.push(read(item, Keys::All)?),
            Payment::TYPE => self.payments.push(read(item, Keys::All)?),
            Refund::TYPE => self.refunds.push(read(item, Keys::All)?),
            SetAside::TYPE => self.set_asides.push(read(item, Keys::All)?),
            StoredSet::TYPE => self.sets.push(read(item, Keys::All)?),
            Balance::TYPE => self.balances.push(read(item, Keys::All)?),
            RevenueMonth::TYPE => self.months.push(read(item, Keys::All)?),
            PromoRule::TYPE => self.promos.push(read(item, Keys::All)?),
            PromoOfUser::TYPE => self.promo_users.push(read(item, Keys::All)?),
            PromoUse::TYPE => self.promo_uses.push(read(item, Keys::All)?),
            SubscriptionPlan::TYPE => self.plans.push(read(item, Keys::All)?),
            UserSubscription::TYPE => {
                // Its place depends on its state: whether both agree is what the check of live subscriptions asks.
                let is_live =
                    matches!(item.get("sk"), Some(sk) if sk.as_s().is_ok_and(|sk| sk == "SUBSCRIPTION"));
                self.subscriptions.push(read(item, Keys::None)?);
                self.live_subscriptions.push(is_live);
            }
            SubscriptionInvoice::TYPE => self.invoices.push(read(item, Keys::All)?),
            OrderCounter::TYPE => self.counters.push(read(item, Keys::All)?),
            Reminder::TYPE => self.reminders.push(read(item, Keys::All)?),
            Enrollment::TYPE => self.enrollments.push(read(item, Keys::All)?),
            EnrollmentGuard::TYPE => self.guards.push(read(item, Keys::All)?),
            LearnerStats::TYPE => self.learners.push(read(item, Keys::All)?),
            LessonProgress::TYPE => self.lesson_progress.push(read(item, Keys::All)?),
            VideoProgress::TYPE => self.video_progress.push(read(item, Keys::All)?),
            Certificate::TYPE => self.certificates.push(read(item, Keys::All)?),
            Lesson::TYPE => self.lessons.push(read(item, Keys::Primary)?),
            Session::TYPE => self.sessions.push(read(item, Keys::All)?),
            Player::TYPE => self.players.push(read(item, Keys::All)?),
            IdempotencyRecord::TYPE => self.answers.push(read(item, Keys::All)?),
            VideoTag::TYPE => self.video_tags.push(read(item, Keys::All)?),
            Video::TYPE => {
                // Its place in the indexes follows its state, which the pipeline writes.
                let video: Video = read(item, Keys::Primary)?;
                for tag in video.tags {
                    *self.tagged.entry(tag).or_default() += 1;
                }
            }
            User::TYPE => {
                let user: User = read(item, Keys::Primary)?;
                if user.status != UserStatus::Deleted {
                    self.users.insert(user.id);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The ledger's sets by id.
    pub(crate) fn sets_by_id(&self) -> HashMap<&str, &StoredSet> {
        self.sets.iter().map(|stored| (stored.set.id(), stored)).collect()
    }

    /// Orders by id.
    pub(crate) fn orders_by_id(&self) -> BTreeMap<Id<kinds::Order>, &Order> {
        self.orders.iter().map(|order| (order.id, order)).collect()
    }
}

/// Which keys of an item must be those that its content gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    /// Of the table and of the indexes.
    All,
    /// Of the table: what else writes the item keeps its indexes.
    Primary,
    /// The caller looks at them.
    None,
}

fn read<E: Entity>(item: Item, keys: Keys) -> Result<E, Finding> {
    let text = |item: &Item, name: &str| item.get(name).map(|value| format!("{value:?}")).unwrap_or_default();
    let place = |name| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    let subject = format!("{} / {}", place("pk"), place("sk"));
    let finding = |what: String| Finding { invariant: Invariant::Form, subject: subject.clone(), what };
    let entity: E = from_item(item.clone()).map_err(|error| finding(error.to_string()))?;
    let expected = to_item(&entity).map_err(|error| finding(error.to_string()))?;
    let is_key = |name: &&String| match keys {
        Keys::All => matches!(name.as_str(), "pk" | "sk") || name.starts_with("gsi"),
        Keys::Primary => matches!(name.as_str(), "pk" | "sk"),
        Keys::None => false,
    };
    let names: BTreeSet<&String> = item.keys().chain(expected.keys()).filter(is_key).collect();
    for name in names {
        if item.get(name) != expected.get(name) {
            let (stored, right) = (text(&item, name), text(&expected, name));
            return Err(finding(format!("its {name} is {stored}, its content says {right}")));
        }
    }
    Ok(entity)
}
