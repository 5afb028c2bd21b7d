//! Admins agree with creators what part of sales they get.

use axum::{Json, extract::State};
use domain::{
    admin::AdminActionKind,
    commerce::{BasisPoints, share::ShareRule},
};
use garde::Validate;
use http_kit::{Admin, ApiError, ApiResult, Body, Client, Params, Platform};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{CreatorShare, User, admin_action::Acted};

use crate::log::act;

/// Rules of one creator.
const RULES_MAX: usize = 50;

/// What holds when. Of several rules the one that began last holds; without one the creator gets 70 %.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shares {
    #[garde(length(max = RULES_MAX), custom(check_times))]
    rules: Vec<ShareRule>,
}

fn check_times(rules: &[ShareRule], _: &()) -> garde::Result {
    match rules.iter().any(|rule| rule.until.is_some_and(|until| until <= rule.from)) {
        true => Err(garde::Error::new("must each end after it begins")),
        false => Ok(()),
    }
}

/// The shares of a creator.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ShareView {
    creator_id: Id<kinds::User>,
    /// In hundredths of a percent, now.
    share_bp: BasisPoints,
    rules: Vec<ShareRule>,
    /// Null where nothing was ever agreed.
    updated_at: Option<Timestamp>,
}

impl ShareView {
    fn new(creator_id: Id<kinds::User>, share: Option<CreatorShare>, now: Timestamp) -> Self {
        let rules = share.as_ref().map(|share| share.rules.clone()).unwrap_or_default();
        let share_bp = domain::commerce::share::at(&rules, now);
        Self { creator_id, share_bp, rules, updated_at: share.map(|share| share.updated_at) }
    }
}

fn not_found() -> ApiError {
    ApiError::not_found("USER_NOT_FOUND", "There is no such user. Check the id.")
}

async fn find(platform: &Platform, id: Id<kinds::User>) -> ApiResult<Option<CreatorShare>> {
    let user: Option<User> = platform.store().users().get(id).await?;
    user.ok_or_else(not_found)?;
    Ok(platform.store().shares().get(id).await?)
}

/// What was agreed with a creator.
#[utoipa::path(
    get, path = "/admin/creators/{id}/share", operation_id = "get_creator_share", tag = "admin",
    params(("id" = Id<kinds::User>, Path)),
    responses((status = 200, description = "The shares", body = ShareView)),
)]
pub(crate) async fn get_creator_share(
    State(platform): State<Platform>,
    Admin(_admin): Admin,
    Params(id): Params<Id<kinds::User>>,
) -> ApiResult<Json<ShareView>> {
    let share = find(&platform, id).await?;
    Ok(Json(ShareView::new(id, share, platform.ambient().now())))
}

/// Replaces what was agreed with a creator. Orders that exist keep their shares.
#[utoipa::path(
    put, path = "/admin/creators/{id}/share", operation_id = "put_creator_share", tag = "admin",
    params(("id" = Id<kinds::User>, Path)),
    request_body = Shares,
    responses((status = 200, description = "The shares", body = ShareView)),
)]
pub(crate) async fn put_creator_share(
    State(platform): State<Platform>,
    Admin(admin): Admin,
    client: Client,
    Params(id): Params<Id<kinds::User>>,
    Body(shares): Body<Shares>,
) -> ApiResult<Json<ShareView>> {
    admin.session_id()?;
    let now = platform.ambient().now();
    let before = find(&platform, id).await?;
    let share_of = |rules: &[ShareRule]| domain::commerce::share::at(rules, now).get();
    let action = act(&platform, admin, &client, AdminActionKind::ShareChanged)
        .to_account(id)
        .with("share_bp_from", share_of(before.as_ref().map_or(&[], |share| &share.rules)))
        .with("share_bp_to", share_of(&shares.rules))
        .with("rules", shares.rules.len());
    let before = before.map(|share| share.revision);
    let share = CreatorShare {
        creator_id: id,
        rules: shares.rules,
        revision: before.map_or(1, |revision| revision + 1),
        updated_at: now,
    };
    match platform.store().shares().save(&share, before, &action).await? {
        Acted::Done => Ok(Json(ShareView::new(id, Some(share), now))),
        Acted::NotAdmin => Err(ApiError::admins_only()),
        Acted::Changed => {
            let message = "It was changed at the same time. Read it again, then try again.";
            Err(ApiError::conflict("CHANGED_MEANWHILE", message))
        }
    }
}
