//! What people are to the platform and to each other (seed 001 §4.9, spec 02 "users"): profiles and pictures, instructors, which mails
//! somebody wants, API keys; and what admins see of accounts and may change about them.

mod archives;
mod bucket;
mod notice;
mod routes;
mod views;

use axum::extract::FromRef;
use cloud::{Cloud, Objects};
use contracts::Queue;
use http_kit::{Platform, StartError};
use jobs::Publisher;
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

use archives::Archives;
use bucket::Pictures;

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    pictures: Pictures,
    archives: Archives,
    settings: Settings,
}

/// Settings of this group.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether whoever wants it becomes an instructor at once; else an admin decides.
    pub open_instructor_signup: bool,
    /// The bucket that takes uploads.
    pub uploads_bucket: String,
    /// The bucket of what is shown.
    pub media_bucket: String,
    /// The bucket of archives of all data of a person.
    pub exports_bucket: String,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(platform: Platform, objects: Objects, publisher: Publisher, settings: Settings) -> Self {
        let archives = Archives::new(objects.clone(), publisher, &settings);
        Self { platform, pictures: Pictures::new(objects, &settings), archives, settings }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let settings = Settings {
            open_instructor_signup: vars.parsed("OPEN_INSTRUCTOR_SIGNUP")?,
            uploads_bucket: vars.required("UPLOADS_BUCKET")?,
            media_bucket: vars.required("MEDIA_BUCKET")?,
            exports_bucket: vars.required("EXPORTS_BUCKET")?,
        };
        let tables = [Table::Identity, Table::Learning, Table::Catalog];
        let platform = Platform::from_env(&vars, &cloud, &tables).await?;
        let publisher = Publisher::from_env(&vars, &cloud, platform.ambient(), &[Queue::Privacy])?;
        Ok(Self::new(platform, cloud.objects(), publisher, settings))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{
        admin_actions, api_keys, become_instructor, delete_profile, end_user_sessions, get_export,
        get_profile, get_user, list_users, picture, request_export, unlock_user, unsubscribe, update_profile,
        update_user,
    };
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(
                get_profile::get_profile,
                update_profile::update_profile,
                delete_profile::delete_profile
            ))
            .routes(routes!(request_export::request_export, get_export::get_export))
            .routes(routes!(picture::upload_picture, picture::remove_picture))
            .routes(routes!(become_instructor::become_instructor))
            .routes(routes!(unsubscribe::show_unsubscribe, unsubscribe::unsubscribe))
            .routes(routes!(api_keys::list_api_keys, api_keys::create_api_key))
            .routes(routes!(api_keys::revoke_api_key))
            .routes(routes!(get_user::get_user))
            .routes(routes!(list_users::list_users))
            .routes(routes!(update_user::update_user))
            .routes(routes!(unlock_user::unlock_user))
            .routes(routes!(end_user_sessions::list_user_sessions, end_user_sessions::end_user_sessions))
            .routes(routes!(admin_actions::list_admin_actions)),
    )
}
