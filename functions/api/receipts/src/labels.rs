//! What receipts say, in the languages of the platform.

use domain::{
    commerce::{Currency, PaymentMethod, PromoCode},
    identity::Language,
};
use jiff::civil::Date;

/// The texts of a language.
pub(crate) struct Labels {
    pub(crate) receipt: &'static str,
    pub(crate) billed_to: &'static str,
    pub(crate) order_number: &'static str,
    pub(crate) ordered_on: &'static str,
    pub(crate) paid_on: &'static str,
    pub(crate) payment_method: &'static str,
    pub(crate) payment_reference: &'static str,
    pub(crate) tax_id: &'static str,
    pub(crate) course: &'static str,
    pub(crate) price: &'static str,
    pub(crate) discount: &'static str,
    pub(crate) tax: &'static str,
    pub(crate) total: &'static str,
    pub(crate) subtotal: &'static str,
    pub(crate) paid: &'static str,
    pub(crate) disputed_back: &'static str,
    pub(crate) remains: &'static str,
    pub(crate) online: &'static str,
    pub(crate) link_in_words: &'static str,
    language: Language,
}

const ENGLISH: Labels = Labels {
    receipt: "Receipt",
    billed_to: "Billed to",
    order_number: "Order number",
    ordered_on: "Ordered on",
    paid_on: "Paid on",
    payment_method: "Payment method",
    payment_reference: "Payment reference",
    tax_id: "Tax number",
    course: "Course",
    price: "Price",
    discount: "Discount",
    tax: "Tax",
    total: "Total",
    subtotal: "Subtotal",
    paid: "Total paid",
    disputed_back: "Returned after a dispute",
    remains: "Paid after refunds",
    online: "This order online, as it is today:",
    link_in_words: "QR code with the link to this order",
    language: Language::En,
};

const KOREAN: Labels = Labels {
    receipt: "영수증",
    billed_to: "구매자",
    order_number: "주문 번호",
    ordered_on: "주문일",
    paid_on: "결제일",
    payment_method: "결제 수단",
    payment_reference: "결제 참조 번호",
    tax_id: "사업자등록번호",
    course: "강의",
    price: "가격",
    discount: "할인",
    tax: "세금",
    total: "합계",
    subtotal: "소계",
    paid: "총 결제 금액",
    disputed_back: "분쟁에 따른 반환",
    remains: "환불 후 결제 금액",
    online: "이 주문의 현재 상태를 온라인에서 확인하세요:",
    link_in_words: "이 주문으로 연결되는 QR 코드",
    language: Language::Ko,
};

impl Labels {
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::Ko => &KOREAN,
        }
    }

    pub(crate) fn date(&self, date: Date) -> String {
        self.language.date(date)
    }

    pub(crate) const fn method(&self, method: PaymentMethod) -> &'static str {
        match (self.language, method) {
            (Language::En, PaymentMethod::Card) => "Card",
            (Language::En, PaymentMethod::BankTransfer) => "Bank transfer",
            (Language::En, PaymentMethod::Free) => "Nothing to pay",
            (Language::Ko, PaymentMethod::Card) => "카드",
            (Language::Ko, PaymentMethod::BankTransfer) => "계좌 이체",
            (Language::Ko, PaymentMethod::Free) => "무료",
        }
    }

    pub(crate) fn discount_by(&self, code: Option<&PromoCode>) -> String {
        code.map_or_else(|| self.discount.to_owned(), |code| format!("{} ({code})", self.discount))
    }

    pub(crate) fn refunded_on(&self, date: Date) -> String {
        let date = self.date(date);
        match self.language {
            Language::En => format!("Refunded on {date}"),
            Language::Ko => format!("환불 ({date})"),
        }
    }

    pub(crate) fn refunded(&self, amount: &str) -> String {
        match self.language {
            Language::En => format!("Refunded: {amount}"),
            Language::Ko => format!("환불됨: {amount}"),
        }
    }

    pub(crate) fn amounts_in(&self, currency: Currency) -> String {
        match self.language {
            Language::En => format!("All amounts are in {currency}."),
            Language::Ko => format!("모든 금액의 통화: {currency}"),
        }
    }

    pub(crate) fn foot(&self, number: &str, page: usize, pages: usize) -> String {
        match self.language {
            Language::En => format!("{} {number} · page {page} of {pages}", self.receipt),
            Language::Ko => format!("{} {number} · {page}/{pages}쪽", self.receipt),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_each_language_writes_them() {
        let date = Date::constant(2026, 3, 7);
        assert_eq!(Labels::of(Language::En).date(date), "7 March 2026");
        assert_eq!(Labels::of(Language::Ko).date(date), "2026년 3월 7일");
    }
}
