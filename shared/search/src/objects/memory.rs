//! A store in memory.

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use bytes::Bytes;

use super::{Fetched, Listed, ObjectError, Objects, Tag};

/// A store that lives as long as its process. Its clock stands still until it is set.
#[derive(Default)]
pub struct Memory {
    objects: Mutex<State>,
    now: AtomicI64,
}

#[derive(Default)]
struct State {
    writes: u64,
    objects: BTreeMap<String, (Bytes, Tag, i64)>,
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the clock, in Unix seconds.
    pub fn set_time(&self, now: i64) {
        self.now.store(now, Ordering::SeqCst);
    }

    /// Bytes of all objects.
    pub fn size(&self) -> u64 {
        self.state().objects.values().map(|(bytes, _, _)| bytes.len() as u64).sum()
    }

    fn write(&self, state: &mut State, key: &str, bytes: Bytes) -> Tag {
        state.writes += 1;
        let tag = Tag(state.writes.to_string());
        state.objects.insert(key.to_owned(), (bytes, tag.clone(), self.now.load(Ordering::SeqCst)));
        tag
    }
}

impl Objects for Memory {
    async fn get(&self, key: &str, known: Option<&Tag>) -> Result<Fetched, ObjectError> {
        Ok(match self.state().objects.get(key) {
            Some((_, tag, _)) if Some(tag) == known => Fetched::Same,
            Some((bytes, tag, _)) => Fetched::Found { bytes: bytes.clone(), tag: tag.clone() },
            None => Fetched::Missing,
        })
    }

    async fn download(&self, key: &str, sink: &mut (dyn Write + Send)) -> Result<(), ObjectError> {
        let bytes = self.state().objects.get(key).map(|(bytes, _, _)| bytes.clone());
        let bytes = bytes.ok_or_else(|| ObjectError::Missing(key.to_owned()))?;
        sink.write_all(&bytes).map_err(|e| ObjectError::Failed { key: key.to_owned(), reason: e.to_string() })
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), ObjectError> {
        // A mapped file may go away; memory may not.
        self.write(&mut self.state(), key, Bytes::copy_from_slice(&bytes));
        Ok(())
    }

    async fn put_if(
        &self,
        key: &str,
        bytes: Bytes,
        expected: Option<&Tag>,
    ) -> Result<Option<Tag>, ObjectError> {
        let mut state = self.state();
        let holds = state.objects.get(key).map(|(_, tag, _)| tag) == expected;
        Ok(holds.then(|| self.write(&mut state, key, bytes)))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        let state = self.state();
        let found = state.objects.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(found.map(|(key, (_, _, modified))| Listed { key: key.clone(), modified: *modified }).collect())
    }

    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        self.state().objects.remove(key);
        Ok(())
    }
}
