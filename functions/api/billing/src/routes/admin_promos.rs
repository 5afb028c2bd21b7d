//! Admins make promo codes, change them, and see what became of them.

mod statistics;

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::{
    admin::AdminActionKind,
    commerce::{
        Currency, Promo, PromoCode,
        promo::{Discount, InvalidPromo},
    },
};
use garde::Validate;
use http::StatusCode;
use http_kit::{
    Admin, ApiError, ApiResult, Body, Client, CursorPage, CursorQuery, IdempotencyKey, Params, Platform,
    Query, no_content,
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::{
    Position, StoreError,
    entities::{AdminAction, PromoRule, admin_action::Acted, commerce::promo::PromoChange},
};

use crate::{log::act, refusals::promo_not_found};
use statistics::{PromoStatistics, statistics};

/// What a code takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DiscountType {
    /// So many percent.
    Percentage,
    /// A fixed amount.
    Fixed,
}

/// A new promo code.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatePromo {
    #[garde(skip)]
    code: PromoCode,
    #[garde(skip)]
    discount_type: DiscountType,
    /// Percent from 1 to 100, or minor units such as cents.
    #[garde(range(min = 1))]
    #[schema(minimum = 1, example = 25)]
    discount_value: i64,
    /// Of a fixed amount.
    #[serde(default = "dollars")]
    #[garde(skip)]
    currency: Currency,
    #[garde(skip)]
    valid_from: Timestamp,
    /// The moment after its time.
    #[garde(skip)]
    valid_until: Timestamp,
    /// Uses by all together; null is no limit.
    #[garde(inner(range(min = 1)))]
    #[schema(minimum = 1, example = 1000)]
    max_uses: Option<u32>,
    /// Uses by one user.
    #[serde(default = "once")]
    #[garde(range(min = 1))]
    #[schema(minimum = 1, default = 1, example = 1)]
    max_uses_per_user: u32,
    /// Plans that it is for. Where plans and courses are both empty, it is for everything.
    #[serde(default)]
    #[garde(skip)]
    applicable_plans: BTreeSet<Id<kinds::Plan>>,
    /// Courses that it is for.
    #[serde(default)]
    #[garde(skip)]
    applicable_courses: BTreeSet<Id<kinds::Course>>,
    #[serde(default = "yes")]
    #[garde(skip)]
    is_active: bool,
}

const fn dollars() -> Currency {
    Currency::USD
}

const fn once() -> u32 {
    1
}

const fn yes() -> bool {
    true
}

/// What changes; a field that is not sent stays as it is. What a code takes off stays: orders that are open were reckoned with it.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdatePromo {
    #[garde(skip)]
    valid_from: Option<Timestamp>,
    #[garde(skip)]
    valid_until: Option<Timestamp>,
    #[garde(inner(range(min = 1)))]
    #[schema(minimum = 1, example = 2000)]
    max_uses: Option<u32>,
    #[garde(inner(range(min = 1)))]
    #[schema(minimum = 1, example = 2)]
    max_uses_per_user: Option<u32>,
    #[garde(skip)]
    applicable_plans: Option<BTreeSet<Id<kinds::Plan>>>,
    #[garde(skip)]
    applicable_courses: Option<BTreeSet<Id<kinds::Course>>>,
    #[garde(skip)]
    is_active: Option<bool>,
}

/// A promo code.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PromoView {
    code: PromoCode,
    discount_type: DiscountType,
    /// Percent, or minor units.
    #[schema(example = 25)]
    discount_value: i64,
    /// Of a fixed amount.
    currency: Option<Currency>,
    valid_from: Timestamp,
    valid_until: Timestamp,
    #[schema(example = 1000)]
    max_uses: Option<u32>,
    #[schema(example = 1)]
    max_uses_per_user: u32,
    /// Uses, those of unpaid orders among them.
    #[schema(example = 17)]
    current_uses: u32,
    applicable_plans: BTreeSet<Id<kinds::Plan>>,
    applicable_courses: BTreeSet<Id<kinds::Course>>,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<PromoRule> for PromoView {
    fn from(rule: PromoRule) -> Self {
        let PromoRule { promo, uses, created_at, updated_at, .. } = rule;
        let (discount_type, discount_value, currency) = match promo.discount {
            Discount::Percentage { percent } => (DiscountType::Percentage, i64::from(percent), None),
            Discount::Fixed { minor, currency } => (DiscountType::Fixed, minor, Some(currency)),
        };
        Self {
            code: promo.code,
            discount_type,
            discount_value,
            currency,
            valid_from: promo.valid_from,
            valid_until: promo.valid_until,
            max_uses: promo.max_uses,
            max_uses_per_user: promo.max_uses_per_user,
            current_uses: uses,
            applicable_plans: promo.plans,
            applicable_courses: promo.courses,
            is_active: promo.is_active,
            created_at,
            updated_at,
        }
    }
}

/// A promo code with what became of it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PromoReport {
    #[serde(flatten)]
    promo: PromoView,
    statistics: PromoStatistics,
}

/// All promo codes by name.
#[utoipa::path(
    get, path = "/admin/promo-codes", operation_id = "list_promo_codes", tag = "billing",
    params(CursorQuery),
    responses((status = 200, description = "The codes", body = CursorPage<PromoView>)),
)]
pub(crate) async fn list_promo_codes(
    State(platform): State<Platform>,
    _admin: Admin,
    Query(cursor): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<PromoView>>> {
    const LIST: &str = "promo-codes";
    let start: Option<Position> = cursor.start(&platform, LIST).await?;
    let page = platform.store().promos().list(start, cursor.page_size).await?;
    let results = page.items.into_iter().map(PromoView::from).collect();
    let path = "/api/v1/admin/promo-codes";
    Ok(Json(cursor.page(&platform, LIST, path, &[], results, page.next).await?))
}

/// Makes a promo code.
#[utoipa::path(
    post, path = "/admin/promo-codes", operation_id = "create_promo_code", tag = "billing",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = CreatePromo,
    responses((status = 201, description = "The code", body = PromoView)),
)]
pub(crate) async fn create_promo_code(
    State(platform): State<Platform>,
    Admin(caller): Admin,
    client: Client,
    key: IdempotencyKey,
    Body(new): Body<CreatePromo>,
) -> ApiResult<Response> {
    let work = async |_: Id<kinds::Event>| {
        let now = platform.ambient().now();
        let promo = Promo {
            code: new.code.clone(),
            discount: discount(&new)?,
            valid_from: new.valid_from,
            valid_until: new.valid_until,
            max_uses: new.max_uses,
            max_uses_per_user: new.max_uses_per_user,
            plans: new.applicable_plans.clone(),
            courses: new.applicable_courses.clone(),
            is_active: new.is_active,
        };
        promo.check().map_err(invalid)?;
        let rule = PromoRule { promo, uses: 0, revision: 1, created_at: now, updated_at: now };
        let promos = platform.store().promos();
        if promos.get(&new.code).await?.is_some() {
            return Err(exists());
        }
        let action = action(&platform, caller, &client, AdminActionKind::PromoCreated, &new.code);
        match promos.create(&rule, &action).await? {
            Acted::Done => Ok((StatusCode::CREATED, PromoView::from(rule))),
            Acted::Changed => Err(exists()),
            Acted::NotAdmin => Err(ApiError::admins_only()),
        }
    };
    key.run(&platform, caller.user_id, "create_promo_code", &new, work).await
}

/// A promo code with its statistics (seed 003): uses, users, what was taken off, what was earned with it.
#[utoipa::path(
    get, path = "/admin/promo-codes/{code}", operation_id = "get_promo_code", tag = "billing",
    params(("code" = PromoCode, Path)),
    responses((status = 200, description = "The code", body = PromoReport)),
)]
pub(crate) async fn get_promo_code(
    State(platform): State<Platform>,
    _admin: Admin,
    Params(code): Params<PromoCode>,
) -> ApiResult<Json<PromoReport>> {
    let rule = platform.store().promos().get(&code).await?.ok_or_else(promo_not_found)?;
    let statistics = statistics(platform.store(), &code).await?;
    Ok(Json(PromoReport { promo: rule.into(), statistics }))
}

/// Changes a promo code. What it takes off stays; its uses go on counting.
#[utoipa::path(
    patch, path = "/admin/promo-codes/{code}", operation_id = "update_promo_code", tag = "billing",
    params(("code" = PromoCode, Path)),
    request_body = UpdatePromo,
    responses((status = 200, description = "The code", body = PromoView)),
)]
pub(crate) async fn update_promo_code(
    State(platform): State<Platform>,
    Admin(caller): Admin,
    client: Client,
    Params(code): Params<PromoCode>,
    Body(new): Body<UpdatePromo>,
) -> ApiResult<Response> {
    let promos = platform.store().promos();
    let before = promos.get(&code).await?.ok_or_else(promo_not_found)?;
    let mut after = before.promo.clone();
    after.valid_from = new.valid_from.unwrap_or(after.valid_from);
    after.valid_until = new.valid_until.unwrap_or(after.valid_until);
    after.max_uses = new.max_uses.or(after.max_uses);
    after.max_uses_per_user = new.max_uses_per_user.unwrap_or(after.max_uses_per_user);
    after.plans = new.applicable_plans.unwrap_or(after.plans);
    after.courses = new.applicable_courses.unwrap_or(after.courses);
    after.is_active = new.is_active.unwrap_or(after.is_active);
    after.check().map_err(invalid)?;
    if after == before.promo {
        return Ok(Json(PromoView::from(before)).into_response());
    }
    let action = action(&platform, caller, &client, AdminActionKind::PromoChanged, &code);
    match promos.change(&before, &after, Some(&action), action.at).await? {
        PromoChange::Done(changed) => Ok(Json(PromoView::from(changed)).into_response()),
        PromoChange::Changed => Err(StoreError::ConditionFailed(None).into()),
        PromoChange::NotAdmin => Err(ApiError::admins_only()),
    }
}

/// Deletes a promo code that nobody has used. One that was used is switched off instead.
#[utoipa::path(
    delete, path = "/admin/promo-codes/{code}", operation_id = "delete_promo_code", tag = "billing",
    params(("code" = PromoCode, Path)),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete_promo_code(
    State(platform): State<Platform>,
    Admin(caller): Admin,
    client: Client,
    Params(code): Params<PromoCode>,
) -> ApiResult<Response> {
    let promos = platform.store().promos();
    let rule = promos.get(&code).await?.ok_or_else(promo_not_found)?;
    let used = || {
        let message =
            "The code was used, and its uses must stay provable. Switch it off: PATCH is_active to false.";
        ApiError::conflict("PROMO_IN_USE", message)
    };
    if rule.uses > 0 {
        return Err(used());
    }
    let action = action(&platform, caller, &client, AdminActionKind::PromoDeleted, &code);
    match promos.delete_unused(&code, &action).await? {
        Acted::Done => Ok(no_content()),
        Acted::Changed => Err(used()),
        Acted::NotAdmin => Err(ApiError::admins_only()),
    }
}

fn action(
    platform: &Platform,
    caller: http_kit::Principal,
    client: &Client,
    kind: AdminActionKind,
    code: &PromoCode,
) -> AdminAction {
    act(platform, caller, client, kind, [("promo_code", code.to_string())])
}

fn discount(new: &CreatePromo) -> ApiResult<Discount> {
    Ok(match new.discount_type {
        DiscountType::Percentage => Discount::Percentage {
            percent: u8::try_from(new.discount_value).map_err(|_| invalid(InvalidPromo::Percent))?,
        },
        DiscountType::Fixed => Discount::Fixed { minor: new.discount_value, currency: new.currency },
    })
}

fn exists() -> ApiError {
    ApiError::conflict("PROMO_EXISTS", "There is a promo code with this name. Choose another one.")
}

fn invalid(reason: InvalidPromo) -> ApiError {
    let field = match reason {
        InvalidPromo::Percent | InvalidPromo::Minor => "discount_value",
        InvalidPromo::Window => "valid_until",
        InvalidPromo::Limit => "max_uses",
        InvalidPromo::TooManyRestrictions => "applicable_courses",
    };
    ApiError::invalid(field, reason.to_string())
}
