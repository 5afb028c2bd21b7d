//! All objects of the account, as the JSON that the API shows; ids, time, references and lists.

use std::collections::{BTreeMap, VecDeque};

use data_encoding::HEXLOWER;
use kernel::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::{error::ApiError, form::Params};

/// Largest page of a list.
const PAGE_MAX: i64 = 100;
/// Page where the request names none.
const PAGE: i64 = 10;
/// What an invoice shows only where it is asked for.
const ON_REQUEST: [&str; 2] = ["payments", "confirmation_secret"];

/// An event that is sent, or that a test takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// `evt_…`
    pub id: String,
    /// Such as `payment_intent.succeeded`.
    pub kind: String,
    /// The body, byte for byte the same in each delivery.
    pub body: String,
}

/// What a request with an idempotency key was answered with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// Operation and parameters.
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// The account. One that an older stand-in saved lacks what that one did not know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct World {
    /// By id.
    pub(crate) objects: BTreeMap<String, Value>,
    /// Ids in the order of their creation.
    pub(crate) made: Vec<String>,
    /// Card numbers by payment method.
    pub(crate) numbers: BTreeMap<String, String>,
    /// The invoice that an intent pays.
    pub(crate) invoice_of: BTreeMap<String, String>,
    /// The coupon that waits for a subscription's next invoice.
    pub(crate) coupons: BTreeMap<String, String>,
    /// What is to be declined next, whatever the card.
    pub(crate) declines: VecDeque<String>,
    /// Events that were not taken or delivered yet.
    pub(crate) outbox: VecDeque<Notice>,
    /// Events that are being delivered.
    pub(crate) sending: BTreeMap<String, Notice>,
    /// All events.
    pub(crate) events: Vec<Notice>,
    /// Answers by idempotency key.
    pub(crate) answers: BTreeMap<String, Answer>,
    /// Seconds that its clock is ahead.
    pub(crate) ahead: i64,
    /// Makes ids differ between runs.
    seed: String,
    /// A time in the past at which the work that was due then is done.
    #[serde(skip)]
    pub(crate) at: Option<i64>,
    #[serde(skip)]
    clock: Option<Clock>,
}

impl World {
    /// An empty account.
    pub fn new(clock: Clock, seed: &str) -> Self {
        Self { seed: seed.to_owned(), clock: Some(clock), ..Self::default() }
    }

    /// The saved account goes on with a clock; what was not delivered is delivered again.
    pub fn resumed(mut self, clock: Clock) -> Self {
        for (_, notice) in std::mem::take(&mut self.sending).into_iter().rev() {
            self.outbox.push_front(notice);
        }
        self.clock = Some(clock);
        self
    }

    /// The time of the account, in seconds since 1970.
    pub fn now(&self) -> i64 {
        let real = self.clock.as_ref().map_or(0, Clock::epoch_seconds);
        self.at.unwrap_or(real + self.ahead)
    }

    /// A new id. The same seed gives the same ids.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        let number = self.made.len() + self.events.len();
        format!("{prefix}_{}", self.token(&format!("{prefix}{number}")))
    }

    /// A text that nobody guesses who does not know the seed.
    pub(crate) fn token(&self, of: &str) -> String {
        let digest = Sha256::digest(format!("{}|{of}", self.seed));
        HEXLOWER.encode(&digest[..12])
    }

    /// Keeps a new object.
    pub(crate) fn add(&mut self, object: Value) -> String {
        let id = text(&object, "id").to_owned();
        self.made.push(id.clone());
        self.objects.insert(id.clone(), object);
        id
    }

    /// An object of a type.
    pub(crate) fn get(&self, object: &str, id: &str) -> Result<&Value, ApiError> {
        let found = self.objects.get(id).filter(|found| text(found, "object") == object);
        found.ok_or_else(|| ApiError::missing(object, id))
    }

    /// Changes members of an object.
    pub(crate) fn patch(&mut self, id: &str, members: Value) {
        let (Some(Value::Object(object)), Value::Object(members)) = (self.objects.get_mut(id), members)
        else {
            return;
        };
        object.extend(members);
    }

    /// A member of an object; null when there is none.
    pub(crate) fn field(&self, id: &str, name: &str) -> Value {
        self.objects.get(id).and_then(|object| object.get(name)).cloned().unwrap_or(Value::Null)
    }

    /// A text of an object; empty when there is none.
    pub(crate) fn text_of(&self, id: &str, name: &str) -> String {
        self.field(id, name).as_str().unwrap_or_default().to_owned()
    }

    /// A number of an object; 0 when there is none.
    pub(crate) fn int_of(&self, id: &str, name: &str) -> i64 {
        self.field(id, name).as_i64().unwrap_or_default()
    }

    /// Writes an event about an object as it is now.
    pub(crate) fn notify(&mut self, kind: &str, id: &str) {
        let event = self.id("evt");
        let body = json!({
            "id": event, "object": "event", "api_version": crate::API_VERSION, "created": self.now(), "livemode": false,
            "pending_webhooks": 1, "request": {"id": null, "idempotency_key": null}, "type": kind,
            "data": {"object": self.show(id, &[]).unwrap_or(Value::Null)},
        });
        let notice = Notice { id: event, kind: kind.to_owned(), body: body.to_string() };
        self.events.push(notice.clone());
        self.outbox.push_back(notice);
    }

    /// An object as the API shows it, with the references that `expand` names replaced by objects.
    pub(crate) fn show(&self, id: &str, expand: &[String]) -> Result<Value, ApiError> {
        let mut shown = self.objects.get(id).cloned().ok_or_else(|| ApiError::missing("object", id))?;
        let paths: Vec<&str> = expand.iter().map(String::as_str).collect();
        self.expand(&mut shown, &paths)?;
        Ok(shown)
    }

    fn expand(&self, value: &mut Value, paths: &[&str]) -> Result<(), ApiError> {
        let Value::Object(object) = value else { return Ok(()) };
        let wanted = |name: &str| paths.iter().any(|path| path.split('.').next() == Some(name));
        if object.get("object").and_then(Value::as_str) == Some("invoice") {
            object.retain(|name, _| !ON_REQUEST.contains(&name.as_str()) || wanted(name));
        }
        let mut heads: Vec<&str> = paths.iter().filter_map(|path| path.split('.').next()).collect();
        heads.dedup();
        for head in heads {
            let rest: Vec<&str> = paths
                .iter()
                .filter_map(|path| path.split_once('.').filter(|(first, _)| *first == head))
                .map(|(_, rest)| rest)
                .collect();
            self.expand_member(object, head, &rest)?;
        }
        Ok(())
    }

    fn expand_member(
        &self,
        object: &mut Map<String, Value>,
        head: &str,
        rest: &[&str],
    ) -> Result<(), ApiError> {
        let Some(member) = object.get_mut(head) else {
            return Err(ApiError::refused(None, format!("This property cannot be expanded ({head}).")));
        };
        if let Some(found) = member.as_str().and_then(|id| self.objects.get(id)) {
            *member = found.clone();
        }
        match member {
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.expand(item, rest)),
            other => self.expand(other, rest),
        }
    }

    /// A page of the objects of a type, the newest first.
    pub(crate) fn list(
        &self,
        object: &str,
        url: &str,
        params: &Params,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Value, ApiError> {
        let limit = params.int("limit")?.unwrap_or(PAGE);
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(ApiError::parameter("parameter_invalid_integer", "limit", "Between 1 and 100"));
        }
        let bounds = [("gte", 0), ("gt", 1)].map(|(name, more)| (format!("created[{name}]"), more));
        let mut from = i64::MIN;
        for (name, more) in &bounds {
            from = params.int(name)?.map_or(from, |bound| bound + more);
        }
        let until = match (params.int("created[lt]")?, params.int("created[lte]")?) {
            (Some(bound), _) => bound,
            (None, Some(bound)) => bound + 1,
            (None, None) => i64::MAX,
        };
        let all = self.made.iter().rev().filter_map(|id| self.objects.get(id)).filter(|found| {
            text(found, "object") == object && (from..until).contains(&int(found, "created")) && fits(found)
        });
        let mut rest: Vec<&Value> = all.collect();
        if let Some(after) = params.text("starting_after") {
            let position = rest.iter().position(|found| text(found, "id") == after);
            rest = rest.split_off(position.ok_or_else(|| ApiError::missing(object, after))? + 1);
        }
        let count = usize::try_from(limit).unwrap_or(rest.len());
        let expand: Vec<String> = params
            .list("expand")
            .iter()
            .filter_map(|path| path.strip_prefix("data."))
            .map(ToOwned::to_owned)
            .collect();
        let shown: Result<Vec<Value>, ApiError> =
            rest.iter().take(count).map(|found| self.show(text(found, "id"), &expand)).collect();
        Ok(json!({"object": "list", "url": url, "has_more": rest.len() > count, "data": shown?}))
    }
}

/// A text of an object; empty when there is none.
pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A number of an object; 0 when there is none.
pub(crate) fn int(value: &Value, name: &str) -> i64 {
    value.get(name).and_then(Value::as_i64).unwrap_or_default()
}
