//! A certificate as everybody sees it who has its number: as data, and as a page.

use axum::response::Response;
use domain::{certificate::CertificateCode, identity::Language};
use http::StatusCode;
use http_kit::{
    ApiResult, Platform,
    html::{escape, page},
};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::Certificate;

use crate::refusals;

/// The certificate with this number, which is taken as people copy it: one read, none of what is no number.
///
/// # Errors
/// 404.
pub(crate) async fn find(platform: &Platform, code: &str) -> ApiResult<Certificate> {
    let code: CertificateCode = code.parse().map_err(|_| refusals::no_such_certificate())?;
    platform.store().certificates().shown(code).await?.ok_or_else(refusals::no_such_certificate)
}

/// A certificate. Whoever has its number sees it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CertificateView {
    code: CertificateCode,
    /// Whether it holds: it was not taken back.
    valid: bool,
    /// The student, by the name that he had when it was issued.
    #[schema(example = "Ada Lovelace")]
    student_name: Secret<String>,
    course: CertifiedCourse,
    /// Who taught it; null where the account was gone when it was issued.
    #[schema(value_type = Option<String>, example = "Angela Yu")]
    instructor_name: Option<Secret<String>>,
    completed_at: Timestamp,
    issued_at: Timestamp,
    /// When it was taken back; null where it holds.
    #[schema(example = json!(null))]
    revoked_at: Option<Timestamp>,
    /// The page with all this, which the QR code of the document leads to.
    #[schema(example = "https://learn.example/api/v1/certificates/LF-7K3M-9QXA-2D5T")]
    verification_url: String,
    /// All that it says, signed (JWS in the compact form, EdDSA): docs/certificates.md says how to check it without this server.
    #[schema(example = "eyJ0eXAiOiJjZXJ0aWZpY2F0ZStqd3QifQ.eyJjb2RlIjoiTEYifQ.c2ln")]
    jws: String,
    /// The keys that check the signature.
    #[schema(example = "https://learn.example/api/v1/certificates/keys")]
    keys_url: String,
}

/// The course of a certificate.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CertifiedCourse {
    id: Id<kinds::Course>,
    /// Its title when the certificate was issued.
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    title: String,
}

impl CertificateView {
    /// A certificate of a platform whose addresses begin so.
    pub(crate) fn new(certificate: Certificate, base_url: &str) -> Self {
        Self {
            code: certificate.code,
            valid: certificate.revoked_at.is_none(),
            student_name: certificate.student_name,
            course: CertifiedCourse { id: certificate.course_id, title: certificate.course_title },
            instructor_name: certificate.instructor_name,
            completed_at: certificate.completed_at,
            issued_at: certificate.issued_at,
            revoked_at: certificate.revoked_at,
            verification_url: format!("{base_url}{}", certificate.code.path()),
            jws: certificate.jws,
            keys_url: format!("{base_url}/api/v1/certificates/keys"),
        }
    }
}

/// What the page says, in a language.
struct Words {
    valid: &'static str,
    valid_text: &'static str,
    revoked: &'static str,
    revoked_text: &'static str,
    student: &'static str,
    course: &'static str,
    instructor: &'static str,
    completed_on: &'static str,
    number: &'static str,
    signature: &'static str,
    keys: &'static str,
    unknown: &'static str,
    unknown_text: &'static str,
}

const ENGLISH: Words = Words {
    valid: "This certificate is valid",
    valid_text: "LearnFlow has issued it.",
    revoked: "This certificate is not valid any more",
    revoked_text: "LearnFlow had issued it, and has taken it back on",
    student: "Student",
    course: "Course",
    instructor: "Instructor",
    completed_on: "Completed on",
    number: "Number",
    signature: "Signature, to check it without this page",
    keys: "Public keys",
    unknown: "There is no certificate with this number",
    unknown_text: "Compare it with the document: it has twelve digits and letters after LF. The certificate of an account that was \
                   erased is gone.",
};

const KOREAN: Words = Words {
    valid: "유효한 수료증입니다",
    valid_text: "LearnFlow가 발급한 수료증입니다.",
    revoked: "더 이상 유효하지 않은 수료증입니다",
    revoked_text: "LearnFlow가 발급했으나 취소한 수료증입니다. 취소일:",
    student: "수강생",
    course: "강의",
    instructor: "강사",
    completed_on: "수료일",
    number: "수료 번호",
    signature: "이 페이지 없이 확인하기 위한 서명",
    keys: "공개 키",
    unknown: "이 번호의 수료증이 없습니다",
    unknown_text: "문서의 번호와 비교해 주세요. LF 뒤에 숫자와 문자 열두 자가 옵니다. 삭제된 계정의 수료증은 더 이상 없습니다.",
};

impl Words {
    const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::Ko => &KOREAN,
        }
    }
}

/// The page of a certificate, in the language of who looks at it.
pub(crate) fn shown(certificate: &Certificate, language: Language) -> Response {
    let words = Words::of(language);
    let (title, text) = match certificate.revoked_at {
        None => (words.valid, words.valid_text.to_owned()),
        Some(at) => {
            let day = language.date(at.to_zoned(jiff::tz::TimeZone::UTC).date());
            (words.revoked, format!("{} {day}.", words.revoked_text))
        }
    };
    let completed_on = language.date(certificate.completed_on);
    let number = certificate.code.to_string();
    let facts = [
        (words.student, Some(certificate.student_name.expose().as_str())),
        (words.course, Some(certificate.course_title.as_str())),
        (words.instructor, certificate.instructor_name.as_ref().map(|name| name.expose().as_str())),
        (words.completed_on, Some(&completed_on)),
        (words.number, Some(&number)),
    ];
    let fact = |(name, value): (&str, Option<&str>)| {
        value.map(|value| format!("<dt>{name}</dt><dd dir=\"auto\">{}</dd>", escape(value)))
    };
    let facts: String = facts.into_iter().filter_map(fact).collect();
    let content = format!(
        "<p role=\"status\">{text}</p><dl>{facts}</dl>\
         <details><summary>{}</summary><pre>{}</pre><p><a href=\"keys\">{}</a></p></details>",
        words.signature,
        escape(&certificate.jws),
        words.keys,
    );
    page(StatusCode::OK, language.as_str(), title, &content)
}

/// The page where there is none.
pub(crate) fn unknown(language: Language) -> Response {
    let words = Words::of(language);
    let content = format!("<p>{}</p>", words.unknown_text);
    page(StatusCode::NOT_FOUND, language.as_str(), words.unknown, &content)
}
