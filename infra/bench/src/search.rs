//! `bench search`: the index of courses at 1,000, 100,000 and a million of them.

use std::{io::Write, path::Path, process::Command};

use serde::Deserialize;

use crate::{Outcome, Progress, release};

/// What a row says of an index of so many courses.
type Cell = fn(usize, &Report) -> String;

/// Sizes that are compared: from the first to the second a question may take so many times longer.
const SIZES: [usize; 2] = [1_000, 100_000];
const MILLION: usize = 1_000_000;
const MAX_GROWTH: f64 = 3.0;

/// What `shared/search/examples/bench.rs` says of one size. Times are in microseconds.
#[derive(Deserialize)]
struct Report {
    built_us: u64,
    bytes: u64,
    segments: usize,
    cold_open_us: u64,
    warm_open_us: u64,
    heap_opened_mb: u64,
    heap_mb: u64,
    resident_mb: u64,
    questions: Vec<Question>,
    batches: Batches,
    refresh_us: u64,
}

#[derive(Deserialize)]
struct Question {
    question: String,
    median: u64,
    p95: u64,
    cpu: u64,
    /// How many things an answer shows, on average.
    shown: f64,
}

/// Batches of ten changes, one after the other.
#[derive(Deserialize)]
struct Batches {
    first_us: u64,
    median_us: u64,
    slowest_us: u64,
}

/// Runs the benchmark; `false` when `--check` was asked for and a question grows too much.
pub(crate) fn run(args: &[String]) -> Outcome<bool> {
    let (mut check, mut sizes) = (false, SIZES.to_vec());
    for arg in args {
        match arg.as_str() {
            "--check" => check = true,
            "--million" => sizes.push(MILLION),
            other => {
                return Err(format!("search does not know {other}; it takes --million and --check").into());
            }
        }
    }
    let program = release::example("search", "bench", "generate")?;
    let folder = tempfile::tempdir()?;
    let mut progress = Progress::new(sizes.len());
    let mut reports = Vec::new();
    for size in sizes {
        progress.step(&format!("{size} courses"))?;
        reports.push((size, measure(&program, size, &folder.path().join(size.to_string()))?));
    }
    let good = print(&mut std::io::stdout().lock(), &reports)?;
    Ok(!check || good)
}

fn measure(program: &Path, size: usize, folder: &Path) -> Outcome<Report> {
    std::fs::create_dir(folder)?;
    let done = Command::new(program)
        .arg(size.to_string())
        .arg(folder)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    // A million take 1.7 GB of disk.
    std::fs::remove_dir_all(folder)?;
    if done.status.success() {
        Ok(serde_json::from_slice(&done.stdout)?)
    } else {
        Err(format!("the index of {size} courses was not measured").into())
    }
}

fn print(out: &mut impl Write, reports: &[(usize, Report)]) -> std::io::Result<bool> {
    writeln!(out, "Microseconds: median, 95th percentile, mean CPU. Growth is that of the median.\n")?;
    write!(out, "| question |")?;
    reports.iter().try_for_each(|(size, _)| write!(out, " {size} |"))?;
    writeln!(out, " growth to {} |\n| --- |{} --- |", SIZES[1], " --- |".repeat(reports.len()))?;
    let mut good = true;
    for at in 0..reports.first().map_or(0, |(_, report)| report.questions.len()) {
        let row: Vec<&Question> = reports.iter().filter_map(|(_, report)| report.questions.get(at)).collect();
        let [small, large, ..] = row[..] else { continue };
        write!(out, "| {} |", small.question)?;
        row.iter().try_for_each(|q| write!(out, " {}, {}, {} |", q.median, q.p95, q.cpu))?;
        let growth = large.median as f64 / small.median.max(1) as f64;
        // Another number of courses on the page is another amount of work: such a question is shown and not judged.
        let verdict = if large.shown > small.shown * MAX_GROWTH {
            format!("({:.1} shown, then {:.1})", small.shown, large.shown)
        } else if growth <= MAX_GROWTH {
            "ok".to_owned()
        } else {
            good = false;
            "**over**".to_owned()
        };
        writeln!(out, " {growth:.1} {verdict} |")?;
    }
    write!(out, "\n| index |")?;
    reports.iter().try_for_each(|(size, _)| write!(out, " {size} |"))?;
    writeln!(out, "\n| --- |{}", " --- |".repeat(reports.len()))?;
    let rows: [(&str, Cell); 9] = [
        ("bytes a course", |size, report| (report.bytes / size as u64).to_string()),
        ("segments", |_, report| report.segments.to_string()),
        ("built", |_, report| ms(report.built_us)),
        ("cold open, with the copy of all files", |_, report| ms(report.cold_open_us)),
        ("open when the files are there", |_, report| ms(report.warm_open_us)),
        ("heap opened; after all questions", |_, report| {
            format!("{} MB; {} MB", report.heap_opened_mb, report.heap_mb)
        }),
        ("resident, mapped files included", |_, report| format!("{} MB", report.resident_mb)),
        ("ten changes: cold, median, slowest (with a merge)", |_, report| {
            let Batches { first_us, median_us, slowest_us } = report.batches;
            format!("{}, {}, {}", ms(first_us), ms(median_us), ms(slowest_us))
        }),
        ("then opened by a reader", |_, report| ms(report.refresh_us)),
    ];
    for (name, value) in rows {
        write!(out, "| {name} |")?;
        reports.iter().try_for_each(|(size, report)| write!(out, " {} |", value(*size, report)))?;
        writeln!(out)?;
    }
    Ok(good)
}

fn ms(us: u64) -> String {
    format!("{:.1} ms", us as f64 / 1_000.0)
}
