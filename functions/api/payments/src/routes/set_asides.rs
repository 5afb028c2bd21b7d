//! Admins look at money that came in another way than it should.

use axum::{Json, extract::State};
use checkout::{Desk, LateReturn};
use domain::admin::{AdminActionKind, REASON_MAX};
use garde::Validate;
use http_kit::{
    Admin, ApiError, ApiResult, Body, Client, CursorPage, CursorQuery, Params, Platform, Query,
    fields::not_blank, openapi::BASE_PATH,
};
use serde::{Deserialize, Serialize};
use store::entities::{AdminAction, SetAside, admin_action::Acted};

use crate::{
    log::act,
    refusals::{failed, gateway_unavailable},
    views::SetAsideView,
};

/// The list's name in cursors.
const LIST: &str = "set-asides";

/// What became of it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SetAsideClosed {
    #[schema(example = "payment:pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    id: String,
    /// Always true: nobody needs to look at it any more.
    #[schema(example = true)]
    settled: bool,
}

/// What a person did about it.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolution {
    #[garde(length(chars, max = REASON_MAX), custom(not_blank))]
    #[schema(example = "The buyer was given the course by hand.")]
    note: String,
}

fn not_found() -> ApiError {
    let message = "There is no such thing to look at. GET /admin/set-asides lists them.";
    ApiError::not_found("SET_ASIDE_NOT_FOUND", message)
}

/// What nobody has dealt with yet, the oldest first.
#[utoipa::path(
    get, path = "/admin/set-asides", operation_id = "list_set_asides", tag = "admin",
    params(CursorQuery),
    responses((status = 200, description = "A page of what was set aside", body = CursorPage<SetAsideView>)),
)]
pub(crate) async fn list_set_asides(
    State(platform): State<Platform>,
    Admin(_admin): Admin,
    Query(cursor): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<SetAsideView>>> {
    let start = cursor.start(&platform, LIST).await?;
    let page = platform.store().set_asides().open(start, cursor.page_size).await?;
    let results = page.items.into_iter().map(SetAsideView::from).collect();
    let path = format!("{BASE_PATH}/admin/set-asides");
    Ok(Json(cursor.page(&platform, LIST, &path, &[], results, page.next).await?))
}

/// Gives money back that no order was waiting for; that of a bank transfer is booked as sent by whoever calls this. Again after it went
/// back, it does nothing.
#[utoipa::path(
    post, path = "/admin/set-asides/{id}/refund", operation_id = "refund_set_aside", tag = "admin",
    params(("id" = String, Path, example = "payment:pi_3MtwBwLkdIwHu7ix28a3tqPa")),
    responses((status = 200, description = "The money is on its way", body = SetAsideClosed)),
)]
pub(crate) async fn refund_set_aside(
    State(platform): State<Platform>,
    State(desk): State<Desk>,
    Admin(admin): Admin,
    client: Client,
    Params(id): Params<String>,
) -> ApiResult<Json<SetAsideClosed>> {
    admin.session_id()?;
    let aside = find(&platform, &id).await?;
    if aside.settled_at.is_some() {
        return Ok(Json(SetAsideClosed { id, settled: true }));
    }
    let action = of(act(&platform, admin, &client, AdminActionKind::SetAsideReturned), &aside);
    match desk.return_late(&aside, &action).await.map_err(failed)? {
        LateReturn::Done => Ok(Json(SetAsideClosed { id, settled: true })),
        LateReturn::NotAdmin => Err(ApiError::admins_only()),
        LateReturn::UnderWay => Err(gateway_unavailable("the outcome of a refund is not known")),
        LateReturn::Refused => {
            let message =
                "The payment service refuses this refund. Look at the payment there, then resolve it here.";
            Err(ApiError::conflict("REFUND_REFUSED", message))
        }
        LateReturn::NoMoney => {
            let message = "It holds no money that could go back. Deal with it, then resolve it.";
            Err(ApiError::conflict("NOTHING_LEFT", message))
        }
    }
}

/// Takes something off the list that was dealt with in another way. No money moves.
#[utoipa::path(
    post, path = "/admin/set-asides/{id}/resolve", operation_id = "resolve_set_aside", tag = "admin",
    params(("id" = String, Path, example = "payment:pi_3MtwBwLkdIwHu7ix28a3tqPa")),
    request_body = Resolution,
    responses((status = 200, description = "It is off the list", body = SetAsideClosed)),
)]
pub(crate) async fn resolve_set_aside(
    State(platform): State<Platform>,
    Admin(admin): Admin,
    client: Client,
    Params(id): Params<String>,
    Body(resolution): Body<Resolution>,
) -> ApiResult<Json<SetAsideClosed>> {
    admin.session_id()?;
    let aside = find(&platform, &id).await?;
    let action = of(act(&platform, admin, &client, AdminActionKind::SetAsideResolved), &aside);
    let action = action.because(&resolution.note);
    match platform.store().set_asides().resolve(&id, (&resolution.note, None), &action).await? {
        // It was off the list before.
        Acted::Done | Acted::Changed => Ok(Json(SetAsideClosed { id, settled: true })),
        Acted::NotAdmin => Err(ApiError::admins_only()),
    }
}

/// What an admin does about something that was set aside.
fn of(action: AdminAction, aside: &SetAside) -> AdminAction {
    let action = aside.captured.iter().fold(action, |action, amount| action.with("amount", amount));
    let action = aside.order_id.iter().fold(action, |action, order| action.with("order_id", order));
    let action = action.with("set_aside_id", &aside.subject);
    match aside.user_id {
        Some(user) => action.to_account(user),
        None => action,
    }
}

async fn find(platform: &Platform, id: &str) -> ApiResult<SetAside> {
    // Longer than any that we make, and than what a key may have.
    if id.len() > 300 {
        return Err(not_found());
    }
    platform.store().set_asides().get(id).await?.ok_or_else(not_found)
}
