//! Which course has a slug, as this instance learned it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{Id, id::kinds};
use store::{Store, StoreError, entities::Outline};

/// How many slugs an instance remembers: some 100 bytes each. When it is full it begins anew.
const REMEMBERED_MAX: usize = 4_096;

/// The slugs that were asked for before. A course keeps its slug as long as it lives, and only a deletion sets one free, so what is
/// remembered need not be read again: the course itself, which the caller reads anyway, shows whether it is still true.
#[derive(Clone, Default)]
pub(crate) struct Slugs(Arc<Mutex<HashMap<String, Id<kinds::Course>>>>);

impl Slugs {
    /// A course with its curriculum by its id or slug: one query, and one read more for a slug that is new to this instance.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn outline(&self, store: &Store, name: &str) -> Result<Option<Outline>, StoreError> {
        let courses = store.courses();
        if let Ok(id) = name.parse() {
            return courses.outline(id).await;
        }
        if let Some(id) = self.remembered(name) {
            let outline = courses.outline(id).await?;
            if outline.as_ref().is_some_and(|outline| outline.course.slug == name) {
                return Ok(outline);
            }
        }
        let Some(id) = courses.id_of_slug(name).await? else { return Ok(None) };
        self.remember(name, id);
        courses.outline(id).await
    }

    fn remembered(&self, slug: &str) -> Option<Id<kinds::Course>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(slug).copied()
    }

    fn remember(&self, slug: &str, id: Id<kinds::Course>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(slug.to_owned(), id);
    }
}
