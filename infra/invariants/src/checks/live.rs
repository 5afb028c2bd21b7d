//! Invariant 7: at most one live subscription of a user, one live refresh token of a family, and no more live plays than allowed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::commerce::SubscriptionStatus;
use kernel::{Id, id::kinds};

use crate::{Books, Circumstances, Finding, Invariant, finding::Notes};

/// Hexadecimal digits of SHA-256.
const DIGEST: usize = 64;

pub(crate) fn check(books: &Books, circumstances: &Circumstances, findings: &mut Vec<Finding>) {
    let mut notes = Notes { invariant: Invariant::Live, findings };
    subscriptions(books, &mut notes);
    sessions(books, &mut notes);
    plays(books, circumstances, &mut notes);
}

fn subscriptions(books: &Books, notes: &mut Notes<'_>) {
    let mut live: BTreeMap<Id<kinds::User>, Vec<(Id<kinds::Subscription>, SubscriptionStatus)>> =
        BTreeMap::new();
    let (mut ids, mut at_gateway) = (BTreeSet::new(), BTreeSet::new());
    for (subscription, at_live_key) in books.subscriptions.iter().zip(&books.live_subscriptions) {
        let status = subscription.state.status;
        let subject = format!("user {}, subscription {}", subscription.user_id, subscription.id);
        notes.same(
            &subject,
            &format!("its place as a live one, as {status},"),
            *at_live_key,
            !status.has_ended(),
        );
        notes.demand(ids.insert(subscription.id), &subject, "it is stored twice");
        if let Some(number) = &subscription.gateway_id {
            notes.demand(
                at_gateway.insert(number),
                &subject,
                format!("another one is {number} at the gateway too"),
            );
        }
        if !status.has_ended() {
            live.entry(subscription.user_id).or_default().push((subscription.id, status));
        }
    }
    for (user, all) in live.into_iter().filter(|(_, all)| all.len() > 1) {
        notes.note(format!("user {user}"), format!("there are {} live subscriptions: {all:?}", all.len()));
    }
}

/// A family is a session, whose item has room for one live token; so nobody else's item may have the same.
fn sessions(books: &Books, notes: &mut Notes<'_>) {
    let mut tokens: HashMap<&str, Id<kinds::Session>> = HashMap::new();
    for session in &books.sessions {
        let hash = session.refresh_hash.as_str();
        let is_digest = hash.len() == DIGEST && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        notes.demand(is_digest, session.id, "its refresh token is not kept as a digest");
        if let Some(other) = tokens.insert(hash, session.id) {
            notes.note(
                format!("session {}", session.id),
                format!("session {other} has the same refresh token"),
            );
        }
    }
}

fn plays(books: &Books, circumstances: &Circumstances, notes: &mut Notes<'_>) {
    let now = circumstances.now.as_second();
    for player in &books.players {
        let live = player.sessions.values().filter(|session| session.expires_at > now).count();
        let what = format!("{live} live plays, at most {}", circumstances.max_sessions);
        notes.demand(live <= circumstances.max_sessions, format!("user {}", player.user_id), what);
    }
}
