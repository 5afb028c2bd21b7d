//! Logins by the stack's own OpenID Connect provider, whole: through the distribution, with KMS and the provider's page.

use reqwest::{Client, Method, Url, redirect::Policy};
use serde_json::{Value, json};

use crate::stack::{Answer, Person, Stack, text};

/// The browser of a person at the provider's page.
pub(super) struct Provider {
    client: Client,
    issuer: String,
}

impl Provider {
    pub(super) fn of(stack: &Stack) -> Self {
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { client, issuer: stack.oidc_issuer().to_owned() }
    }

    /// Tells the provider of a person.
    pub(super) async fn knows(&self, subject: &str, claims: Value) {
        let told =
            self.client.put(format!("{}/users/{subject}", self.issuer)).json(&claims).send().await.unwrap();
        assert!(told.status().is_success(), "{told:?}");
    }

    /// Goes from the platform to the provider, logs in there and comes back.
    async fn trip(&self, person: &Person, subject: &str) -> Answer {
        let started = person.get("/auth/social/local/start").await.ok();
        let page = text(&started, "authorization_url");
        assert!(page.starts_with(&self.issuer) && page.contains("code_challenge_method=S256"), "{page}");
        let form = self.client.post(page).header("content-type", "application/x-www-form-urlencoded");
        let sent_back = form.body(format!("sub={subject}")).send().await.unwrap();
        let target = sent_back.headers()["location"].to_str().unwrap();
        assert!(target.starts_with(&format!("{}/login/callback/local?", person.base())), "{target}");
        let target: Url = target.parse().unwrap();
        let brought = |name: &str| {
            target.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let body = json!({"code": brought("code").unwrap(), "state": brought("state").unwrap()});
        person.post("/auth/social/local/callback", body).await
    }
}

#[tokio::test]
async fn a_person_without_a_password_registers_and_comes_back_by_a_provider() {
    let stack = Stack::open();
    let (provider, subject) = (Provider::of(&stack), stack.word());
    let email = format!("{subject}@example.com");
    let claims = json!({"email": email, "email_verified": true, "given_name": "Mina", "family_name": "Park"});
    provider.knows(&subject, claims).await;

    let mut person = stack.visitor();
    let made = provider.trip(&person, &subject).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.ok();
    assert_eq!((&made["user"]["email"], &made["user"]["first_name"]), (&json!(email), &json!("Mina")));
    assert_eq!(made["user"]["email_verified"], true, "the stack lets the provider vouch for example.com");
    person.take_tokens(&made);
    assert_eq!(text(&person.get("/auth/me").await.ok(), "email"), email);

    let again = provider.trip(&stack.visitor(), &subject).await.ok();
    assert_eq!(again["user"]["id"], made["user"]["id"]);
    let unlink = person.call(Method::DELETE, "/auth/social/local", None).await;
    assert_eq!((unlink.status.as_u16(), unlink.code()), (409, "LAST_WAY_IN"));
}

#[tokio::test]
async fn a_login_is_linked_from_inside_the_account_only() {
    let stack = Stack::open();
    let (provider, subject) = (Provider::of(&stack), stack.word());
    let person = stack.student().await;
    provider.knows(&subject, json!({"email": person.email, "email_verified": true})).await;

    let refused = provider.trip(&stack.visitor(), &subject).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "LINK_REQUIRED"));
    stack.confirm_address(&person).await;
    let linked = provider.trip(&person, &subject).await.ok();
    assert_eq!(linked["linked"]["provider"], "local");
    let back = provider.trip(&stack.visitor(), &subject).await.ok();
    assert_eq!(text(&back["user"], "id"), person.id);

    person.call(Method::DELETE, "/auth/social/local", None).await.ok();
    let listed = person.get("/auth/social").await.ok();
    assert_eq!(listed["results"], json!([]));
    let refused = provider.trip(&stack.visitor(), &subject).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "LINK_REQUIRED"));
}
