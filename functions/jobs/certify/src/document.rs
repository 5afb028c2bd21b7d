//! A certificate, set as a document of one page.

use domain::identity::Language;
use pdf::{About, Align, Document, PdfError, Text};
use store::entities::Certificate;

/// Side of the QR code, in points: a phone reads it from a hand's breadth away.
const QR: f32 = 96.0;
/// Who issues certificates, as the pages of the platform name it.
const PLATFORM: &str = "LearnFlow";
/// Letters of a name or title in the largest size; longer ones are smaller, so that any of them leaves the page one.
const LARGE: usize = 60;

/// The texts of a language.
struct Labels {
    heading: &'static str,
    before_name: &'static str,
    before_course: &'static str,
    number: &'static str,
    completed_on: &'static str,
    check: &'static str,
    link_in_words: &'static str,
}

const ENGLISH: Labels = Labels {
    heading: "Certificate of Completion",
    before_name: "This certifies that",
    before_course: "has completed the course",
    number: "Number",
    completed_on: "Completed on",
    check: "Everybody can check this certificate here:",
    link_in_words: "QR code with the link to the page on which this certificate can be checked",
};

const KOREAN: Labels = Labels {
    heading: "수료증",
    before_name: "성명",
    before_course: "위 사람은 아래 과정을 수료하였음을 증명합니다.",
    number: "수료 번호",
    completed_on: "수료일",
    check: "누구나 여기에서 이 수료증을 확인할 수 있습니다:",
    link_in_words: "이 수료증을 확인할 수 있는 페이지로 연결되는 QR 코드",
};

impl Labels {
    const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::Ko => &KOREAN,
        }
    }
}

fn taught_by(language: Language, name: &str) -> String {
    match language {
        Language::En => format!("taught by {name}"),
        Language::Ko => format!("강사: {name}"),
    }
}

/// A line in the middle, in a size that suits its length.
fn prominent(text: &str, size: f32) -> Text {
    let size = if text.chars().count() > LARGE { size * 0.6 } else { size };
    Text::new(text).bold().sized(size).aligned(Align::Center)
}

/// The document. The same certificate gives the same bytes.
///
/// # Errors
/// [`PdfError`].
pub(crate) fn pdf(certificate: &Certificate, base_url: &str) -> Result<Vec<u8>, PdfError> {
    let language = certificate.language;
    let labels = Labels::of(language);
    let number = certificate.code.to_string();
    let centered = |text: &str, size: f32| Text::new(text).sized(size).aligned(Align::Center);
    let mut document = Document::new(About {
        title: format!("{} {number}", labels.heading),
        author: PLATFORM.to_owned(),
        language: language.as_str().to_owned(),
        created: certificate.issued_at,
    })?;
    document.text(centered(PLATFORM, 14.0));
    document.space(70.0);
    document.rule();
    document.space(40.0);
    document.text(Text::heading(labels.heading).sized(32.0).aligned(Align::Center));
    document.space(36.0);
    document.text(centered(labels.before_name, 12.0));
    document.space(8.0);
    document.text(prominent(certificate.student_name.expose(), 28.0));
    document.space(24.0);
    document.text(centered(labels.before_course, 12.0));
    document.space(8.0);
    document.text(prominent(&certificate.course_title, 18.0));
    if let Some(teacher) = &certificate.instructor_name {
        document.space(6.0);
        document.text(centered(&taught_by(language, teacher.expose()), 12.0));
    }
    document.space(32.0);
    let completed = format!("{} {}", labels.completed_on, language.date(certificate.completed_on));
    document.text(centered(&completed, 12.0));
    document.space(40.0);
    document.rule();
    document.space(40.0);
    let link = format!("{base_url}{}", certificate.code.path());
    let beside = [
        Text::new(format!("{} {number}", labels.number)).bold(),
        Text::new(labels.check).by_the_way(),
        Text::new(link.clone()).by_the_way(),
    ];
    document.qr(&link, labels.link_in_words, QR, &beside)?;
    document.finish(|page, pages| match pages {
        1 => number.clone(),
        _ => format!("{number} · {page}/{pages}"),
    })
}
