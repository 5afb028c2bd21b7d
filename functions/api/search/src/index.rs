//! The index that answers: kept in `/tmp`, followed by its entity tag.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::category;
use http_kit::{ApiError, ApiResult};
use kernel::Ambient;
use search::{Document, Filter, Kind, Objects, Page, Reader, Request, Snapshot, reader::Refreshed};

/// How old the knowledge of the index's tag may be, in milliseconds.
pub const FRESH_FOR: i64 = 3_000;
/// How long a request waits for a newer index while an older one could answer. The work goes on after that.
const PATIENCE: Duration = Duration::from_millis(800);
/// Categories that are looked at to find one by its slug; there are not more (`domain::category::CATEGORIES_MAX`).
const CATEGORIES: usize = 2 * category::CATEGORIES_MAX;

type Refresh<'a> = Pin<Box<dyn Future<Output = Result<Refreshed, search::Error>> + Send + 'a>>;

/// A reader of any store of objects.
trait Follow: Send + Sync {
    fn snapshot(&self) -> Option<Arc<Snapshot>>;
    fn refresh(&self) -> Refresh<'_>;
}

impl<O: Objects> Follow for Reader<O> {
    fn snapshot(&self) -> Option<Arc<Snapshot>> {
        Self::snapshot(self)
    }

    fn refresh(&self) -> Refresh<'_> {
        Box::pin(Self::refresh(self))
    }
}

/// A generation of the index, and what was worked out of it.
#[derive(Clone)]
pub(crate) struct Generation(Arc<Opened>);

struct Opened {
    snapshot: Arc<Snapshot>,
    categories: OnceLock<HashMap<String, String>>,
}

impl Generation {
    fn new(snapshot: Arc<Snapshot>) -> Self {
        Self(Arc::new(Opened { snapshot, categories: OnceLock::new() }))
    }

    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.0.snapshot
    }

    /// A page of all courses, the newest first.
    ///
    /// # Errors
    /// [`search::Error`].
    pub(crate) fn newest(&self, page: Page) -> Result<Vec<Document>, search::Error> {
        let (filter, ordering) = (Filter::kind(Kind::Course), search::Ordering::Newest);
        let request = Request { filter, ordering, page, ..Request::default() };
        Ok(self.snapshot().search(&request)?.hits.into_iter().map(|hit| hit.document).collect())
    }

    /// The normal name of the category that has this slug.
    ///
    /// # Errors
    /// [`search::Error`].
    pub(crate) fn category_of(&self, slug: &str) -> Result<Option<&str>, search::Error> {
        let known = match self.0.categories.get() {
            Some(known) => known,
            None => {
                let page = Page { offset: 0, limit: CATEGORIES };
                let request = Request { filter: Filter::kind(Kind::Category), page, ..Request::default() };
                let hits = self.snapshot().search(&request)?.hits.into_iter();
                let names = hits.map(|hit| (hit.document.slug, category::normal(&hit.document.title)));
                self.0.categories.get_or_init(|| names.collect())
            }
        };
        Ok(known.get(slug).map(String::as_str))
    }
}

/// The newest index that this instance could open. Cheap to clone.
#[derive(Clone)]
pub struct Index(Arc<Inner>);

struct Inner {
    reader: Arc<dyn Follow>,
    ambient: Ambient,
    /// When the tag was asked for last, in milliseconds since the epoch.
    asked: AtomicI64,
    /// Whether the bucket said that there is no index yet. Else nothing is known, and an empty list would be a lie.
    absent: Arc<AtomicBool>,
    current: Mutex<Option<Generation>>,
}

impl Index {
    /// The index that this reader follows.
    pub fn new<O: Objects + 'static>(reader: Reader<O>, ambient: Ambient) -> Self {
        let (asked, current) = (AtomicI64::new(i64::MIN), Mutex::new(None));
        let absent = Arc::default();
        Self(Arc::new(Inner { reader: Arc::new(reader), ambient, asked, absent, current }))
    }

    /// The index as it is now, as far as S3 answers; `None` before the first one exists. Asks for a newer one at most every
    /// [`FRESH_FOR`]: the request that finds out waits a moment for it, the others and those after that moment get the old one.
    ///
    /// # Errors
    /// 503 while this instance has never been able to open an index that may be there.
    pub(crate) async fn current(&self) -> ApiResult<Option<Generation>> {
        let now = self.0.ambient.now().as_millisecond();
        let asked = self.0.asked.load(Ordering::Relaxed);
        let due = now.saturating_sub(asked) >= FRESH_FOR;
        if due && self.0.asked.compare_exchange(asked, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.refresh().await;
        }
        let Some(snapshot) = self.0.reader.snapshot() else {
            return if self.0.absent.load(Ordering::Relaxed) { Ok(None) } else { Err(unavailable()) };
        };
        let mut current = self.0.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_none_or(|known| !Arc::ptr_eq(&known.0.snapshot, &snapshot)) {
            *current = Some(Generation::new(snapshot));
        }
        Ok(current.clone())
    }

    async fn refresh(&self) {
        let has_one = self.0.reader.snapshot().is_some();
        let (reader, absent) = (Arc::clone(&self.0.reader), Arc::clone(&self.0.absent));
        // A task of its own: a request that loses its patience does not lose what was fetched.
        let task = tokio::spawn(async move {
            match reader.refresh().await {
                Ok(Refreshed::Newer(generation)) => tracing::info!(generation, "a newer index"),
                Ok(Refreshed::None) => absent.store(true, Ordering::Relaxed),
                Ok(Refreshed::Same) => {}
                Err(error) => tracing::warn!(%error, "the index could not be refreshed"),
            }
        });
        if has_one {
            // Whatever comes of it, there is an index that answers.
            let _ = tokio::time::timeout(PATIENCE, task).await;
        } else {
            let _ = task.await;
        }
    }
}

fn unavailable() -> ApiError {
    ApiError::unavailable("SEARCH_UNAVAILABLE", "The search is not ready yet. Ask again in some seconds.")
        .with_retry_after(3)
}
