//! Students who have completed a course, the job, storage behind a proxy that can cut it off, and what is stored.

use std::time::Duration;

use cloud::Objects;
use contracts::certify::Certify;
use domain::{course::CourseStatus, enrollment::EnrollmentStatus, identity::Language};
use jobs::{Delivery, JobError};
use kernel::{SignedDuration, Vars};
use store::{
    Consistency, Entity as _, Update,
    entities::{Certificate, Course, Enrollment, LearnerStats, User, enrollment::Enrolled},
};
use testkit::{
    Caller, World,
    aws::{AwsServer, cloud_at, job_settings},
    cut::Cut,
    fixtures,
    world::{BASE_URL, ISSUER, JWT_PRIVATE_KEY, JWT_PUBLIC_KEYS},
};

pub(crate) const BUCKET: &str = "uploads-bucket";

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) objects: Objects,
    pub(crate) cut: Cut,
    pub(crate) course: Course,
    settings: Vec<(String, String)>,
    _aws: AwsServer,
}

/// Somebody who takes the course.
pub(crate) struct Student {
    pub(crate) caller: Caller,
    pub(crate) enrollment: Enrollment,
}

impl Student {
    pub(crate) fn message(&self) -> Certify {
        Certify::Issue { user_id: self.caller.id, enrollment_id: self.enrollment.id }
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let aws = AwsServer::start("s3");
        aws.make_bucket(BUCKET);
        let cut = Cut::default();
        let own = [
            ("UPLOADS_BUCKET", BUCKET),
            ("PUBLIC_BASE_URL", BASE_URL),
            ("JWT_ISSUER", ISSUER),
            ("CERTIFICATE_PUBLIC_KEYS", JWT_PUBLIC_KEYS),
        ];
        let (storage, tables) = (cut.before(aws.url()).await, cut.before(world.dynamodb_url.clone()).await);
        let settings = job_settings(&storage, &tables, &own);
        let objects = cloud_at(&aws.url()).objects();
        let teacher = world.instructor().await;
        let course = Course {
            status: CourseStatus::Published,
            price_minor: Some(0),
            ..fixtures::course(&world, &teacher)
        };
        assert!(world.store().courses().create(&course).await.unwrap());
        Self { world, objects, cut, course, settings, _aws: aws }
    }

    /// A student of this name and language who is enrolled.
    pub(crate) async fn student(&self, (given, family): (&str, &str), language: Language) -> Student {
        let caller = self.world.student().await;
        let update = Update::of::<User>(User::key_of(caller.id)).set("first_name", given);
        let update = update.set("last_name", family).set("language", language);
        self.world.store().update(update.set("timezone", "Asia/Seoul")).await.unwrap();
        let enrollment = fixtures::enrollment(&self.world, &caller, self.course.id);
        let made = self.world.store().enrollments().enroll_free(&enrollment).await.unwrap();
        assert!(matches!(made, Enrolled::Made(_)), "{made:?}");
        Student { caller, enrollment }
    }

    /// He completes the course, eleven hours after noon (UTC).
    pub(crate) async fn complete(&self, student: &Student) {
        let update = Update::of::<Enrollment>(student.enrollment.key())
            .set("status", EnrollmentStatus::Completed)
            .set("completed_at", self.world.ambient().now() + SignedDuration::from_hours(11));
        self.world.store().update(update).await.unwrap();
    }

    /// Ada Lovelace, who has completed the course.
    pub(crate) async fn graduate(&self) -> Student {
        let student = self.student(("Ada", "Lovelace"), Language::En).await;
        self.complete(&student).await;
        student
    }

    /// Delivers a message to a fresh instance of the job, which dies before the request after `requests`. `None` when it died.
    pub(crate) async fn deliver(&self, message: &Certify, requests: usize) -> Option<Result<(), JobError>> {
        let vars = Vars::fixed(self.settings.clone());
        let context =
            job_certify::Context::with(vars, self.world.ambient().clone(), JWT_PRIVATE_KEY).unwrap();
        let delivery = Delivery {
            message_id: "1".into(),
            body: contracts::encode(message, self.world.ambient()),
            receive_count: 1,
            time_left: Duration::from_secs(60),
        };
        self.cut.after(requests);
        self.cut.run(Box::pin(job_certify::handle(&context, delivery))).await
    }

    /// Delivers a message and expects that it is done.
    pub(crate) async fn done(&self, message: &Certify) {
        self.deliver(message, usize::MAX).await.unwrap().unwrap();
    }

    /// The enrolment as it is stored.
    pub(crate) async fn enrollment(&self, student: &Student) -> Enrollment {
        let enrollments = self.world.store().enrollments();
        enrollments.get(student.caller.id, student.enrollment.id).await.unwrap().unwrap()
    }

    /// The certificate to which the enrolment points.
    pub(crate) async fn certificate(&self, student: &Student) -> Option<Certificate> {
        let code = self.enrollment(student).await.certificate_code?;
        self.world.store().certificates().get(code).await.unwrap()
    }

    /// All certificates that are stored, whoever points to them.
    pub(crate) async fn certificates(&self) -> usize {
        let scan = self.world.dynamodb.scan().table_name("LearningTable");
        let items = scan.send().await.unwrap().items.unwrap_or_default();
        items.iter().filter(|item| store::item_type(item) == Certificate::TYPE).count()
    }

    /// How many certificates a student has earned.
    pub(crate) async fn earned(&self, student: &Student) -> u64 {
        let key = LearnerStats::key_of(student.caller.id);
        let stats: LearnerStats = self.world.store().get(key, Consistency::Strong).await.unwrap().unwrap();
        stats.certificates_earned
    }

    /// The documents of a student.
    pub(crate) async fn documents(&self, student: &Student) -> Vec<String> {
        self.objects.list(BUCKET, &Certificate::prefix(student.caller.id), 10).await.unwrap()
    }

    /// The bytes of the document that a student gets.
    pub(crate) async fn document(&self, student: &Student) -> Vec<u8> {
        let certificate = self.certificate(student).await.unwrap();
        self.objects.read(BUCKET, &certificate.object_key()).await.unwrap()
    }
}
