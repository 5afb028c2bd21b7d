//! Money that goes back.

use domain::commerce::{
    Amount, PaymentMethod, Subject, ledger,
    payment::SetAsideReason,
    refund::{Part, Refusal, Wish, allocate},
};
use gateway::{GatewayError, IntentState, IntentStatus, Key, NewRefund, RefundReason, RefundState};
use kernel::{Id, id::kinds};
use store::entities::{
    AdminAction, Order, Refund, SetAside,
    admin_action::Acted,
    commerce::order::{RefundRequest, RefundStatus, Refunding},
};

use crate::{CheckoutError, Desk, amount, order_of};

/// Rounds of planning a refund that was made at the gateway's own desk, while other refunds of the order are planned.
const ROUNDS: usize = 5;
/// What became of money that was set aside and went back.
const WENT_BACK: &str = "The money went back to the buyer.";

/// What became of a refund.
#[derive(Clone, Debug)]
pub enum Refunded {
    /// The money is on its way to the buyer.
    Done(Order, Refund),
    /// The gateway has not answered for certain. What was planned stays planned, and the refund is looked at again.
    UnderWay(Order, Refund),
    /// The gateway refused it, with this code; the items can be refunded again.
    RefusedThere(Order, Refund, String),
    /// The order does not allow it.
    Refused(Refusal),
    /// There is no such order.
    NotFound,
    /// Who asks is no admin any more.
    NotAdmin,
}

impl From<Refunding> for Refunded {
    fn from(refunding: Refunding) -> Self {
        match refunding {
            Refunding::Done(order, refund) => Self::Done(order, refund),
            Refunding::Refused(refusal) => Self::Refused(refusal),
            Refunding::NotFound => Self::NotFound,
            Refunding::NotAdmin => Self::NotAdmin,
        }
    }
}

/// What became of money that was set aside and is to go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateReturn {
    /// It is on its way to the buyer.
    Done,
    /// The gateway has not answered for certain; ask again.
    UnderWay,
    /// The gateway refuses: look at it there.
    Refused,
    /// It holds no money that came with a payment.
    NoMoney,
    /// Who asks is no admin any more.
    NotAdmin,
}

impl Desk {
    /// Refunds an order or parts of it: plans it, asks the gateway, books it. Another attempt with the same identifier goes on where the first
    /// one ended.
    ///
    /// # Errors
    /// [`CheckoutError`].
    pub async fn refund(
        &self,
        user: Id<kinds::User>,
        order: Id<kinds::Order>,
        request: &RefundRequest,
    ) -> Result<Refunded, CheckoutError> {
        match self.store.orders().begin_refund(user, order, request, self.now()).await? {
            Refunding::Done(order, refund) => self.finish_refund(&order, &refund).await,
            other => Ok(other.into()),
        }
    }

    /// Goes on with a refund that was planned. The money of a bank transfer is sent by who confirmed that it came.
    ///
    /// # Errors
    /// [`CheckoutError::Store`].
    pub async fn finish_refund(&self, order: &Order, refund: &Refund) -> Result<Refunded, CheckoutError> {
        match (refund.status, &order.payment_id, order.payment_method) {
            (RefundStatus::Succeeded, ..) => Ok(Refunded::Done(order.clone(), refund.clone())),
            (RefundStatus::Failed, ..) => {
                Ok(Refunded::RefusedThere(order.clone(), refund.clone(), String::new()))
            }
            (RefundStatus::Pending, Some(intent), PaymentMethod::Card) => {
                self.refund_at_gateway(order, refund, intent).await
            }
            (RefundStatus::Pending, ..) => self.settle_refund(order, refund.id, None).await,
        }
    }

    async fn refund_at_gateway(
        &self,
        order: &Order,
        refund: &Refund,
        intent: &str,
    ) -> Result<Refunded, CheckoutError> {
        let (order_id, refund_id) = (order.id.to_string(), refund.id.to_string());
        let new = NewRefund {
            intent,
            minor: refund.amount.minor,
            currency: refund.amount.currency.code(),
            refund_id: &refund_id,
            order_id: &order_id,
            reason: RefundReason::RequestedByCustomer,
        };
        let error = match self.gateway.create_refund(&new, &Key::new("refund", refund.id)).await {
            Ok(state) => return self.apply_refund(order, refund.id, &state).await,
            Err(error) => error,
        };
        // Even a refusal may be the answer to another try than the one that had the effect.
        let there = self.gateway.refunds_of(intent).await;
        let found =
            there.as_ref().map(|all| all.iter().find(|one| one.refund_id.as_ref() == Some(&refund_id)));
        match (found, error) {
            (Ok(Some(state)), _) => self.apply_refund(order, refund.id, state).await,
            (Ok(None), GatewayError::Refused { code, .. } | GatewayError::Declined { code, .. }) => {
                self.fail_refund(order, refund.id, code).await
            }
            (Ok(None), error @ (GatewayError::Secret(_) | GatewayError::NotSetUp)) => {
                self.fail_refund(order, refund.id, String::new()).await?;
                Err(error.into())
            }
            (_, error) => {
                tracing::warn!(refund = %refund.id, %error, "a refund whose outcome is not known");
                Ok(Refunded::UnderWay(order.clone(), refund.clone()))
            }
        }
    }

    /// Applies what the gateway says of one of our refunds.
    async fn apply_refund(
        &self,
        order: &Order,
        id: Id<kinds::Refund>,
        state: &RefundState,
    ) -> Result<Refunded, CheckoutError> {
        use gateway::RefundStatus as Theirs;
        match state.status {
            // The gateway takes the money from its balance at once, also while the bank is slow.
            Theirs::Succeeded | Theirs::Pending | Theirs::AwaitingAction => {
                self.settle_refund(order, id, Some(&state.id)).await
            }
            Theirs::Failed | Theirs::Cancelled => {
                let code = state.failure.clone().unwrap_or_default();
                let refused = self.fail_refund(order, id, code).await?;
                if let Refunded::Done(order, _) = &refused {
                    self.set_refund_aside(order, state).await?;
                }
                Ok(refused)
            }
        }
    }

    async fn settle_refund(
        &self,
        order: &Order,
        id: Id<kinds::Refund>,
        gateway_id: Option<&str>,
    ) -> Result<Refunded, CheckoutError> {
        let settled = self
            .store
            .orders()
            .settle_refund(order.user_id, order.id, id, (gateway_id, None), self.now())
            .await?;
        Ok(settled.into())
    }

    /// Gives up a refund; one that was booked stays so.
    async fn fail_refund(
        &self,
        order: &Order,
        id: Id<kinds::Refund>,
        code: String,
    ) -> Result<Refunded, CheckoutError> {
        let failed = self.store.orders().fail_refund(order.user_id, order.id, id, self.now()).await?;
        Ok(match failed {
            Refunding::Done(order, refund) if refund.status != RefundStatus::Succeeded => {
                Refunded::RefusedThere(order, refund, code)
            }
            other => other.into(),
        })
    }

    /// Reads all refunds of a payment at the gateway and books what is not booked yet, those that were made at its own desk too. `false`
    /// where the payment is none of an order.
    ///
    /// # Errors
    /// [`CheckoutError`].
    pub async fn look_at_refunds(&self, intent: &str) -> Result<bool, CheckoutError> {
        let intent = self.gateway.intent(intent).await?;
        let Some((user, order)) = order_of(&intent) else { return Ok(false) };
        if intent.status == IntentStatus::Succeeded {
            // The refund may be told of before the payment.
            self.apply_intent(&intent, None).await?;
        }
        let order = self.store.orders().get(user, order).await?;
        let order = order.filter(|order| order.payment_id.as_ref() == Some(&intent.id));
        let mut states = self.gateway.refunds_of(&intent.id).await?;
        states.reverse();
        let Some(order) = order else {
            self.apply_late_returns(&intent, &states).await?;
            return Ok(true);
        };
        for state in &states {
            let ours = state.refund_id.as_ref().and_then(|id| id.parse().ok());
            let known = match ours {
                Some(id) => self.store.orders().refund(order.id, id).await?.map(|refund| refund.id),
                None => None,
            };
            match known {
                Some(id) => {
                    self.apply_refund(&order, id, state).await?;
                }
                None => self.apply_refund_of_desk(&order, state).await?,
            }
        }
        Ok(true)
    }

    /// A refund that somebody made at the gateway's own desk: it names no items, so it is spread over what is left of them.
    async fn apply_refund_of_desk(&self, order: &Order, state: &RefundState) -> Result<(), CheckoutError> {
        let orders = self.store.orders();
        // Our identifier of it is made of the gateway's.
        let id = Id::of_text(&state.id);
        let request = |wish| RefundRequest { id, wish, requested_by: None, reason: String::new() };
        let given_up =
            matches!(state.status, gateway::RefundStatus::Failed | gateway::RefundStatus::Cancelled);
        if let Some(known) = orders.refund(order.id, id).await? {
            self.apply_refund(order, known.id, state).await?;
            return Ok(());
        }
        if given_up {
            return Ok(());
        }
        let total = amount(state.minor, &state.currency)?;
        for _ in 0..ROUNDS {
            let Some(latest) = orders.get(order.user_id, order.id).await? else { return Ok(()) };
            let parts = allocate(&latest.lines, total.minor);
            let fits: i64 = parts.iter().map(Part::minor).sum();
            let rest = Amount::new(total.minor - fits, total.currency);
            let wish = Wish::Items(parts.iter().map(|part| (part.item_id, Some(part.minor()))).collect());
            match orders.begin_refund(order.user_id, order.id, &request(wish), self.now()).await? {
                Refunding::Done(order, refund) => {
                    self.settle_refund(&order, refund.id, Some(&state.id)).await?;
                    if rest.minor > 0 {
                        self.set_unmatched_aside(&order, state, rest).await?;
                    }
                    return Ok(());
                }
                // Another refund of the order was planned in between.
                Refunding::Refused(Refusal::TooMuch { .. }) => {}
                Refunding::Refused(_) => return self.set_unmatched_aside(&latest, state, total).await,
                Refunding::NotFound | Refunding::NotAdmin => return Ok(()),
            }
        }
        Err(store::StoreError::Throttled.into())
    }

    /// What went back beyond what the order has left, or while it may not be refunded: booked as taken from what belongs to buyers, and a
    /// person looks at it.
    async fn set_unmatched_aside(
        &self,
        order: &Order,
        state: &RefundState,
        rest: Amount,
    ) -> Result<(), CheckoutError> {
        let set = ledger::late_money_returned(
            Some(Subject::Order(order.id)),
            &state.id,
            (rest, PaymentMethod::Card),
            self.now(),
        )?;
        self.set_aside(order, state, SetAsideReason::RefundUnmatched, rest, &set).await
    }

    /// A refund that was booked, and that the buyer's bank could not take: the money is back at the gateway, and still the buyer's.
    async fn set_refund_aside(&self, order: &Order, state: &RefundState) -> Result<(), CheckoutError> {
        let back = amount(state.minor, &state.currency)?;
        let set = ledger::late_money(
            Some(Subject::Order(order.id)),
            &state.id,
            (back, PaymentMethod::Card),
            self.now(),
        )?;
        self.set_aside(order, state, SetAsideReason::RefundFailed, back, &set).await
    }

    async fn set_aside(
        &self,
        order: &Order,
        state: &RefundState,
        reason: SetAsideReason,
        captured: Amount,
        set: &domain::commerce::EntrySet,
    ) -> Result<(), CheckoutError> {
        tracing::error!(order = %order.id, refund = state.id, ?reason, "money was set aside");
        let aside = SetAside {
            order_id: Some(order.id),
            user_id: Some(order.user_id),
            intent_id: state.intent.clone(),
            charge_id: state.charge.clone(),
            method: Some(PaymentMethod::Card),
            captured: Some(captured),
            ..SetAside::new(format!("refund:{}", state.id), reason, self.now())
        };
        self.store.set_asides().add_money(&aside, set).await?;
        Ok(())
    }

    /// Gives money back that no order was waiting for, as an admin: all that the gateway still has of the payment. The money of a bank
    /// transfer is sent by who asks; it is booked as gone.
    ///
    /// # Errors
    /// [`CheckoutError`].
    pub async fn return_late(
        &self,
        aside: &SetAside,
        action: &AdminAction,
    ) -> Result<LateReturn, CheckoutError> {
        let (Some(id), Some(captured)) = (&aside.intent_id, aside.captured) else {
            return Ok(LateReturn::NoMoney);
        };
        if aside.subject != SetAside::of_payment(id) || captured.minor <= 0 {
            return Ok(LateReturn::NoMoney);
        }
        let asides = self.store.set_asides();
        if aside.method == Some(PaymentMethod::BankTransfer) {
            let of = (captured, PaymentMethod::BankTransfer);
            let subject = aside.order_id.map(Subject::Order);
            let set = ledger::late_money_returned(subject, id, of, action.at)?;
            return Ok(match asides.resolve(&aside.subject, (WENT_BACK, Some(&set)), action).await? {
                Acted::NotAdmin => LateReturn::NotAdmin,
                // It went back before.
                Acted::Done | Acted::Changed => LateReturn::Done,
            });
        }
        if asides.ask_return(&aside.subject, action).await? == Acted::NotAdmin {
            return Ok(LateReturn::NotAdmin);
        }
        let order_id = aside.order_id.map(|id| id.to_string()).unwrap_or_default();
        let new = NewRefund {
            intent: id,
            minor: captured.minor,
            currency: captured.currency.code(),
            refund_id: &aside.subject,
            order_id: &order_id,
            reason: RefundReason::RequestedByCustomer,
        };
        let asked = self.gateway.create_refund(&new, &Key::new("late", id)).await;
        let intent = self.gateway.intent(id).await?;
        let states = self.gateway.refunds_of(id).await?;
        let all = self.apply_late_returns(&intent, &states).await?;
        Ok(match asked {
            _ if all => LateReturn::Done,
            Ok(_) => LateReturn::UnderWay,
            Err(error) if error.is_retryable() => LateReturn::UnderWay,
            Err(error) => {
                tracing::warn!(intent = id, %error, "money that was set aside can't go back");
                LateReturn::Refused
            }
        })
    }

    /// Books what went back of money that no order was waiting for; true where that is all of it.
    async fn apply_late_returns(
        &self,
        intent: &IntentState,
        states: &[RefundState],
    ) -> Result<bool, CheckoutError> {
        use gateway::RefundStatus as Theirs;
        let (now, ledger, card) = (self.now(), self.store.ledger(), PaymentMethod::Card);
        let subject = order_of(intent).map(|(_, order)| Subject::Order(order));
        let mut back = 0;
        for state in states {
            let minor = amount(state.minor, &state.currency)?;
            if matches!(state.status, Theirs::Failed | Theirs::Cancelled) {
                // Only what was booked as gone has come back.
                if ledger.get(&format!("refund:{}", state.id)).await?.is_some() {
                    ledger.add(&ledger::late_money(subject, &state.id, (minor, card), now)?).await?;
                }
                continue;
            }
            ledger.add(&ledger::late_money_returned(subject, &state.id, (minor, card), now)?).await?;
            back += state.minor;
        }
        let all = back >= intent.received && back > 0;
        if all {
            self.store.set_asides().settle(&SetAside::of_payment(&intent.id), WENT_BACK, now).await?;
        }
        Ok(all)
    }
}
