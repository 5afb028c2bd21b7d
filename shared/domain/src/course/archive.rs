//! A course as one ZIP archive: its document, and the files of its lessons. What an export writes, an import takes.

use kernel::{Id, SignedDuration, id::kinds};

use super::{DOCUMENT_MAX, resource};

/// The entry that holds the document.
pub const DOCUMENT: &str = "course.json";
/// The folder of the files; each has its identifier in the document as its name.
const FILES: &str = "files/";

/// Entries of an archive.
pub const ENTRIES_MAX: usize = 600;
/// Bytes of all contents together: the document and as much as one copy of a course takes over.
pub const TOTAL_MAX: u64 = resource::COPIED_BYTES_MAX + DOCUMENT_MAX as u64;
/// How many times as large as its packed bytes a content may be. Text gets to a tenth, and DEFLATE alone could reach a thousand.
pub const RATIO_MAX: u64 = 100;
/// Bytes of an archive: its contents, and a KiB for what is around each of them.
pub const BYTES_MAX: u64 = TOTAL_MAX + 1_024 * ENTRIES_MAX as u64;

/// How long the URL of an upload takes the archive.
pub const UPLOAD_URL_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// How long a link gives an archive.
pub const LINK_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// How long an archive that was written can be fetched; the lifecycle of its bucket says the same.
pub const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long the state of an import is kept.
pub const STATE_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Exports of one teacher in an hour: each reads and writes up to half a gigabyte.
pub const EXPORTS_PER_HOUR: u32 = 20;
/// Uploads of archives by one teacher in an hour.
pub const IMPORTS_PER_HOUR: u32 = 20;
/// The content type of an archive.
pub const CONTENT_TYPE: &str = "application/zip";

/// The entry that holds a file.
pub fn entry_of(file: Id<kinds::Resource>) -> String {
    format!("{FILES}{file}")
}

/// Most bytes of the entry with this name; `None` where an archive of a course has none such.
pub fn most_bytes(name: &str) -> Option<u64> {
    if name == DOCUMENT {
        return Some(DOCUMENT_MAX as u64);
    }
    let id = name.strip_prefix(FILES)?.parse::<Id<kinds::Resource>>();
    id.is_ok().then_some(resource::MAX_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_has_a_document_and_files_named_by_identifiers() {
        let id = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10";
        assert_eq!(entry_of(id.parse().unwrap()), format!("files/{id}"));
        assert_eq!(most_bytes("course.json"), Some(5_000_000));
        assert_eq!(most_bytes(&format!("files/{id}")), Some(100 * 1024 * 1024));
        for name in [
            "",
            "files/",
            "files/x",
            "Course.json",
            "./course.json",
            "/course.json",
            "course.json/",
            "files/../course.json",
            "files\\01933b7a-3c5e-7000-8000-4f2d1c9a7b10",
            "files/01933B7A-3C5E-7000-8000-4F2D1C9A7B10",
            "files/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/",
            "__MACOSX/course.json",
        ] {
            assert_eq!(most_bytes(name), None, "{name}");
        }
    }
}
