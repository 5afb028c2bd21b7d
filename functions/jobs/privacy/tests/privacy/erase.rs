//! After an erasure nothing of the person is left, wherever the job died on the way.

use std::collections::BTreeSet;

use contracts::{notify::Notify, privacy::Privacy};
use domain::{
    course::CourseStatus,
    identity::{Role, UserStatus, deletion::GRACE},
    review::Distribution,
};
use futures::future::join_all;
use job_janitor::Task;
use kernel::{Id, Secret, SignedDuration, id::kinds};
use store::{
    Entity as _,
    entities::{CatalogStats, Course, Review, deletion::Restoration},
    item_type,
};
use testkit::Caller;

use crate::{
    person::{self, Person},
    stage::{MEDIA, Stage},
};

const NEVER: usize = usize::MAX;

fn erase(person: &Person) -> Privacy {
    Privacy::Erase { user_id: person.id() }
}

/// Gone for good: the janitor removes what is left of films, DynamoDB what has outlived its time.
async fn settle_down(stage: &Stage) {
    stage.janitor(Task::Sweep { ahead_seconds: 0 }).await;
    stage.expire().await;
}

fn find_nothing_of(dump: &[String], person: &Person) {
    for trace in person.traces() {
        let found: Vec<_> = dump.iter().filter(|line| line.contains(trace)).collect();
        assert!(found.is_empty(), "{trace} is still in {found:#?}");
    }
}

/// The items that still name the person by his id, by table and type, and objects.
fn remains(dump: &[String], person: &Person) -> Vec<String> {
    let id = person.id().to_string();
    let his = dump.iter().filter(|line| line.contains(&id));
    let mut remains: Vec<_> =
        his.map(|line| line.split(':').next().unwrap_or_default().replace(&id, "…")).collect();
    remains.sort();
    remains
}

/// How many votes each review that is left has.
async fn votes(stage: &Stage) -> Vec<u32> {
    let items = stage.items().await.into_iter().filter(|(_, item)| item_type(item) == Review::TYPE);
    items.map(|(_, item)| store::from_item::<Review>(item).unwrap().helpful_count).collect()
}

#[tokio::test]
async fn nothing_of_a_person_is_left() {
    let stage = Stage::new().await;
    let taken = person::course_of_another(&stage).await;
    let person = person::settle(&stage, &taken, 1).await;
    assert!(person.shown.len() >= 50, "{} values", person.shown.len());
    let dump = stage.dump().await;
    for trace in person.traces() {
        assert!(dump.iter().any(|line| line.contains(trace)), "{trace} was not planted");
    }
    person::leave(&stage, &person).await;
    stage.world.advance(GRACE);
    stage.janitor(Task::Daily).await;
    let sent = stage.sent::<Privacy>().await;
    assert_eq!(sent.into_iter().map(|(_, message)| message).collect::<Vec<_>>(), [erase(&person)]);
    stage.done(&erase(&person)).await;
    settle_down(&stage).await;
    find_nothing_of(&stage.dump().await, &person);

    let store = stage.world.store();
    // His student keeps the course, the film in it, and an author without a name.
    let kept = store.courses().get(person.kept).await.unwrap().unwrap();
    assert_eq!((kept.status, kept.student_count), (CourseStatus::Draft, 1));
    let author = store.users().get(person.id()).await.unwrap().unwrap();
    assert_eq!((author.status, author.email.expose().as_str()), (UserStatus::Deleted, ""));
    assert_eq!(
        (author.first_name.expose().as_str(), author.last_name.expose().as_str()),
        ("Deleted", "user")
    );
    let films = stage.versions(MEDIA).await;
    assert_eq!(films.len(), 1, "{films:?}");
    assert!(films[0].0.ends_with("/master.m3u8"));
    // Counts follow.
    let taken = store.courses().get(taken.id).await.unwrap().unwrap();
    assert_eq!((taken.student_count, taken.ratings), (0, Distribution::default()));
    let votes = votes(&stage).await;
    assert_eq!(votes, [0], "the stranger's review is left, without his vote");
    let stats: CatalogStats =
        store.get(CatalogStats::key_of(), store::Consistency::Strong).await.unwrap().unwrap();
    assert_eq!(stats.published_count, 0);
    assert!(!stage.dump().await.iter().any(|line| line.starts_with("Identity api_key_use")));
    // What still names him by his id: the course that stays, its film and channel, what stands for him, the admins' log.
    let left = remains(&stage.dump().await, &person);
    let expected = [
        "Catalog course",
        "Catalog taught_course",
        "Commerce commerce_reminder",
        "Commerce order",
        "Commerce payment",
        "Commerce promo_of_user",
        "Commerce promo_use",
        "Commerce refund",
        "Identity admin_action",
        "Identity user",
        "Media video",
        "Social channel",
    ];
    assert_eq!(left, expected);
    // He is told once, where he can still be reached.
    let told = stage.sent::<Notify>().await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        told[0].1,
        Notify::Erased { email: person.email.to_lowercase(), language: domain::identity::Language::En }
    );
    // Address and name are free.
    let now = stage.world.ambient().now();
    let name = (Secret::new("A".into()), Secret::new("B".into()));
    let email = Secret::new(person.email.clone());
    let again = store::entities::User::new(
        stage.world.ambient().id(),
        email,
        person.username.clone(),
        name,
        Role::Student,
        now,
    );
    assert!(store.users().by_email(&person.email.to_lowercase()).await.unwrap().is_none());
    assert!(store.users().by_username(&again.username.to_lowercase()).await.unwrap().is_none());
}

/// A student who never taught leaves nothing at all.
#[tokio::test]
async fn a_student_leaves_nothing_but_the_log_of_the_admins() {
    let stage = Stage::new().await;
    let student: Caller = stage.world.student().await;
    let id: Id<kinds::User> = student.id;
    let user = stage.world.store().users().get(id).await.unwrap().unwrap();
    let event = store::entities::SecurityEvent::now(
        stage.world.ambient(),
        id,
        domain::identity::SecurityEventKind::Deleted,
        "",
        "",
    );
    let deletions = stage.world.store().deletions();
    deletions.delete(&user, student.session, &event, stage.world.ambient()).await.unwrap().unwrap();
    stage.world.advance(GRACE);
    stage.done(&Privacy::Erase { user_id: id }).await;
    let left: Vec<_> = stage.dump().await.into_iter().filter(|line| line.contains(&id.to_string())).collect();
    assert!(left.is_empty(), "{left:#?}");
}

/// Lets an erasure die after each number of requests that has this rest modulo [`PARTS`].
async fn die_anywhere(part: usize) {
    let stage = Stage::new().await;
    let taken = person::course_of_another(&stage).await;
    let whole = person::settle(&stage, &taken, 0).await;
    person::leave(&stage, &whole).await;
    stage.world.advance(GRACE);
    stage.done(&erase(&whole)).await;
    let steps = NEVER - stage.cut.left();
    assert!(steps > 40, "{steps} requests");
    let mut people = vec![whole];
    for requests in (0..steps).skip(part).step_by(PARTS) {
        let person = person::settle(&stage, &taken, requests + 1).await;
        person::leave(&stage, &person).await;
        stage.world.advance(GRACE);
        assert!(stage.deliver(&erase(&person), requests).await.is_none(), "{requests} requests were enough");
        // The point of no return is the first request: after it no restore, before it one.
        let deletion = stage.world.store().deletions().of_user(person.id()).await.unwrap();
        assert_eq!(deletion.is_some_and(|deletion| deletion.erasing_at.is_none()), requests == 0);
        stage.done(&erase(&person)).await;
        people.push(person);
    }
    settle_down(&stage).await;
    let dump = stage.dump().await;
    let told = stage.sent::<Notify>().await;
    let expected = remains(&dump, &people[0]);
    for (number, person) in people.iter().enumerate() {
        find_nothing_of(&dump, person);
        assert_eq!(remains(&dump, person), expected, "of person {number}");
        let email = person.email.to_lowercase();
        let his = |message: &Notify| matches!(message, Notify::Erased { email: to, .. } if *to == email);
        let mails = told.iter().filter(|(_, message)| his(message)).map(|(envelope, _)| envelope.event_id);
        assert_eq!(mails.collect::<BTreeSet<_>>().len(), 1, "person {number} is told once");
    }
    let taken: Course = stage.world.store().courses().get(taken.id).await.unwrap().unwrap();
    assert_eq!((taken.student_count, taken.ratings), (0, Distribution::default()), "each left once");
    assert!(votes(&stage).await.iter().all(|count| *count == 0), "each vote was taken back once");
}

/// Parts of the requests, which the test runner plays beside each other.
const PARTS: usize = 4;

macro_rules! parts {
    ($(fn $name:ident = $part:literal),*) => { $(
        #[tokio::test]
        async fn $name() {
            die_anywhere($part).await;
        }
    )* };
}

parts!(
    fn an_erasure_that_dies_anywhere_ends_the_same_1 = 0,
    fn an_erasure_that_dies_anywhere_ends_the_same_2 = 1,
    fn an_erasure_that_dies_anywhere_ends_the_same_3 = 2,
    fn an_erasure_that_dies_anywhere_ends_the_same_4 = 3
);

#[tokio::test]
async fn who_comes_back_in_time_loses_nothing() {
    let stage = Stage::new().await;
    let taken = person::course_of_another(&stage).await;
    let person = person::settle(&stage, &taken, 1).await;
    person::leave(&stage, &person).await;
    let before = stage.dump().await;

    stage.world.advance(GRACE - SignedDuration::from_secs(1));
    stage.janitor(Task::Daily).await;
    assert!(stage.sent::<Privacy>().await.is_empty(), "he has a second left");
    stage.done(&erase(&person)).await;
    assert!(stage.dump().await == before, "a message that comes too early changes nothing");

    assert!(matches!(person::come_back(&stage, &person).await, Restoration::Done(_)));
    let before = stage.dump().await;
    stage.world.advance(GRACE);
    stage.janitor(Task::Daily).await;
    assert!(stage.sent::<Privacy>().await.is_empty());
    stage.done(&erase(&person)).await;
    assert!(stage.dump().await == before, "nor does one of an account that was restored");
    let user = stage.world.store().users().get(person.id()).await.unwrap().unwrap();
    assert_eq!((user.status, user.deleted_at, user.status_before_deletion), (UserStatus::Active, None, None));
    assert!(matches!(person::come_back(&stage, &person).await, Restoration::NotDeleted));
}

#[tokio::test]
async fn who_comes_too_late_stays_away() {
    let stage = Stage::new().await;
    let taken = person::course_of_another(&stage).await;
    let person = person::settle(&stage, &taken, 1).await;
    person::leave(&stage, &person).await;
    stage.world.advance(GRACE);
    assert!(matches!(person::come_back(&stage, &person).await, Restoration::TooLate));
    // Nor while the erasure goes on.
    assert!(stage.deliver(&erase(&person), 5).await.is_none());
    assert!(matches!(person::come_back(&stage, &person).await, Restoration::TooLate));
}

#[tokio::test]
async fn messages_that_come_twice_at_once_erase_once() {
    let stage = Stage::new().await;
    let taken = person::course_of_another(&stage).await;
    let person = person::settle(&stage, &taken, 1).await;
    let stays = person::settle(&stage, &taken, 2).await;
    person::leave(&stage, &person).await;
    stage.world.advance(GRACE);
    let message = erase(&person);
    // A racer may meet an item that another one is changing; its message comes again.
    let racers = join_all((0..4).map(|_| stage.deliver(&message, NEVER))).await;
    assert!(racers.iter().any(|outcome| matches!(outcome, Some(Ok(())))), "{racers:?}");
    stage.done(&message).await;
    settle_down(&stage).await;
    find_nothing_of(&stage.dump().await, &person);
    let taken = stage.world.store().courses().get(taken.id).await.unwrap().unwrap();
    assert_eq!(taken.student_count, 1, "the other student is still there");
    let dump = stage.items().await;
    let users = dump.iter().filter(|(_, item)| item_type(item) == store::entities::User::TYPE);
    assert!(users.count() >= 3, "others are left alone");
    let others = stage.dump().await;
    let kept = stays.shown.iter().filter(|value| others.iter().any(|line| line.contains(*value)));
    assert!(kept.count() > 40, "what belongs to another person stays");
}
