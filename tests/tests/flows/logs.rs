//! What never gets into a log (spec 09, rows 32 and 33): planted secrets and personal values, through every part of identity.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stack::Stack;

/// A value that nothing else contains, kept to be looked for.
struct Planted {
    stack: Stack,
    values: Vec<String>,
}

impl Planted {
    fn plant(&mut self) -> String {
        let word = self.stack.word();
        self.values.push(word.clone());
        word
    }

    /// Keeps the secrets of an answer.
    fn keep(&mut self, answer: &Value, names: &[&str]) {
        self.values.extend(names.iter().filter_map(|name| answer[*name].as_str().map(ToOwned::to_owned)));
    }
}

#[tokio::test]
async fn fifty_planted_secrets_and_personal_values_are_in_no_log() {
    let mut planted = Planted { stack: Stack::open(), values: Vec::new() };
    for _ in 0..5 {
        let mut person = planted.stack.visitor();
        let (name, password) = (planted.plant(), format!("{} is a long one", planted.plant()));
        let email = format!("{name}@example.com");
        let account = json!({
            "email": email, "password": password, "first_name": planted.plant(), "last_name": planted.plant(),
        });
        let made = person.post("/auth/register", account).await.ok();
        planted.keep(&made, &["access_token", "refresh_token", "device_token"]);
        person.take_tokens(&made);
        let profile = json!({"bio": planted.plant(), "country": planted.plant()});
        person.call(Method::PUT, "/users/profile", Some(profile)).await.ok();

        let wrong = json!({"email": email, "password": planted.plant()});
        assert_eq!(person.post("/auth/login", wrong).await.code(), "INVALID_CREDENTIALS");
        let refreshed = person.post("/auth/refresh", json!({"refresh": person.refresh_token})).await.ok();
        planted.keep(&refreshed, &["access", "refresh"]);
        person.take_tokens(&refreshed);
        person.email.clone_from(&email);
        planted.stack.confirm_address(&person).await;
        let setup = person.post("/auth/mfa/setup", json!({})).await.ok();
        planted.keep(&setup, &["secret"]);
        person.post("/auth/password-reset", json!({"email": email})).await.ok();
        for path in ["/auth/verify-email", "/auth/password-reset/confirm", "/auth/mfa/verify"] {
            let (token, code, new) = (planted.plant(), planted.plant(), planted.plant());
            let bodies = [
                json!({"token": token}),
                json!({"token": token, "new_password": new}),
                json!({"challenge_token": token, "code": code}),
                json!({"token": {"nested": token}}),
            ];
            for body in bodies {
                assert!(!person.post(path, body).await.status.is_success());
            }
        }
        let change = json!({"old_password": planted.plant(), "new_password": planted.plant()});
        person.call(Method::PUT, "/users/change-password", Some(change)).await;
        planted.stack.mail(&email, "Set a new password").await;
    }
    assert!(planted.values.len() >= 50, "{}", planted.values.len());
    let logs = planted.stack.logs();
    assert!(logs.contains("login"), "the logs are those of this stack");
    let found: Vec<_> = planted.values.iter().filter(|value| logs.contains(value.as_str())).collect();
    assert!(found.is_empty(), "{} of {} values: {found:?}", found.len(), planted.values.len());
}
