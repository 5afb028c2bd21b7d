//! What the tests look at.

use domain::{
    commerce::{EntrySet, SourceKey, Subject},
    enrollment::EnrollmentStatus,
};
use kernel::{Id, id::kinds};
use store::{
    Consistency,
    entities::{BuyerStats, Course, Enrollment, LearnerStats, Order, TeachingStats},
};
use testkit::{Caller, World};

/// A shop with a teacher and a buyer.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) teacher: Caller,
    pub(crate) buyer: Caller,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let (teacher, buyer) = (world.instructor().await, world.student().await);
        Self { world, teacher, buyer }
    }

    pub(crate) async fn order(&self, id: Id<kinds::Order>) -> Order {
        self.world.store().orders().get(self.buyer.id, id).await.unwrap().unwrap()
    }

    /// The buyer's enrolment in a course.
    pub(crate) async fn enrollment(&self, course: Id<kinds::Course>) -> Option<Enrollment> {
        self.world.store().enrollments().of_course(self.buyer.id, course).await.unwrap()
    }

    /// Enrolments of the buyer, those that are active, those that are completed, as they are counted; and as they are.
    pub(crate) async fn learner(&self) -> (u64, u64, u64) {
        let store = self.world.store();
        let stats: Option<LearnerStats> =
            store.get(LearnerStats::key_of(self.buyer.id), Consistency::Strong).await.unwrap();
        let counted = stats
            .map_or((0, 0, 0), |stats| (stats.enrollment_count, stats.active_count, stats.completed_count));
        let all = store.enrollments().of_user(self.buyer.id, None, None, 0, 100).await.unwrap().items;
        let of = |status| all.iter().filter(|one| one.status == status).count() as u64;
        let found = (all.len() as u64, of(EnrollmentStatus::Active), of(EnrollmentStatus::Completed));
        assert_eq!(counted, found, "the counts are those of the enrolments");
        found
    }

    pub(crate) async fn students(&self, course: &Course) -> u64 {
        self.world.store().courses().get(course.id).await.unwrap().map_or(0, |course| course.student_count)
    }

    pub(crate) async fn students_of_teacher(&self) -> u64 {
        let key = TeachingStats::key_of(self.teacher.id);
        let stats: Option<TeachingStats> = self.world.store().get(key, Consistency::Strong).await.unwrap();
        stats.map_or(0, |stats| stats.students())
    }

    /// The ledger's sets of an order, each of which must be sound.
    pub(crate) async fn sets(&self, order: Id<kinds::Order>) -> Vec<EntrySet> {
        let sets = self.world.store().ledger().of_subject(Subject::Order(order)).await.unwrap();
        sets.into_iter()
            .map(|stored| {
                stored.set.verify().unwrap();
                stored.set
            })
            .collect()
    }

    pub(crate) async fn buyer_stats(&self) -> BuyerStats {
        let key = BuyerStats::key_of(self.buyer.id);
        self.world.store().get(key, Consistency::Strong).await.unwrap().unwrap()
    }

    /// Whether the buyer has exactly one enrolment in each course of an order, which is active and has the order among its sources.
    pub(crate) async fn assert_granted(&self, order: &Order) {
        for line in &order.lines {
            let enrollment = self.enrollment(line.course_id).await.unwrap();
            assert_eq!(enrollment.status, EnrollmentStatus::Active);
            let source = enrollment.sources().0.get(&SourceKey::Order(order.id)).copied();
            assert_eq!(source.and_then(|source| source.item_id), Some(line.id));
        }
    }
}
