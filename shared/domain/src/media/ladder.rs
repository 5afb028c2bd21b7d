use serde::{Deserialize, Serialize};

/// Short side in pixels and bit rate cap in kbit/s of each quality (05-media of the specification; the first four
/// rates and all names are those of seed 003, `VideoAsset` and `VideoResolution`).
pub const LADDER: [(u32, u32); 6] =
    [(360, 800), (480, 1400), (720, 2800), (1080, 5000), (1440, 9000), (2160, 18_000)];

/// Lowest bit rate cap in kbit/s, for sources below the ladder.
const MIN_KBPS: u32 = 150;

/// One quality of the output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Nominal short side in pixels: 360, 480, … It names the rung and its folder; for a source below the
    /// ladder it is the picture's own short side.
    pub size: u32,
    /// Width of the picture, even.
    pub width: u32,
    /// Height of the picture, even.
    pub height: u32,
    /// Cap of the bit rate in kbit/s.
    pub kbps: u32,
}

impl Rung {
    /// Name for people and for `VideoAsset.resolution`: `720p`.
    pub fn name(&self) -> String {
        format!("{}p", self.size)
    }

    /// Folder below the version's prefix: `v720`.
    pub fn dir(&self) -> String {
        format!("v{}", self.size)
    }
}

/// The rungs for a picture of `width` × `height` square pixels, lowest first, none larger than the picture or
/// than `max_size` (short side), the aspect ratio kept. A rung is named by its short side, so that a portrait
/// film gets the same qualities as a landscape one. A picture below the lowest rung gets one of its own even size.
pub fn ladder(width: u32, height: u32, max_size: u32) -> Vec<Rung> {
    let (long, short) = (width.max(height), width.min(height));
    let oriented = |long: u32, short: u32| if width >= height { (long, short) } else { (short, long) };
    let rungs: Vec<Rung> = LADDER
        .iter()
        .enumerate()
        .filter(|(i, (size, _))| *size <= short && (*i == 0 || *size <= max_size))
        .map(|(_, &(size, kbps))| {
            let scaled = (u64::from(long) * u64::from(size) + u64::from(short)) / (2 * u64::from(short)) * 2;
            let (width, height) = oriented((scaled as u32).min(even(long)).max(size), size);
            Rung { size, width, height, kbps }
        })
        .collect();
    if !rungs.is_empty() {
        return rungs;
    }
    let (width, height) = oriented(even(long), even(short));
    let (size, full) = LADDER[0];
    let area = u64::from(width) * u64::from(height) * 9 / 16;
    let kbps = (u64::from(full) * area / u64::from(size * size)) as u32;
    vec![Rung { size: even(short), width, height, kbps: kbps.clamp(MIN_KBPS, full) }]
}

fn even(n: u32) -> u32 {
    (n & !1).max(2)
}
