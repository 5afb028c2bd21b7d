//! A store for tests of what a killed process leaves behind.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use super::{Fetched, Listed, Memory, ObjectError, Objects, Tag};
use bytes::Bytes;

/// A store that dies at its n-th call and stays dead, as a killed process does. The call itself may take effect.
pub struct Dying {
    store: Arc<Memory>,
    calls: AtomicUsize,
    dies_at: usize,
    takes_effect: bool,
}

impl Dying {
    /// Over this store, dying at the call of this number from 0; `usize::MAX` never.
    pub fn new(store: &Arc<Memory>, dies_at: usize, takes_effect: bool) -> Arc<Self> {
        Arc::new(Self { store: Arc::clone(store), calls: AtomicUsize::new(0), dies_at, takes_effect })
    }

    /// How many calls came so far.
    pub fn calls(&self) -> usize {
        self.calls.load(SeqCst)
    }

    /// Whether the call is made, and whether its caller hears of it.
    fn call(&self) -> (bool, bool) {
        let call = self.calls.fetch_add(1, SeqCst);
        (call < self.dies_at || (call == self.dies_at && self.takes_effect), call < self.dies_at)
    }

    async fn run<T>(
        &self,
        key: &str,
        call: impl Future<Output = Result<T, ObjectError>>,
    ) -> Result<T, ObjectError> {
        let dead = || ObjectError::Failed { key: key.to_owned(), reason: "killed".to_owned() };
        let (made, heard) = self.call();
        let answer = if made { Some(call.await) } else { None };
        answer.filter(|_| heard).unwrap_or_else(|| Err(dead()))
    }
}

impl Objects for Dying {
    async fn get(&self, key: &str, known: Option<&Tag>) -> Result<Fetched, ObjectError> {
        self.run(key, self.store.get(key, known)).await
    }
    async fn download(&self, key: &str, sink: &mut (dyn Write + Send)) -> Result<(), ObjectError> {
        self.run(key, self.store.download(key, sink)).await
    }
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), ObjectError> {
        self.run(key, self.store.put(key, bytes)).await
    }
    async fn put_if(
        &self,
        key: &str,
        bytes: Bytes,
        expected: Option<&Tag>,
    ) -> Result<Option<Tag>, ObjectError> {
        self.run(key, self.store.put_if(key, bytes, expected)).await
    }
    async fn list(&self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        self.run(prefix, self.store.list(prefix)).await
    }
    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        self.run(key, self.store.delete(key)).await
    }
}
