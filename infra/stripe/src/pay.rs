//! The payment page: where a browser gives its card. On AWS that is Stripe's own form in the web client; here it is a page of the
//! stand-in, without scripts, which does with the client secret what Stripe's form does.
//!
//! `GET /pay?client_secret=…&return_url=…`; afterwards the browser is led back to `return_url` with `payment_intent` (or
//! `setup_intent`) and `redirect_status`, as Stripe does.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{Html, IntoResponse as _, Redirect, Response},
    routing::get,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Shared,
    error::ApiError,
    form::Params,
    routes,
    world::{int, text},
};

/// Cards that the page offers, and what they do.
const CARDS: [(&str, &str); 7] = [
    ("4242 4242 4242 4242", "pays"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "has no money"),
    ("4000 0025 0000 3155", "asks the bank once"),
    ("4000 0000 0000 3220", "asks the bank each time"),
    ("4000 0000 0000 0259", "pays, and the bank takes it back"),
    ("4000 0000 0000 0341", "can be kept, and is declined later"),
];
/// Currencies without decimals that the page may show.
const WITHOUT_DECIMALS: [&str; 4] = ["jpy", "krw", "vnd", "clp"];

type Stand = State<Arc<Shared>>;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/pay", get(show).post(pay))
        .route("/pay/bank", get(bank).post(answered))
        .route("/", get(home))
}

#[derive(Clone, Debug, Deserialize)]
struct Asked {
    client_secret: String,
    #[serde(default)]
    return_url: String,
    #[serde(default)]
    card: String,
    #[serde(default)]
    agreed: bool,
}

impl Asked {
    fn id(&self) -> &str {
        self.client_secret.split("_secret_").next().unwrap_or_default()
    }

    fn is_setup(&self) -> bool {
        self.client_secret.starts_with("seti_")
    }

    fn here(&self, page: &str) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        format!(
            "{page}?client_secret={}&return_url={}",
            encode(&self.client_secret),
            encode(&self.return_url)
        )
    }

    fn hidden(&self) -> String {
        let field =
            |name: &str, value: &str| format!("<input type=hidden name={name} value=\"{}\">", escape(value));
        field("client_secret", &self.client_secret) + &field("return_url", &self.return_url)
    }
}

async fn home() -> Response {
    page("Stripe stand-in", "<p>The payment page is at <code>/pay?client_secret=…</code>.</p>")
}

async fn show(State(shared): Stand, Query(asked): Query<Asked>) -> Response {
    form(&shared, &asked, "")
}

async fn pay(State(shared): Stand, Form(asked): Form<Asked>) -> Response {
    let object = if asked.is_setup() { "setup_intents" } else { "payment_intents" };
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let params = Params::parse(&format!(
        "client_secret={}&payment_method_data[type]=card&payment_method_data[card][number]={}",
        encode(&asked.client_secret),
        encode(&asked.card)
    ));
    let done = {
        let mut world = shared.world();
        world.run_due();
        routes::browser(&mut world, "POST", &[object, asked.id(), "confirm"], &params)
    };
    shared.changed.notify_one();
    match done {
        Ok(shown) if text(&shown, "status") == "requires_action" => {
            Redirect::to(&asked.here("/pay/bank")).into_response()
        }
        Ok(shown) => finished(&shared, &asked, text(&shown, "status")),
        Err(error) => form(&shared, &asked, error.error["message"].as_str().unwrap_or("It did not work.")),
    }
}

async fn bank(State(shared): Stand, Query(asked): Query<Asked>) -> Response {
    if let Err(error) = find(&shared, &asked) {
        return refused(&error);
    }
    let body = format!(
        "<p>Your bank asks: did you mean to pay this?</p><form method=post action=/pay/bank>{}\
         <button name=agreed value=true>Yes, pay</button> <button name=agreed value=false>No</button></form>",
        asked.hidden()
    );
    page("Your bank", &body)
}

async fn answered(State(shared): Stand, Form(asked): Form<Asked>) -> Response {
    if let Err(error) = find(&shared, &asked) {
        return refused(&error);
    }
    match shared.act(|world| world.authenticate(asked.id(), asked.agreed)) {
        Ok(shown) if text(&shown, "status") == "succeeded" => finished(&shared, &asked, "succeeded"),
        Ok(_) => form(&shared, &asked, "The bank did not agree. Try another card."),
        Err(error) => refused(&error),
    }
}

/// The object whose secret the browser has.
fn find(shared: &Shared, asked: &Asked) -> Result<Value, ApiError> {
    let world = shared.world();
    if !world.owner_of_secret(asked.id(), &asked.client_secret) {
        return Err(ApiError::missing("intent", asked.id()));
    }
    world.show(asked.id(), &[])
}

fn form(shared: &Shared, asked: &Asked, problem: &str) -> Response {
    let shown = match find(shared, asked) {
        Ok(shown) => shown,
        Err(error) => return refused(&error),
    };
    if matches!(text(&shown, "status"), "succeeded" | "canceled") {
        return finished(shared, asked, text(&shown, "status"));
    }
    let problem =
        if problem.is_empty() { String::new() } else { format!("<p role=alert>{}</p>", escape(problem)) };
    let cards: String =
        CARDS.iter().map(|(card, what)| format!("<tr><td><code>{card}</code><td>{what}")).collect();
    let what = if asked.is_setup() { "Nothing is charged now.".to_owned() } else { amount(&shown) };
    let body = format!(
        "<p>{} <strong>{what}</strong></p>{problem}<form method=post action=/pay>{}\
         <label>Card number <input name=card inputmode=numeric autocomplete=cc-number required value=\"4242 4242 4242 4242\"></label> \
         <button>Pay</button></form><table><caption>Test cards</caption>{cards}</table>",
        escape(text(&shown, "description")),
        asked.hidden()
    );
    page("Pay", &body)
}

fn finished(shared: &Shared, asked: &Asked, status: &str) -> Response {
    let base = &shared.settings.return_base;
    if base.is_empty() || !asked.return_url.starts_with(base.as_str()) {
        return page(
            "Done",
            &format!("<p>The status is <strong>{}</strong>. You can close this page.</p>", escape(status)),
        );
    }
    let name = if asked.is_setup() { "setup_intent" } else { "payment_intent" };
    let joint = if asked.return_url.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{}{joint}{name}={}&redirect_status={status}", asked.return_url, asked.id()))
        .into_response()
}

fn refused(error: &ApiError) -> Response {
    page(
        "Not found",
        &format!("<p role=alert>{}</p>", escape(error.error["message"].as_str().unwrap_or_default())),
    )
}

fn amount(intent: &Value) -> String {
    let (minor, currency) = (int(intent, "amount"), text(intent, "currency"));
    let number = if WITHOUT_DECIMALS.contains(&currency) {
        minor.to_string()
    } else {
        format!("{}.{:02}", minor / 100, minor % 100)
    };
    format!("{number} {}", escape(&currency.to_uppercase()))
}

fn page(title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>{title}</title>\
         <style>body{{font:1rem/1.5 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}}td{{padding-right:1rem}}\
         caption{{text-align:left}}[role=alert]{{color:#b00020}}</style><h1>{title}</h1>{body}</html>"
    );
    let mut response = Html(html).into_response();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
