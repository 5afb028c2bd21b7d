//! Issues certificates of completed courses (docs/certificates.md): what is said is written and signed once, the document is made of that and
//! nothing else, and then the certificate is shown.
//!
//! The job may be killed at any line and a message may come twice, late or to two instances at once: the enrolment points to the one
//! certificate that it has from the moment at which that is written, and the same certificate gives the same document.

mod document;

use cloud::{Cloud, Objects};
use contracts::certify::Certify;
use domain::{
    certificate::{CertificateCode, CourseStatement, SIGNED_TYPE, Statement},
    identity::{UserStatus, written_name},
};
use jiff::tz::TimeZone;
use jobs::{Delivery, JobError, StartError};
use jws::Signer;
use kernel::{Ambient, ConfigError, Id, Secret, Timestamp, Vars, id::kinds};
use store::{
    Store, Table, Tables,
    entities::{Certificate, Enrollment, User, certificate::Issued},
};

/// How often a certificate is begun anew because another run was faster.
const ROUNDS: usize = 4;
/// Nobody but its owner may keep a copy.
const NO_STORE: &str = "private, no-store";

/// What the job works with.
pub struct Context {
    store: Store,
    objects: Objects,
    ambient: Ambient,
    signer: Signer,
    issuer: String,
    base_url: String,
    bucket: String,
}

impl Context {
    /// From the environment, with the private key from Secrets Manager.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        const SECRET: &str = "CERTIFICATE_PRIVATE_KEY_SECRET_ARN";
        let key = Cloud::from_env(&vars)?.secrets().text(&vars.required(SECRET)?).await;
        let key = key.map_err(|error| StartError::Other(error.to_string()))?;
        Self::with(vars, Ambient::system(), key.expose())
    }

    /// From these settings, at the time that is given, with this private key; tests use this.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing or malformed.
    pub fn with(vars: Vars, ambient: Ambient, private_key: &str) -> Result<Self, StartError> {
        const PUBLIC_KEYS: &str = "CERTIFICATE_PUBLIC_KEYS";
        let cloud = Cloud::from_env(&vars)?;
        let tables = Tables::from_env(&vars, &[Table::Identity, Table::Catalog, Table::Learning])?;
        let malformed =
            |error: jws::SignerError| ConfigError::Malformed { name: PUBLIC_KEYS, reason: error.to_string() };
        let base_url = vars.required("PUBLIC_BASE_URL")?;
        Ok(Self {
            store: Store::new(cloud.dynamodb(&vars), tables),
            objects: cloud.objects(),
            ambient,
            signer: Signer::new(private_key, &vars.required(PUBLIC_KEYS)?).map_err(malformed)?,
            issuer: vars.required("JWT_ISSUER")?,
            base_url,
            bucket: vars.required("UPLOADS_BUCKET")?,
        })
    }
}

/// Handles one message.
///
/// # Errors
/// [`JobError`].
pub async fn handle(context: &Context, delivery: Delivery) -> Result<(), JobError> {
    let Certify::Issue { user_id, enrollment_id } = contracts::decode(&delivery.body)?;
    let Some(certificate) = begun(context, user_id, enrollment_id).await? else {
        tracing::info!(enrollment = %enrollment_id, "nothing to certify: not completed, or gone");
        return Ok(());
    };
    if certificate.ready_at.is_some() {
        tracing::info!(enrollment = %enrollment_id, "it was issued before");
        return Ok(());
    }
    let document = document::pdf(&certificate, &context.base_url).map_err(JobError::fail)?;
    let (bucket, key) = (&context.bucket, certificate.object_key());
    context.objects.write(bucket, &key, "application/pdf", NO_STORE, document).await?;
    let certificates = context.store.certificates();
    if certificates.show(&certificate, context.ambient.now()).await? {
        tracing::info!(enrollment = %enrollment_id, "issued");
    } else if certificates.get(certificate.code).await?.is_none() {
        // Its student was erased meanwhile, and his documents perhaps before this one was stored.
        while !context.objects.purge(bucket, &key).await? {}
    }
    Ok(())
}

/// The certificate of an enrolment, written by now; `None` where there is to be none.
async fn begun(
    context: &Context,
    user: Id<kinds::User>,
    id: Id<kinds::Enrollment>,
) -> Result<Option<Certificate>, JobError> {
    let certificates = context.store.certificates();
    for _ in 0..ROUNDS {
        let Some(enrollment) = context.store.enrollments().get(user, id).await? else { return Ok(None) };
        if let Some(code) = enrollment.certificate_code {
            return Ok(certificates.get(code).await?);
        }
        let Some(completed_at) = enrollment.completed_at else { return Ok(None) };
        let Some(certificate) = new(context, &enrollment, completed_at).await? else { return Ok(None) };
        if certificates.issue(&certificate).await? == Issued::Made {
            return Ok(Some(certificate));
        }
    }
    Err(JobError::retry("another run changes the enrolment all the time"))
}

/// A new certificate: what is true of student, course and teacher now. `None` where the student was erased.
async fn new(
    context: &Context,
    enrollment: &Enrollment,
    completed_at: Timestamp,
) -> Result<Option<Certificate>, JobError> {
    let (store, ambient) = (&context.store, &context.ambient);
    let Some(student) = store.users().get(enrollment.user_id).await? else { return Ok(None) };
    // A course with students is never deleted.
    let course = store.courses().get(enrollment.course_id).await?;
    let course = course.ok_or_else(|| JobError::fail("the course of the enrolment is gone"))?;
    let teacher = store.users().get(course.instructor_id).await?;
    let teacher = teacher.filter(|teacher| teacher.status != UserStatus::Deleted);
    let issued_at = ambient.now();
    let statement = Statement {
        iss: context.issuer.clone(),
        code: CertificateCode::from_random(ambient.random.bytes()),
        student: name_of(&student),
        course: CourseStatement { id: course.id, title: course.title },
        instructor: teacher.as_ref().map(name_of),
        completed_at,
        issued_at,
    };
    let jws = context.signer.sign(SIGNED_TYPE, &statement).map_err(JobError::fail)?;
    let zone = TimeZone::get(&student.timezone).unwrap_or(TimeZone::UTC);
    Ok(Some(Certificate {
        code: statement.code,
        enrollment_id: enrollment.id,
        user_id: student.id,
        student_name: statement.student,
        course_id: statement.course.id,
        course_title: statement.course.title,
        instructor_name: statement.instructor,
        language: student.language,
        completed_at,
        completed_on: completed_at.to_zoned(zone).date(),
        issued_at,
        jws,
        ready_at: None,
        revoked_at: None,
        revoked_reason: None,
        updated_at: issued_at,
    }))
}

fn name_of(user: &User) -> Secret<String> {
    Secret::new(written_name(user.first_name.expose(), user.last_name.expose()))
}
