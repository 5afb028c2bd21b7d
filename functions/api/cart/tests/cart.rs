//! Carts and wish lists as buyers meet them.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

use domain::enrollment::EnrollmentStatus;
use futures::future::join_all;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::{
    Update,
    entities::{Course, Enrollment, enrollment::Enrolled},
};
use testkit::{App, Caller, Reply, World, fixtures, shop};

struct Stage {
    world: World,
    app: App,
    teacher: Caller,
    buyer: Caller,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new().await;
        let app = world.app(api_cart::router(), api_cart::State::new(world.platform.clone()));
        let (teacher, buyer) = (world.instructor().await, world.student().await);
        Self { world, app, teacher, buyer }
    }

    async fn course(&self, price_minor: u64) -> Course {
        shop::course(&self.world, &self.teacher, price_minor).await
    }

    async fn add(&self, course: Id<kinds::Course>) -> Reply {
        self.app.post("/api/v1/cart/items/", &self.buyer, json!({ "course_id": course })).await
    }

    async fn cart(&self) -> Value {
        self.app.get("/api/v1/cart/", &self.buyer).await.expect(200).body
    }

    async fn change(&self, course: &Course, change: impl FnOnce(Update) -> Update) {
        let update = change(Update::of::<Course>(Course::key_of(course.id)));
        self.world.store().update(update).await.unwrap();
    }
}

#[tokio::test]
async fn a_buyer_fills_his_cart_and_empties_it() {
    let stage = Stage::new().await;
    let empty = stage.app.get("/api/v1/cart", &stage.buyer).await.expect(200);
    assert_eq!((&empty.body["total_items"], &empty.body["items"]), (&json!(0), &json!([])));
    assert_eq!(shop::shown(&empty.body["total_price"]), "0.00");
    let (one, two) = (stage.course(8_999).await, stage.course(7_999).await);
    stage.change(&one, |update| update.set("original_price_minor", 12_999)).await;
    let added = stage.add(one.id).await.expect(201);
    assert_eq!(added.calls, 2, "a batch and a write; the session is remembered");
    assert_eq!(shop::shown(&added.body["course"]["price"]), "89.99");
    assert_eq!(added.body["course"]["title"], "Rust for Everyone");
    stage.add(two.id).await.expect(201);

    let seen = stage.app.get("/api/v1/cart/", &stage.buyer).await.expect(200);
    assert_eq!(seen.calls, 2, "the cart, and one batch over two tables");
    let cart = seen.body;
    assert_eq!((&cart["id"], &cart["items"][0]["id"]), (&empty.body["id"], &added.body["id"]));
    for (field, text) in [
        ("total_price", "169.98"),
        ("total_original_price", "209.98"),
        ("total_discount", "40.00"),
        ("total_to_pay", "169.98"),
    ] {
        assert_eq!(shop::shown(&cart[field]), text, "{field}");
    }
    assert_eq!((&cart["total_items"], &cart["promo"]), (&json!(2), &Value::Null));

    let path = format!("/api/v1/cart/items/{}/", added.text("id"));
    stage.app.delete(&path, &stage.buyer).await.expect(204);
    stage.app.delete(&path, &stage.buyer).await.expect_error(404, "CART_ITEM_NOT_FOUND");
    assert_eq!(stage.cart().await["total_items"], 1);
    stage.app.delete("/api/v1/cart/", &stage.buyer).await.expect(204);
    stage.app.delete("/api/v1/cart/", &stage.buyer).await.expect(204);
    assert_eq!(stage.cart().await["total_items"], 0);
}

#[tokio::test]
async fn a_cart_is_its_buyers_alone() {
    let stage = Stage::new().await;
    let course = stage.course(1_000).await;
    let item = stage.add(course.id).await.expect(201).text("id");
    let stranger = stage.world.student().await;
    assert_eq!(stage.app.get("/api/v1/cart", &stranger).await.expect(200).body["total_items"], 0);
    let path = format!("/api/v1/cart/items/{item}");
    stage.app.delete(&path, &stranger).await.expect_error(404, "CART_ITEM_NOT_FOUND");
    stage.app.delete("/api/v1/cart/items/x", &stage.buyer).await.expect_error(404, "NOT_FOUND");
    for (method, path) in [("GET", "/api/v1/cart"), ("DELETE", "/api/v1/cart"), ("GET", "/api/v1/wishlist")] {
        let request = http::Request::builder().method(method).uri(path).body(axum::body::Body::empty());
        stage.app.send(request.unwrap()).await.expect_error(401, "NOT_AUTHENTICATED");
    }
    assert_eq!(stage.cart().await["total_items"], 1);
}

#[tokio::test]
async fn what_can_not_be_bought_does_not_go_into_the_cart() {
    let stage = Stage::new().await;
    let course = stage.course(1_000).await;
    let unknown = stage.world.ambient().id();
    stage.add(unknown).await.expect_error(404, "COURSE_NOT_FOUND");
    let draft = fixtures::course(&stage.world, &stage.teacher);
    stage.world.store().put(&draft).await.unwrap();
    stage.add(draft.id).await.expect_error(404, "COURSE_NOT_FOUND");
    let own = stage.app.post("/api/v1/cart/items", &stage.teacher, json!({ "course_id": course.id })).await;
    own.expect_error(409, "OWN_COURSE");
    for body in [
        json!({}),
        json!({ "course_id": 1 }),
        json!({ "course_id": "x" }),
        json!({ "course_id": course.id, "price": 0.01 }),
    ] {
        stage.app.post("/api/v1/cart/items", &stage.buyer, body).await.expect_error(422, "VALIDATION_FAILED");
    }
    stage.add(course.id).await.expect(201);
    let again = stage.add(course.id).await.expect_error(409, "ALREADY_IN_CART");
    assert_eq!(again.body["error"]["details"]["item_id"], stage.cart().await["items"][0]["id"]);

    let mut bought = stage.course(0).await;
    let enrollment = Enrollment {
        instructor_id: Some(stage.teacher.id),
        ..fixtures::enrollment(&stage.world, &stage.buyer, bought.id)
    };
    let made = stage.world.store().enrollments().enroll_free(&enrollment).await.unwrap();
    assert!(matches!(made, Enrolled::Made(_)));
    bought.price_minor = Some(500);
    stage.change(&bought, |update| update.set("price_minor", 500)).await;
    let refused = stage.add(bought.id).await.expect_error(409, "ALREADY_ENROLLED");
    assert_eq!(refused.calls, 2, "a batch, and the enrolment that it names");
    // One that has ended can be bought again; one that an admin has suspended can't.
    for (status, answer) in [(EnrollmentStatus::Suspended, 409), (EnrollmentStatus::Expired, 201)] {
        let update = Update::of::<Enrollment>(Enrollment::key_of(stage.buyer.id, enrollment.id));
        stage.world.store().update(update.set("status", status)).await.unwrap();
        stage.add(bought.id).await.expect(answer);
    }
}

#[tokio::test]
async fn a_course_whose_money_went_back_can_be_bought_again() {
    let stage = Stage::new().await;
    let course = stage.course(1_000).await;
    let order = shop::order(&stage.world, &stage.buyer, std::slice::from_ref(&course)).await;
    let order = shop::pay(&stage.world, &order).await;
    stage.add(course.id).await.expect_error(409, "ALREADY_ENROLLED");
    let wish = || stage.app.post("/api/v1/wishlist", &stage.buyer, json!({ "course_id": course.id }));
    wish().await.expect_error(409, "ALREADY_ENROLLED");

    shop::refund(&stage.world, &order).await;
    let wished = wish().await.expect(201);
    let listed = stage.app.get("/api/v1/wishlist", &stage.buyer).await.expect(200);
    for shown in [&wished.body, &listed.body["results"][0]] {
        assert_eq!((&shown["enrolled"], &shown["available"]), (&json!(false), &json!(true)));
    }
    let path = format!("/api/v1/wishlist/{}/move-to-cart", course.id);
    stage.app.post(&path, &stage.buyer, Value::Null).await.expect(201);
    assert_eq!(stage.cart().await["items"][0]["available"], true);

    let again = match shop::try_order(&stage.world, &stage.buyer).await {
        store::entities::commerce::order::Created::Made(order) => order,
        other => panic!("{other:?}"),
    };
    shop::pay(&stage.world, &again).await;
    let enrollments = stage.world.store().enrollments();
    let place = enrollments.of_course(stage.buyer.id, course.id).await.unwrap().unwrap();
    assert_eq!(
        (place.status, place.sources().0.len()),
        (EnrollmentStatus::Active, 1),
        "the place he had, open again"
    );
    let count = stage.world.store().courses().get(course.id).await.unwrap().unwrap().student_count;
    assert_eq!(count, 1, "he is one student");
}

#[tokio::test]
async fn changed_prices_are_shown_and_what_is_gone_is_left_out_of_the_sums() {
    let stage = Stage::new().await;
    let courses = shop::courses(&stage.world, &stage.teacher, 4).await;
    for course in &courses {
        stage.add(course.id).await.expect(201);
    }
    let now = stage.world.ambient().now();
    stage.change(&courses[0], |update| update.set("price_minor", 1_500)).await;
    stage.change(&courses[1], |update| update.set("status", "draft")).await;
    stage.change(&courses[2], |update| update.set("deleted_at", now)).await;
    let cart = stage.cart().await;
    let items = cart["items"].as_array().unwrap();
    let told =
        |at: usize| (&items[at]["available"], &items[at]["unavailable_reason"], &items[at]["price_changed"]);
    assert_eq!(told(0), (&json!(true), &Value::Null, &json!(true)));
    assert_eq!(
        (shop::shown(&items[0]["price_at_adding"]), shop::shown(&items[0]["course"]["price"])),
        ("10.00".into(), "15.00".into())
    );
    for at in [1, 2] {
        assert_eq!(told(at), (&json!(false), &json!("not_for_sale"), &json!(false)));
        assert_eq!(items[at]["course"]["title"], "Rust for Everyone");
        assert_eq!(items[at]["course"]["price"], Value::Null);
    }
    assert_eq!(told(3), (&json!(true), &Value::Null, &json!(false)));
    assert_eq!((&cart["total_items"], shop::shown(&cart["total_price"])), (&json!(2), "55.00".to_owned()));
}

#[tokio::test]
async fn a_promo_code_takes_its_part_off_as_long_as_it_holds() {
    let stage = Stage::new().await;
    let code = |code: &str| json!({ "code": code });
    let path = "/api/v1/cart/promo/";
    shop::promo(&stage.world, "SUMMER2026", 25, None, 1).await;
    stage.app.post(path, &stage.buyer, code("SUMMER2026")).await.expect_error(409, "CART_EMPTY");
    let course = stage.course(8_999).await;
    stage.add(course.id).await.expect(201);
    stage.app.post(path, &stage.buyer, code("WINTER")).await.expect_error(404, "PROMO_NOT_FOUND");
    for bad in ["", "a b", &"X".repeat(51), "é"] {
        stage.app.post(path, &stage.buyer, code(bad)).await.expect_error(422, "VALIDATION_FAILED");
    }
    let applied = stage.app.post(path, &stage.buyer, code(" summer2026 ")).await.expect(200);
    assert!(applied.calls <= 4, "the limit of tries, the cart, a batch, a write: {}", applied.calls);
    assert_eq!(applied.body["promo"]["code"], "SUMMER2026");
    // A quarter of 89.99, rounded towards zero.
    assert_eq!(shop::shown(&applied.body["promo"]["discount_amount"]), "22.49");
    assert_eq!(shop::shown(&applied.body["total_to_pay"]), "67.50");
    assert_eq!(stage.cart().await["promo"]["applied"], true);

    stage.world.advance(jiff::SignedDuration::from_hours(24 * 8));
    let again = stage.world.login(stage.buyer.id).await;
    let late = stage.app.get("/api/v1/cart", &again).await.expect(200).body;
    assert_eq!(
        (&late["promo"]["applied"], &late["promo"]["refusal"]),
        (&json!(false), &json!("PROMO_EXPIRED"))
    );
    assert_eq!(shop::shown(&late["total_to_pay"]), "89.99");
    stage.app.post(path, &again, code("SUMMER2026")).await.expect_error(409, "PROMO_EXPIRED");
    stage.app.delete(path, &again).await.expect(204);
    assert_eq!(stage.app.get("/api/v1/cart", &again).await.expect(200).body["promo"], Value::Null);
}

#[tokio::test]
async fn codes_can_not_be_found_by_trying() {
    let stage = Stage::new().await;
    let course = stage.course(1_000).await;
    stage.add(course.id).await.expect(201);
    for number in 0..60 {
        let code = json!({ "code": format!("GUESS{number}") });
        stage.app.post("/api/v1/cart/promo", &stage.buyer, code).await.expect_error(404, "PROMO_NOT_FOUND");
    }
    let more = stage.app.post("/api/v1/cart/promo", &stage.buyer, json!({ "code": "GUESS" })).await;
    more.expect_error(429, "RATE_LIMITED");
}

#[tokio::test]
async fn courses_that_come_at_the_same_moment_all_find_their_place_once() {
    let stage = Stage::new().await;
    let courses = shop::courses(&stage.world, &stage.teacher, 8).await;
    // Each course comes from two windows of the browser.
    let apps = vec![stage.app.clone(); 16];
    let tries = apps.iter().enumerate().map(|(number, app)| {
        let body = json!({ "course_id": courses[number % 8].id });
        app.post("/api/v1/cart/items", &stage.buyer, body)
    });
    let replies = join_all(tries).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 8);
    assert_eq!(replies.iter().filter(|reply| reply.code() == "ALREADY_IN_CART").count(), 8);
    assert_eq!(stage.cart().await["total_items"], 8);
}

#[tokio::test]
async fn a_cart_has_at_most_fifty_courses() {
    let stage = Stage::new().await;
    let courses = shop::courses(&stage.world, &stage.teacher, 51).await;
    shop::fill_cart(&stage.world, &stage.buyer, &courses[..50]).await;
    stage.add(courses[50].id).await.expect_error(409, "CART_FULL");
    let cart = stage.app.get("/api/v1/cart", &stage.buyer).await.expect(200);
    assert_eq!((&cart.body["total_items"], cart.calls), (&json!(50), 2));
}

#[tokio::test]
async fn a_wish_is_kept_and_moved_into_the_cart() {
    let stage = Stage::new().await;
    let one = stage.course(1_000).await;
    // The list is in the order of the courses, the newest first.
    stage.world.advance(kernel::SignedDuration::from_secs(1));
    let two = stage.course(2_000).await;
    let wish = |course: &Course| json!({ "course_id": course.id });
    let list = "/api/v1/wishlist/";
    let added = stage.app.post(list, &stage.buyer, wish(&one)).await.expect(201);
    assert_eq!((added.calls, &added.body["in_cart"]), (3, &json!(false)), "session, batch, write");
    stage.app.post(list, &stage.buyer, wish(&one)).await.expect(201);
    stage.app.post(list, &stage.buyer, wish(&two)).await.expect(201);
    stage.app.post(list, &stage.teacher, wish(&two)).await.expect_error(409, "OWN_COURSE");
    let page = stage.app.get("/api/v1/wishlist?page_size=1", &stage.buyer).await.expect(200);
    assert_eq!((page.calls, page.body["results"].as_array().unwrap().len()), (2, 1));
    let next = page.text("next");
    let rest =
        stage.app.get(next.trim_start_matches("https://learn.example"), &stage.buyer).await.expect(200);
    assert_eq!(
        (&rest.body["results"][0]["course"]["id"], &rest.body["next"]),
        (&json!(one.id), &Value::Null)
    );

    let stranger = stage.world.student().await;
    let move_it = format!("/api/v1/wishlist/{}/move-to-cart/", one.id);
    stage.app.post(&move_it, &stranger, Value::Null).await.expect_error(404, "WISH_NOT_FOUND");
    let moved = stage.app.post(&move_it, &stage.buyer, Value::Null).await.expect(201);
    assert_eq!((&moved.body["course"]["id"], moved.calls), (&json!(one.id), 3));
    stage.app.post(&move_it, &stage.buyer, Value::Null).await.expect_error(404, "WISH_NOT_FOUND");
    assert_eq!(stage.cart().await["total_items"], 1);
    let left = stage.app.get(list, &stage.buyer).await.expect(200);
    assert_eq!(left.body["results"].as_array().unwrap().len(), 1);

    // What is in the cart already only leaves the list.
    stage.add(two.id).await.expect(201);
    stage
        .app
        .post(&format!("/api/v1/wishlist/{}/move-to-cart", two.id), &stage.buyer, Value::Null)
        .await
        .expect(201);
    assert_eq!(stage.cart().await["total_items"], 2);
    let gone = format!("/api/v1/wishlist/{}", two.id);
    stage.app.delete(&gone, &stage.buyer).await.expect_error(404, "WISH_NOT_FOUND");
    stage.app.post(list, &stage.buyer, wish(&two)).await.expect(201);
    stage.app.delete(&gone, &stage.buyer).await.expect(204);
}
