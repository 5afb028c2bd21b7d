//! Certificates of completed courses.
//!
//! A certificate is made in two steps, so that a job that dies between them goes on with what it began: first it is written with all that it
//! says, under a number that nobody else can have, and its enrolment points to it from then on; when its document is stored, it is shown,
//! and its student's count grows. What it says never changes.

use domain::certificate::CertificateCode;
use jiff::civil::Date;
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{
    admin_action::{Acted, AdminAction},
    enrollment::{Enrollment, LearnerChange},
};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Store, StoreError, Table, TransactionError, Update,
    transaction::happened,
};

/// A certificate. Its number is its key: who does not have it does not find it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Certificate {
    /// Number.
    pub code: CertificateCode,
    /// The enrolment that was completed.
    pub enrollment_id: Id<kinds::Enrollment>,
    /// The student.
    pub user_id: Id<kinds::User>,
    /// His name when it was issued.
    pub student_name: Secret<String>,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// Its title when it was issued.
    pub course_title: String,
    /// The name of who taught it when it was issued; none where the account was gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructor_name: Option<Secret<String>>,
    /// The language of the document: the student's when it was issued.
    pub language: domain::identity::Language,
    /// When the course was completed.
    pub completed_at: Timestamp,
    /// The day of that in the student's calendar.
    pub completed_on: Date,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// All that it says, signed: a JWS in the compact form.
    pub jws: String,
    /// When its document was stored; it is shown from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Timestamp>,
    /// When an admin took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// Why, in the admin's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_reason: Option<String>,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Certificate {
    /// The key of a certificate.
    pub fn key_of(code: CertificateCode) -> Key {
        Key::new(format!("CERTIFICATE#{code}"), "CERTIFICATE")
    }

    /// Where the documents of a student lie in the bucket of uploads.
    pub fn prefix(user: Id<kinds::User>) -> String {
        format!("certificates/{user}/")
    }

    /// Where its document lies there.
    pub fn object_key(&self) -> String {
        format!("{}{}.pdf", Self::prefix(self.user_id), self.code)
    }
}

impl Entity for Certificate {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "certificate";

    fn key(&self) -> Key {
        Self::key_of(self.code)
    }

    /// Beside what else is found by its enrolment: the erasure of its student takes it from there.
    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, format!("ENROLLMENT#{}", self.enrollment_id), "CERTIFICATE")]
    }
}

/// What became of a new certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issued {
    /// It is written.
    Made,
    /// Another certificate has the number: take another one.
    CodeTaken,
    /// The enrolment has one already, is not completed, or is gone: read it again.
    Changed,
}

/// The certificates.
pub struct Certificates<'a>(&'a Store);

impl Store {
    /// The certificates.
    pub fn certificates(&self) -> Certificates<'_> {
        Certificates(self)
    }
}

impl Certificates<'_> {
    /// A certificate by its number, also one that is not shown yet: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, code: CertificateCode) -> Result<Option<Certificate>, StoreError> {
        self.0.get(Certificate::key_of(code), Consistency::Strong).await
    }

    /// A certificate that is shown: as [`Self::get`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn shown(&self, code: CertificateCode) -> Result<Option<Certificate>, StoreError> {
        Ok(self.get(code).await?.filter(|certificate| certificate.ready_at.is_some()))
    }

    /// Writes a new certificate, if its enrolment is completed and has none: one transaction of the certificate and the enrolment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn issue(&self, certificate: &Certificate) -> Result<Issued, StoreError> {
        let enrollment = Enrollment::key_of(certificate.user_id, certificate.enrollment_id);
        let points = Update::of::<Enrollment>(enrollment)
            .set("certificate_code", certificate.code)
            .set("updated_at", certificate.issued_at)
            .when(Condition::Has("completed_at"))
            .when(Condition::HasNot("certificate_code"));
        let transaction =
            self.0.transaction().update("enrollment", points).put_new("certificate", certificate);
        match transaction.commit().await {
            Ok(()) => Ok(Issued::Made),
            Err(TransactionError::Failed { label: "certificate", .. }) => Ok(Issued::CodeTaken),
            Err(TransactionError::Failed { .. }) => Ok(Issued::Changed),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Shows a certificate whose document is stored: one transaction of the certificate, its enrolment and its student's counts. `false`
    /// where it was shown before, or is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn show(&self, certificate: &Certificate, now: Timestamp) -> Result<bool, StoreError> {
        let shown = Update::of::<Certificate>(certificate.key())
            .set("ready_at", now)
            .set("updated_at", now)
            .when(Condition::Exists)
            .when(Condition::HasNot("ready_at"));
        let enrollment = Enrollment::key_of(certificate.user_id, certificate.enrollment_id);
        let certified = Update::of::<Enrollment>(enrollment)
            .set("certified_at", now)
            .set("updated_at", now)
            .when(Condition::equals("certificate_code", certificate.code));
        let mut learner = LearnerChange::default();
        learner.certified(1);
        let mut transaction =
            self.0.transaction().update("certificate", shown).update("enrollment", certified);
        if let Some(stats) = learner.update(certificate.user_id, now) {
            transaction = transaction.update("stats", stats);
        }
        happened(transaction.commit().await)
    }

    /// Takes a certificate back as an admin, if it is shown and was not taken back: one transaction with the log and its student's counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke(&self, certificate: &Certificate, action: &AdminAction) -> Result<Acted, StoreError> {
        let revoked = Update::of::<Certificate>(certificate.key())
            .set("revoked_at", action.at)
            .set("revoked_reason", &action.reason)
            .set("updated_at", action.at)
            .when(Condition::Has("ready_at"))
            .when(Condition::HasNot("revoked_at"));
        let mut learner = LearnerChange::default();
        learner.certified(-1);
        let mut transaction = self.0.admin_transaction(action, &[]).update("certificate", revoked);
        if let Some(stats) = learner.update(certificate.user_id, action.at) {
            transaction = transaction.update("stats", stats);
        }
        Acted::of(transaction.commit().await)
    }
}
