//! What no endpoint may stumble over.

use serde_json::json;

use crate::stage::{Stage, encoded};

#[tokio::test]
async fn wrong_values_are_refused_by_their_fields() {
    let (stage, _) = Stage::with(|_, _| {}).await;
    for (path, field) in [
        ("/search?q=rust&type=people", "type"),
        ("/search?q=rust&type=", "type"),
        ("/search?q=rust&page=0", "page"),
        ("/search?q=rust&page=first", "page"),
        ("/search?q=rust&page=4294967296", "page"),
        ("/search?q=rust&page_size=0", "page_size"),
        ("/search?q=rust&page_size=101", "page_size"),
        ("/search?q=rust&page_size=1000000000", "page_size"),
        ("/search/suggest?q=ru&limit=0", "limit"),
        ("/search/suggest?q=ru&limit=21", "limit"),
        ("/search/suggest?q=ru&limit=-1", "limit"),
        ("/search/suggest?q=ru&limit=256", "limit"),
        ("/search/popular?limit=0", "limit"),
        ("/search/popular?limit=51", "limit"),
        ("/search/popular?limit=ten", "limit"),
        ("/courses/rust/related?limit=0", "limit"),
        ("/courses/related/rust?limit=1.5", "limit"),
    ] {
        let refused = stage.get(path).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{path}: {:#}", refused.body);
    }
    for path in
        ["/search", "/search?type=course", "/search/suggest", "/search?q=a&q=b", "/courses?page=1&page=2"]
    {
        let refused = stage.get(path).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].is_object(), "{path}: {:#}", refused.body);
    }
    let long = "a".repeat(10_000);
    for path in [format!("/search?q={long}"), format!("/search/suggest?q={long}")] {
        let refused = stage.get(&path).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get("q").is_some());
    }
}

#[tokio::test]
async fn any_text_up_to_the_limit_is_answered() {
    let (stage, _) = Stage::with(|_, course| course.title = "파이썬 Café".into()).await;
    let texts = [
        "a".repeat(200),
        "한".repeat(200),
        // As macOS types syllables: three letters each.
        "\u{1111}\u{1161}\u{110b}\u{1175}".repeat(50),
        // Lone letters of Hangul, and marks on nothing.
        "ㅍㅇㅆ \u{301}\u{301}\u{11ff}".to_owned(),
        "🎉".repeat(200),
        "👩\u{200d}👩\u{200d}👧 \u{202e}nohtyp".to_owned(),
        // One character whose normal form has eighteen: it would not fit into a key 200 times.
        "\u{fdfa}".repeat(200),
        "\u{0}\u{1b}[31m\r\n\t".to_owned(),
        "\"python\" AND (title:* OR -c++) ~2 ^3 [a TO b] {!func}".to_owned(),
        "'; DROP TABLE courses; -- <script>alert(1)</script> ${jndi:ldap://x} %00 ../../etc/passwd"
            .to_owned(),
        "%".repeat(200),
        " ".repeat(200),
        String::new(),
        "e".repeat(100) + &"\u{301}".repeat(100),
    ];
    for text in texts {
        let q = encoded(&text);
        let list = stage.get(&format!("/courses?search={q}")).await.expect(200).body;
        assert!(list["count"].as_u64().unwrap() <= 5, "{text}");
        let found = stage.get(&format!("/search?q={q}")).await.expect(200).body;
        assert!(found["courses"]["results"].is_array(), "{text}");
        stage.get(&format!("/search/suggest?q={q}")).await.expect(200);
    }
    // The composed and the decomposed spelling are one word.
    for text in ["파이썬", "\u{1111}\u{1161}\u{110b}\u{1175}\u{110a}\u{1165}\u{11ab}", "cafe\u{301}", "CAFE"]
    {
        let list = stage.get(&format!("/courses?search={}", encoded(text))).await.expect(200).body;
        assert_eq!(list["count"], 5, "{text}");
    }
}

#[tokio::test]
async fn a_search_whose_normal_form_is_long_is_recorded_and_can_be_clicked() {
    // The title has the normal form of the query, so that it is found, counted, and becomes a key.
    let (stage, courses) = Stage::with(|_, course| course.title = "\u{fdfa}".repeat(10)).await;
    let found = stage.get(&format!("/search?q={}", encoded(&"\u{fdfa}".repeat(200)))).await.expect(200).body;
    assert!(found["query_id"].is_string(), "{found:#}");
    let click = json!({"query_id": found["query_id"], "kind": "course", "id": courses[0].id, "position": 1});
    stage.app.post("/api/v1/search/click", None, click).await.expect(204);
}

#[tokio::test]
async fn pages_beyond_the_end_are_empty_and_still_count() {
    let (stage, _) = Stage::with(|_, course| course.title = "Rust".into()).await;
    for page in ["2", "1000000", "4294967295"] {
        let found = stage.get(&format!("/search?q=rust&page={page}&page_size=100")).await.expect(200).body;
        assert_eq!(
            (&found["courses"]["count"], &found["courses"]["results"]),
            (&json!(5), &json!([])),
            "{page}"
        );
        let list =
            stage.get(&format!("/courses?search=rust&page={page}&page_size=100")).await.expect(200).body;
        assert_eq!((&list["count"], &list["results"], &list["next"]), (&json!(5), &json!([]), &json!(null)));
    }
}

#[tokio::test]
async fn a_slug_of_any_length_names_nothing() {
    let (stage, _) = Stage::with(|_, _| {}).await;
    for slug in
        ["a".repeat(255), "a".repeat(256), "a".repeat(3_000), encoded(&"한".repeat(900)), encoded("🎉")]
    {
        for path in [format!("/courses/{slug}/related"), format!("/courses/related/{slug}")] {
            stage.get(&path).await.expect_error(404, "COURSE_NOT_FOUND");
        }
    }
}
