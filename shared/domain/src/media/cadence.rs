use super::Rational;

/// Highest output frame rate; faster sources are divided by a whole number.
pub const MAX_FRAME_RATE: u32 = 60;

/// Slowest output frame rate: below it a segment of two seconds could be empty.
const MIN_FRAME_RATE: u32 = 1;

/// Rates that cameras, editors and screen recorders mean, when a measured one is close to them.
const STANDARD: [(u32, u32); 14] = [
    (5, 1),
    (10, 1),
    (12, 1),
    (15, 1),
    (20, 1),
    (24_000, 1001),
    (24, 1),
    (25, 1),
    (30_000, 1001),
    (30, 1),
    (48, 1),
    (50, 1),
    (60_000, 1001),
    (60, 1),
];

/// Frames that must be seen before the container's average says more than they do.
const ENOUGH: usize = 250;

/// The rhythm of a source's frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// Frames per second; for variable frame rate the nearest sensible constant one.
    pub rate: Rational,
    /// Whether the frames come at varying distances.
    pub is_vfr: bool,
}

/// Finds the rhythm from the display times of the first frames (`shown`, in ticks of `time_base`), helped by
/// the two rates that ffprobe gives: `declared` (`r_frame_rate`) and `average` (`avg_frame_rate`).
///
/// A source counts as constant when all distances agree but for the rounding to ticks (or 1 %). Its rate is then the
/// declared, average or standard rate that fits what was measured. Otherwise the faster quarter of the
/// distances decides, so that moving parts of a screen recording stay smooth. `None` when nothing is known.
pub fn measure(
    shown: &[i64],
    time_base: Rational,
    declared: Option<Rational>,
    average: Option<Rational>,
) -> Option<Cadence> {
    let mut times = shown.to_vec();
    times.sort_unstable();
    times.dedup();
    let mut gaps: Vec<i64> = times.windows(2).map(|w| w[1] - w[0]).collect();
    gaps.sort_unstable();
    let (Some(first), Some(last), Some(&fast)) = (times.first(), times.last(), gaps.get(gaps.len() / 4))
    else {
        return average.or(declared).map(|rate| Cadence { rate, is_vfr: false });
    };
    let tick = time_base.value();
    let span = (last - first) as f64 * tick;
    let mean = span / gaps.len() as f64;
    let tolerance = (tick * 1.01).max(mean * 0.01);
    let uniform = gaps.iter().all(|&g| (g as f64 * tick - mean).abs() <= tolerance);
    let measured = 1.0 / mean;
    let average_rate = average.map_or(0.0, Rational::value);
    let changes_later = times.len() >= ENOUGH && average_rate > 0.0 && !close(average_rate, measured, 0.02);
    if uniform && !changes_later {
        let allowed = (1.5 * tick / span).max(1e-4);
        let rate = [declared, average]
            .into_iter()
            .flatten()
            .chain(standards())
            .find(|r| close(r.value(), measured, allowed))
            .or_else(|| Rational::approximate(measured))?;
        return Some(Cadence { rate, is_vfr: false });
    }
    let wanted = (1.0 / (fast as f64 * tick)).max(average_rate).min(f64::from(MAX_FRAME_RATE));
    let rate = declared.filter(|r| close(r.value(), wanted, 0.001)).or_else(|| {
        standards().min_by(|a, b| distance(a.value(), wanted).total_cmp(&distance(b.value(), wanted)))
    })?;
    Some(Cadence { rate, is_vfr: true })
}

/// The rate that is encoded: the source's, divided until it is at most [`MAX_FRAME_RATE`], or multiplied until it
/// is at least one frame per second.
pub(super) fn output_rate(source: Rational) -> Rational {
    let limit = f64::from(MAX_FRAME_RATE);
    if source.value() > limit * 1.001 {
        return source.divided_by((source.value() / limit * 0.999).ceil() as u32);
    }
    if source.value() > limit {
        return Rational::whole(MAX_FRAME_RATE);
    }
    if source.value() < f64::from(MIN_FRAME_RATE) {
        return Rational::whole(MIN_FRAME_RATE);
    }
    source
}

fn standards() -> impl Iterator<Item = Rational> {
    STANDARD.into_iter().filter_map(|(n, d)| Rational::new(n, d))
}

fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= b * relative
}

/// Distance of two rates as a ratio, so that 12 is as far from 6 as 24 is from 12.
fn distance(a: f64, b: f64) -> f64 {
    (a / b).ln().abs()
}
