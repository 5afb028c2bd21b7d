//! What every API function shares: how it starts and serves, its errors, and the extractors through which a handler says
//! who may call it and what it takes.

pub mod access;
mod audience;
mod body;
pub mod cache;
mod client;
mod document;
mod error;
pub mod fields;
pub mod html;
mod idempotency;
mod log;
pub mod openapi;
mod paging;
mod platform;
mod serve;

pub use access::{
    Admin, Credential, FreshlyChecked, Instructor, Principal, RecentlySignedIn, SignedIn, Visitor,
};
pub use audience::check_audience;
pub use body::{Body, Params, Query};
pub use cache::{Caching, Keep};
pub use client::Client;
pub use document::{key_set, pdf};
pub use error::{ApiError, ApiResult, ErrorBody, sentence};
pub use idempotency::IdempotencyKey;
pub use paging::{ClassQuery, CursorPage, CursorQuery, NumberQuery, NumberedPage, PageQuery};
pub use platform::{Platform, StartError};
pub use serve::{App, Failure, app, no_content, serve};
