//! Admins see what admins did.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::admin::AdminActionKind;
use garde::Validate;
use http_kit::{Admin, ApiError, ApiResult, CursorPage, CursorQuery, Platform, Query};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::AdminAction;

const PATH: &str = "/api/v1/admin/actions";

/// Which actions.
#[derive(Clone, Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActionFilter {
    /// Those of this month (UTC), such as `2026-06`; of the current month where nothing is sent.
    #[garde(custom(check_month))]
    #[param(example = "2026-06")]
    month: Option<String>,
    /// What was done to this account, in any month; not together with `month`.
    #[garde(skip)]
    user_id: Option<Id<kinds::User>>,
}

fn check_month(month: &Option<String>, _: &()) -> garde::Result {
    match month {
        Some(month) if month.len() != 7 || format!("{month}-01").parse::<jiff::civil::Date>().is_err() => {
            Err(garde::Error::new("must be a year and a month, such as 2026-06"))
        }
        _ => Ok(()),
    }
}

/// Something that an admin did.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ActionView {
    id: Id<kinds::AdminAction>,
    admin_id: Id<kinds::User>,
    /// Whose account it was about; null where it was about something that is nobody's, such as a plan.
    user_id: Option<Id<kinds::User>>,
    kind: AdminActionKind,
    #[schema(example = json!({"role_from": "student", "role_to": "instructor"}))]
    details: BTreeMap<String, String>,
    reason: String,
    /// The network address of the admin; after 30 days its network, such as `203.0.113.0/24`.
    #[schema(example = "203.0.113.7")]
    ip_address: String,
    at: Timestamp,
}

impl From<AdminAction> for ActionView {
    fn from(action: AdminAction) -> Self {
        let AdminAction { id, admin_id, user_id, kind, details, reason, ip_address, at } = action;
        Self { id, admin_id, user_id, kind, details, reason, ip_address, at }
    }
}

/// What admins did to accounts, plans, promo codes and with money, the newest first. The log is only ever added to.
#[utoipa::path(
    get, path = "/admin/actions", operation_id = "list_admin_actions", tag = "admin",
    params(ActionFilter, CursorQuery),
    responses((status = 200, description = "The actions", body = CursorPage<ActionView>)),
)]
pub(crate) async fn list_admin_actions(
    State(platform): State<Platform>,
    Admin(_caller): Admin,
    Query(filter): Query<ActionFilter>,
    Query(cursor): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<ActionView>>> {
    let (log, size, now) = (platform.store().admin_actions(), cursor.page_size, platform.ambient().now());
    let (name, value, mut page) = match (filter.user_id, filter.month) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid("month", "must not be sent together with user_id"));
        }
        (Some(user), None) => {
            let start = cursor.start(&platform, &list("user_id", &user.to_string())).await?;
            ("user_id", user.to_string(), log.about_user(user, start, size).await?)
        }
        (None, month) => {
            let month = month.unwrap_or_else(|| AdminAction::month_of(now));
            let start = cursor.start(&platform, &list("month", &month)).await?;
            let page = log.of_month(&month, start, size).await?;
            ("month", month, page)
        }
    };
    platform.store().with_whole_addresses(&mut page.items, now).await?;
    let results = page.items.into_iter().map(ActionView::from).collect();
    let filters = [(name, value.as_str())];
    Ok(Json(cursor.page(&platform, &list(name, &value), PATH, &filters, results, page.next).await?))
}

fn list(name: &str, value: &str) -> String {
    format!("admin:actions:{name}:{value}")
}
