use super::{Error, Fragment};

/// Cuts sound into segments at given borders and puts it on the clock of the picture.
///
/// An encoder cuts where its own count of samples says, which drifts from the picture's segments, and starts
/// with priming that lies before time zero, where no decode time can be. So packets are taken out of their
/// fragments and written into new ones: one fragment per segment.
#[derive(Debug)]
pub struct AudioCutter {
    track: u32,
    /// Ticks to add to the encoder's times.
    shift: i64,
    /// Times in ticks at which segments start, ascending, the start of the film first.
    borders: Vec<i64>,
    /// Distance of further borders behind the last one.
    step: i64,
    index: u32,
    start: i64,
    end: i64,
    durations: Vec<u32>,
    sizes: Vec<u32>,
    data: Vec<u8>,
    longest_gap: i64,
}

/// A finished segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioSegment {
    /// Number, from 0.
    pub index: u32,
    /// `moof` and `mdat`.
    pub bytes: Vec<u8>,
    /// Ticks.
    pub duration: u64,
    /// Packets.
    pub samples: u32,
}

impl AudioCutter {
    /// For a track whose encoder times become ours by adding `shift` ticks. `borders` are the starts of the segments in
    /// ticks; what ends before the first is left out, behind the last follows a border every `step` ticks.
    pub fn new(track: u32, shift: i64, borders: Vec<i64>, step: i64) -> Self {
        Self {
            track,
            shift,
            borders,
            step: step.max(1),
            index: 0,
            start: 0,
            end: 0,
            durations: Vec::new(),
            sizes: Vec::new(),
            data: Vec::new(),
            longest_gap: 0,
        }
    }

    /// The longest time between two packets beyond the usual duration of one, in ticks: a hole in the sound.
    pub const fn longest_gap(&self) -> i64 {
        self.longest_gap
    }

    /// Takes the packets of a fragment and returns the segments that it completes.
    ///
    /// # Errors
    /// [`Error::TimeRange`] for times beyond 63 bits.
    pub fn push(&mut self, fragment: &Fragment) -> Result<Vec<AudioSegment>, Error> {
        let mut done = Vec::new();
        let time = i64::try_from(fragment.decode_time()).map_err(|_| Error::TimeRange)?;
        let mut time = time.checked_add(self.shift).ok_or(Error::TimeRange)?;
        let mut durations: Vec<u32> = fragment.samples().iter().map(|s| s.duration).collect();
        durations.sort_unstable();
        let usual = durations.get(durations.len() / 2).copied().unwrap_or(0);
        for sample in fragment.samples() {
            let zero = self.borders.first().copied().unwrap_or(0).max(0);
            let duration = i64::from(sample.duration);
            // The priming, and what a source has before its first picture.
            if time < zero {
                time += duration;
                continue;
            }
            self.longest_gap = self.longest_gap.max(duration - i64::from(usual));
            if !self.sizes.is_empty() {
                self.longest_gap = self.longest_gap.max(time - self.end);
                if time >= self.border(self.index + 1) {
                    done.push(self.cut()?);
                }
            }
            if self.sizes.is_empty() {
                self.start = time;
            }
            self.durations.push(sample.duration);
            self.sizes.push(u32::try_from(sample.data.len()).map_err(|_| Error::BadLength)?);
            self.data.extend_from_slice(fragment.data(sample));
            time += duration;
            self.end = time;
        }
        Ok(done)
    }

    /// The last segment, if there is anything left.
    ///
    /// # Errors
    /// [`Error::TimeRange`] for times beyond the fields.
    pub fn finish(&mut self) -> Result<Option<AudioSegment>, Error> {
        if self.sizes.is_empty() { Ok(None) } else { self.cut().map(Some) }
    }

    fn border(&self, index: u32) -> i64 {
        let at = index as usize;
        let last = self.borders.last().copied().unwrap_or(0);
        let beyond = (at + 1).saturating_sub(self.borders.len()) as i64;
        self.borders.get(at).copied().unwrap_or(last + beyond * self.step)
    }

    /// Writes what was collected as `moof` and `mdat` (14496-12, 8.8.4 to 8.8.12).
    fn cut(&mut self) -> Result<AudioSegment, Error> {
        let samples = self.sizes.len() as u32;
        let duration = self.durations.iter().map(|d| u64::from(*d)).sum();
        let mut trun = (0x0100_0301u32.to_be_bytes()).to_vec();
        trun.extend(samples.to_be_bytes());
        let data_offset_in_trun = 8 + trun.len();
        trun.extend([0; 4]);
        for (duration, size) in self.durations.iter().zip(&self.sizes) {
            trun.extend(duration.to_be_bytes());
            trun.extend(size.to_be_bytes());
        }
        // default-base-is-moof and default flags: every packet can be decoded by itself.
        let mut tfhd = 0x0002_0020u32.to_be_bytes().to_vec();
        tfhd.extend(self.track.to_be_bytes());
        tfhd.extend(0x0200_0000u32.to_be_bytes());
        let mut tfdt = 0x0100_0000u32.to_be_bytes().to_vec();
        tfdt.extend(u64::try_from(self.start).map_err(|_| Error::TimeRange)?.to_be_bytes());
        let mut mfhd = vec![0; 4];
        mfhd.extend((self.index + 1).to_be_bytes());

        let (mfhd, tfhd, tfdt, trun) =
            (boxed(b"mfhd", &mfhd), boxed(b"tfhd", &tfhd), boxed(b"tfdt", &tfdt), boxed(b"trun", &trun));
        let trun_at = 8 + mfhd.len() + 8 + tfhd.len() + tfdt.len();
        let traf = boxed(b"traf", &[tfhd, tfdt, trun].concat());
        let mut bytes = boxed(b"moof", &[mfhd, traf].concat());
        let offset = u32::try_from(bytes.len() + 8).map_err(|_| Error::BadLength)?;
        super::boxes::put(&mut bytes, trun_at + data_offset_in_trun, &offset.to_be_bytes())?;
        bytes.extend(boxed(b"mdat", &self.data));

        let segment = AudioSegment { index: self.index, bytes, duration, samples };
        self.index += 1;
        self.durations.clear();
        self.sizes.clear();
        self.data.clear();
        Ok(segment)
    }
}

/// A box with this content. A segment of sound stays far below the 4 GiB of a 32-bit length.
fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() + 8);
    bytes.extend(((body.len() + 8) as u32).to_be_bytes());
    bytes.extend(kind);
    bytes.extend(body);
    bytes
}
