use proptest::{collection::vec, prelude::*};

use super::*;
use crate::commerce::samples::{NOW, id};

const DAY: i64 = 86_400;

fn day(days: i64) -> Timestamp {
    Timestamp::from_second(NOW.as_second() + days * DAY).unwrap()
}

/// The gateway's object of a month that began at [`NOW`].
fn object(status: GatewayStatus) -> GatewayObject {
    GatewayObject {
        status,
        plan_id: id(1),
        interval: BillingInterval::Monthly,
        period_start: day(0),
        period_end: day(30),
        cancel_at_period_end: false,
        ended_at: None,
    }
}

fn active() -> Subscription {
    Subscription::new(&object(GatewayStatus::Active), NOW)
}

#[test]
fn each_state_of_the_gateway_has_one_of_ours() {
    use GatewayStatus as G;
    use SubscriptionStatus as S;
    for (theirs, ours, live, trial) in [
        (G::Incomplete, S::Pending, false, false),
        (G::IncompleteExpired, S::Expired, false, false),
        (G::Trialing, S::Active, true, true),
        (G::Active, S::Active, true, false),
        (G::PastDue, S::GracePeriod, true, false),
        (G::Unpaid, S::GracePeriod, true, false),
        (G::Canceled, S::Cancelled, false, false),
        (G::Paused, S::Suspended, false, false),
    ] {
        let made = Subscription::new(&object(theirs), NOW);
        assert_eq!((made.status, made.is_live(NOW), made.is_trial), (ours, live, trial), "{theirs:?}");
        assert_eq!(made.end_date.is_some(), made.status.has_ended(), "{theirs:?}");
        assert_eq!(made.follow(&object(theirs), day(1)), made, "{theirs:?} twice");
    }
}

#[test]
fn the_grace_period_lasts_seven_days_from_the_first_failure() {
    let late = active().follow(&object(GatewayStatus::PastDue), day(1));
    assert_eq!(late.grace_period_ends_at, Some(day(8)));
    let again = late.follow(&object(GatewayStatus::Unpaid), day(5));
    assert_eq!(again.grace_period_ends_at, Some(day(8)), "another failure does not make it longer");

    let before = Timestamp::from_second(day(8).as_second() - 1).unwrap();
    assert!(again.is_live(before) && !again.is_live(day(8)));
    assert_eq!(again.lapse(before), None);
    let ended = again.lapse(day(9)).unwrap();
    assert_eq!((ended.status, ended.end_date), (SubscriptionStatus::Cancelled, Some(day(8))));
    assert_eq!(ended.lapse(day(9)), None);
    assert_eq!(
        ended.follow(&object(GatewayStatus::Active), day(10)),
        ended,
        "money that comes later brings it not back"
    );

    let paid = again.follow(&object(GatewayStatus::Active), day(7));
    assert_eq!((paid.status, paid.grace_period_ends_at), (SubscriptionStatus::Active, None));
}

#[test]
fn reminders_are_due_at_once_and_on_the_third_and_sixth_day() {
    let late = active().follow(&object(GatewayStatus::PastDue), day(1));
    for (days, due) in [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (20, 3)] {
        assert_eq!(late.reminders_due(day(days)), due, "day {days}");
    }
    assert_eq!(active().reminders_due(day(1)), 0);
}

#[test]
fn an_end_with_the_period_can_be_taken_back_until_it_comes() {
    let ending = active().cancel(CancelWhen::PeriodEnd, day(1)).unwrap();
    assert_eq!(
        (ending.status, ending.end_date, ending.cancelled_at),
        (SubscriptionStatus::Active, Some(day(30)), Some(day(1)))
    );
    assert_eq!(ending.cancel(CancelWhen::PeriodEnd, day(2)).as_ref(), Ok(&ending), "asked twice");
    assert!(ending.is_live(day(29)) && !ending.is_live(day(30)));

    assert_eq!(ending.resume(day(29)), Ok(active()));
    assert_eq!(ending.resume(day(30)), Err(Refusal::Ended));
    assert_eq!(active().resume(day(1)), Err(Refusal::NotEnding));

    assert_eq!(ending.lapse(day(29)), None);
    let ended = ending.lapse(day(31)).unwrap();
    assert_eq!((ended.status, ended.end_date), (SubscriptionStatus::Expired, Some(day(30))));
    assert_eq!(ended.cancelled_at, Some(day(1)), "when it was asked for");

    let object = GatewayObject {
        cancel_at_period_end: true,
        ended_at: Some(day(30)),
        ..object(GatewayStatus::Canceled)
    };
    assert_eq!(ending.follow(&object, day(30)).status, SubscriptionStatus::Expired);
    let early = GatewayObject { ended_at: Some(day(2)), ..object };
    assert_eq!(ending.follow(&early, day(30)).status, SubscriptionStatus::Cancelled);
}

#[test]
fn an_end_at_once_is_one() {
    for status in
        [GatewayStatus::Incomplete, GatewayStatus::Active, GatewayStatus::PastDue, GatewayStatus::Paused]
    {
        let ended = Subscription::new(&object(status), NOW).cancel(CancelWhen::Now, day(2)).unwrap();
        assert_eq!(
            (ended.status, ended.end_date, ended.is_live(day(2))),
            (SubscriptionStatus::Cancelled, Some(day(2)), false)
        );
        for when in [CancelWhen::Now, CancelWhen::PeriodEnd] {
            assert_eq!(ended.cancel(when, day(3)), Err(Refusal::Ended));
        }
        assert_eq!(ended.resume(day(3)), Err(Refusal::Ended));
        assert_eq!(ended.may_change(day(3)), Err(Refusal::Ended));
    }
}

#[test]
fn what_is_not_paid_is_neither_changed_nor_ended_later() {
    for (status, ours) in [
        (GatewayStatus::Incomplete, SubscriptionStatus::Pending),
        (GatewayStatus::PastDue, SubscriptionStatus::GracePeriod),
        (GatewayStatus::Paused, SubscriptionStatus::Suspended),
    ] {
        let subscription = Subscription::new(&object(status), NOW);
        assert_eq!(subscription.may_change(NOW), Err(Refusal::NotActive(ours)));
        assert_eq!(subscription.cancel(CancelWhen::PeriodEnd, NOW), Err(Refusal::NotActive(ours)));
    }
    assert_eq!(active().may_change(day(1)), Ok(()));
}

#[test]
fn one_trial_for_each_user() {
    assert_eq!(trial_end(14, false, NOW), Some(day(14)));
    assert_eq!(trial_end(14, true, NOW), None);
    assert_eq!(trial_end(0, false, NOW), None);
}

#[test]
fn names_are_those_of_json() {
    for status in SubscriptionStatus::ALL {
        assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{status}\""));
    }
    let json = serde_json::to_string(&active()).unwrap();
    assert_eq!(serde_json::from_str::<Subscription>(&json).unwrap(), active());
}

fn objects() -> impl Strategy<Value = GatewayObject> {
    let statuses = prop::sample::select(vec![
        GatewayStatus::Incomplete,
        GatewayStatus::IncompleteExpired,
        GatewayStatus::Trialing,
        GatewayStatus::Active,
        GatewayStatus::PastDue,
        GatewayStatus::Unpaid,
        GatewayStatus::Canceled,
        GatewayStatus::Paused,
    ]);
    (statuses, any::<bool>(), 0..4i64).prop_map(|(status, ending, month)| GatewayObject {
        period_start: day(30 * month),
        period_end: day(30 * month + 30),
        cancel_at_period_end: ending,
        ended_at: (status == GatewayStatus::Canceled).then(|| day(30 * month + 5)),
        ..object(status)
    })
}

proptest! {
    #[test]
    fn whatever_the_gateway_says_states_are_sound_and_an_end_is_final(objects in vec((objects(), 0..5i64, any::<bool>()), 1..30)) {
        let (mut now, mut state) = (0, active());
        for (object, days, lapses) in objects {
            now += days;
            let next = if lapses { state.lapse(day(now)).unwrap_or(state.clone()) } else { state.follow(&object, day(now)) };
            if state.status.has_ended() {
                prop_assert_eq!(&next, &state);
            }
            if !lapses {
                prop_assert_eq!(&next.follow(&object, day(now + 1)), &next, "the same object again changes nothing");
            }
            prop_assert_eq!(next.grace_period_ends_at.is_some(), next.status == SubscriptionStatus::GracePeriod);
            prop_assert!(!next.status.has_ended() || next.end_date.is_some() && next.cancelled_at.is_some());
            prop_assert!(!next.is_trial || next.status == SubscriptionStatus::Active);
            if let (Some(before), Some(after)) = (state.grace_period_ends_at, next.grace_period_ends_at) {
                prop_assert_eq!(before, after, "a failure never makes the grace period longer");
            }
            // Time alone ends it in the end, or nothing does.
            if let Some(ended) = next.lapse(Timestamp::MAX) {
                prop_assert!(ended.status.has_ended() && !ended.is_live(day(now)));
            }
            state = next;
        }
    }
}
