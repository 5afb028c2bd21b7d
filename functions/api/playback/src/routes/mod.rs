//! One file for each endpoint.

pub(crate) mod end;
pub(crate) mod end_session;
pub(crate) mod heartbeat;
pub(crate) mod list_progress;
pub(crate) mod list_sessions;
pub(crate) mod play;
pub(crate) mod refresh;
pub(crate) mod report_events;
pub(crate) mod report_progress;
pub(crate) mod update_progress;
