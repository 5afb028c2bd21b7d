//! A database in trouble: a proxy before it that refuses a share of the requests, cancels a share of the transactions, and loses a share of
//! the answers.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, AtomicUsize, Ordering},
};

use axum::{body::Bytes, response::Response};
use http::request::Parts;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;

use crate::{
    conflicts::{cancelled, error, is_transaction},
    proxy::{self, Upstream},
};

/// What goes wrong with a request.
enum Trouble {
    /// Too many requests: it has no effect.
    Throttled,
    /// A transaction meets another one on its first item: it has no effect.
    Cancelled,
    /// It has its effect, and its answer is an error of the server.
    Lost,
}

/// How bad it is; at first all is well.
#[derive(Clone, Debug)]
pub struct Storm {
    percent: Arc<AtomicU32>,
    troubles: Arc<AtomicUsize>,
    random: Arc<Mutex<StdRng>>,
}

impl Storm {
    /// One whose accidents are those of this seed.
    pub fn seeded(seed: u64) -> Self {
        let random = Arc::new(Mutex::new(StdRng::seed_from_u64(seed)));
        Self { percent: Arc::default(), troubles: Arc::default(), random }
    }

    /// Lets so many of a hundred requests go wrong from now on.
    pub fn rage(&self, percent: u32) {
        self.percent.store(percent, Ordering::SeqCst);
    }

    /// How many requests went wrong.
    pub fn troubles(&self) -> usize {
        self.troubles.load(Ordering::SeqCst)
    }

    /// The address of the proxy before this database.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn before(&self, upstream: String) -> String {
        let storm = self.clone();
        let judge = move |upstream: Upstream, parts, body| {
            let storm = storm.clone();
            async move { storm.judge(&upstream, parts, body).await }
        };
        proxy::before(upstream, judge).await
    }

    fn trouble(&self, parts: &Parts) -> Option<Trouble> {
        let mut random = self.random.lock().unwrap();
        let trouble = match random.random_range(0..100) < self.percent.load(Ordering::SeqCst) {
            false => return None,
            true => match random.random_range(0..3) {
                0 => Trouble::Lost,
                _ if is_transaction(parts) => Trouble::Cancelled,
                _ => Trouble::Throttled,
            },
        };
        self.troubles.fetch_add(1, Ordering::SeqCst);
        Some(trouble)
    }

    async fn judge(&self, upstream: &Upstream, parts: Parts, body: Bytes) -> Response {
        match self.trouble(&parts) {
            None => upstream.pass(parts, body).await,
            Some(Trouble::Throttled) => error(
                400,
                "ThrottlingException",
                &json!({"message": "Throughput exceeds the current capacity"}),
            ),
            Some(Trouble::Cancelled) => {
                let first = std::cell::Cell::new(true);
                cancelled(&body, |_| first.replace(false))
            }
            Some(Trouble::Lost) => {
                upstream.pass(parts, body).await;
                error(500, "InternalServerError", &json!({"message": "Internal server error"}))
            }
        }
    }
}
