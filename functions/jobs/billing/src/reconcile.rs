//! The gateway's books against the ledger, day by day: every movement of the gateway's balance must be in the ledger with the same amount, and
//! the other way round. A difference of one minor unit is reported.

mod matching;

use std::collections::BTreeMap;

use domain::commerce::{Account, Currency, Subject};
use gateway::{BalanceRow, GatewayError};
use jiff::{civil::Date, tz::TimeZone};
use jobs::JobError;
use kernel::{SignedDuration, Timestamp};
use store::entities::{
    Reconciliation,
    commerce::{
        ledger::SHARDS,
        reconciliation::{DIFFERENCES_MAX, Difference},
    },
};

use crate::Context;
use matching::{Booked, Kind, compare};

/// How long before its set of the ledger a movement may have been: a payment whose webhook was lost is booked when the job finds it.
const LOOKBACK: SignedDuration = SignedDuration::from_hours(72);
/// Movements that have no counterpart in the ledger yet: payouts are booked by what pays creators and the platform.
const ELSEWHERE: [&str; 2] = ["payout", "payout_cancel"];

/// A movement with what it belongs to.
struct Moved {
    row: BalanceRow,
    kind: Kind,
    subject: Option<Subject>,
    /// The set that holds the gateway's fee.
    fee_set: String,
}

/// Compares a day, yesterday where none is named, and writes the report.
pub(crate) async fn reconcile(context: &Context, date: Option<Date>) -> Result<Reconciliation, JobError> {
    let now = context.ambient.now();
    let today = now.to_zoned(TimeZone::UTC).date();
    let date = date.map_or_else(|| today.yesterday(), Ok).map_err(JobError::fail)?;
    let start = date.to_zoned(TimeZone::UTC).map_err(JobError::fail)?.timestamp();
    let end = start + SignedDuration::from_hours(24);
    let moved = movements(context, start - LOOKBACK, now).await?;
    let of_day = |moved: &&Moved| (start.as_second()..end.as_second()).contains(&moved.row.created);

    let mut differences = Vec::new();
    let mut rows = 0;
    let mut subjects: BTreeMap<String, Subject> = BTreeMap::new();
    for one in moved.iter().filter(of_day) {
        rows += 1;
        differences.extend(fee_difference(context, one).await?);
        match one.subject {
            Some(subject) => drop(subjects.insert(name(subject), subject)),
            None => differences.push(alone(one)),
        }
    }
    let mut sets = 0;
    for shard in 0..SHARDS {
        let mut position = None;
        loop {
            let page = context.store.ledger().of_day(date, shard, position).await?;
            for stored in page.items {
                sets += 1;
                if Kind::of_set(&stored.set).is_some()
                    && let Some(subject) = stored.set.subject()
                {
                    subjects.insert(name(subject), subject);
                }
            }
            position = page.next;
            if position.is_none() {
                break;
            }
        }
    }
    for (name, subject) in subjects {
        let sets = context.store.ledger().of_subject(subject).await?;
        let booked: Vec<Booked> =
            sets.iter().filter_map(|stored| Booked::of(&stored.set, start, end)).collect();
        let gateway: Vec<_> = moved.iter().filter(|one| one.subject == Some(subject)).collect();
        let gateway =
            gateway.iter().map(|one| (one.kind, one.row.gross, of_day(one), one.row.currency.as_str()));
        differences.extend(compare(&name, gateway, &booked));
    }
    let report = Reconciliation {
        date,
        rows,
        sets,
        difference_count: u64::try_from(differences.len()).unwrap_or(u64::MAX),
        differences: differences.into_iter().take(DIFFERENCES_MAX).collect(),
        made_at: now,
    };
    context.store.put_reconciliation(&report).await?;
    let differences = report.difference_count;
    if differences > 0 {
        tracing::error!(%date, rows, sets, differences, "the books differ");
    } else {
        tracing::info!(%date, rows, sets, "the books agree");
    }
    Ok(report)
}

/// The movements of a time, each with what it belongs to.
async fn movements(context: &Context, from: Timestamp, until: Timestamp) -> Result<Vec<Moved>, JobError> {
    let gateway = context.billing.gateway();
    let mut rows = BTreeMap::new();
    let mut after = None;
    loop {
        let until = until.as_second() + 1;
        let page =
            gateway.balance_page(from.as_second(), until, after.as_deref()).await.map_err(JobError::retry)?;
        rows.extend(page.rows.into_iter().map(|row| (row.id.clone(), row)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut moved = Vec::new();
    for row in rows.into_values().filter(|row| !ELSEWHERE.contains(&row.kind.as_str())) {
        moved.push(locate(context, row).await?);
    }
    Ok(moved)
}

/// Finds out what a movement belongs to: all of them lead to a charge, and the set of its fee says whose it is.
async fn locate(context: &Context, row: BalanceRow) -> Result<Moved, JobError> {
    let gateway = context.billing.gateway();
    let source = row.source.clone().unwrap_or_default();
    let (kind, charge) = match source.split('_').next() {
        Some("ch" | "py") => (Kind::Payment, Some(source.clone())),
        Some("re" | "pyr") => {
            (Kind::Refund, known(gateway.refund(&source).await)?.and_then(|refund| refund.charge))
        }
        Some("dp" | "du") => {
            (Kind::Dispute, known(gateway.dispute(&source).await)?.map(|dispute| dispute.charge))
        }
        _ => (Kind::Other, None),
    };
    let fee_set = match (kind, &charge) {
        (Kind::Payment, Some(charge)) => format!("fee:{charge}"),
        _ => format!("fee:{}", row.id),
    };
    let subject = match &charge {
        Some(charge) => {
            context.store.ledger().get(&format!("fee:{charge}")).await?.and_then(|set| set.set.subject())
        }
        None => None,
    };
    Ok(Moved { row, kind, subject, fee_set })
}

/// The gateway's object, where it is there.
fn known<T>(answer: Result<T, GatewayError>) -> Result<Option<T>, JobError> {
    match answer {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(JobError::retry(error)),
    }
}

/// What the gateway kept, against what the ledger says it kept.
async fn fee_difference(context: &Context, moved: &Moved) -> Result<Option<Difference>, JobError> {
    let booked = context.store.ledger().get(&moved.fee_set).await?;
    let booked = booked.map(|set| -set.set.of(Account::GatewayClearing));
    if booked.unwrap_or(0) == moved.row.fee {
        return Ok(None);
    }
    Ok(Some(Difference {
        source: moved.row.source.clone().unwrap_or_else(|| moved.row.id.clone()),
        kind: "fee".into(),
        currency: currency(&moved.row.currency),
        gateway_minor: Some(moved.row.fee),
        ledger_minor: booked,
    }))
}

/// A movement of which the ledger knows nothing.
fn alone(moved: &Moved) -> Difference {
    Difference {
        source: moved.row.source.clone().unwrap_or_else(|| moved.row.id.clone()),
        kind: moved.row.kind.clone(),
        currency: currency(&moved.row.currency),
        gateway_minor: Some(moved.row.gross),
        ledger_minor: None,
    }
}

/// A currency of the gateway; one that there is not can't have been charged.
pub(crate) fn currency(code: &str) -> Currency {
    code.parse().unwrap_or(Currency::USD)
}

fn name(subject: Subject) -> String {
    match subject {
        Subject::Order(id) => format!("order:{id}"),
        Subject::Subscription(id) => format!("subscription:{id}"),
    }
}
