//! GET /courses and related courses.

use domain::{course::Level, enrollment::EnrollmentStatus};
use jiff::SignedDuration;
use serde_json::json;
use store::entities::{Course, Enrollment, EnrollmentGuard, Wish};
use testkit::{fixtures, shop};

use crate::stage::{Stage, encoded, titles};

/// Five courses that differ in everything; the higher the number, the more students.
fn varied(number: usize, course: &mut Course) {
    let at = number as u64;
    course.title = format!("Course {number}");
    course.student_count = 500 * at;
    course.price_minor = Some(1_000 * at);
    course.level = [Level::Beginner, Level::Intermediate, Level::Advanced][number % 3];
    course.language = if number < 2 { "ko" } else { "en" }.into();
    course.category = if number.is_multiple_of(2) { "Web & Mobile" } else { "Data, Big" }.into();
    course.tags = vec![format!("tag{number}"), "all".into()];
    course.in_plans = number == 4;
    course.duration_seconds = 3_600 * at;
    (course.ratings.rated_5, course.ratings.rated_1) = (at, 4 - at);
    course.published_at =
        course.published_at.map(|time| time - SignedDuration::from_hours(24 * 10 * (4 - number as i64)));
}

#[tokio::test]
async fn before_the_first_index_lists_are_empty() {
    let stage = Stage::empty().await;
    let list = stage.get("/courses?category=web&search=rust").await.expect(200).body;
    assert_eq!((&list["count"], &list["total_pages"], &list["results"]), (&json!(0), &json!(0), &json!([])));
    assert_eq!(list["facets"]["level"], json!([]));
    let found = stage.get("/search?q=rust").await.expect(200).body;
    assert_eq!(found["courses"], json!({"count": 0, "results": []}));
    assert_eq!(stage.get("/search/suggest?q=ru").await.expect(200).body["results"], json!([]));
    stage.get("/courses/rust/related").await.expect_error(404, "COURSE_NOT_FOUND");
    stage.objects.set_down(true);
    stage.pass();
    stage.get("/courses").await.expect(200);
}

#[tokio::test]
async fn every_filter_narrows_and_every_ordering_orders() {
    let (stage, _) = Stage::with(varied).await;
    for (query, expected) in [
        ("", &[4, 3, 2, 1, 0][..]),
        ("ordering=popular", &[4, 3, 2, 1, 0]),
        ("ordering=newest", &[4, 3, 2, 1, 0]),
        ("ordering=price_low", &[0, 1, 2, 3, 4]),
        ("ordering=price_high", &[4, 3, 2, 1, 0]),
        ("ordering=rating&max_price=20", &[2, 1, 0]),
        ("category=web-mobile", &[4, 2, 0]),
        ("category=WEB%20%26%20mobile", &[4, 2, 0]),
        ("category=data,%20big", &[3, 1]),
        ("category=web-mobile,nothing", &[4, 2, 0]),
        ("category=nothing", &[]),
        ("level=beginner", &[3, 0]),
        ("level=beginner,%20advanced", &[3, 2, 0]),
        ("language=ko", &[1, 0]),
        ("language=ko,en", &[4, 3, 2, 1, 0]),
        ("tag=tag1,tag3", &[3, 1]),
        ("min_price=10&max_price=20.00", &[2, 1]),
        ("min_price=10.01", &[4, 3, 2]),
        ("price_band=free,20_to_50", &[4, 3, 2, 0]),
        ("price_band=under_20&min_price=10", &[1]),
        ("free=true", &[0]),
        ("free=false&level=beginner", &[3]),
        ("rating_min=4.0", &[4, 3]),
        ("min_hours=1.5&max_hours=3", &[3, 2]),
        ("search=course%202", &[2]),
        ("search=course&language=ko", &[1, 0]),
        ("search=lovelace&ordering=price_low", &[0, 1, 2, 3, 4]),
    ] {
        let expected: Vec<_> = expected.iter().map(|number| format!("Course {number}")).collect();
        let list = stage.get(&format!("/courses?{query}")).await.expect(200);
        assert_eq!(titles(&list.body["results"]), expected, "{query}");
        assert_eq!(list.body["count"], json!(expected.len()), "{query}");
        assert_eq!(list.calls, 0, "{query}");
    }
    let teacher = stage.teacher.id;
    assert_eq!(stage.titles(&format!("/courses?instructor={teacher}")).await.len(), 5);
    assert!(stage.titles("/courses?instructor=01933b7a-3c5e-7000-8000-4f2d1c9a7b10").await.is_empty());
}

#[tokio::test]
async fn a_course_shows_what_the_tables_hold() {
    let (stage, courses) = Stage::with(varied).await;
    let list = stage.get("/courses?page_size=1").await.expect(200).body;
    let course = &list["results"][0];
    assert_eq!(course["id"], courses[4].id.to_string());
    assert_eq!(
        course["instructor"],
        json!({"id": stage.teacher.id, "first_name": "Ada", "last_name": "Lovelace"})
    );
    for (field, value) in [
        ("rating", json!(5.0)),
        ("rating_count", json!(4)),
        ("student_count", json!(2_000)),
        ("duration_hours", json!(4.0)),
        ("level", json!("intermediate")),
        ("price", json!(40.0)),
        ("category", json!("Web & Mobile")),
        ("is_bestseller", json!(true)),
        ("is_new", json!(true)),
        ("in_plans", json!(true)),
        ("enrolled", json!(false)),
        ("in_cart", json!(false)),
        ("in_wishlist", json!(false)),
    ] {
        assert_eq!(course[field], value, "{field}");
    }
    let oldest = &stage.get("/courses?ordering=price_low&page_size=1").await.expect(200).body["results"][0];
    for field in ["is_new", "is_bestseller", "in_plans"] {
        assert_eq!(oldest[field], json!(false), "{field}");
    }
}

#[tokio::test]
async fn facets_count_what_other_values_would_give() {
    let (stage, _) = Stage::with(varied).await;
    let facets = stage.get("/courses?level=advanced").await.expect(200).body["facets"].clone();
    let count = |facet: &str, value: &str| {
        let counts = facets[facet].as_array().unwrap();
        counts.iter().find(|one| one["value"] == value).map_or(0, |one| one["count"].as_u64().unwrap())
    };
    assert_eq!(
        (count("level", "beginner"), count("level", "intermediate"), count("level", "advanced")),
        (2, 2, 1)
    );
    assert_eq!((count("language", "en"), count("language", "ko")), (1, 0));
    assert_eq!((count("category", "web & mobile"), count("price", "20_to_50")), (1, 1));
}

#[tokio::test]
async fn a_facet_says_what_its_filter_gives() {
    let (stage, _) = Stage::with(varied).await;
    let count = async |query: &str| {
        let list = stage.get(&format!("/courses?{query}")).await.expect(200);
        list.body["count"].as_u64().unwrap()
    };
    let mut compared = 0;
    for rest in ["", "level=advanced", "price_band=20_to_50", "search=course", "min_hours=1&rating_min=2"] {
        let facets = stage.get(&format!("/courses?{rest}")).await.expect(200).body["facets"].clone();
        for (facet, filter) in
            [("category", "category"), ("level", "level"), ("language", "language"), ("price", "price_band")]
        {
            // A facet is counted without its own filter.
            let rest = if rest.starts_with(filter) { "" } else { rest };
            for one in facets[facet].as_array().unwrap() {
                let value = one["value"].as_str().unwrap();
                let narrowed = format!("{filter}={}&{rest}", encoded(value));
                assert_eq!(one["count"], count(&narrowed).await, "{narrowed}");
                compared += 1;
            }
        }
    }
    assert!(compared > 40, "{compared}");
    let facets = stage.get("/courses").await.expect(200).body["facets"].clone();
    let value = |one: &serde_json::Value| (one["value"].as_str().unwrap().to_owned(), one["count"].as_u64());
    let of = |facet: &str| facets[facet].as_array().unwrap().iter().map(value).collect::<Vec<_>>();
    let expected = |bands: &[(&str, u64)]| -> Vec<_> {
        bands.iter().map(|(name, count)| ((*name).to_owned(), Some(*count))).collect()
    };
    assert_eq!(of("price"), expected(&[("free", 1), ("under_20", 1), ("20_to_50", 3)]), "the cheapest first");
    let ratings = expected(&[("below_3", 2), ("3_up", 1), ("4_up", 1), ("4_5_up", 1)]);
    assert_eq!(of("rating"), ratings, "the lowest first");
}

#[tokio::test]
async fn pages_link_to_each_other_and_keep_the_filters() {
    let (stage, _) = Stage::with(varied).await;
    let mut seen = Vec::new();
    let mut next = Some(
        "/courses?page_size=2&min_price=0&category=Data,%20Big,web-mobile&ordering=price_low".to_owned(),
    );
    while let Some(path) = next {
        let page = stage.get(&path).await.expect(200).body;
        assert_eq!((&page["count"], &page["total_pages"]), (&json!(5), &json!(3)));
        seen.extend(titles(&page["results"]));
        let link = page["next"].as_str();
        next = link.map(|link| link.strip_prefix("https://learn.example/api/v1").unwrap().to_owned());
    }
    assert_eq!(seen, ["Course 0", "Course 1", "Course 2", "Course 3", "Course 4"]);
    for page in [4, 1_000_000_000] {
        let beyond = stage.get(&format!("/courses?page_size=2&page={page}")).await.expect(200).body;
        assert_eq!((&beyond["results"], &beyond["next"]), (&json!([]), &json!(null)));
        assert!(beyond["previous"].as_str().unwrap().contains("page=3"), "{beyond:#}");
    }
}

#[tokio::test]
async fn bad_input_is_refused_by_its_field_or_answered_sanely() {
    let (stage, _) = Stage::with(varied).await;
    for (query, field) in [
        ("page=0", "page"),
        ("page=x", "page"),
        ("page=-1", "page"),
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=1000000000", "page_size"),
        ("page_size=99999999999999", "page_size"),
        ("min_price=x", "min_price"),
        ("min_price=-1", "min_price"),
        ("min_price=1e3", "min_price"),
        ("max_price=0.001", "max_price"),
        ("min_price=2&max_price=1", "min_price"),
        ("min_hours=2&max_hours=1", "min_hours"),
        ("rating_min=5.01", "rating_min"),
        ("rating_min=NaN", "rating_min"),
        ("level=expert", "level"),
        ("price_band=cheap", "price_band"),
        ("ordering=random", "ordering"),
        ("free=maybe", "free"),
        ("instructor=me", "instructor"),
    ] {
        let refused = stage.get(&format!("/courses?{query}")).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{query}: {:#}", refused.body);
    }
    let long = "a".repeat(10_000);
    for query in [format!("search={long}"), format!("category={long}"), format!("tag={long}")] {
        stage.get(&format!("/courses?{query}")).await.expect_error(422, "VALIDATION_FAILED");
    }
    let many = vec!["a"; 21].join(",");
    stage.get(&format!("/courses?tag={many}")).await.expect_error(422, "VALIDATION_FAILED");
    // Emoji, letters of Hangul as macOS types them, control characters, a cursor of another list.
    for query in [
        "search=%F0%9F%8E%89",
        "search=%E1%84%91%E1%85%A1",
        "search=%00%E2%80%AE",
        "cursor=forged",
        "category=,,",
    ] {
        stage.get(&format!("/courses?{query}")).await.expect(200);
    }
}

#[tokio::test]
async fn a_caller_sees_what_he_may_take_with_three_calls() {
    let (stage, courses) = Stage::with(varied).await;
    let student = stage.world.student().await;
    for (course, status) in [(3, EnrollmentStatus::Active), (0, EnrollmentStatus::Expired)] {
        let enrollment =
            Enrollment { status, ..fixtures::enrollment(&stage.world, &student, courses[course].id) };
        let (user_id, enrollment_id) = (student.id, enrollment.id);
        let guard = EnrollmentGuard { user_id, course_id: enrollment.course_id, enrollment_id };
        stage.world.store().put(&guard).await.unwrap();
        stage.world.store().put(&enrollment).await.unwrap();
    }
    let list = stage.app.get("/api/v1/courses", &student).await.expect(200);
    assert_eq!(list.calls, 3, "the session, one batch, and the enrolments that it names");
    let with = |body: &serde_json::Value, field: &str| -> Vec<bool> {
        body["results"].as_array().unwrap().iter().map(|one| one[field] == true).collect()
    };
    let enrolled = |body: &serde_json::Value| with(body, "enrolled");
    assert_eq!(enrolled(&list.body), [false, true, false, false, false]);

    shop::fill_cart(&stage.world, &student, &courses[..1]).await;
    let wish = Wish {
        user_id: student.id,
        course_id: courses[3].id,
        title: String::new(),
        price_minor: 0,
        currency: domain::commerce::Currency::USD,
        added_at: stage.world.ambient().now(),
    };
    stage.world.store().wishes().add(&wish).await.unwrap();
    let list = stage.app.get("/api/v1/courses", &student).await.expect(200);
    assert_eq!(list.calls, 2, "one batch for all three, and the enrolments");
    let ids: Vec<_> = list.body["results"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    let is = |at: usize| -> Vec<bool> { ids.iter().map(|id| *id == json!(courses[at].id)).collect() };
    assert_eq!((with(&list.body, "in_cart"), with(&list.body, "in_wishlist")), (is(0), is(3)));
    let nothing = stage.app.get("/api/v1/courses?search=nothing", &student).await.expect(200);
    assert_eq!(nothing.calls, 0, "the session is remembered, and nothing is to be joined");
    let other = stage.app.get("/api/v1/courses", &stage.teacher).await.expect(200);
    assert!(!enrolled(&other.body).contains(&true));
}

#[tokio::test]
async fn related_courses_share_something_and_are_found_by_id_and_slug() {
    let (stage, courses) = Stage::with(varied).await;
    let related = stage.get(&format!("/courses/{}/related?limit=3", courses[0].id)).await.expect(200);
    assert_eq!(related.calls, 0);
    let found = titles(&related.body["results"]);
    assert_eq!(found.len(), 3);
    assert!(!found.contains(&"Course 0".to_owned()));
    assert!(found[..2].iter().all(|title| ["Course 2", "Course 4"].contains(&title.as_str())), "{found:?}");

    let slug = store::entities::SlugGuard {
        slug: "rust".into(),
        course_id: courses[0].id,
        created_at: stage.world.ambient().now(),
    };
    stage.world.store().put(&slug).await.unwrap();
    for path in ["/courses/rust/related?limit=3", "/courses/related/rust?limit=3"] {
        let by_slug = stage.get(path).await.expect(200);
        assert_eq!((by_slug.calls, &by_slug.body), (1, &related.body), "{path}");
    }
    stage.get("/courses/nothing/related").await.expect_error(404, "COURSE_NOT_FOUND");
    stage.get("/courses/rust/related?limit=21").await.expect_error(422, "VALIDATION_FAILED");
}
