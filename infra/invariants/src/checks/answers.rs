//! Invariants 11 and 12: a key has one answer, which was given once; and what an answer told of is stored.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::commerce::{Amount, Currency};
use kernel::{Id, id::kinds};
use serde_json::Value;
use store::entities::{IdempotencyRecord, commerce::order::RefundStatus};

use crate::{Books, Finding, Invariant, finding::Notes};

pub(crate) fn check(books: &Books, findings: &mut Vec<Finding>) {
    same_answer(books, &mut Notes { invariant: Invariant::SameAnswer, findings });
    durable(books, &mut Notes { invariant: Invariant::Durable, findings });
}

fn subject(record: &IdempotencyRecord) -> String {
    format!("{} of user {}, key {}", record.operation, record.user_id, record.idempotency_key)
}

/// That there is one record for a key follows from its place, which is looked at when it is read.
fn same_answer(books: &Books, notes: &mut Notes<'_>) {
    let mut attempts = HashMap::new();
    for record in &books.answers {
        let complete = record.status.is_some() == record.response.is_some();
        notes.demand(complete, subject(record), "it has a half of an answer");
        let success = record.status.is_none_or(|status| (200..300).contains(&status));
        notes.demand(success, subject(record), format!("it remembers a failure, {:?}", record.status));
        if let Some(other) = attempts.insert(record.attempt_id, subject(record)) {
            notes.note(subject(record), format!("what it makes is what is made for {other}"));
        }
        if let Some(Err(error)) = record.response.as_deref().map(serde_json::from_str::<Value>) {
            notes.note(subject(record), format!("its answer is no JSON: {error}"));
        }
    }
}

/// What is there, by the numbers that answers name.
struct There<'a> {
    books: &'a Books,
    orders: BTreeMap<Id<kinds::Order>, &'a store::entities::Order>,
    subscriptions: HashSet<(Id<kinds::User>, Id<kinds::Subscription>)>,
    enrollments: HashSet<(Id<kinds::User>, Id<kinds::Enrollment>)>,
}

fn durable(books: &Books, notes: &mut Notes<'_>) {
    let there = There {
        books,
        orders: books.orders_by_id(),
        subscriptions: books.subscriptions.iter().map(|one| (one.user_id, one.id)).collect(),
        enrollments: books.enrollments.iter().map(|one| (one.user_id, one.id)).collect(),
    };
    for record in &books.answers {
        let Some(response) = record.response.as_deref() else { continue };
        // What is no JSON is told of above.
        let Ok(answer) = serde_json::from_str::<Value>(response) else { continue };
        if let Err(what) = there.holds(record, &answer) {
            notes.note(subject(record), format!("it was answered, and {what}"));
        }
    }
}

impl There<'_> {
    fn holds(&self, record: &IdempotencyRecord, answer: &Value) -> Result<(), String> {
        match record.operation.as_str() {
            "create_order_from_cart" => self.order(Some(record.user_id), answer, "id"),
            "confirm_transfer" => self.order(None, answer, "order_id"),
            "create_payment_intent" => self.payment(record, answer),
            "refund_order" => self.refund(answer),
            "subscribe" => self.subscription(record, answer.get("subscription").unwrap_or(&Value::Null)),
            "change_plan" => self.subscription(record, answer),
            // Who deletes his account loses his places.
            "enroll_in_course" if self.books.users.contains(&record.user_id) => {
                let id = id_of(answer, "id")?;
                missing(self.enrollments.contains(&(record.user_id, id)), "enrolment", id)
            }
            "create_plan" => {
                let id = id_of(answer, "id")?;
                missing(self.books.plans.iter().any(|plan| plan.plan.id == id), "plan", id)
            }
            _ => Ok(()),
        }
    }

    fn order(&self, user: Option<Id<kinds::User>>, answer: &Value, name: &str) -> Result<(), String> {
        let id = id_of(answer, name)?;
        let order = self.orders.get(&id).filter(|order| user.is_none_or(|user| order.user_id == user));
        let order = order.ok_or_else(|| format!("there is no order {id}"))?;
        if answer["status"] == "completed" && !order.status.was_paid() {
            return Err(format!("order {id} is {}, not completed", order.status));
        }
        amount_is(answer, "total_amount", order.total())
    }

    fn payment(&self, record: &IdempotencyRecord, answer: &Value) -> Result<(), String> {
        let id = answer["payment_intent_id"].as_str().unwrap_or_default();
        let found =
            self.books.payments.iter().find(|payment| payment.id == id && payment.user_id == record.user_id);
        let payment = found.ok_or_else(|| format!("there is no payment {id}"))?;
        let minor = answer["amount"].as_i64();
        if minor != Some(payment.amount.minor) {
            return Err(format!("payment {id} is of {}, not of {minor:?}", payment.amount));
        }
        Ok(())
    }

    fn refund(&self, answer: &Value) -> Result<(), String> {
        let id: Id<kinds::Refund> = id_of(answer, "id")?;
        let found = self.books.refunds.iter().find(|refund| refund.id == id);
        let refund = found.ok_or_else(|| format!("there is no refund {id}"))?;
        if answer["status"] == "succeeded" && refund.status != RefundStatus::Succeeded {
            return Err(format!("refund {id} is {:?}, not succeeded", refund.status));
        }
        amount_is(answer, "amount", refund.amount)
    }

    fn subscription(&self, record: &IdempotencyRecord, answer: &Value) -> Result<(), String> {
        let id = id_of(answer, "id")?;
        missing(self.subscriptions.contains(&(record.user_id, id)), "subscription", id)
    }
}

fn missing<T>(there: bool, what: &str, id: Id<T>) -> Result<(), String> {
    if there { Ok(()) } else { Err(format!("there is no {what} {id}")) }
}

fn id_of<T>(answer: &Value, name: &str) -> Result<Id<T>, String> {
    answer[name].as_str().and_then(|id| id.parse().ok()).ok_or_else(|| format!("it has no {name}"))
}

fn amount_is(answer: &Value, name: &str, expected: Amount) -> Result<(), String> {
    let currency: Option<Currency> = answer["currency"].as_str().and_then(|code| code.parse().ok());
    let digits = answer[name].as_number().map(ToString::to_string);
    let said = digits.and_then(|digits| Amount::parse(&digits, currency.unwrap_or(expected.currency)).ok());
    if said == Some(expected) {
        Ok(())
    } else {
        Err(format!("its {name} was {}, is {expected}", answer[name]))
    }
}
