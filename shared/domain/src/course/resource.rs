//! Files of lessons: which are taken, and how they are handed out.

use kernel::SignedDuration;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Files of a lesson.
pub const RESOURCES_MAX: usize = 20;
/// Largest file: one presigned PUT, as for a short video.
pub const MAX_BYTES: u64 = 100 * 1024 * 1024;
/// Characters of a file's name, and of its title.
pub const NAME_MAX: usize = 255;
/// How long the URL of an upload takes the file.
pub const UPLOAD_URL_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// How long a link gives the file.
pub const DOWNLOAD_URL_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// How long a file that belongs to no lesson is kept.
pub const LOOSE_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Until when a file can be given to a lesson: before the janitor may look for it.
pub const ATTACH_WITHIN: SignedDuration = SignedDuration::from_hours(23);
/// Uploads of one teacher in an hour.
pub const UPLOADS_PER_HOUR: u32 = 200;

/// Files that one copy of a course takes over. The transaction that shows the copy takes each from the janitor, and has at most 100 actions
/// (DynamoDB developer guide, "TransactWriteItems").
pub const COPIED_MAX: usize = 90;
/// Bytes of all files that one copy of a course takes over: what S3 copies within one request, and what a teacher can fill the bucket with
/// by copies stays near what he can by uploads.
pub const COPIED_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// What one copy of a course may still take over.
#[derive(Clone, Copy, Debug)]
pub struct CopyBudget {
    files: usize,
    bytes: u64,
}

impl Default for CopyBudget {
    fn default() -> Self {
        Self { files: COPIED_MAX, bytes: COPIED_BYTES_MAX }
    }
}

impl CopyBudget {
    /// Whether one more file of this size fits. It counts where it does; a smaller one may fit after one that does not.
    pub fn takes(&mut self, size: u64) -> bool {
        let Some(files) = self.files.checked_sub(1) else { return false };
        let Some(bytes) = self.bytes.checked_sub(size) else { return false };
        *self = Self { files, bytes };
        true
    }
}

/// Types that are taken, with the endings of their files. None is shown or run by a browser: each is handed out as an attachment.
const TYPES: &[(&str, &[&str])] = &[
    ("application/pdf", &["pdf"]),
    ("application/zip", &["zip"]),
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/png", &["png"]),
    ("image/webp", &["webp"]),
    ("image/gif", &["gif"]),
    ("application/msword", &["doc"]),
    ("application/vnd.ms-excel", &["xls"]),
    ("application/vnd.ms-powerpoint", &["ppt"]),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"]),
    ("application/vnd.oasis.opendocument.text", &["odt"]),
    ("application/vnd.oasis.opendocument.spreadsheet", &["ods"]),
    ("application/vnd.oasis.opendocument.presentation", &["odp"]),
    ("application/x-hwp", &["hwp"]),
    ("text/plain", &["txt"]),
    ("text/csv", &["csv"]),
    ("text/markdown", &["md"]),
];

/// The letters of RFC 8187 that need no encoding (`attr-char`).
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Whether files of this content type are taken.
pub fn is_taken(content_type: &str) -> bool {
    TYPES.iter().any(|(name, _)| *name == content_type)
}

/// Whether a file of this type may have this name: one that no system takes for a path, with an ending of the type.
pub fn is_name_of(content_type: &str, name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let ending = ending.to_ascii_lowercase();
    let fits = TYPES.iter().any(|(of, endings)| *of == content_type && endings.contains(&ending.as_str()));
    let odd = |letter: char| letter.is_control() || r#"/\:*?"<>|"#.contains(letter);
    fits && !stem.trim().is_empty() && name.chars().count() <= NAME_MAX && !name.chars().any(odd)
}

/// `Content-Disposition` of a file (RFC 6266): always an attachment; the name in ASCII for old clients, and as it is (RFC 8187).
pub fn attachment(name: &str) -> String {
    let plain: String =
        name.chars().map(|letter| if letter.is_ascii_graphic() { letter } else { '_' }).collect();
    let plain = plain.replace(['"', '\\', '%'], "_");
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(name, ATTR_CHAR))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn which_names_fit_which_types() {
        for (content_type, name, fits) in [
            ("application/pdf", "Slides.PDF", true),
            ("application/pdf", "슬라이드 1.pdf", true),
            ("application/pdf", "slides.exe", false),
            ("application/pdf", "slides", false),
            ("application/pdf", ".pdf", false),
            ("application/pdf", "../slides.pdf", false),
            ("application/pdf", "a\r\nb.pdf", false),
            ("application/pdf", "a\"b.pdf", false),
            ("text/html", "page.html", false),
            ("image/svg+xml", "x.svg", false),
        ] {
            assert_eq!(is_name_of(content_type, name), fits, "{name}");
        }
        assert!(is_name_of("text/plain", &format!("{}.txt", "가".repeat(251))));
        assert!(!is_name_of("text/plain", &format!("{}.txt", "가".repeat(252))));
        assert!(is_taken("text/csv") && !is_taken("text/html") && !is_taken("TEXT/CSV"));
    }

    #[test]
    fn names_survive_as_attachments() {
        assert_eq!(
            attachment("소유권 1.pdf"),
            "attachment; filename=\"____1.pdf\"; filename*=UTF-8''%EC%86%8C%EC%9C%A0%EA%B6%8C%201.pdf"
        );
    }

    #[test]
    fn a_copy_takes_files_until_their_number_or_size_is_reached() {
        let mut budget = CopyBudget::default();
        assert!((0..COPIED_MAX).all(|_| budget.takes(1)));
        assert!(!budget.takes(0), "as many as there may be");

        let mut budget = CopyBudget::default();
        assert!(!budget.takes(COPIED_BYTES_MAX + 1) && !budget.takes(u64::MAX));
        assert!(budget.takes(COPIED_BYTES_MAX - 1) && !budget.takes(2));
        assert!(budget.takes(1), "a smaller one fits");
        assert!(!budget.takes(1));
    }

    proptest! {
        #[test]
        fn no_name_breaks_out_of_the_header(name in "\\PC{0,40}") {
            let header = attachment(&name);
            prop_assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert_eq!(header.matches('"').count(), 2);
            let encoded = header.rsplit("UTF-8''").next().unwrap_or_default();
            let decoded = percent_encoding::percent_decode_str(encoded).decode_utf8().unwrap();
            prop_assert_eq!(decoded, name);
        }
    }
}
