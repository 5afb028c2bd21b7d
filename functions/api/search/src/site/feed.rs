//! The feed of new courses (RSS 2.0).

use std::collections::BTreeMap;

use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use rss::{
    Category, Channel, Guid, Item,
    extension::{Extension, dublincore::DublinCoreExtension},
};
use search::{Document, html};

use super::{page, xml_text};

/// Courses in the feed.
pub(crate) const ITEMS: usize = 50;

/// The feed of these courses, the newest first.
///
/// # Errors
/// [`rss::Error`]; never of memory.
pub(crate) fn write(base: &str, courses: &[Document]) -> Result<Vec<u8>, rss::Error> {
    let mut channel = Channel {
        title: "LearnFlow: new courses".to_owned(),
        link: format!("{base}/"),
        description: "The newest courses of LearnFlow.".to_owned(),
        // Minutes; the edge keeps the feed as long.
        ttl: Some("60".to_owned()),
        last_build_date: courses.first().and_then(published),
        items: courses.iter().map(|course| item(base, course)).collect(),
        ..Channel::default()
    };
    // Where the feed itself is, as the RSS Advisory Board's best practices ask.
    channel.namespaces.insert("atom".to_owned(), "http://www.w3.org/2005/Atom".to_owned());
    let own = [("href", format!("{base}/feeds/courses.rss")), ("rel", "self".to_owned())];
    let own = own.into_iter().chain([("type", "application/rss+xml".to_owned())]);
    let link = Extension {
        name: "atom:link".to_owned(),
        attrs: own.map(|(name, value)| (name.to_owned(), value)).collect(),
        ..Extension::default()
    };
    channel.extensions.insert("atom".to_owned(), BTreeMap::from([("link".to_owned(), vec![link])]));
    channel.write_to(Vec::new())
}

fn item(base: &str, course: &Document) -> Item {
    let category = course.category.as_ref().map(|named| named.name.as_str());
    let categories = category.into_iter().chain(course.tags.iter().map(String::as_str));
    let category = |name: &str| Category { name: xml_text(name).into_owned(), domain: None };
    let teacher = course.instructor.as_ref().map(|named| named.name.as_str()).filter(|name| !name.is_empty());
    Item {
        title: Some(xml_text(&course.title).into_owned()),
        link: Some(page(base, course)),
        // Readers take it for HTML.
        description: Some(html(&xml_text(&course.subtitle), &[])),
        categories: categories.map(category).collect(),
        // The address of a course never changes, and its identifier neither.
        guid: Some(Guid { value: course.id.clone(), permalink: false }),
        pub_date: published(course),
        dublin_core_ext: teacher.map(|name| DublinCoreExtension {
            creators: vec![xml_text(name).into_owned()],
            ..DublinCoreExtension::default()
        }),
        ..Item::default()
    }
}

/// The publication as RFC 822 writes times.
fn published(course: &Document) -> Option<String> {
    let at = Timestamp::from_second(course.published_at).ok()?;
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

#[cfg(test)]
mod tests {
    use search::Named;

    use super::*;

    #[test]
    fn every_text_comes_back_as_it_was() {
        let course = Document {
            id: "01933b7a-3c5e-7000-8000-00000000c001".into(),
            slug: "hangugeo".into(),
            title: "한국어 \u{1}& <Rust> 🦀 \"]]>\"".into(),
            subtitle: "<script>alert('1')</script> & ]]> 끝".into(),
            category: Some(Named { id: "c".into(), name: "Q&A <b>".into() }),
            tags: vec!["tag".into()],
            instructor: Some(Named { id: "i".into(), name: "김 <민수>".into() }),
            published_at: 1_780_315_200,
            ..Document::default()
        };
        let bytes = write("https://learn.example", &[course]).unwrap();
        let feed = Channel::read_from(&bytes[..]).unwrap();
        assert_eq!(feed.link, "https://learn.example/");
        assert_eq!(feed.last_build_date.as_deref(), Some("Mon, 01 Jun 2026 12:00:00 GMT"));
        let [item] = feed.items() else { panic!("{feed:?}") };
        assert_eq!(item.title(), Some("한국어 & <Rust> 🦀 \"]]>\""));
        let description = item.description().unwrap();
        assert!(description.starts_with("&lt;script&gt;alert("), "{description}");
        assert!(description.ends_with("&amp; ]]&gt; 끝"), "{description}");
        assert_eq!(item.link(), Some("https://learn.example/courses/hangugeo"));
        assert_eq!(item.guid().unwrap().value(), "01933b7a-3c5e-7000-8000-00000000c001");
        assert!(!item.guid().unwrap().is_permalink());
        assert_eq!(item.pub_date(), Some("Mon, 01 Jun 2026 12:00:00 GMT"));
        let categories: Vec<_> = item.categories().iter().map(Category::name).collect();
        assert_eq!(categories, ["Q&A <b>", "tag"]);
        assert_eq!(item.dublin_core_ext().unwrap().creators(), ["김 <민수>"]);
        let link = &feed.extensions()["atom"]["link"][0];
        assert_eq!(link.attrs()["href"], "https://learn.example/feeds/courses.rss");
    }

    #[test]
    fn a_feed_without_courses_is_a_feed() {
        let feed = write("https://learn.example", &[]).unwrap();
        assert!(Channel::read_from(&feed[..]).unwrap().items().is_empty());
    }
}
