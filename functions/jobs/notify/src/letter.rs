//! The words of a mail: templates for each language, put into one layout as text and as HTML.
//!
//! What a template says is written once and used for both. It is rendered as plain text first; the HTML layout then escapes all of
//! it, so nothing that came from a user can be markup there.

use domain::identity::{Language, Role, SecurityEventKind, UserStatus};
use minijinja::{Environment, Error, UndefinedBehavior, Value, context};

/// A mail, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// For programs that show no HTML.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// [`contracts::notify::Notify::Verification`].
    Verification,
    /// [`contracts::notify::Notify::PasswordReset`].
    PasswordReset,
    /// [`contracts::notify::Notify::ExportReady`].
    ExportReady,
    /// [`contracts::notify::Notify::Erased`].
    Erased,
    /// [`contracts::notify::Notify::SecurityEvent`].
    Event(SecurityEventKind),
}

/// What a reader of a notice can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Set a new password, which throws a thief out.
    Secure,
    /// Take the deletion back.
    Restore,
    /// Ask those who did it.
    Ask,
}

impl Topic {
    /// The name of its block in the templates.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::PasswordReset => "password_reset",
            Self::ExportReady => "export_ready",
            Self::Erased => "erased",
            Self::Event(kind) => kind.as_str(),
        }
    }

    /// What to do about a notice; `None` for a mail that says so itself.
    pub const fn advice(self) -> Option<Advice> {
        match self {
            Self::Event(SecurityEventKind::Deleted) => Some(Advice::Restore),
            Self::Event(SecurityEventKind::RoleChanged | SecurityEventKind::StatusChanged) => {
                Some(Advice::Ask)
            }
            Self::Event(_) => Some(Advice::Secure),
            _ => None,
        }
    }
}

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
}

/// The templates, which are part of the program.
const TEMPLATES: [(&str, &str); 9] = [
    ("blocks.txt", include_str!("../templates/blocks.txt")),
    ("layout.txt", include_str!("../templates/layout.txt")),
    ("layout.html", include_str!("../templates/layout.html")),
    ("en/words.txt", include_str!("../templates/en/words.txt")),
    ("en/letters.txt", include_str!("../templates/en/letters.txt")),
    ("en/events.txt", include_str!("../templates/en/events.txt")),
    ("ko/words.txt", include_str!("../templates/ko/words.txt")),
    ("ko/letters.txt", include_str!("../templates/ko/letters.txt")),
    ("ko/events.txt", include_str!("../templates/ko/events.txt")),
];

/// Writes letters.
#[derive(Debug)]
pub struct Writer {
    templates: Environment<'static>,
}

impl Writer {
    /// Reads the templates.
    ///
    /// # Errors
    /// [`Error`] when one has a mistake, which the tests find.
    pub fn new() -> Result<Self, Error> {
        let mut templates = Environment::new();
        // A variable may be absent where a template asks for it first, nowhere else.
        templates.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        for (name, source) in TEMPLATES {
            templates.add_template(name, source)?;
        }
        Ok(Self { templates })
    }

    fn block(&self, language: Language, file: &str, block: &str, values: &Value) -> Result<String, Error> {
        let template = self.templates.get_template(&format!("{}/{file}.txt", language.as_str()))?;
        let mut rendered = template.render_captured(values.clone())?;
        rendered.with_state_mut(|state| state.render_block(block))
    }

    /// The letter about `topic`.
    ///
    /// # Errors
    /// [`Error`] when a template lacks something, which the tests find.
    pub fn write(&self, topic: Topic, language: Language, details: &Details) -> Result<Letter, Error> {
        let word = |name: &str, values: &Value| self.block(language, "words", name, values);
        let named = |prefix: &str, name: Option<&str>| {
            name.map(|name| word(&format!("{prefix}_{name}"), &Value::UNDEFINED)).transpose()
        };
        let values = context! {
            hours => details.hours,
            days => details.days,
            provider => details.provider.as_deref().map(plain),
            role => named("role", details.role.map(Role::as_str))?,
            status => named("status", details.status.map(UserStatus::as_str))?,
        };
        let (file, advice) = match topic.advice() {
            Some(Advice::Secure) => ("events", "secure"),
            Some(Advice::Restore) => ("events", "restore"),
            Some(Advice::Ask) => ("events", "ask"),
            None => ("letters", topic.as_str()),
        };
        let mut body = paragraphs(&self.block(language, file, topic.as_str(), &values)?);
        let subject = if body.is_empty() { String::new() } else { body.remove(0) };
        let after = paragraphs(&self.block(language, file, &format!("{advice}_after"), &values)?);
        let action = self.block(language, file, &format!("{advice}_action"), &values)?;
        let names = context! {
            first_name => plain(&details.first_name),
            last_name => plain(&details.last_name),
        };
        let whole = context! {
            language => language.as_str(),
            subject => subject.as_str(),
            greeting => word("greeting", &names)?,
            body => Value::from_iter(body),
            facts => self.facts(language, details)?,
            action => action.trim(),
            link => details.link.as_deref(),
            after => Value::from_iter(after),
            footer => word("footer", &Value::UNDEFINED)?,
            unsubscribe => details.unsubscribe.as_deref(),
            unsubscribe_label => word("unsubscribe_label", &Value::UNDEFINED)?,
        };
        let text = self.templates.get_template("layout.txt")?.render(whole.clone())?;
        let html = self.templates.get_template("layout.html")?.render(whole)?;
        Ok(Letter { subject, text, html })
    }

    fn facts(&self, language: Language, details: &Details) -> Result<Value, Error> {
        let word = |name: &str, values: &Value| self.block(language, "words", name, values);
        let mut facts = Vec::new();
        let mut add = |label: &str, value: String| {
            facts.push(context! { label => word(label, &Value::UNDEFINED)?, value => value });
            Ok::<_, Error>(())
        };
        if let Some(time) = &details.time {
            add("time", time.clone())?;
        }
        if let Some(device) = &details.device_info {
            let device = match crate::device::describe(device) {
                (Some(browser), Some(system)) => word("known_device", &context! { browser, system })?,
                (Some(one), None) | (None, Some(one)) => one.to_owned(),
                (None, None) => word("unknown_device", &Value::UNDEFINED)?,
            };
            add("device", device)?;
        }
        if let Some(address) = &details.address {
            add("address", address.clone())?;
        }
        Ok(Value::from_iter(facts))
    }
}

/// The paragraphs of a text, which blank lines part; lines within one are joined.
fn paragraphs(text: &str) -> Vec<String> {
    let joined = text.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    joined.filter(|part| !part.is_empty()).collect()
}

/// A text of a user as one line of at most 60 characters.
fn plain(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests;
