//! The mailbox of the stack: what SES was given (infra/local/mailbox.py).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use store::{Store, Table, Tables, entities::mail::Suppressed};

use super::{Person, Stack, until};

/// A mail that SES took.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Mail {
    to: Vec<String>,
    pub(crate) subject: String,
    #[serde(rename = "BodyText")]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) headers: Option<BTreeMap<String, String>>,
}

impl Mail {
    /// The link to this page of the client.
    #[track_caller]
    pub(crate) fn link(&self, page: &str) -> &str {
        let link = self.text.split_whitespace().find(|word| word.starts_with("http") && word.contains(page));
        link.unwrap_or_else(|| panic!("no link to {page} in {}", self.text))
    }

    /// The token of that link.
    #[track_caller]
    pub(crate) fn token(&self, page: &str) -> &str {
        self.link(page).split_once("?token=").unwrap().1
    }
}

impl Stack {
    /// The mails to an address, the newest first.
    pub(crate) async fn mails_to(&self, address: &str) -> Vec<Mail> {
        let all: Vec<Mail> = self.http.get(self.mailbox()).send().await.unwrap().json().await.unwrap();
        all.into_iter().filter(|mail| mail.to == [address]).collect()
    }

    /// The mail to an address that has this subject, once it is there.
    pub(crate) async fn mail(&self, address: &str, subject: &str) -> Mail {
        until(&format!("the mail «{subject}»"), async || {
            self.mails_to(address).await.into_iter().find(|mail| mail.subject == subject)
        })
        .await
    }

    /// Follows the link of the mail that somebody got after his registration.
    pub(crate) async fn confirm_address(&self, person: &Person) {
        let mail = self.mail(&person.email, "Confirm your e-mail address").await;
        let token = json!({"token": mail.token("/verify-email")});
        self.visitor().post("/auth/verify-email", token).await.ok();
    }

    /// Where to read the mails, for programs.
    pub(crate) fn mailbox(&self) -> String {
        format!("{}/_local/mail.json", self.description.endpoint)
    }

    /// Waits until an address, in normal form, gets no mails any more; why.
    pub(crate) async fn suppressed(&self, address: &str) -> Suppressed {
        let tables = Tables::fixed([(Table::Identity, self.output("IdentityTableName").to_owned())]);
        let store = Store::new(self.cloud.dynamodb(&kernel::Vars::fixed::<&str, &str>([])), tables);
        until("the end of the mails", async || store.mails().suppressed(address).await.unwrap()).await
    }
}
