//! Time, size and memory of an index of generated courses, as one JSON object: `bench SIZE FOLDER`. `make bench-search`
//! runs it for each size and compares.
//!
//! Every question is asked many times with other values each time, so that no remembered range answers it. All times are of
//! one thread, in microseconds.

use std::{
    error::Error,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{StreamExt as _, executor::block_on, stream};
use search::{
    Change, Document, Filter, Kind, Ordering, Page, Reader, Request, Snapshot, Writer,
    directory::Place,
    generate::{CATEGORIES, Catalogue, NOW, TOPICS, Topic},
    objects::Folder,
};
use serde_json::{Value, json};

const HELP: &str =
    "bench SIZE FOLDER: builds an index of so many generated courses in an empty folder and measures it";
/// How often each question is asked, and how often before that.
const ROUNDS: usize = 400;
const WARM_UP: usize = 20;
/// Batches of changes, one after the other, so that merges are among them.
const BATCHES: u64 = 24;
/// Changes of a batch.
const BATCH: usize = 10;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Median and 95th percentile of one question, mean CPU time, and the size of its answers.
struct Times {
    median: Duration,
    p95: Duration,
    cpu: Duration,
    /// Mean of what an answer shows.
    shown: f64,
}

/// CPU time of this thread, in the kernel's count of nanoseconds.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0))
}

/// Resident and private memory, in megabytes: all pages, and those that are not mapped files.
fn memory() -> (u64, u64) {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0) / 1024
    };
    (of("VmRSS:"), of("RssAnon:"))
}

/// Asks again and again; `ask` answers how many things it shows.
fn measure(mut ask: impl FnMut(usize) -> Result<usize, search::Error>) -> Outcome<Times> {
    for round in 0..WARM_UP {
        ask(round)?;
    }
    let mut times = Vec::with_capacity(ROUNDS);
    let mut shown = 0;
    let before = cpu();
    for round in WARM_UP..ROUNDS + WARM_UP {
        let start = Instant::now();
        shown += ask(round)?;
        times.push(start.elapsed());
    }
    let cpu = (cpu() - before) / u32::try_from(ROUNDS)?;
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    Ok(Times { median: at(50), p95: at(95), cpu, shown: shown as f64 / ROUNDS as f64 })
}

fn topic(round: usize) -> &'static Topic {
    &TOPICS[round * 7 % TOPICS.len()]
}

/// A misspelling: two letters in the middle change places, or one goes.
fn misspelt(text: &str, round: usize) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = letters.len() / 2;
    if round.is_multiple_of(2) && at > 0 {
        letters.swap(at - 1, at);
    } else if letters.len() > 4 {
        letters.remove(at);
    }
    letters.into_iter().collect()
}

fn questions(snapshot: &Snapshot, size: usize) -> Outcome<Vec<(&'static str, Times)>> {
    let list = |ordering, filter: Filter, facets| Request { ordering, filter, facets, ..Request::default() };
    let search = |text: &str| Request { text: text.to_owned(), ..Request::default() };
    let category = |round: usize| vec![CATEGORIES[round % CATEGORIES.len()].0.to_owned()];
    let price = |round: usize| {
        (u32::try_from(round).unwrap_or(0) * 13 % 9_000, 9_000 + u32::try_from(round).unwrap_or(0))
    };
    let narrow = |round: usize| {
        let (price_min, price_max) = price(round);
        Filter {
            categories: category(round),
            price_min: Some(price_min),
            price_max: Some(price_max),
            rating_min: Some(350),
            ..Filter::default()
        }
    };
    let catalogue = Catalogue { seed: 1, size };
    let found = |request: &Request| snapshot.search(request).map(|answer| answer.hits.len());
    Ok(vec![
        ("list, popular", measure(|_| found(&list(Ordering::Popular, Filter::default(), false)))?),
        ("list, newest", measure(|_| found(&list(Ordering::Newest, Filter::default(), false)))?),
        (
            "list, page 1 to 3 of a category, dearest first",
            measure(|round| {
                let filter = Filter { categories: category(round), ..Filter::default() };
                let page = Page { offset: round % 3 * 20, limit: 20 };
                found(&Request { page, ..list(Ordering::PriceHigh, filter, false) })
            })?,
        ),
        (
            "list, three filters, best rated",
            measure(|round| found(&list(Ordering::Rating, narrow(round), false)))?,
        ),
        ("list with facets", measure(|_| found(&list(Ordering::Popular, Filter::default(), true)))?),
        (
            "list, three filters with facets",
            measure(|round| found(&list(Ordering::Newest, narrow(round), true)))?,
        ),
        ("search, one subject", measure(|round| found(&search(topic(round).english)))?),
        (
            "search, subject and aspect",
            measure(|round| found(&search(&format!("{} interview preparation", topic(round).english))))?,
        ),
        ("search, Korean", measure(|round| found(&search(topic(round).korean)))?),
        (
            "search with filters and facets",
            measure(|round| {
                let topic = topic(round);
                let filter = Filter {
                    categories: vec![topic.category.to_owned()],
                    rating_min: Some(350),
                    ..Filter::default()
                };
                found(&Request { filter, facets: true, ..search(topic.english) })
            })?,
        ),
        (
            "search with narrow filters and facets",
            measure(|round| {
                let topic = topic(round);
                let filter = Filter { categories: vec![topic.category.to_owned()], ..narrow(round) };
                found(&Request { filter, facets: true, ..search(topic.english) })
            })?,
        ),
        ("search, misspelt", measure(|round| found(&search(&misspelt(topic(round).english, round))))?),
        ("search, misspelt Korean", measure(|round| found(&search(&misspelt(topic(round).korean, 0))))?),
        (
            "suggest, 1 to 6 letters",
            measure(|round| {
                let typed: String = topic(round).english.chars().take(1 + round % 6).collect();
                snapshot.suggest(&typed, &Kind::ALL, 8).map(|found| found.len())
            })?,
        ),
        (
            "suggest, misspelt",
            measure(|round| {
                snapshot
                    .suggest(&misspelt(topic(round).english, round), &[Kind::Course], 8)
                    .map(|found| found.len())
            })?,
        ),
        (
            "related courses",
            measure(|round| {
                snapshot.related(&catalogue.course(round * 31 % size), 8).map(|found| found.len())
            })?,
        ),
    ])
}

/// Builds the index of `size` courses.
fn build(root: &Path, size: usize) -> Outcome<Value> {
    let store = Arc::new(Folder::open(root.join("store"))?);
    let writer = Writer::new(Arc::clone(&store), Place::Folder(root.join("writer")));
    let catalogue = Catalogue { seed: 1, size };
    let start = Instant::now();
    block_on(writer.rebuild(stream::iter(catalogue.courses().chain(catalogue.others())).map(Ok), NOW))?;
    let bytes = std::fs::read_dir(root.join("store/parts"))?
        .map(|file| file.and_then(|file| file.metadata()).map(|data| data.len()))
        .sum::<Result<u64, _>>()?;
    Ok(json!({"built_us": us(start.elapsed()), "bytes": bytes}))
}

fn us(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Writes batches of changes; the middle one, and the slowest, in which segments are merged.
fn write(store: &Arc<Folder>, root: &Path, size: usize) -> Outcome<Value> {
    let writer = Writer::new(Arc::clone(store), Place::Folder(root.join("writer")));
    let catalogue = Catalogue { seed: 1, size };
    let mut times = Vec::new();
    for version in 0..BATCHES {
        let first = usize::try_from(version)? * BATCH;
        let batch: Vec<Change> = (first..first + BATCH)
            .map(|index| catalogue.course(index * 97 % size))
            .map(|course| Document { version: version + 2, ..course })
            .map(|document| Change::Upsert { document: Box::new(document) })
            .collect();
        let start = Instant::now();
        block_on(writer.apply(&batch, NOW))?;
        times.push(us(start.elapsed()));
    }
    let first = times.first().copied().unwrap_or_default();
    times.sort_unstable();
    Ok(json!({
        "first_us": first,
        "median_us": times.get(times.len() / 2),
        "slowest_us": times.last(),
    }))
}

/// Opens the index cold, asks, and writes.
fn ask(root: &Path, size: usize) -> Outcome<Value> {
    let store = Arc::new(Folder::open(root.join("store"))?);
    let (_, before) = memory();
    let reader = Reader::new(Arc::clone(&store), Place::Folder(root.join("reader")));
    let start = Instant::now();
    block_on(reader.refresh())?;
    let cold = start.elapsed();
    let snapshot = reader.snapshot().ok_or("no index")?;
    // A second reader finds the files in its folder: what a cold open costs without the copy.
    let again = Reader::new(Arc::clone(&store), Place::Folder(root.join("reader")));
    let start = Instant::now();
    block_on(again.refresh())?;
    let warm = start.elapsed();
    drop(again);
    let (_, opened) = memory();
    let questions = questions(&snapshot, size)?;
    let (resident, anonymous) = memory();
    let questions: Vec<Value> = questions
        .into_iter()
        .map(|(name, times)| {
            json!({"question": name, "median": us(times.median), "p95": us(times.p95), "cpu": us(times.cpu), "shown": times.shown})
        })
        .collect();
    let written = write(&store, root, size)?;
    let start = Instant::now();
    block_on(reader.refresh())?;
    Ok(json!({
        "segments": snapshot.segments(),
        "cold_open_us": us(cold),
        "warm_open_us": us(warm),
        "heap_opened_mb": opened.saturating_sub(before),
        "heap_mb": anonymous,
        "resident_mb": resident,
        "questions": questions,
        "batches": written,
        "refresh_us": us(start.elapsed()),
    }))
}

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (asks, rest) = match args.split_first() {
        Some((first, rest)) if first == "--ask" => (true, rest),
        _ => (false, args.as_slice()),
    };
    let [size, folder] = rest else { return Err(HELP.into()) };
    let (size, folder) = (size.parse()?, PathBuf::from(folder));
    let mut out = std::io::stdout().lock();
    if asks {
        writeln!(out, "{}", ask(&folder, size)?)?;
        return Ok(());
    }
    let mut report = build(&folder, size)?;
    // Asked in a process of its own, so that its memory is its own.
    let asked = std::process::Command::new(std::env::current_exe()?)
        .args(["--ask", &size.to_string()])
        .arg(&folder)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !asked.status.success() {
        return Err("asking failed".into());
    }
    let asked: Value = serde_json::from_slice(&asked.stdout)?;
    if let (Value::Object(report), Value::Object(asked)) = (&mut report, asked) {
        report.extend(asked);
    }
    writeln!(out, "{report}")?;
    Ok(())
}
