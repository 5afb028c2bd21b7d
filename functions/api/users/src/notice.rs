//! The small pages behind the link of a mail.

use axum::response::Response;
use domain::identity::{Language, NotificationKind, unsubscribe::Mails};
use http::StatusCode;
use http_kit::html;

/// A page.
pub(crate) struct Notice {
    status: StatusCode,
    language: Language,
    title: &'static str,
    text: String,
    /// Label of the button, and the token that it sends.
    button: Option<(&'static str, String)>,
}

impl Notice {
    /// Asks whether mails of this kind shall stop.
    pub(crate) fn ask(language: Language, mails: Mails, token: &str) -> Self {
        let about = name(language, mails);
        let (title, text, label) = match language {
            Language::En => (
                "Stop these mails?",
                format!("You will get no more mails about {about}. Your profile turns them on again."),
                "Stop them",
            ),
            Language::Ko => (
                "이 메일을 그만 받으시겠어요?",
                format!("{about} 메일을 더 이상 보내지 않습니다. 프로필에서 다시 켤 수 있습니다."),
                "수신 거부",
            ),
        };
        let button = Some((label, token.to_owned()));
        Self { status: StatusCode::OK, language, title, text, button }
    }

    /// Says that they stop.
    pub(crate) fn done(language: Language, mails: Mails) -> Self {
        let about = name(language, mails);
        let (title, text) = match language {
            Language::En => {
                ("Done", format!("You get no more mails about {about}. Your profile turns them on again."))
            }
            Language::Ko => (
                "처리되었습니다",
                format!("{about} 메일을 더 이상 보내지 않습니다. 프로필에서 다시 켤 수 있습니다."),
            ),
        };
        Self { status: StatusCode::OK, language, title, text, button: None }
    }

    /// Says that the link is none of ours.
    pub(crate) fn broken(language: Language) -> Self {
        let (title, text) = match language {
            Language::En => (
                "This link does not work",
                "It is not complete. Open it from the mail again, or log in and turn the mails off in your profile.",
            ),
            Language::Ko => (
                "사용할 수 없는 링크입니다",
                "링크가 완전하지 않습니다. 메일에서 다시 열거나, 로그인하여 프로필에서 메일 수신을 꺼 주세요.",
            ),
        };
        Self { status: StatusCode::BAD_REQUEST, language, title, text: text.to_owned(), button: None }
    }
}

/// What the mails are about.
const fn name(language: Language, mails: Mails) -> &'static str {
    match (language, mails) {
        (Language::En, Mails::Of(NotificationKind::Security)) => "the security of your account",
        (Language::En, Mails::Of(NotificationKind::Account)) => "your account",
        (Language::En, Mails::Of(NotificationKind::Learning)) => "your courses",
        (Language::En, Mails::Of(NotificationKind::Teaching)) => "your teaching",
        (Language::En, Mails::Of(NotificationKind::Community)) => "comments and channels",
        (Language::En, Mails::Of(NotificationKind::Marketing)) => "offers",
        (Language::En, Mails::Digest) => "what you have not read",
        (Language::Ko, Mails::Of(NotificationKind::Security)) => "계정 보안",
        (Language::Ko, Mails::Of(NotificationKind::Account)) => "계정 소식",
        (Language::Ko, Mails::Of(NotificationKind::Learning)) => "수강 중인 강의",
        (Language::Ko, Mails::Of(NotificationKind::Teaching)) => "내 강의 운영",
        (Language::Ko, Mails::Of(NotificationKind::Community)) => "댓글과 채널",
        (Language::Ko, Mails::Of(NotificationKind::Marketing)) => "혜택과 광고",
        (Language::Ko, Mails::Digest) => "읽지 않은 알림 모음",
    }
}

impl From<Notice> for Response {
    fn from(notice: Notice) -> Self {
        let Notice { status, language, title, text, button } = notice;
        // A token is made of characters that need no escape, and only one that was checked comes here.
        let form = button.map_or_else(String::new, |(label, token)| {
            format!(
                "<form method=\"post\" action=\"?token={token}\">\
                 <input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">\
                 <button type=\"submit\">{label}</button></form>"
            )
        });
        html::page(status, language.as_str(), title, &format!("<p>{text}</p>{form}"))
    }
}
