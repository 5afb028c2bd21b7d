//! A receipt, set as a document.

use domain::{
    commerce::{Amount, PaymentMethod, payment::BillingAddress},
    identity::Language,
};
use jiff::{civil::Date, tz::TimeZone};
use kernel::Timestamp;
use pdf::{About, Align, Column, Document, PdfError, Table, Text};
use store::entities::{Order, Refund, commerce::order::RefundStatus};

use crate::{Seller, labels::Labels};

/// Side of the QR code, in points: a phone reads it from a hand's breadth away.
const QR: f32 = 76.0;

/// All that a receipt tells of. The same content gives the same bytes.
pub(crate) struct Receipt<'a> {
    /// Who sold.
    pub(crate) seller: &'a Seller,
    /// What was bought, and paid.
    pub(crate) order: &'a Order,
    /// Its refunds; those that did not come about are left out.
    pub(crate) refunds: &'a [Refund],
    /// The buyer's language.
    pub(crate) language: Language,
    /// The buyer's time zone: its dates are those of his calendar.
    pub(crate) time_zone: TimeZone,
    /// Address of the order's page; empty where there is none.
    pub(crate) link: String,
}

impl Receipt<'_> {
    /// The receipt as PDF.
    ///
    /// # Errors
    /// [`PdfError`].
    pub(crate) fn pdf(&self) -> Result<Vec<u8>, PdfError> {
        let labels = Labels::of(self.language);
        let number = self.order.order_number.to_string();
        let mut document = Document::new(About {
            title: format!("{} {number}", labels.receipt),
            author: self.seller.name.clone(),
            language: self.language.as_str().to_owned(),
            created: self.order.updated_at,
        })?;
        document.columns([(1.0, vec![Text::heading(labels.receipt)]), (1.0, self.seller_lines(labels))]);
        document.space(22.0);
        document.columns([(1.0, self.buyer_lines(labels))]);
        document.space(14.0);
        document.table(&self.facts(labels, &number));
        document.space(16.0);
        document.table(&self.lines(labels));
        document.space(8.0);
        document.table(&self.sums(labels));
        document.space(4.0);
        document.text(Text::new(labels.amounts_in(self.order.currency)).by_the_way().aligned(Align::Right));
        if !self.link.is_empty() {
            document.space(20.0);
            let beside = [Text::new(labels.online).by_the_way(), Text::new(self.link.clone()).by_the_way()];
            document.qr(&self.link, labels.link_in_words, QR, &beside)?;
        }
        document.finish(|page, pages| labels.foot(&number, page, pages))
    }

    fn seller_lines(&self, labels: &Labels) -> Vec<Text> {
        let mut lines = vec![Text::new(self.seller.name.clone()).bold()];
        lines.extend(self.seller.address.iter().map(|line| Text::new(line.clone()).by_the_way()));
        let tax_id = self.seller.tax_id.as_ref();
        lines.extend(tax_id.map(|tax_id| Text::new(format!("{} {tax_id}", labels.tax_id)).by_the_way()));
        lines.into_iter().map(|line| line.aligned(Align::Right)).collect()
    }

    fn buyer_lines(&self, labels: &Labels) -> Vec<Text> {
        let mut lines = vec![Text::subheading(labels.billed_to)];
        lines.extend(address_lines(&self.order.billing_address).into_iter().map(Text::new));
        lines
    }

    fn facts(&self, labels: &Labels, number: &str) -> Table {
        let order = self.order;
        let paid_on = order.completed_at.map(|at| labels.date(self.date(at)));
        let reference = order.charge_id.as_ref().or(order.payment_id.as_ref());
        let reference = reference.filter(|_| order.payment_method != PaymentMethod::Free);
        let facts = [
            (labels.order_number, Some(number.to_owned())),
            (labels.ordered_on, Some(labels.date(self.date(order.created_at)))),
            (labels.paid_on, paid_on),
            (labels.payment_method, Some(labels.method(order.payment_method).to_owned())),
            (labels.payment_reference, reference.cloned()),
        ];
        let mut table =
            Table::new([Column::new(1.0, Align::Left).names(), Column::new(3.4, Align::Left)]).whole();
        for (name, fact) in facts {
            if let Some(fact) = fact {
                // Of one size with the fact, so that both stand on one line.
                table.row([vec![Text::new(name).by_the_way().sized(9.5)], vec![Text::new(fact)]]);
            }
        }
        table
    }

    fn lines(&self, labels: &Labels) -> Table {
        let amounts = Column::new(1.0, Align::Right);
        let mut table =
            Table::new([Column::new(3.0, Align::Left).names(), amounts, amounts, amounts, amounts])
                .head([labels.course, labels.price, labels.discount, labels.tax, labels.total])
                .lined();
        for line in &self.order.lines {
            let mut title = vec![Text::new(line.title.clone())];
            let returned = self.order.returned.get(&line.id).copied().unwrap_or_default();
            if returned > 0 {
                title.push(Text::new(labels.refunded(&self.amount(returned))).by_the_way());
            }
            let amount = |minor| vec![Text::new(self.amount(minor))];
            table.row([
                title,
                amount(line.price_minor),
                amount(-line.discount_minor),
                amount(line.tax_minor),
                amount(line.paid_minor),
            ]);
        }
        table
    }

    fn sums(&self, labels: &Labels) -> Table {
        let order = self.order;
        let mut table = Table::new([Column::new(1.3, Align::Left).names(), Column::new(1.0, Align::Right)])
            .from(0.5)
            .whole();
        let mut plain = |name: String, minor| {
            table.row([vec![Text::new(name)], vec![Text::new(self.amount(minor))]]);
        };
        plain(labels.subtotal.to_owned(), order.subtotal_minor);
        if order.discount_minor != 0 {
            plain(labels.discount_by(order.promo_code.as_ref()), -order.discount_minor);
        }
        plain(labels.tax.to_owned(), order.tax_minor);
        self.bold(&mut table, labels.paid, order.total_minor);
        let returned: i64 = order.returned.values().sum();
        if returned == 0 {
            return table;
        }
        let done = self.refunds.iter().filter(|refund| refund.status == RefundStatus::Succeeded);
        let mut refunded = 0;
        for refund in done {
            refunded += refund.amount.minor;
            let name = labels.refunded_on(self.date(refund.updated_at));
            table.row([vec![Text::new(name)], vec![Text::new(self.amount(-refund.amount.minor))]]);
        }
        // What went back and was no refund is what the buyer's bank took.
        if returned != refunded {
            let by_bank = self.amount(refunded - returned);
            table.row([vec![Text::new(labels.disputed_back)], vec![Text::new(by_bank)]]);
        }
        self.bold(&mut table, labels.remains, order.total_minor - returned);
        table
    }

    fn bold(&self, table: &mut Table, name: &str, minor: i64) {
        let amount = format!("{} {}", self.amount(minor), self.order.currency);
        table.row([vec![Text::new(name).bold()], vec![Text::new(amount).bold()]]);
    }

    fn amount(&self, minor: i64) -> String {
        grouped(&Amount::new(minor, self.order.currency).digits())
    }

    fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.time_zone.clone()).date()
    }
}

/// Digits with a comma before each three of the whole part, as both languages write them, and a true minus sign.
fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("−", digits));
    let (whole, decimals) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = sign.to_owned();
    for (place, digit) in whole.char_indices() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(decimals) = decimals {
        text.push('.');
        text.push_str(decimals);
    }
    text
}

/// The buyer's name and address as his country writes it: Korea from the large to the small, with the family name first.
fn address_lines(address: &BillingAddress) -> Vec<String> {
    let joined = |parts: &[&str], by: &str| {
        let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(by)
    };
    let of = |field: &kernel::Secret<String>| field.expose().clone();
    let (first, last) = (of(&address.first_name), of(&address.last_name));
    let (line1, line2) = (of(&address.address_line1), of(&address.address_line2));
    let (city, state, postal) = (of(&address.city), of(&address.state), of(&address.postal_code));
    let (email, country) = (of(&address.email), address.country.clone());
    let lines = if address.country == "KR" {
        let by = if (first.clone() + &last).is_ascii() { " " } else { "" };
        vec![
            joined(&[&last, &first], by),
            joined(&[&state, &city, &line1], " "),
            line2,
            joined(&[&postal, &country], " "),
            email,
        ]
    } else {
        let region = joined(&[&state, &postal], " ");
        vec![joined(&[&first, &last], " "), line1, line2, joined(&[&city, &region], ", "), country, email]
    };
    lines.into_iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        for (digits, text) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-1234567.50", "−1,234,567.50"),
            ("12.345", "12.345"),
            ("-123", "−123"),
        ] {
            assert_eq!(grouped(digits), text);
        }
    }
}
