//! Removing what no generation needs.

use std::collections::BTreeSet;

use super::{KEEP_SECONDS, Writer};
use crate::{
    error::Error,
    manifest::{Current, Manifest, PARTS},
    objects::Objects,
};

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects that were removed.
    pub removed: usize,
    /// Objects that stay.
    pub kept: usize,
}

impl<O: Objects> Writer<O> {
    /// Removes objects that the current generation does not name, that no generation of the last [`KEEP_SECONDS`] named,
    /// and that were not written in that time: a writer that is still at work has not named its objects yet.
    /// `now` is Unix seconds, by the clock of the store.
    ///
    /// # Errors
    /// [`Error`] if the store fails; what is left is removed the next time.
    pub async fn sweep(&self, now: i64) -> Result<Swept, Error> {
        // Listed first: an object that is written after the manifest was read is not in the list.
        let listed = self.objects.list(PARTS).await?;
        let Current::Some(manifest, _) = Manifest::load(&self.objects, None).await? else {
            return Ok(Swept::default());
        };
        let recently =
            manifest.retired.iter().filter(|retired| retired.at > now - KEEP_SECONDS).map(|r| r.key.as_str());
        let journals = manifest.journal.iter().map(|journal| journal.key.as_str());
        let needed: BTreeSet<&str> = manifest.keys().into_iter().chain(recently).chain(journals).collect();
        let mut swept = Swept::default();
        for object in &listed {
            if needed.contains(object.key.as_str()) || object.modified > now - KEEP_SECONDS {
                swept.kept += 1;
            } else {
                self.objects.delete(&object.key).await?;
                swept.removed += 1;
            }
        }
        Ok(swept)
    }
}
