//! What search engines and feed readers read.

use http::header;
use jiff::SignedDuration;
use testkit::Reply;

use crate::stage::Stage;

fn text(reply: &Reply) -> &str {
    reply.body.as_str().unwrap()
}

fn header(reply: &Reply, name: header::HeaderName) -> &str {
    reply.headers[name].to_str().unwrap()
}

async fn read(stage: &Stage, path: &str) -> Reply {
    stage.app.get(path, None).await.expect(200)
}

#[tokio::test]
async fn the_sitemap_names_every_course_and_the_first_page_without_asking_a_table() {
    let (stage, _) = Stage::with(|number, course| course.slug = format!("course-{number}")).await;
    let sitemap = read(&stage, "/sitemap.xml").await;
    assert_eq!(sitemap.calls, 0);
    assert_eq!(header(&sitemap, header::CONTENT_TYPE), "application/xml; charset=utf-8");
    let xml = text(&sitemap);
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset "), "{xml}");
    assert!(xml.contains("<url><loc>https://learn.example/</loc></url>"), "{xml}");
    for number in 0..5 {
        let entry = format!("<url><loc>https://learn.example/courses/course-{number}</loc><lastmod>2");
        assert_eq!(xml.matches(&entry).count(), 1, "{xml}");
    }
    assert_eq!(text(&read(&stage, "/sitemaps/1.xml").await), xml, "the one file of an index of one");
    for name in ["0.xml", "2.xml", "1", "01.xml", "-1.xml", "%F0%9F%A6%80.xml", "99999999999999999999.xml"] {
        let path = format!("/sitemaps/{name}");
        stage.app.get(&path, None).await.expect_error(404, "SITEMAP_NOT_FOUND");
    }
}

#[tokio::test]
async fn the_feed_has_the_newest_courses_first_and_escapes_what_they_say() {
    let title = "한국어 & <Rust> 🦀";
    let (stage, _) = Stage::with(|number, course| {
        (course.slug, course.title) = (format!("course-{number}"), title.into());
        let ago = SignedDuration::from_hours(24 * number as i64);
        course.published_at = course.published_at.map(|time| time - ago);
    })
    .await;
    let feed = read(&stage, "/feeds/courses.rss").await;
    assert_eq!(feed.calls, 0);
    assert_eq!(header(&feed, header::CONTENT_TYPE), "application/rss+xml; charset=utf-8");
    let channel = rss::Channel::read_from(text(&feed).as_bytes()).unwrap();
    let links: Vec<_> = channel.items().iter().map(|item| item.link().unwrap()).collect();
    let expected: Vec<_> = (0..5).map(|n| format!("https://learn.example/courses/course-{n}")).collect();
    assert_eq!(links, expected);
    assert!(channel.items().iter().all(|item| item.title() == Some(title)));
    assert!(channel.items().iter().all(|item| item.pub_date().unwrap().ends_with(" GMT")));
}

#[tokio::test]
async fn robots_learn_where_the_sitemap_is() {
    let stage = Stage::empty().await;
    let robots = read(&stage, "/robots.txt").await;
    assert_eq!(header(&robots, header::CONTENT_TYPE), "text/plain; charset=utf-8");
    assert!(text(&robots).contains("\nSitemap: https://learn.example/sitemap.xml\n"), "{}", text(&robots));
}

#[tokio::test]
async fn what_is_said_before_the_first_index_is_kept_for_a_moment_only() {
    let stage = Stage::empty().await;
    for path in ["/sitemap.xml", "/feeds/courses.rss"] {
        let empty = read(&stage, path).await;
        assert!(header(&empty, header::CACHE_CONTROL).contains("s-maxage=2,"), "{path}");
        assert!(!text(&empty).contains("/courses/"), "{path}");
    }
    let (stage, _) = Stage::with(|_, _| {}).await;
    for path in ["/sitemap.xml", "/feeds/courses.rss", "/robots.txt"] {
        let first = read(&stage, path).await;
        assert!(header(&first, header::CACHE_CONTROL).contains("s-maxage=3600,"), "{path}");
        let tag = header(&first, header::ETAG);
        let request = http::Request::builder().uri(path).header(header::IF_NONE_MATCH, tag);
        let again = stage.app.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!((again.status.as_u16(), again.body.is_null()), (304, true), "{path}");
    }
}
