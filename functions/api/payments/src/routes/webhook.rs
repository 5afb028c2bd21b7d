//! The gateway tells that something happened.

use axum::{Json, extract::State};
use bytes::Bytes;
use checkout::{Desk, Disputed, Look};
use gateway::{Event, EventKind, WebhookError, Webhooks};
use http::HeaderMap;
use http_kit::{ApiError, ApiResult, Platform};
use serde::Serialize;
use store::entities::{GatewayEvent, commerce::order::Settled};

use crate::{
    billing_events,
    refusals::{failed, not_set_up},
};

/// The header that carries the signature.
const SIGNATURE: &str = "stripe-signature";

/// That the event was taken.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Taken {
    #[schema(example = true)]
    received: bool,
}

/// Takes an event of the payment service. It has to be signed over the body as it is, within the last 300 seconds. Each event is applied
/// once; what it tells of is read again, so that late and reordered events end in the newest state. Kinds that mean nothing here are taken
/// and left.
#[utoipa::path(
    post, path = "/payments/webhook/stripe", operation_id = "take_stripe_event", tag = "payments", security(()),
    params(("Stripe-Signature" = String, Header, description = "Time and HMAC of the body",
        example = "t=1764000000,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd")),
    request_body(
        content = serde_json::Value, description = "An event of Stripe, byte for byte",
        example = json!({"id": "evt_1NG8Du2eZvKYlo2CUI79vXWy", "object": "event", "type": "payment_intent.succeeded",
            "data": {"object": {"id": "pi_3MtwBwLkdIwHu7ix28a3tqPa", "object": "payment_intent"}}}),
    ),
    responses((status = 200, description = "It was taken", body = Taken)),
)]
pub(crate) async fn take_stripe_event(
    State(platform): State<Platform>,
    State(desk): State<Desk>,
    State(webhooks): State<Webhooks>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<Json<Taken>> {
    let header = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = platform.ambient().now();
    let event = webhooks.open(&body, header, now).await.map_err(not_taken)?;
    let payments = platform.store().payments();
    if !payments.applied(&event.id).await? {
        let marker = GatewayEvent { id: event.id.clone(), kind: event.name.clone(), applied_at: now };
        let marked = apply(&desk, &event, &marker).await.inspect_err(|error| {
            tracing::error!(event = event.id, kind = event.name, ?error, "an event could not be applied");
        })?;
        if !marked {
            payments.mark(&marker).await?;
        }
        tracing::info!(event = event.id, kind = event.name, "applied");
    }
    Ok(Json(Taken { received: true }))
}

/// Applies an event; true where its marker was written with its effect.
async fn apply(desk: &Desk, event: &Event, marker: &GatewayEvent) -> ApiResult<bool> {
    let subject = &event.subject;
    match event.kind {
        EventKind::IntentSucceeded | EventKind::IntentFailed | EventKind::IntentCancelled => {
            let Some(intent) = &subject.intent else { return Ok(false) };
            // An intent of a subscription's invoice names no order; the invoice tells of it.
            if !subject.metadata.contains_key("order_id") {
                return Ok(false);
            }
            let look = desk.look_at_intent(intent, Some(marker)).await.map_err(failed)?;
            Ok(matches!(look, Look::Settled(Settled::Done(_))))
        }
        EventKind::ChargeRefunded | EventKind::Refund => {
            if let Some(intent) = &subject.intent
                && !desk.look_at_refunds(intent).await.map_err(failed)?
            {
                billing_events::refunded(desk, intent, marker.applied_at).await?;
            }
            Ok(false)
        }
        EventKind::DisputeCreated | EventKind::DisputeClosed | EventKind::DisputeChanged => {
            if desk.look_at_dispute(&subject.id).await.map_err(failed)? == Disputed::NotOurs {
                billing_events::disputed(desk, &subject.id, marker.applied_at).await?;
            }
            Ok(false)
        }
        EventKind::InvoicePaid
        | EventKind::InvoiceFailed
        | EventKind::SubscriptionChanged
        | EventKind::SubscriptionEnded => {
            billing_events::changed(desk, event, marker.applied_at).await?;
            Ok(false)
        }
        EventKind::CardGiven => {
            billing_events::card_given(desk, &subject.id, marker.applied_at).await?;
            Ok(false)
        }
        EventKind::Other => Ok(false),
    }
}

/// Nothing of what an unsigned body says is told or logged.
fn not_taken(error: WebhookError) -> ApiError {
    match error {
        WebhookError::NotSetUp => not_set_up(),
        WebhookError::Secret(error) => ApiError::internal(error),
        WebhookError::Body(error) => {
            ApiError::bad_request("WEBHOOK_INVALID", "The body is no event. Send it as it came.")
                .because(error)
        }
        error @ (WebhookError::Header | WebhookError::Signature | WebhookError::Stale) => {
            let message =
                "The signature does not prove that this event is the payment service's, and of now.";
            ApiError::bad_request("WEBHOOK_SIGNATURE_INVALID", message).because(error)
        }
    }
}
