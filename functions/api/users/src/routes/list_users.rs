//! An admin looks for accounts.

use axum::{Json, extract::State};
use domain::identity::{Role, UserStatus};
use garde::Validate;
use http_kit::{Admin, ApiError, ApiResult, CursorPage, CursorQuery, Platform, Query};
use serde::{Deserialize, Serialize};
use store::{Position, entities::User};

use crate::views::AccountView;

const PATH: &str = "/api/v1/admin/users";

const ROLES: [Role; 3] = [Role::Admin, Role::Instructor, Role::Student];
const STATUSES: [UserStatus; 4] =
    [UserStatus::Active, UserStatus::Suspended, UserStatus::Banned, UserStatus::Deleted];

/// Which accounts.
#[derive(Clone, Copy, Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserFilter {
    /// Those of this role; of all where it is not sent.
    #[garde(skip)]
    role: Option<Role>,
    /// Those of this status; of all where it is not sent.
    #[garde(skip)]
    status: Option<UserStatus>,
    /// Those who ask to become instructors, who asked first comes first; not together with the others.
    #[serde(default)]
    #[garde(skip)]
    #[param(example = false)]
    instructor_requests: bool,
}

/// Where a page begins: in which list, and where there.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Place {
    list: usize,
    position: Option<Position>,
}

/// Accounts by role and status, the newest of each first: all admins, then instructors, then students; of each role the active ones
/// first. A change is in the list some milliseconds later.
#[utoipa::path(
    get, path = "/admin/users", operation_id = "list_users", tag = "admin",
    params(UserFilter, CursorQuery),
    responses((status = 200, description = "The accounts", body = CursorPage<AccountView>)),
)]
pub(crate) async fn list_users(
    State(platform): State<Platform>,
    Admin(_caller): Admin,
    Query(filter): Query<UserFilter>,
    Query(cursor): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<AccountView>>> {
    if filter.instructor_requests {
        return requests(&platform, filter, &cursor).await.map(Json);
    }
    let name = format!("admin:users:{filter:?}");
    let lists = lists(filter);
    let mut place: Place = cursor.start(&platform, &name).await?.unwrap_or_default();
    let mut found: Vec<User> = Vec::new();
    let next = loop {
        let Some((role, status)) = lists.get(place.list).copied() else { break None };
        let room = cursor.page_size.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        if room == 0 {
            break Some(place);
        }
        let page = platform.store().users().of_standing(role, status, place.position, room).await?;
        found.extend(page.items);
        place = match page.next {
            Some(next) => Place { list: place.list, position: Some(next) },
            None => Place { list: place.list + 1, position: None },
        };
    };
    let results = found.into_iter().map(AccountView::from).collect();
    let mut filters: Vec<(&str, &str)> = Vec::new();
    filters.extend(filter.role.map(|role| ("role", role.as_str())));
    filters.extend(filter.status.map(|status| ("status", status.as_str())));
    Ok(Json(cursor.page(&platform, &name, PATH, &filters, results, next).await?))
}

/// The lists that the filter names, each of one role and status.
fn lists(filter: UserFilter) -> Vec<(Role, UserStatus)> {
    let all = ROLES.into_iter().flat_map(|role| STATUSES.map(|status| (role, status)));
    let wanted = |(role, status): &(Role, UserStatus)| {
        filter.role.is_none_or(|wanted| wanted == *role)
            && filter.status.is_none_or(|wanted| wanted == *status)
    };
    all.filter(wanted).collect()
}

async fn requests(
    platform: &Platform,
    filter: UserFilter,
    cursor: &CursorQuery,
) -> ApiResult<CursorPage<AccountView>> {
    if filter.role.is_some() || filter.status.is_some() {
        return Err(ApiError::invalid(
            "instructor_requests",
            "must not be sent together with role or status",
        ));
    }
    const NAME: &str = "admin:users:requests";
    let start = cursor.start(platform, NAME).await?;
    let page = platform.store().users().instructor_requests(start, cursor.page_size).await?;
    let results = page.items.into_iter().map(AccountView::from).collect();
    let filters = [("instructor_requests", "true")];
    cursor.page(platform, NAME, PATH, &filters, results, page.next).await
}
