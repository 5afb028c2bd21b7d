//! SES: sending one mail to one address.

use aws_sdk_sesv2::{
    error::ProvideErrorMetadata,
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader},
};
use aws_smithy_types::error::operation::BuildError;

/// A mail.
#[derive(Clone, Debug)]
pub struct Mail<'a> {
    /// The sender: an address, or a name and an address.
    pub from: &'a str,
    /// The receiver's address.
    pub to: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// The text for programs that show no HTML.
    pub text: &'a str,
    /// The same as HTML.
    pub html: &'a str,
    /// A link that stops such mails with one POST (RFC 8058), for mails that may be stopped.
    pub unsubscribe: Option<&'a str>,
}

/// A mail was not sent. No kind names the address or shows what SES says about it: both would reach a log.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Trying again may help: SES does not answer, throttles, or is paused.
    #[error("SES did not take the mail: {0}")]
    Unavailable(String),
    /// Trying again does not help before something is changed.
    #[error("SES refuses the mail: {0}")]
    Refused(String),
    /// No mail can reach the address. SES takes ASCII only: a domain of other letters must be given in Punycode, and a local part
    /// can't be (SES developer guide, "Email address requirements").
    #[error("no mail can be sent to the address")]
    Address,
}

/// The SES client.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: aws_sdk_sesv2::Client,
}

impl Mailer {
    pub(crate) fn new(sdk: &aws_types::SdkConfig) -> Self {
        Self { client: aws_sdk_sesv2::Client::new(sdk) }
    }

    /// Sends a mail under a configuration set, which tells where its bounces and complaints are published, and gives SES's id of it.
    /// SES has no idempotency key: who asks again after an error may send twice.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn send(&self, configuration_set: &str, mail: &Mail<'_>) -> Result<String, MailError> {
        if !is_address(mail.to) {
            return Err(MailError::Address);
        }
        let content = content(mail).map_err(|error| MailError::Refused(error.to_string()))?;
        let answer = self
            .client
            .send_email()
            .from_email_address(mail.from)
            .destination(Destination::builder().to_addresses(mail.to).build())
            .content(content)
            .configuration_set_name(configuration_set)
            .send()
            .await
            .map_err(|error| {
                // Without an answer of SES, the words of `SdkError` itself; its source may quote the request.
                let code = error.code().map_or_else(|| error.to_string(), ToOwned::to_owned);
                match error.as_service_error() {
                    Some(SendEmailError::MessageRejected(_) | SendEmailError::BadRequestException(_)) => {
                        MailError::Refused(code)
                    }
                    _ => MailError::Unavailable(code),
                }
            })?;
        Ok(answer.message_id.unwrap_or_default())
    }
}

/// Whether SES can take an address. One `@`, and printable ASCII without what separates addresses: nothing in it can begin
/// another header or another receiver.
fn is_address(text: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_graphic() && !matches!(c, ',' | ';' | ':' | '<' | '>' | '(' | ')' | '"' | '\\');
    let parts = text.split_once('@');
    parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
        && text.chars().all(plain)
        && text.len() <= 320
}

fn content(mail: &Mail<'_>) -> Result<EmailContent, BuildError> {
    let text = |data: &str| Content::builder().data(data).charset("UTF-8").build();
    let header = |name: &str, value: String| MessageHeader::builder().name(name).value(value).build();
    let mut message = Message::builder()
        .subject(text(&one_line(mail.subject))?)
        .body(Body::builder().text(text(mail.text)?).html(text(mail.html)?).build());
    if let Some(url) = mail.unsubscribe {
        message = message
            .headers(header("List-Unsubscribe", format!("<{}>", one_line(url)))?)
            .headers(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into())?);
    }
    Ok(EmailContent::builder().simple(message.build()).build())
}

/// A header's value is one line: a line break in it would begin another header (RFC 5322, 2.2).
fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_name_one_receiver_are_sent_to() {
        for good in ["a@b.example", "a.b+c@d.example", "o'neil@x.example"] {
            assert!(is_address(good), "{good}");
        }
        let long = format!("{}@b.example", "a".repeat(320));
        for bad in [
            "",
            "a",
            "@b.example",
            "a@",
            "a@b@c",
            "a@b.example,c@d.example",
            "a@b.example\r\nBcc: c@d.example",
            "ü@b.example",
            "a@b.example;c@d.example",
            "<a@b.example>",
            "A <a@b.example>",
            "a b@c.example",
            &long,
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn a_line_break_never_begins_another_header() {
        let mail = Mail {
            from: "a@b.example",
            to: "c@d.example",
            subject: "Hello\r\nBcc: e@f.example",
            text: "",
            html: "",
            unsubscribe: Some("https://x.example/\nBcc: e@f.example"),
        };
        let content = content(&mail).unwrap();
        let message = content.simple().unwrap();
        assert_eq!(message.subject().unwrap().data(), "Hello  Bcc: e@f.example");
        let headers: Vec<_> =
            message.headers().iter().map(|header| (header.name(), header.value())).collect();
        assert_eq!(
            headers,
            [
                ("List-Unsubscribe", "<https://x.example/ Bcc: e@f.example>"),
                ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
            ]
        );
    }
}
