//! Certificates that are to be issued, and those that are there.

use aws_lambda_events::dynamodb::EventRecord;
use contracts::{Received, certify::Certify, notify::Notify};
use domain::certificate::CertificateCode;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, de::DeserializeOwned};
use serde_dynamo::Item;

/// All that is read of an enrolment.
#[derive(Deserialize)]
struct Enrollment {
    id: Id<kinds::Enrollment>,
    user_id: Id<kinds::User>,
    completed_at: Option<Timestamp>,
    certificate_code: Option<CertificateCode>,
}

/// All that is read of a certificate.
#[derive(Deserialize)]
struct Certificate {
    code: CertificateCode,
    user_id: Id<kinds::User>,
    ready_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

/// The message for a certificate that a record asks for: the course is completed, and none is being made. Records hold no images of before,
/// so that an enrolment which changes again in that moment asks twice, with the same message.
///
/// # Errors
/// When the item can't be read.
pub(crate) fn wanted(
    kind: &str,
    record: &EventRecord,
) -> Result<Option<Received<Certify>>, serde_dynamo::Error> {
    if kind != "enrollment" || record.event_name != "MODIFY" {
        return Ok(None);
    }
    let Enrollment { id, user_id, completed_at, certificate_code } = new(record)?;
    let completed_at = completed_at.filter(|_| certificate_code.is_none());
    Ok(completed_at.map(|at| Certify::completed(user_id, id, at)))
}

/// The message to a student whose certificate is there. It has an identifier that is made of the certificate's number, so he is told once.
///
/// # Errors
/// When the item can't be read.
pub(crate) fn ready(
    kind: &str,
    record: &EventRecord,
) -> Result<Option<Received<Notify>>, serde_dynamo::Error> {
    if kind != "certificate" || record.event_name != "MODIFY" {
        return Ok(None);
    }
    let Certificate { code, user_id, ready_at, revoked_at } = new(record)?;
    let ready_at = ready_at.filter(|_| revoked_at.is_none());
    Ok(ready_at.map(|occurred_at| Received {
        event_id: Id::of_text(format!("certificate ready {code}")),
        occurred_at,
        message: Notify::CertificateReady { user_id, code },
    }))
}

/// The item as it is now.
fn new<T: DeserializeOwned>(record: &EventRecord) -> Result<T, serde_dynamo::Error> {
    serde_dynamo::from_item::<Item, T>(record.change.new_image.clone())
}
