//! The operations by method and path: <https://docs.stripe.com/api>.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    form::Params,
    world::{World, text},
};

/// Parameters that are not the operation's own.
const EVERYWHERE: [&str; 2] = ["key", "client_secret"];

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Our server, with the secret key.
    Server,
    /// A browser, with the publishable key; it may do what its client secret allows.
    Browser,
}

/// Does an operation of the server.
pub(crate) fn server(
    world: &mut World,
    method: &str,
    path: &[&str],
    params: &Params,
) -> Result<Value, ApiError> {
    if method == "GET" {
        return read(world, path, params);
    }
    let id = match (method, path) {
        ("POST", ["payment_intents"]) => world.create_intent(params),
        ("POST", ["payment_intents", id, "cancel"]) => world.cancel_intent(id, params),
        ("POST", ["payment_intents", id, "confirm"]) => world.confirm_intent(id, params),
        ("POST", ["refunds"]) => world.create_refund(params),
        ("POST", ["customers"]) => world.create_customer(params),
        ("DELETE", ["customers", id]) => world.delete_customer(id, params),
        ("POST", ["setup_intents"]) => world.create_setup(params),
        ("POST", ["products"]) => world.create_product(params),
        ("POST", ["products", id]) => world.update_product(id, params),
        ("POST", ["prices"]) => world.create_price(params),
        ("POST", ["prices", id]) => world.update_price(id, params),
        ("POST", ["coupons"]) => world.create_coupon(params),
        ("POST", ["subscriptions"]) => world.create_subscription(params),
        ("POST", ["subscriptions", id]) => world.update_subscription(id, params),
        ("DELETE", ["subscriptions", id]) => world.delete_subscription(id, params),
        ("POST", ["invoices"]) => world.create_invoice(params),
        ("POST", ["invoices", id, "finalize"]) => world.finalize_invoice(id, params),
        ("POST", ["invoices", id, "pay"]) => world.pay_invoice(id, params),
        ("POST", ["invoices", id, "void"]) => world.void_invoice(id, params),
        ("POST", ["invoiceitems"]) => world.create_invoice_item(params),
        _ => Err(unknown(method, path)),
    }?;
    world.show(&id, &params.list("expand"))
}

fn read(world: &World, path: &[&str], params: &Params) -> Result<Value, ApiError> {
    let one = |object: &str, id: &str| {
        world.get(object, id)?;
        world.show(id, &params.list("expand"))
    };
    let wanted = |found: &Value, name: &str| params.text(name).is_none_or(|id| text(found, name) == id);
    match path {
        ["payment_intents", id] => one("payment_intent", id),
        ["refunds", id] => one("refund", id),
        ["customers", id] => one("customer", id),
        ["products", id] => one("product", id),
        ["prices", id] => one("price", id),
        ["subscriptions", id] => one("subscription", id),
        ["invoices", id] => one("invoice", id),
        ["setup_intents", id] => one("setup_intent", id),
        ["disputes", id] => one("dispute", id),
        ["charges", id] => one("charge", id),
        ["balance_transactions", id] => one("balance_transaction", id),
        ["refunds"] => world.list("refund", "/v1/refunds", params, |found| {
            wanted(found, "payment_intent") && wanted(found, "charge")
        }),
        ["balance_transactions"] => {
            world.list("balance_transaction", "/v1/balance_transactions", params, |found| {
                wanted(found, "type")
            })
        }
        ["payment_intents"] => {
            world.list("payment_intent", "/v1/payment_intents", params, |found| wanted(found, "customer"))
        }
        ["disputes"] => {
            world.list("dispute", "/v1/disputes", params, |found| wanted(found, "payment_intent"))
        }
        ["invoice_payments"] => world.invoice_payments(params),
        ["invoices"] => world.list("invoice", "/v1/invoices", params, |found| {
            let subscription = world.subscription_of(text(found, "id"));
            wanted(found, "customer")
                && params.text("subscription").is_none_or(|id| subscription.as_deref() == Some(id))
        }),
        _ => Err(unknown("GET", path)),
    }
}

/// Does an operation of a browser.
pub(crate) fn browser(
    world: &mut World,
    method: &str,
    path: &[&str],
    params: &Params,
) -> Result<Value, ApiError> {
    let secret = params.required("client_secret")?.to_owned();
    let (["payment_intents" | "setup_intents", id] | ["payment_intents" | "setup_intents", id, "confirm"]) =
        path
    else {
        return Err(ApiError::unauthorized());
    };
    if !world.owner_of_secret(id, &secret) {
        return Err(ApiError::missing("intent", id));
    }
    let allowed =
        [&EVERYWHERE[..], &["payment_method", "payment_method_data[*]", "payment_method_data[card][number]"]]
            .concat();
    params.only(&[&allowed[..], &["payment_method_data[type]", "return_url"]].concat())?;
    match (method, path) {
        ("GET", [_, _]) => (),
        ("POST", ["payment_intents", _, "confirm"]) => drop(world.confirm_intent(id, params)?),
        ("POST", ["setup_intents", _, "confirm"]) => drop(world.confirm_setup(id, params)?),
        _ => return Err(unknown(method, path)),
    }
    let shown = world.show(id, &[])?;
    let public = [
        "id",
        "object",
        "amount",
        "currency",
        "status",
        "client_secret",
        "next_action",
        "last_payment_error",
        "livemode",
    ];
    Ok(public
        .iter()
        .map(|name| ((*name).to_owned(), shown.get(*name).cloned().unwrap_or(Value::Null)))
        .collect::<Value>())
}

fn unknown(method: &str, path: &[&str]) -> ApiError {
    let message = format!("Unrecognized request URL ({method}: /v1/{}).", path.join("/"));
    ApiError { status: 404, error: json!({"type": "invalid_request_error", "message": message}) }
}
