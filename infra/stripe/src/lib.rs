//! A stateful stand-in of Stripe's HTTP API, as far as LearnFlow uses it: the real client runs against it unchanged. It has no network
//! of its own behind it, moves no money, and needs no account.
//!
//! In a test it runs in the test's process ([`StandIn::start`]), with a clock that the test moves, and the test takes the events and
//! hands them over in the order that it wants. In the local stack it is a process that delivers its events over HTTP.
//!
//! What it does not have it refuses: an unknown parameter, path or option is an error and never silently ignored.

mod api;
mod cards;
mod catalog;
pub mod control;
mod error;
mod form;
mod invoices;
mod pay;
mod payments;
mod refunds;
mod renewals;
mod routes;
mod subscriptions;
mod webhooks;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kernel::{Clock, SignedDuration, Timestamp};
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

pub use control::{Fault, FaultKind, Mode};
pub use error::ApiError;
pub use invoices::RETRY_DAYS;
pub use payments::fee;
pub use refunds::DISPUTE_FEE;
pub use webhooks::sign;
pub use world::{Notice, World};

use form::Params;
use world::Answer;

/// The version of Stripe's API whose shapes it has: that of the client.
pub const API_VERSION: &str = "2026-09-30.endive";

/// How it is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What our server shows.
    pub secret_key: String,
    /// What browsers show.
    pub publishable_key: String,
    /// What events are signed with.
    pub webhook_secret: String,
    /// Where events are delivered. None: they wait to be taken.
    pub webhook_url: Option<reqwest::Url>,
    /// The beginning of addresses to which the payment page may lead back. Empty: it leads nowhere.
    pub return_base: String,
    /// The time.
    pub clock: Clock,
    /// Makes the ids; another one, other ids.
    pub seed: String,
    /// How long each request takes at least.
    pub latency: Duration,
}

impl Settings {
    /// For tests: keys that are as good as any, the same ids in each run.
    pub fn test(clock: Clock) -> Self {
        Self {
            secret_key: "sk_test_local".into(),
            publishable_key: "pk_test_local".into(),
            webhook_secret: "whsec_local".into(),
            webhook_url: None,
            return_base: String::new(),
            clock,
            seed: "test".into(),
            latency: Duration::ZERO,
        }
    }
}

/// What requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    world: Mutex<World>,
    /// Idempotency keys of requests that are at work.
    in_flight: Mutex<BTreeSet<String>>,
    faults: Mutex<Vec<Fault>>,
    mode: Mutex<Mode>,
    /// There may be something to deliver.
    pub(crate) changed: Notify,
}

/// A poisoned lock is that of a test that failed already.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub(crate) fn act(
        &self,
        action: impl FnOnce(&mut World) -> Result<String, ApiError>,
    ) -> Result<Value, ApiError> {
        let mut world = self.world();
        world.run_due();
        let id = action(&mut world)?;
        let shown = world.show(&id, &[]);
        self.changed.notify_one();
        shown
    }

    pub(crate) fn advance(&self, seconds: i64) {
        let mut world = self.world();
        world.ahead += seconds;
        world.run_due();
        self.changed.notify_one();
    }

    pub(crate) fn reset(&self) {
        // Other ids than those of the account before.
        let seed = format!("{}{}", self.settings.seed, self.settings.clock.now());
        let fresh = World::new(self.settings.clock.clone(), &seed);
        *self.world() = fresh;
    }

    pub(crate) fn add_fault(&self, fault: Fault) {
        lock(&self.faults).push(fault);
    }

    pub(crate) fn take_fault(&self, request: &str) -> Option<FaultKind> {
        let mut faults = lock(&self.faults);
        let fault = faults.iter_mut().find(|fault| fault.times > 0 && fault.fits(request))?;
        fault.times -= 1;
        Some(fault.kind)
    }

    pub(crate) fn set_mode(&self, mode: Mode) {
        *lock(&self.mode) = mode;
        self.changed.notify_one();
    }

    pub(crate) fn next_delivery(&self) -> Option<Notice> {
        match *lock(&self.mode) {
            Mode::Deliver => {
                let mut world = self.world();
                let notice = world.outbox.pop_front()?;
                world.sending.insert(notice.id.clone(), notice.clone());
                Some(notice)
            }
            Mode::Hold => None,
            Mode::Drop => {
                self.world().outbox.clear();
                None
            }
        }
    }

    /// Begins a request with an idempotency key; gives the answer that is kept, if there is one.
    fn begin(&self, key: &str, request: &str) -> Result<Option<Answer>, ApiError> {
        if let Some(kept) = self.world().answers.get(key) {
            return if kept.request == request {
                Ok(Some(kept.clone()))
            } else {
                Err(ApiError::key_reused())
            };
        }
        if lock(&self.in_flight).insert(key.to_owned()) { Ok(None) } else { Err(ApiError::key_in_use()) }
    }

    fn end(&self, key: &str, kept: Option<Answer>) {
        if let Some(kept) = kept {
            self.world().answers.insert(key.to_owned(), kept);
        }
        lock(&self.in_flight).remove(key);
    }
}

/// A running stand-in. It stops when it is dropped.
#[derive(Debug)]
pub struct StandIn {
    shared: Arc<Shared>,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl StandIn {
    /// Starts it with an empty account on a free port of this machine.
    ///
    /// # Errors
    /// When it can't listen.
    pub async fn start(settings: Settings) -> std::io::Result<Self> {
        let world = World::new(settings.clock.clone(), &settings.seed);
        Self::resume(settings, world, TcpListener::bind("127.0.0.1:0").await?)
    }

    /// Starts it with an account.
    ///
    /// # Errors
    /// When it can't listen.
    pub fn resume(settings: Settings, world: World, listener: TcpListener) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let url = settings.webhook_url.clone();
        let shared = Arc::new(Shared {
            settings,
            world: Mutex::new(world),
            in_flight: Mutex::default(),
            faults: Mutex::default(),
            mode: Mutex::default(),
            changed: Notify::new(),
        });
        let router = api::router(Arc::clone(&shared));
        let serving = async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "stopped serving");
            }
        };
        let mut tasks = vec![tokio::spawn(serving)];
        if let Some(url) = url {
            tasks.push(tokio::spawn(webhooks::deliver_all(Arc::clone(&shared), url)));
        }
        Ok(Self { shared, address, tasks })
    }

    /// Its address, for the client.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The account as it is, to be saved.
    pub fn world(&self) -> World {
        self.shared.world().clone()
    }

    /// What a browser does with a card: pays an intent, or keeps the card for a subscription's trial. Gives the object's status.
    ///
    /// # Errors
    /// What the browser would see, such as a declined card.
    pub fn pay(&self, client_secret: &str, card: &str) -> Result<String, ApiError> {
        let id = client_secret.split("_secret_").next().unwrap_or_default().to_owned();
        let object = if id.starts_with("seti_") { "setup_intents" } else { "payment_intents" };
        let form = format!(
            "client_secret={client_secret}&payment_method_data[type]=card&payment_method_data[card][number]={card}"
        );
        let mut world = self.shared.world();
        world.run_due();
        let shown = routes::browser(&mut world, "POST", &[object, &id, "confirm"], &Params::parse(&form));
        self.shared.changed.notify_one();
        Ok(world::text(&shown?, "status").to_owned())
    }

    /// The person answers his bank.
    ///
    /// # Errors
    /// When nobody asked.
    pub fn authenticate(&self, intent: &str, agreed: bool) -> Result<(), ApiError> {
        self.shared.act(|world| world.authenticate(intent, agreed)).map(drop)
    }

    /// Moves the account's clock; what is due happens. The other clocks of a test stay.
    pub fn advance(&self, by: SignedDuration) {
        self.shared.advance(by.as_secs());
    }

    /// Does what is due by now.
    pub fn settle(&self) {
        self.shared.advance(0);
    }

    /// Takes the events that nobody took yet, the oldest first. They come once; a test may hand them over twice or in another order.
    pub fn take_events(&self) -> Vec<Notice> {
        self.shared.world().outbox.drain(..).collect()
    }

    /// All events, taken or not.
    pub fn events(&self) -> Vec<Notice> {
        self.shared.world().events.clone()
    }

    /// The header `Stripe-Signature` of a body.
    pub fn signature(&self, body: &str, at: Timestamp) -> String {
        sign(&self.shared.settings.webhook_secret, body, at)
    }

    /// Lets something go wrong.
    pub fn fail(&self, on: &str, kind: FaultKind, times: u32) {
        self.shared.add_fault(Fault { on: on.to_owned(), kind, times });
    }

    /// Takes back all faults that have not happened.
    pub fn heal(&self) {
        lock(&self.shared.faults).clear();
    }

    /// Declines the next card, whatever it is.
    pub fn decline_next(&self, reason: &str) {
        self.shared.world().declines.push_back(reason.to_owned());
    }

    /// What happens to events.
    pub fn set_mode(&self, mode: Mode) {
        self.shared.set_mode(mode);
    }

    /// A bank takes a payment back. Gives the dispute's id.
    ///
    /// # Errors
    /// When there is nothing to take.
    pub fn open_dispute(&self, intent: &str) -> Result<String, ApiError> {
        let dispute = self.shared.act(|world| world.open_dispute(intent, "fraudulent"))?;
        Ok(world::text(&dispute, "id").to_owned())
    }

    /// The bank decides.
    ///
    /// # Errors
    /// When it has decided already.
    pub fn close_dispute(&self, dispute: &str, won: bool) -> Result<(), ApiError> {
        self.shared.act(|world| world.close_dispute(dispute, won)).map(drop)
    }

    /// Somebody sends money back at the gateway's own desk. Gives the refund's id.
    ///
    /// # Errors
    /// When nothing, or less, is left.
    pub fn refund(&self, intent: &str, amount: i64) -> Result<String, ApiError> {
        let form = Params::parse(&format!("payment_intent={intent}&amount={amount}"));
        let refund = self.shared.act(|world| world.create_refund(&form))?;
        Ok(world::text(&refund, "id").to_owned())
    }

    /// A bank could not take a refund.
    ///
    /// # Errors
    /// When it did already.
    pub fn fail_refund(&self, refund: &str) -> Result<(), ApiError> {
        self.shared.act(|world| world.fail_refund(refund)).map(drop)
    }

    /// Any object, as the API shows it.
    pub fn object(&self, id: &str) -> Option<Value> {
        self.shared.world().show(id, &[]).ok()
    }

    /// How many objects of each type there are.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        self.shared.counts()
    }
}
