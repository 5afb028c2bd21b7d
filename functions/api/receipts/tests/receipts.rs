//! Receipts as buyers and admins fetch them: the file is read back by another library.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

use api_receipts::{Seller, State};
use axum::{body::Body, response::Response};
use domain::{
    commerce::{Amount, Currency, refund::Wish},
    identity::Language,
};
use http::{Request, header};
use http_body_util::BodyExt as _;
use kernel::Secret;
use store::entities::{
    Order,
    commerce::order::{DisputeOutcome, RefundRequest},
};
use testkit::{App, Caller, World, shop};
use tower::ServiceExt as _;

fn seller() -> Seller {
    Seller {
        name: "LearnFlow Inc.".into(),
        address: vec!["152 Teheran-ro".into(), "Seoul 06236".into()],
        tax_id: Some("123-45-67890".into()),
    }
}

fn state(world: &World) -> State {
    State::new(world.platform.clone(), seller())
}

async fn world() -> (World, App) {
    let world = World::at("2026-11-22T10:30:00Z".parse().unwrap()).await;
    let app = world.app(api_receipts::router(), state(&world));
    (world, app)
}

fn path(order: &Order) -> String {
    format!("/api/v1/orders/{}/receipt", order.id)
}

async fn fetch(world: &World, who: &Caller, order: &Order) -> Response {
    let request = Request::get(path(order)).header(header::AUTHORIZATION, format!("Bearer {}", who.token));
    let app = http_kit::app(api_receipts::router(), state(world));
    app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

/// The text of each page of the receipt, without the ends of its lines.
async fn pages(world: &World, who: &Caller, order: &Order) -> Vec<String> {
    let answer = fetch(world, who, order).await;
    assert_eq!(answer.status(), 200);
    read(&answer.into_body().collect().await.unwrap().to_bytes())
}

fn read(pdf: &[u8]) -> Vec<String> {
    let read = lopdf::Document::load_mem(pdf).unwrap();
    let text = |page| read.extract_text(&[page]).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    read.get_pages().into_keys().map(text).collect()
}

#[track_caller]
fn assert_says(text: &str, said: &[&str]) {
    for said in said {
        assert!(text.contains(said), "«{said}» is not in: {text}");
    }
}

async fn bought(world: &World, buyer: &Caller, count: u64) -> Order {
    let teacher = world.instructor().await;
    let courses = shop::courses(world, &teacher, count).await;
    let order = shop::order(world, buyer, &courses).await;
    shop::pay(world, &order).await
}

#[tokio::test]
async fn a_receipt_says_who_bought_what_for_how_much() {
    let (world, app) = world().await;
    let (teacher, buyer) = (world.instructor().await, world.student().await);
    let courses = shop::courses(&world, &teacher, 3).await;
    shop::promo(&world, "SAVE20", 20, None, 1).await;
    let cart = shop::fill_cart(&world, &buyer, &courses).await;
    let code = "SAVE20".parse().unwrap();
    world.store().carts().set_promo(cart, Some(&code), world.ambient().now()).await.unwrap();
    let order = shop::order(&world, &buyer, &[]).await;
    let order = shop::pay(&world, &order).await;

    let answer = fetch(&world, &buyer, &order).await;
    let header = |name| answer.headers().get(&name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header(header::CONTENT_TYPE).as_deref(), Some("application/pdf"));
    let name = format!("attachment; filename=\"receipt-{}.pdf\"", order.order_number);
    assert_eq!(header(header::CONTENT_DISPOSITION), Some(name));
    assert_eq!(header(header::CACHE_CONTROL).as_deref(), Some("private, no-store"));
    let text = read(&answer.into_body().collect().await.unwrap().to_bytes()).join(" ");
    assert_says(
        &text,
        &[
            "Receipt",
            "LearnFlow Inc. 152 Teheran-ro Seoul 06236 Tax number 123-45-67890",
            "Billed to John Doe 123 Main St San Francisco, CA 94105 US john@example.com",
            &format!("Order number {}", order.order_number),
            "Ordered on 22 November 2026 Paid on 22 November 2026 Payment method Card",
            &format!("Payment reference {}", order.charge_id.as_deref().unwrap()),
            "Course Price Discount Tax Total",
            &format!("{} 10.00 −2.00 0.00 8.00", courses[0].title),
            &format!("{} 20.00 −4.00 0.00 16.00", courses[1].title),
            &format!("{} 30.00 −6.00 0.00 24.00", courses[2].title),
            "Subtotal 60.00 Discount (SAVE20) −12.00 Tax 0.00 Total paid 48.00 USD",
            "All amounts are in USD.",
            &format!("/account/orders/{}", order.id),
            "page 1 of 1",
        ],
    );
    assert!(!text.contains("refund") && !text.contains("Refund"), "{text}");
    assert_eq!(
        app.get(&path(&order), &buyer).await.expect(200).calls,
        2,
        "order, buyer; the session is remembered"
    );
}

#[tokio::test]
async fn the_buyer_and_admins_get_it_and_nobody_else_learns_of_it() {
    let (world, app) = world().await;
    let buyer = world.student().await;
    let order = bought(&world, &buyer, 1).await;
    let admin = world.admin().await;
    assert_eq!(pages(&world, &admin, &order).await, pages(&world, &buyer, &order).await);
    for stranger in [world.student().await, world.instructor().await] {
        app.get(&path(&order), &stranger).await.expect_error(404, "ORDER_NOT_FOUND");
    }
    app.get(&path(&order), None).await.expect_error(401, "NOT_AUTHENTICATED");
    let unknown = Order { id: world.ambient().id(), ..order };
    for who in [&buyer, &admin] {
        app.get(&path(&unknown), who).await.expect_error(404, "ORDER_NOT_FOUND");
    }
}

#[tokio::test]
async fn there_is_none_before_the_order_is_paid() {
    let (world, app) = world().await;
    let (teacher, buyer) = (world.instructor().await, world.student().await);
    let courses = shop::courses(&world, &teacher, 1).await;
    let order = shop::order(&world, &buyer, &courses).await;
    app.get(&path(&order), &buyer).await.expect_error(409, "RECEIPT_NOT_READY");
    shop::pay(&world, &order).await;
    app.get(&path(&order), &buyer).await.expect(200);
}

#[tokio::test]
async fn a_free_order_has_one_without_a_payment_reference() {
    let (world, _) = world().await;
    let (teacher, buyer) = (world.instructor().await, world.student().await);
    let course = shop::course(&world, &teacher, 0).await;
    let order = shop::order(&world, &buyer, &[course]).await;
    let text = pages(&world, &buyer, &order).await.join(" ");
    assert_says(&text, &["Payment method Nothing to pay", "Total paid 0.00 USD"]);
    assert!(!text.contains("Payment reference"), "{text}");
}

async fn refund(world: &World, order: &Order, wish: Wish) -> Order {
    let (orders, now) = (world.store().orders(), world.ambient().now());
    let request =
        RefundRequest { id: world.ambient().id(), wish, requested_by: None, reason: "asked".into() };
    orders.begin_refund(order.user_id, order.id, &request, now).await.unwrap();
    orders.settle_refund(order.user_id, order.id, request.id, (Some("re_1"), None), now).await.unwrap();
    orders.get(order.user_id, order.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn refunds_so_far_are_on_it_and_those_under_way_are_not() {
    let (world, app) = world().await;
    let buyer = world.student().await;
    let order = bought(&world, &buyer, 2).await;
    world.advance(kernel::SignedDuration::from_hours(48));
    let buyer = world.login(buyer.id).await;
    let order = refund(&world, &order, Wish::Items(vec![(order.lines[1].id, Some(500))])).await;
    let request = RefundRequest {
        id: world.ambient().id(),
        wish: Wish::Items(vec![(order.lines[0].id, None)]),
        requested_by: None,
        reason: String::new(),
    };
    world
        .store()
        .orders()
        .begin_refund(order.user_id, order.id, &request, world.ambient().now())
        .await
        .unwrap();

    let text = pages(&world, &buyer, &order).await.join(" ");
    assert_says(
        &text,
        &[
            "Refunded: 5.00 20.00 0.00 0.00 20.00",
            "Total paid 30.00 USD Refunded on 24 November 2026 −5.00 Paid after refunds 25.00 USD",
        ],
    );
    assert_eq!(text.matches("Refunded").count(), 2, "{text}");
    assert_eq!(
        app.get(&path(&order), &buyer).await.expect(200).calls,
        3,
        "order, refunds, buyer; the session is remembered"
    );
}

#[tokio::test]
async fn what_a_bank_took_back_is_named_as_such() {
    let (world, _) = world().await;
    let buyer = world.student().await;
    let order = bought(&world, &buyer, 1).await;
    let (orders, now) = (world.store().orders(), world.ambient().now());
    orders.open_dispute(order.user_id, order.id, ("dp_1", order.total()), None, now).await.unwrap();
    assert_says(&pages(&world, &buyer, &order).await.join(" "), &["Total paid 10.00 USD All amounts"]);
    let lost = ("dp_1", order.total(), DisputeOutcome::Lost);
    orders.close_dispute(order.user_id, order.id, lost, None, now).await.unwrap();
    let text = pages(&world, &buyer, &order).await.join(" ");
    assert_says(&text, &["Returned after a dispute −10.00 Paid after refunds 0.00 USD"]);
}

async fn korean(world: &World, buyer: &Caller) -> Order {
    let mut user = world.store().users().get(buyer.id).await.unwrap().unwrap();
    user.language = Language::Ko;
    user.timezone = "Asia/Seoul".into();
    world.store().put(&user).await.unwrap();
    let mut order = bought(world, buyer, 2).await;
    let text = |text: &str| Secret::new(text.to_owned());
    let address = &mut order.billing_address;
    (address.first_name, address.last_name) = (text("철수"), text("김"));
    (address.state, address.city) = (text("서울특별시"), text("강남구"));
    (address.address_line1, address.address_line2) = (text("테헤란로 152"), text("강남파이낸스센터 3층"));
    (address.postal_code, address.country) = (text("06236"), "KR".into());
    order.currency = "KRW".parse().unwrap();
    order.lines[0].title = "뷁! 러스트로 배우는 시스템 프로그래밍".into();
    order
}

#[tokio::test]
async fn a_korean_buyer_gets_it_in_korean_by_his_calendar() {
    let (world, _) = world().await;
    world.advance(kernel::SignedDuration::from_hours(6));
    let buyer = world.student().await;
    let order = korean(&world, &buyer).await;
    world.store().put(&order).await.unwrap();
    let text = pages(&world, &buyer, &order).await.join(" ");
    assert_says(
        &text,
        &[
            "영수증",
            "사업자등록번호 123-45-67890",
            "구매자 김철수 서울특별시 강남구 테헤란로 152 강남파이낸스센터 3층 06236 KR",
            "주문일 2026년 11월 23일",
            "결제 수단 카드",
            "강의 가격 할인 세금 합계",
            "뷁! 러스트로 배우는 시스템 프로그래밍 1,000 0 0 1,000",
            "소계 3,000 세금 0 총 결제 금액 3,000 KRW",
            "1/1 쪽",
        ],
    );
}

#[tokio::test]
async fn amounts_have_the_decimals_of_their_currency() {
    let (world, _) = world().await;
    let buyer = world.student().await;
    let order = bought(&world, &buyer, 1).await;
    for (code, total) in [("JPY", "1,000 JPY"), ("BHD", "1.000 BHD"), ("EUR", "10.00 EUR")] {
        let order = Order { currency: code.parse::<Currency>().unwrap(), ..order.clone() };
        world.store().put(&order).await.unwrap();
        let digits = Amount::new(1_000, order.currency).digits();
        assert_says(&pages(&world, &buyer, &order).await.join(" "), &[&format!("Total paid {total}")]);
        assert_eq!(total.replace(',', ""), format!("{digits} {code}"));
    }
}

#[tokio::test]
async fn fifty_lines_go_over_pages_and_each_is_there_once() {
    let (world, _) = world().await;
    let buyer = world.student().await;
    let mut order = bought(&world, &buyer, 1).await;
    let line = order.lines[0].clone();
    order.lines = (0..50)
        .map(|number| {
            let title = format!(
                "No. {number}. A title that is long enough to need a second line in its narrow column"
            );
            domain::commerce::Line { id: world.ambient().id(), title, ..line.clone() }
        })
        .collect();
    world.store().put(&order).await.unwrap();
    let pages = pages(&world, &buyer, &order).await;
    assert!(pages.len() >= 3, "{}", pages.len());
    for (number, page) in (1..).zip(&pages) {
        assert_says(page, &[&format!("page {number} of {}", pages.len())]);
    }
    let all = pages.join(" ");
    for number in 0..50 {
        assert_eq!(all.matches(&format!("No. {number}. A title")).count(), 1, "{number}");
    }
    assert_says(&all, &["Subtotal 10.00", "Total paid 10.00 USD"]);
}

#[tokio::test]
async fn the_same_order_gives_the_same_bytes() {
    let (world, _) = world().await;
    let buyer = world.student().await;
    let order = bought(&world, &buyer, 1).await;
    let bytes = async || fetch(&world, &buyer, &order).await.into_body().collect().await.unwrap().to_bytes();
    let first = bytes().await;
    world.advance(kernel::SignedDuration::from_mins(5));
    assert!(first == bytes().await);
    assert!(first.len() < 100_000, "{} bytes", first.len());
}
