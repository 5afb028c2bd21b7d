//! Sitemaps (sitemaps.org, protocol 0.9): one file for few courses, an index of files for many.

use std::io;

use jiff::Timestamp;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use search::{Document, Page};

use super::page;

/// Courses of one file. The protocol allows 50,000 addresses, and Lambda an answer of 6 MB: with the longest addresses 10,000 take three.
pub(crate) const FILE_COURSES: u64 = 10_000;
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// Files that so many courses take; at least one.
pub(crate) fn files(courses: u64) -> u64 {
    courses.div_ceil(FILE_COURSES).max(1)
}

/// The place of a file's courses (the first file is 1) among all of them, the newest first; `None` where there is no such file. The first
/// file has the oldest ones: a full file changes only when one of its courses does.
pub(crate) fn place(file: u64, courses: u64) -> Option<Page> {
    if file == 0 || file > files(courses) {
        return None;
    }
    let offset = courses.saturating_sub(file * FILE_COURSES);
    let limit = courses.saturating_sub((file - 1) * FILE_COURSES) - offset;
    Some(Page { offset: usize::try_from(offset).ok()?, limit: usize::try_from(limit).ok()? })
}

/// The number in a file's name, `3.xml`.
pub(crate) fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".xml")?;
    // One spelling: neither a sign nor zeros before it.
    let number = digits.parse().ok()?;
    (format!("{number}") == digits).then_some(number)
}

fn document(root: &str, content: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.create_element(root).with_attribute(("xmlns", NAMESPACE)).write_inner_content(content)?;
    Ok(writer.into_inner())
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(text)).map(|_| ())
}

/// The index of so many files.
///
/// # Errors
/// Never of memory; the writer's signature has it.
pub(crate) fn index(base: &str, files: u64) -> io::Result<Vec<u8>> {
    document("sitemapindex", |writer| {
        for file in 1..=files {
            writer.create_element("sitemap").write_inner_content(|writer| {
                element(writer, "loc", &format!("{base}/sitemaps/{file}.xml"))
            })?;
        }
        Ok(())
    })
}

/// One file; the first one has the catalogue's own page too.
///
/// # Errors
/// As [`index`].
pub(crate) fn file(base: &str, with_home: bool, courses: &[Document]) -> io::Result<Vec<u8>> {
    document("urlset", |writer| {
        if with_home {
            let home = format!("{base}/");
            writer.create_element("url").write_inner_content(|writer| element(writer, "loc", &home))?;
        }
        for course in courses {
            writer.create_element("url").write_inner_content(|writer| {
                element(writer, "loc", &page(base, course))?;
                match Timestamp::from_second(course.updated_at) {
                    Ok(changed) => element(writer, "lastmod", &changed.to_string()),
                    Err(_) => Ok(()),
                }
            })?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_hold_every_course_once_and_the_oldest_come_first() {
        let places =
            |courses| (1..=files(courses)).map(|file| place(file, courses).unwrap()).collect::<Vec<_>>();
        let parts =
            |courses| places(courses).into_iter().map(|page| (page.offset, page.limit)).collect::<Vec<_>>();
        assert_eq!(parts(0), [(0, 0)]);
        assert_eq!(parts(FILE_COURSES), [(0, 10_000)]);
        assert_eq!(parts(FILE_COURSES + 1), [(1, 10_000), (0, 1)]);
        assert_eq!(parts(25_000), [(15_000, 10_000), (5_000, 10_000), (0, 5_000)]);
        assert_eq!(files(1_000_000), 100);
        assert!(place(0, 5).is_none() && place(2, FILE_COURSES).is_none() && place(u64::MAX, 5).is_none());
    }

    #[test]
    fn a_file_has_one_name() {
        assert_eq!(number("1.xml"), Some(1));
        for name in ["", ".xml", "1", "01.xml", "+1.xml", "-1.xml", "1.xml.xml", "99999999999999999999.xml"] {
            assert_eq!(number(name), None, "{name}");
        }
    }

    #[test]
    fn addresses_are_escaped() {
        let xml = String::from_utf8(index("https://learn.example/?a=1&b=<2>", 1).unwrap()).unwrap();
        assert!(
            xml.contains("<loc>https://learn.example/?a=1&amp;b=&lt;2&gt;/sitemaps/1.xml</loc>"),
            "{xml}"
        );
        assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?><sitemapindex xmlns="), "{xml}");
    }

    #[test]
    fn a_full_file_with_long_addresses_stays_below_lambdas_limit() {
        let course = Document { slug: "s".repeat(100), updated_at: 1_780_315_200, ..Document::default() };
        let courses = vec![course; FILE_COURSES as usize];
        let bytes = file(&format!("https://{}.example", "d".repeat(60)), true, &courses).unwrap().len();
        assert!(bytes < 4_000_000, "{bytes}");
    }
}
