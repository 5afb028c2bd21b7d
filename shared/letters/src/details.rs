//! What the templates are given.

use domain::{
    commerce::BankAccount,
    identity::{
        Language, Role, UserStatus,
        deletion::{EXPORT_KEPT, GRACE},
    },
    notification::Notice,
};
use kernel::SignedDuration;

use crate::when;

/// What the templates are given.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// Given name; empty where the address has not been confirmed: its owner may not be who wrote the name.
    pub first_name: String,
    /// Family name; empty likewise.
    pub last_name: String,
    /// Life of a link, in hours.
    pub hours: i64,
    /// Days for which something is kept, or after which it was erased.
    pub days: i64,
    /// Provider of a login, where the event names one.
    pub provider: Option<String>,
    /// New role, where the event names one.
    pub role: Option<Role>,
    /// New state of the account, where the event names one.
    pub status: Option<UserStatus>,
    /// Title of a course.
    pub course: Option<String>,
    /// Title of a video.
    pub video: Option<String>,
    /// Name of a plan.
    pub plan: Option<String>,
    /// When something ends or has ended, in words.
    pub ends: Option<String>,
    /// Number of an order.
    pub order: Option<String>,
    /// An amount with its currency.
    pub amount: Option<String>,
    /// The account to which the amount is to be transferred.
    pub account: Option<BankAccount>,
    /// When, in words.
    pub time: Option<String>,
    /// The User-Agent.
    pub device_info: Option<String>,
    /// The network address.
    pub address: Option<String>,
    /// Where the button leads.
    pub link: Option<String>,
    /// The link that stops such mails.
    pub unsubscribe: Option<String>,
    /// What a digest lists, a line each.
    pub listed: Vec<String>,
    /// Whether there is more than it lists.
    pub more: bool,
}

impl Details {
    /// What a text about this needs, for a reader of this language in this time zone.
    pub fn of(notice: &Notice, language: Language, zone: &str) -> Self {
        let mut details = Self::default();
        match notice {
            Notice::SecurityEvent { provider, role, status, .. } => {
                details.days = days(GRACE);
                details.provider.clone_from(provider);
                (details.role, details.status) = (*role, *status);
            }
            Notice::ExportReady => details.days = days(EXPORT_KEPT),
            Notice::OrderTransferAwaited { order, amount, pay_by, .. } => {
                (details.order, details.amount) = (Some(order.clone()), Some(amount.clone()));
                details.ends = Some(when(*pay_by, zone, language));
            }
            Notice::OrderPaid { order, amount, .. } | Notice::OrderRefunded { order, amount, .. } => {
                (details.order, details.amount) = (Some(order.clone()), Some(amount.clone()));
            }
            Notice::OrderPaymentFailed { order, .. } | Notice::OrderDisputed { order, .. } => {
                details.order = Some(order.clone());
            }
            Notice::PaymentFailed { plan, ends, .. } => {
                details.plan.clone_from(plan);
                details.ends = ends.map(|at| when(at, zone, language));
            }
            Notice::SubscriptionLapsed { plan } => details.plan.clone_from(plan),
            Notice::Enrolled { course, .. }
            | Notice::CertificateReady { course, .. }
            | Notice::CoursePublished { course, .. }
            | Notice::ReviewReplied { course, .. } => details.course = Some(course.clone()),
            Notice::VideoReady { video, .. }
            | Notice::VideoFailed { video, .. }
            | Notice::VersionReady { video, .. }
            | Notice::VersionFailed { video, .. } => details.video = Some(video.clone()),
        }
        details
    }
}

fn days(span: SignedDuration) -> i64 {
    span.as_hours() / 24
}
