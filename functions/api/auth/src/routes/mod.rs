//! One file for each endpoint.

pub(crate) mod end_session;
pub(crate) mod get_jwks;
pub(crate) mod get_me;
pub(crate) mod list_sessions;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod logout_all;
pub(crate) mod refresh;
pub(crate) mod register;
