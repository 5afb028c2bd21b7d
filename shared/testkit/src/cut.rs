//! A job that dies: a proxy before storage that lets so many requests through, then holds the next one, and the job is dropped.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Notify;

use crate::proxy::{self, Upstream};

/// How many requests get through, and how many did.
#[derive(Clone, Debug, Default)]
pub struct Cut {
    left: Arc<AtomicUsize>,
    reached: Arc<Notify>,
}

impl Cut {
    /// Lets this many requests through from now on.
    pub fn after(&self, requests: usize) {
        self.left.store(requests, Ordering::SeqCst);
    }

    /// How many more would get through.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }

    /// Does the work until it ends (`Some`) or until the first request that does not get through (`None`); then it is dropped
    /// where it stands.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.reached.notified() => None,
            done = work => Some(done),
        }
    }

    /// The address of a proxy before this server.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn before(&self, upstream: String) -> String {
        let cut = self.clone();
        let judge = move |upstream: Upstream, parts, body| {
            let cut = cut.clone();
            async move {
                let allowed =
                    cut.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
                if allowed.is_err() {
                    cut.reached.notify_one();
                    std::future::pending::<()>().await;
                }
                upstream.pass(parts, body).await
            }
        };
        proxy::before(upstream, judge).await
    }
}
