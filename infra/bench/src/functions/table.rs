//! The table, with the targets of the specification.

use std::io::Write;

use super::measure::{Measured, Warm};
use crate::platform::BARE_WARM_MS;

/// CPU of a start of the bare function on the machine on which the targets were set.
const BARE_INIT_MS: f64 = 1.8;
/// CPU of a start with a warmed connection, and of the first request after it.
const INIT_MS: f64 = 5.0;
const FIRST_MS: f64 = 5.0;
/// CPU of warm requests: one item, a list of twenty.
const ONE_MS: f64 = 0.4;
const LIST_MS: f64 = 0.6;
const PEAK_BYTES: u64 = 12_000_000;
const ZIP_BYTES: u64 = 5_000_000;

/// The list of 20 courses in Django, REST Framework and PostgreSQL (seed 001's design), on the same machine as the targets.
const DJANGO_LIST_MS: f64 = 9.2;

/// Prints the table and gives how many targets are missed.
pub(crate) fn print(out: &mut impl Write, bare: &Measured, functions: &[Measured]) -> std::io::Result<u32> {
    let bare_warm = bare.one.as_ref().map_or(BARE_WARM_MS, |warm| warm.cpu_ms);
    let (init, warm) = (bare.init_ms / BARE_INIT_MS, bare_warm / BARE_WARM_MS);
    let mut cells = Cells { init: bare.init_ms, warm: bare_warm, missed: 0 };
    writeln!(
        out,
        "CPU in ms, in brackets as a multiple of the bare function in this run. DynamoDB is reached through TLS.\n"
    )?;
    writeln!(
        out,
        "| function | init | first request | one item | list of 20 | peak RSS MB | zip MB | DynamoDB calls, units |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- |")?;
    writeln!(
        out,
        "| bare | {:.2} | {:.2} | {:.3} | | {:.1} | {:.2} | |",
        bare.init_ms,
        bare.first_ms.unwrap_or_default(),
        bare_warm,
        mb(bare.peak_bytes),
        mb(bare.zip_bytes)
    )?;
    for function in functions {
        let (one, list) = (function.one.as_ref(), function.list.as_ref());
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            function.binary,
            cells.of_init(Some(function.init_ms), INIT_MS * init),
            cells.of_init(function.first_ms, FIRST_MS * init),
            cells.of_warm(one, ONE_MS * warm),
            cells.of_warm(list, LIST_MS * warm),
            cells.size(function.peak_bytes, PEAK_BYTES),
            cells.size(function.zip_bytes, ZIP_BYTES),
            [one, list].into_iter().flatten().map(metered).collect::<Vec<_>>().join("; ")
        )?;
    }
    writeln!(
        out,
        "| at most | {:.2} ({:.1}×) | {:.2} | {:.3} ({:.1}×) | {:.3} ({:.1}×) | {:.0} | {:.0} | |",
        INIT_MS * init,
        INIT_MS / BARE_INIT_MS,
        FIRST_MS * init,
        ONE_MS * warm,
        ONE_MS / BARE_WARM_MS,
        LIST_MS * warm,
        LIST_MS / BARE_WARM_MS,
        mb(PEAK_BYTES),
        mb(ZIP_BYTES)
    )?;
    writeln!(out, "\n{} of the numbers above are over their target.", cells.missed)?;
    if let Some(list) =
        functions.iter().find(|function| function.binary == "api-courses").and_then(|f| f.list.as_ref())
    {
        let times = DJANGO_LIST_MS * warm / list.cpu_ms;
        writeln!(
            out,
            "The Django peer's list of courses, scaled to this machine by the bare function, takes {times:.0} times the CPU."
        )?;
    }
    Ok(cells.missed)
}

fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn metered(warm: &Warm) -> String {
    format!("{}, {:.1}", warm.metered.calls, warm.metered.units)
}

struct Cells {
    init: f64,
    warm: f64,
    missed: u32,
}

impl Cells {
    fn mark(&mut self, good: bool) -> &'static str {
        self.missed += u32::from(!good);
        if good { "ok" } else { "**over**" }
    }

    fn of_init(&mut self, value: Option<f64>, limit: f64) -> String {
        value.map_or_else(String::new, |value| {
            format!("{value:.2} ({:.1}×) {}", value / self.init, self.mark(value <= limit))
        })
    }

    fn of_warm(&mut self, warm: Option<&Warm>, limit: f64) -> String {
        warm.map_or_else(String::new, |warm| {
            format!(
                "{:.3} ({:.1}×) {}",
                warm.cpu_ms,
                warm.cpu_ms / self.warm,
                self.mark(warm.cpu_ms <= limit)
            )
        })
    }

    fn size(&mut self, bytes: u64, limit: u64) -> String {
        format!("{:.1} {}", mb(bytes), self.mark(bytes <= limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Metered;

    fn measured(binary: &str, init_ms: f64, warm_ms: f64) -> Measured {
        let warm = || Some(Warm { cpu_ms: warm_ms, metered: Metered { calls: 1, units: 0.5 } });
        Measured {
            binary: binary.into(),
            init_ms,
            first_ms: Some(warm_ms),
            one: warm(),
            list: warm(),
            peak_bytes: PEAK_BYTES,
            zip_bytes: ZIP_BYTES,
            log_bytes: 200,
            memory_mb: 512,
        }
    }

    #[test]
    fn a_machine_of_half_the_speed_gets_twice_the_time() {
        let bare = measured("bare", 2.0 * BARE_INIT_MS, 2.0 * BARE_WARM_MS);
        let missed = |init_ms, warm_ms| {
            let mut out = Vec::new();
            let missed = print(&mut out, &bare, &[measured("api-courses", init_ms, warm_ms)]).unwrap();
            assert_eq!(String::from_utf8(out).unwrap().matches("**over**").count(), missed as usize);
            missed
        };
        assert_eq!(missed(9.9, 0.79), 0);
        assert_eq!(missed(10.1, 0.79), 1);
        assert_eq!(missed(9.9, 1.1), 1, "one item only");
        assert_eq!(missed(9.9, 1.3), 2);
    }
}
