//! The categories of courses: everybody sees them, admins make them (seed 001 §4.10).

use axum::{Json, extract::State, response::Response};
use domain::{
    category::{CATEGORIES_MAX, DESCRIPTION_MAX, ICON_MAX, NAME_MAX, ORDER_MAX, is_icon},
    course::slug::{slugify, with_suffix},
};
use garde::Validate;
use http::StatusCode;
use http_kit::{Admin, ApiError, ApiResult, Body, Caching, Keep, Params, Platform, no_content};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    entities::{Category, category::Categorized},
};

use crate::fields::not_blank;

/// Tries for a free slug: names that differ, such as C and C++, may have one slug.
const SLUG_TRIES: usize = 8;

/// All categories.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CategoryList {
    results: Vec<CategoryView>,
}

/// A category.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CategoryView {
    id: Id<kinds::Category>,
    #[schema(example = "Development")]
    name: String,
    #[schema(example = "development")]
    slug: String,
    description: String,
    /// Name of an icon of Lucide.
    #[schema(example = "BookOpen")]
    icon: String,
    /// Its place: the smallest first.
    #[schema(example = 10)]
    order_index: u32,
    /// Published courses.
    #[schema(example = 1234)]
    course_count: u64,
}

impl CategoryView {
    fn new(category: Category, course_count: u64) -> Self {
        Self {
            id: category.id,
            name: category.name,
            slug: category.slug,
            description: category.description,
            icon: category.icon,
            order_index: category.order_index,
            course_count,
        }
    }
}

/// A new category.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateCategory {
    #[garde(length(chars, max = NAME_MAX), custom(not_blank))]
    #[schema(example = "Development")]
    name: String,
    #[serde(default)]
    #[garde(length(chars, max = DESCRIPTION_MAX))]
    description: String,
    #[serde(default)]
    #[garde(custom(icon_name))]
    #[schema(example = "BookOpen")]
    icon: String,
    /// Its place: the smallest first, equal ones by name.
    #[serde(default)]
    #[garde(range(max = ORDER_MAX))]
    #[schema(example = 10, maximum = 10_000)]
    order_index: u32,
}

/// What changes; a field that is not sent stays as it is.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateCategory {
    /// The slug stays, so that links keep working. While published courses name the category, only its spelling changes (case, spaces).
    #[garde(length(chars, max = NAME_MAX), inner(custom(not_blank)))]
    #[schema(example = "Development")]
    name: Option<String>,
    #[garde(length(chars, max = DESCRIPTION_MAX))]
    description: Option<String>,
    #[garde(inner(custom(icon_name)))]
    #[schema(example = "BookOpen")]
    icon: Option<String>,
    #[garde(inner(range(max = ORDER_MAX)))]
    #[schema(example = 10, maximum = 10_000)]
    order_index: Option<u32>,
}

fn icon_name(name: &str, _: &()) -> garde::Result {
    if is_icon(name) {
        return Ok(());
    }
    Err(garde::Error::new(format!(
        "must be the name of an icon: letters, digits, hyphens, at most {ICON_MAX}"
    )))
}

/// All categories in their order, with their published courses.
#[utoipa::path(
    get, path = "/categories", operation_id = "list_categories", tag = "categories", security(()),
    responses(
        (status = 200, description = "The categories", body = CategoryList),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn list_categories(
    State(platform): State<Platform>,
    caching: Caching,
) -> ApiResult<Response> {
    let categories = platform.store().categories();
    let all = categories.all().await?;
    let counts = categories.counts(&all).await?;
    let view = |category: Category| {
        let count = counts.get(&category.id).copied().unwrap_or_default();
        CategoryView::new(category, count)
    };
    caching.json(Keep::Minute, &CategoryList { results: all.into_iter().map(view).collect() })
}

/// Makes a category. Courses that name it already are in it at once.
#[utoipa::path(
    post, path = "/admin/categories", operation_id = "create_category", tag = "categories",
    request_body = CreateCategory,
    responses((status = 201, description = "The category", body = CategoryView)),
)]
pub(crate) async fn create_category(
    State(platform): State<Platform>,
    _admin: Admin,
    Body(new): Body<CreateCategory>,
) -> ApiResult<(StatusCode, Json<CategoryView>)> {
    let (categories, ambient) = (platform.store().categories(), platform.ambient());
    if categories.all().await?.len() >= CATEGORIES_MAX {
        let message = format!("There are {CATEGORIES_MAX} categories already. Delete one first.");
        return Err(ApiError::conflict("TOO_MANY_CATEGORIES", message));
    }
    let (base, now) = (slugify(&new.name), ambient.now());
    let mut category = Category {
        id: ambient.id(),
        name: new.name.trim().to_owned(),
        slug: base.clone(),
        description: new.description,
        icon: new.icon,
        order_index: new.order_index,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    for _ in 0..SLUG_TRIES {
        match categories.create(&category).await? {
            Categorized::SlugTaken => category.slug = with_suffix(&base, ambient.random.bytes()),
            outcome => {
                done(outcome)?;
                return Ok((StatusCode::CREATED, Json(counted(&platform, category).await?)));
            }
        }
    }
    Err(StoreError::ConditionFailed(None).into())
}

/// Changes a category.
#[utoipa::path(
    patch, path = "/admin/categories/{id}", operation_id = "update_category", tag = "categories",
    params(("id" = Id<kinds::Category>, Path)),
    request_body = UpdateCategory,
    responses((status = 200, description = "The category", body = CategoryView)),
)]
pub(crate) async fn update_category(
    State(platform): State<Platform>,
    _admin: Admin,
    Params(id): Params<Id<kinds::Category>>,
    Body(new): Body<UpdateCategory>,
) -> ApiResult<Json<CategoryView>> {
    let categories = platform.store().categories();
    let before = categories.get(id).await?.ok_or_else(not_found)?;
    let mut after = before.clone();
    after.name = new.name.map_or(after.name, |name| name.trim().to_owned());
    after.description = new.description.unwrap_or(after.description);
    after.icon = new.icon.unwrap_or(after.icon);
    after.order_index = new.order_index.unwrap_or(after.order_index);
    after.updated_at = platform.ambient().now();
    done(categories.change(&before, &mut after).await?)?;
    Ok(Json(counted(&platform, after).await?))
}

/// Deletes a category. Courses that name it stay as they are.
#[utoipa::path(
    delete, path = "/admin/categories/{id}", operation_id = "delete_category", tag = "categories",
    params(("id" = Id<kinds::Category>, Path)),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete_category(
    State(platform): State<Platform>,
    _admin: Admin,
    Params(id): Params<Id<kinds::Category>>,
) -> ApiResult<Response> {
    let categories = platform.store().categories();
    let category = categories.get(id).await?.ok_or_else(not_found)?;
    done(categories.delete(&category).await?)?;
    Ok(no_content())
}

async fn counted(platform: &Platform, category: Category) -> ApiResult<CategoryView> {
    let counts = platform.store().categories().counts(std::slice::from_ref(&category)).await?;
    let count = counts.get(&category.id).copied().unwrap_or_default();
    Ok(CategoryView::new(category, count))
}

fn done(outcome: Categorized) -> ApiResult<()> {
    match outcome {
        Categorized::Done => Ok(()),
        Categorized::NameTaken => {
            let message = "Another category has this name. Choose another one.";
            Err(ApiError::conflict("CATEGORY_EXISTS", message))
        }
        Categorized::InUse => Err(ApiError::conflict(
            "CATEGORY_IN_USE",
            "Published courses name this category. Make a category with the new name instead.",
        )),
        Categorized::SlugTaken | Categorized::Changed => Err(StoreError::ConditionFailed(None).into()),
    }
}

fn not_found() -> ApiError {
    ApiError::not_found("CATEGORY_NOT_FOUND", "There is no such category. GET /categories lists them.")
}
