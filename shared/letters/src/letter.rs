//! The words of a mail: templates for each language, put into one layout as text and as HTML.
//!
//! What a template says is written once and used for both. It is rendered as plain text first; the HTML layout then escapes all of
//! it, so nothing that came from a user can be markup there.

use domain::{
    identity::{Language, Role, UserStatus},
    notification::Notice,
};
use minijinja::{Environment, Error, UndefinedBehavior, Value, context};

use crate::{Advice, Details, Topic};

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

/// A notification inside the platform, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// One line.
    pub title: String,
    /// A sentence or two.
    pub text: String,
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
        let values = self.values(language, details)?;
        let (file, advice) = place(topic);
        let mut body = paragraphs(&self.block(language, file, topic.as_str(), &values)?);
        let subject = if body.is_empty() { String::new() } else { body.remove(0) };
        body.extend(details.listed.iter().cloned());
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

    /// A notification in its reader's language; moments are those of his time zone.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn note(&self, notice: &Notice, language: Language, zone: &str) -> Result<Note, Error> {
        let (topic, details) = (Topic::from(notice), Details::of(notice, language, zone));
        let values = self.values(language, &details)?;
        let body = paragraphs(&self.block(language, place(topic).0, topic.note(), &values)?);
        let mut body = body.into_iter();
        Ok(Note { title: body.next().unwrap_or_default(), text: body.next().unwrap_or_default() })
    }

    /// What the blocks of a topic are given.
    fn values(&self, language: Language, details: &Details) -> Result<Value, Error> {
        let named = |prefix: &str, name: Option<&str>| {
            let word = |name| self.block(language, "words", &format!("{prefix}_{name}"), &Value::UNDEFINED);
            name.map(word).transpose()
        };
        Ok(context! {
            hours => details.hours,
            days => details.days,
            provider => details.provider.as_deref().map(plain),
            order => details.order.as_deref(),
            amount => details.amount.as_deref(),
            course => details.course.as_deref().map(plain),
            video => details.video.as_deref().map(plain),
            more => details.more,
            plan => details.plan.as_deref().map(plain),
            ends => details.ends.as_deref(),
            role => named("role", details.role.map(Role::as_str))?,
            status => named("status", details.status.map(UserStatus::as_str))?,
        })
    }

    fn facts(&self, language: Language, details: &Details) -> Result<Value, Error> {
        let word = |name: &str, values: &Value| self.block(language, "words", name, values);
        let mut facts = Vec::new();
        let mut add = |label: &str, value: String| {
            facts.push(context! { label => word(label, &Value::UNDEFINED)?, value => value });
            Ok::<_, Error>(())
        };
        if let Some(account) = &details.account {
            add("account_holder", account.holder.clone())?;
            add("iban", account.iban.to_string())?;
            if let Some(bic) = &account.bic {
                add("bic", bic.as_str().to_owned())?;
            }
            if let Some(bank) = &account.bank {
                add("bank", bank.clone())?;
            }
            if let Some(order) = &details.order {
                add("reference", order.clone())?;
            }
        }
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

/// The file with the blocks of a topic, and the name that the blocks of its button and its end begin with.
const fn place(topic: Topic) -> (&'static str, &'static str) {
    match topic.advice() {
        Some(Advice::Secure) => ("events", "secure"),
        Some(Advice::Restore) => ("events", "restore"),
        Some(Advice::Ask) => ("events", "ask"),
        None => ("letters", topic.as_str()),
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
