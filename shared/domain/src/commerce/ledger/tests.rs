use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::commerce::{
    Amount, BasisPoints, Line, OrderStatus, PaymentMethod, PricedOrder, promo,
    refund::{self, Wish, allocate},
    samples::{self, Cart, NOW, carts, id},
    split::Parts,
};

const EXPLAINED: &str = include_str!("../../../../../docs/money.md");

/// Rows of the table below a heading, cells trimmed, without the head.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, rest) =
        EXPLAINED.split_once(&format!("\n### {heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    let rest = rest.split("\n#").next().unwrap();
    let rows = rest.lines().filter(|line| line.starts_with('|')).skip(2);
    let rows: Vec<Vec<_>> =
        rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect();
    assert!(!rows.is_empty(), "{heading}");
    rows
}

/// Cents of a cell such as `89.10`; an empty one is 0.
fn cents(cell: &str) -> i64 {
    if cell.is_empty() { 0 } else { cell.replace('.', "").parse().unwrap() }
}

/// The account of a cell such as `creator_payable:Ada`.
fn account(cell: &str) -> Account {
    let named = cell.trim_matches('`').replace(":Ada", &format!(":{}", id::<kinds::User>(1)));
    named.replace(":Ben", &format!(":{}", id::<kinds::User>(2))).parse().unwrap()
}

/// Entries of a table of accounts, debits and credits.
fn entries(heading: &str) -> BTreeMap<Account, i64> {
    table(heading).iter().map(|row| (account(row[0]), cents(row[1]) - cents(row[2]))).collect()
}

fn booked(set: &EntrySet) -> BTreeMap<Account, i64> {
    set.entries().iter().map(|entry| (entry.account, entry.minor)).collect()
}

fn of(order: &PricedOrder, method: PaymentMethod) -> Of<'_> {
    Of { order: id(1), lines: &order.lines, currency: order.currency, method }
}

fn balances<'a>(sets: impl IntoIterator<Item = &'a EntrySet>) -> BTreeMap<Account, i64> {
    let mut balances = BTreeMap::new();
    for entry in sets.into_iter().flat_map(EntrySet::entries) {
        *balances.entry(entry.account).or_default() += entry.minor;
    }
    balances.retain(|_, minor| *minor != 0);
    balances
}

/// The worked example of docs/money.md, each number read from there.
#[test]
fn the_worked_example() {
    let rows = table("The order");
    let courses = &rows[..rows.len() - 1];
    let items = (1..).zip(courses).map(|(number, row)| samples::item(number, cents(row[2]), "USD")).collect();
    let promo = Some(samples::promo(promo::Discount::Percentage { percent: 10 }));
    let mut order = Cart { items, promo, tax: BasisPoints::from_percent(10) }.order();
    let columns = |line: &Line| [line.price_minor, line.discount_minor, line.tax_minor, line.paid_minor];
    for (row, line) in courses.iter().zip(&order.lines) {
        assert_eq!(row[2..].iter().map(|cell| cents(cell)).collect::<Vec<_>>(), columns(line), "{row:?}");
    }
    let sums = [order.subtotal_minor, order.discount_minor, order.tax_minor, order.total_minor];
    assert_eq!(rows[rows.len() - 1][2..].iter().map(|cell| cents(cell)).collect::<Vec<_>>(), sums);

    let usd = |minor| Amount::new(minor, order.currency);
    let mut sets = vec![sale(of(&order, PaymentMethod::Card), NOW).unwrap()];
    let subject = Subject::Order(id(1));
    let fee = entries("2. The gateway's fee is known")[&Account::GatewayFees];
    sets.push(gateway_fee(Some(subject), "ch_1", usd(fee), NOW).unwrap());
    for (number, heading) in [(1, "3. A part of a course is refunded"), (2, "4. The rest of it is refunded")]
    {
        let minor = -entries(heading)[&Account::GatewayClearing];
        let wish = Wish::Items(vec![(id(1), Some(minor))]);
        let parts = refund::plan(OrderStatus::PartiallyRefunded, &order.lines, &wish).unwrap();
        sets.push(super::refund(of(&order, PaymentMethod::Card), id(number), &parts, NOW).unwrap());
        order.lines[0].refunded_minor = parts[0].after;
        assert_eq!(parts[0].is_whole, number == 2, "{heading}");
    }
    let disputed = usd(order.lines[1].paid_minor);
    sets.push(dispute_opened(subject, "dp_1", disputed, NOW).unwrap());
    sets.push(dispute_won(subject, "dp_1", disputed, NOW).unwrap());
    let late = entries("7. Money comes too late")[&Account::GatewayClearing];
    sets.push(
        late_money(Some(Subject::Order(id(2))), "pi_2", (usd(late), PaymentMethod::Card), NOW).unwrap(),
    );

    let headings = [
        "1. The sale",
        "2. The gateway's fee is known",
        "3. A part of a course is refunded",
        "4. The rest of it is refunded",
        "5. The bank claims the money of the other course",
        "6. The bank decides for the platform",
        "7. Money comes too late",
    ];
    assert_eq!(sets.len(), headings.len());
    for (heading, set) in headings.into_iter().zip(&sets) {
        assert_eq!(booked(set), entries(heading), "{heading}");
    }
    assert_eq!(balances(&sets), entries("The balances"));
}

#[test]
fn each_event_is_booked_once_under_its_own_name() {
    let usd = |minor| Amount::new(minor, "USD".parse().unwrap());
    let (order, subscription) = (Subject::Order(id(1)), id(3));
    let sets = [
        dispute_opened(order, "dp_1", usd(5), NOW),
        dispute_won(order, "dp_1", usd(5), NOW),
        late_money(None, "pi_1", (usd(5), PaymentMethod::Card), NOW),
        late_money_returned(None, "re_1", (usd(5), PaymentMethod::Card), NOW),
        gateway_fee(None, "ch_1", usd(5), NOW),
        subscription_income(subscription, "in_1", usd(5), 1, NOW),
        subscription_refund(subscription, "re_2", usd(5), 1, NOW),
        subscription_dispute_lost(subscription, "dp_2", usd(5), 1, NOW),
    ]
    .map(Result::unwrap);
    let ids = sets.each_ref().map(EntrySet::id);
    assert_eq!(
        ids,
        [
            "dispute_opened:dp_1",
            "dispute_closed:dp_1",
            "late:pi_1",
            "refund:re_1",
            "fee:ch_1",
            "income:in_1",
            "refund:re_2",
            "dispute_closed:dp_2"
        ]
    );
    // What the subscription paid went back twice: the second time the bank had taken it.
    let expected = [
        (Account::GatewayFees, 5),
        (Account::GatewayClearing, -5),
        (Account::CustomerRefunds, -5),
        (Account::PlatformRevenue, 4),
        (Account::TaxPayable, 1),
    ];
    assert_eq!(balances(&sets), BTreeMap::from(expected));
    for set in sets {
        assert_eq!((set.verify(), set.currency(), set.occurred_at()), (Ok(()), "USD".parse().unwrap(), NOW));
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(serde_json::from_str::<EntrySet>(&json).unwrap(), set);
    }
}

#[test]
fn amounts_that_make_no_sense_are_not_booked() {
    let usd = |minor| Amount::new(minor, "USD".parse().unwrap());
    let order = Subject::Order(id(1));
    assert_eq!(late_money(None, "pi_1", (usd(-1), PaymentMethod::Card), NOW), Err(LedgerError::Negative));
    assert_eq!(dispute_opened(order, "dp_1", usd(-1), NOW), Err(LedgerError::Negative));
    assert_eq!(subscription_income(id(1), "in_1", usd(5), 6, NOW), Err(LedgerError::Negative));
    assert_eq!(subscription_income(id(1), "in_1", usd(5), -1, NOW), Err(LedgerError::Negative));
    assert_eq!(gateway_fee(None, "ch_1", usd(i64::MIN), NOW), Err(LedgerError::Overflow));
    assert!(gateway_fee(None, "ch_1", usd(0), NOW).unwrap().is_empty());

    let order =
        Cart { items: vec![samples::item(1, 100, "USD")], promo: None, tax: BasisPoints::ZERO }.order();
    let whole = refund::plan(OrderStatus::Paid, &order.lines, &Wish::All).unwrap()[0];
    for (part, error) in [
        (refund::Part { after: 101, ..whole }, LedgerError::Negative),
        (refund::Part { before: 100, after: 99, ..whole }, LedgerError::Negative),
        (refund::Part { index: 1, ..whole }, LedgerError::Malformed),
        (refund::Part { item_id: id(9), ..whole }, LedgerError::Malformed),
    ] {
        assert_eq!(super::refund(of(&order, PaymentMethod::Card), id(1), &[part], NOW), Err(error));
    }
}

#[test]
fn corruption_is_found() {
    let set = sale(
        of(
            &Cart { items: vec![samples::item(1, 8_999, "USD")], promo: None, tax: BasisPoints::ZERO }
                .order(),
            PaymentMethod::Card,
        ),
        NOW,
    )
    .unwrap();
    let corrupt = |change: fn(&mut Vec<Entry>)| {
        let mut set = set.clone();
        change(&mut set.entries);
        set.verify()
    };
    assert_eq!(corrupt(|_| ()), Ok(()));
    assert_eq!(corrupt(|entries| entries[0].minor += 1), Err(LedgerError::Unbalanced(1)));
    assert_eq!(corrupt(|entries| entries.truncate(1)), Err(LedgerError::Unbalanced(8_999)));
    assert_eq!(corrupt(|entries| entries.swap(0, 1)), Err(LedgerError::Malformed));
    assert_eq!(
        corrupt(|entries| entries.insert(0, Entry { account: Account::GatewayClearing, minor: 0 })),
        Err(LedgerError::Malformed)
    );
}

#[test]
fn what_a_bank_keeps_beyond_the_order_is_the_platforms_loss() {
    let mut order =
        Cart { items: vec![samples::item(1, 1_000, "USD")], promo: None, tax: BasisPoints::ZERO }.order();
    let (subject, usd) = (Subject::Order(id(1)), |minor| Amount::new(minor, order.currency));
    let part = refund::plan(OrderStatus::Paid, &order.lines, &Wish::Items(vec![(id(1), Some(400))])).unwrap();
    let mut sets = vec![
        sale(of(&order, PaymentMethod::Card), NOW).unwrap(),
        super::refund(of(&order, PaymentMethod::Card), id(1), &part, NOW).unwrap(),
        dispute_opened(subject, "dp_1", usd(1_000), NOW).unwrap(),
    ];
    let excess = usd(400);
    order.lines[0].refunded_minor = 400;
    let rest = allocate(&order.lines, 1_000);
    sets.push(dispute_lost(of(&order, PaymentMethod::Card), "dp_1", &rest, NOW).unwrap());
    sets.push(dispute_excess(subject, "dp_1", excess, NOW).unwrap());
    assert_eq!(
        balances(&sets),
        BTreeMap::from([(Account::GatewayClearing, -400), (Account::PlatformRevenue, 400)])
    );
}

#[test]
fn bank_transfers_come_and_go_through_the_bank() {
    let order =
        Cart { items: vec![samples::item(1, 8_999, "USD")], promo: None, tax: BasisPoints::ZERO }.order();
    let of = of(&order, PaymentMethod::BankTransfer);
    let parts = refund::plan(OrderStatus::Paid, &order.lines, &Wish::All).unwrap();
    let sets = [sale(of, NOW).unwrap(), super::refund(of, id(1), &parts, NOW).unwrap()];
    assert_eq!(sets.each_ref().map(|set| set.of(Account::BankClearing)), [8_999, -8_999]);
    assert_eq!(sets.each_ref().map(|set| set.of(Account::GatewayClearing)), [0, 0]);
    let late = (Amount::new(8_999, Currency::USD), PaymentMethod::BankTransfer);
    let sets =
        [late_money(None, "t", late, NOW).unwrap(), late_money_returned(None, "t", late, NOW).unwrap()];
    for (account, moved) in [
        (Account::BankClearing, [8_999, -8_999]),
        (Account::CustomerRefunds, [-8_999, 8_999]),
        (Account::GatewayClearing, [0, 0]),
    ] {
        assert_eq!(sets.each_ref().map(|set| set.of(account)), moved, "{account}");
    }
}

#[test]
fn accounts_are_text() {
    let user = id(7);
    for account in [
        Account::GatewayClearing,
        Account::BankClearing,
        Account::CustomerRefunds,
        Account::PlatformRevenue,
        Account::TaxPayable,
        Account::GatewayFees,
        Account::CreatorPayable(user),
        Account::Reserve(user),
        Account::PayoutsInFlight,
        Account::Promotions,
    ] {
        assert_eq!(account.to_string().parse::<Account>(), Ok(account));
    }
    assert_eq!(Account::CreatorPayable(user).to_string(), format!("creator_payable:{user}"));
    for text in ["", "cash", "reserve", "reserve:", "reserve:x", "gateway_fees:x"] {
        assert_eq!(text.parse::<Account>(), Err(InvalidAccount), "{text}");
    }
}

proptest! {
    /// Sale, refunds by item and at last of all, in one case the last by a lost dispute: every set sums to zero, and in the end nobody
    /// has kept or lost a minor unit.
    #[test]
    fn a_sale_and_all_its_refunds_leave_nothing(
        cart in carts(), steps in vec((0..50usize, 1..=1_000i64), 0..15), by_dispute in any::<bool>(), by_bank in any::<bool>(),
    ) {
        let method = if by_bank && !by_dispute { PaymentMethod::BankTransfer } else { PaymentMethod::Card };
        let mut order = cart.order();
        let mut sets = vec![sale(of(&order, method), NOW).unwrap()];
        prop_assert_eq!(sets[0].of(clearing(method)), order.total_minor);
        prop_assert_eq!(sets[0].of(Account::TaxPayable), -order.tax_minor);
        let mut number = 0;
        for (pick, thousandths) in steps {
            let line = &order.lines[pick % order.lines.len()];
            let minor = (i128::from(line.refundable_minor()) * i128::from(thousandths) / 1_000) as i64;
            let wish = Wish::Items(vec![(line.id, Some(minor))]);
            let Ok(parts) = refund::plan(OrderStatus::PartiallyRefunded, &order.lines, &wish) else { continue };
            number += 1;
            let set = super::refund(of(&order, method), id(number), &parts, NOW).unwrap();
            prop_assert_eq!(set.of(clearing(method)), -minor);
            sets.push(set);
            order.lines[parts[0].index].refunded_minor = parts[0].after;
            // captured − refunded = creators + platform + tax
            let kept = balances(&sets);
            let owners: i64 = kept.iter().filter(|(account, _)| **account != clearing(method)).map(|(_, minor)| -minor).sum();
            prop_assert_eq!(kept.get(&clearing(method)).copied().unwrap_or(0), owners);
            prop_assert_eq!(owners, order.lines.iter().map(Line::refundable_minor).sum::<i64>());
        }
        let rest = order.lines.iter().map(Line::refundable_minor).sum();
        let parts = allocate(&order.lines, rest);
        if by_dispute {
            let rest = Amount::new(rest, order.currency);
            sets.push(dispute_opened(Subject::Order(id(1)), "dp_1", rest, NOW).unwrap());
            sets.push(dispute_lost(of(&order, method), "dp_1", &parts, NOW).unwrap());
        } else {
            sets.push(super::refund(of(&order, method), id(0), &parts, NOW).unwrap());
        }
        for set in &sets {
            prop_assert_eq!(set.verify(), Ok(()));
        }
        // What no refund can give back: the discount of a course that cost nothing in the end.
        let unpaid: i64 = order.lines.iter().filter(|line| line.paid_minor == 0)
            .map(|line| Parts::of_line(line).promotion).sum();
        let left = balances(&sets);
        prop_assert_eq!(left.get(&Account::Promotions).copied().unwrap_or(0), unpaid);
        prop_assert_eq!(left.get(&Account::PlatformRevenue).copied().unwrap_or(0), -unpaid);
        prop_assert!(left.keys().all(|account| matches!(account, Account::Promotions | Account::PlatformRevenue)));
    }
}
