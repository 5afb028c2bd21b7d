//! What the first and last packets of a source say, as ffprobe lists them.

use std::ffi::OsString;
use std::time::Duration;

use domain::media::{Container, Rational};

use crate::process::{Bounds, Error, PROBE_MEMORY, is_network, run};
use crate::{Source, Tools};

/// Packets at the start that are looked at, of all streams: some ten seconds.
const HEAD: usize = 1000;
/// How far before the end the last packets are looked for, in milliseconds.
const TAIL_MS: u64 = 3_000;
/// A list of all packets of four hours has some 70 MB.
const MAX_LIST: usize = 128 << 20;
/// Reading a whole source takes long.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Stream index and time base of what is measured.
pub(crate) struct Clocks {
    pub(crate) video: (u32, Rational),
    pub(crate) audio: Option<(u32, Rational)>,
}

impl Clocks {
    fn of(&self, stream: u32) -> Option<Rational> {
        [Some(self.video), self.audio].into_iter().flatten().find(|(s, _)| *s == stream).map(|(_, base)| base)
    }
}

pub(crate) struct Packet {
    pub(crate) stream: u32,
    pub(crate) pts: i64,
    pub(crate) duration: i64,
    pub(crate) key: bool,
    /// Outside of the file's edit list: decoded, but not shown.
    pub(crate) discarded: bool,
}

impl Packet {
    /// One line of `stream_index,pts,dts,duration,flags`. AVI has no display times, only decode times.
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(',');
        let stream = fields.next()?.parse().ok()?;
        let (pts, dts) = (fields.next()?.parse().ok(), fields.next()?.parse().ok());
        let duration = fields.next()?.parse().unwrap_or(0);
        let flags = fields.next()?;
        Some(Self {
            stream,
            pts: pts.or(dts)?,
            duration,
            key: flags.contains('K'),
            discarded: flags.contains('D'),
        })
    }
}

pub(crate) struct Head {
    pub(crate) packets: Vec<Packet>,
    /// Whether these are all packets of the file.
    pub(crate) whole: bool,
}

#[derive(Default)]
pub(crate) struct Tail {
    /// Time stamp of the last frame and how long it is shown, in the picture's ticks.
    pub(crate) last_pts: Option<i64>,
    pub(crate) last_duration: i64,
    /// End of the last packet of picture or sound, in milliseconds of the file's own clock.
    pub(crate) end_ms: Option<i64>,
}

/// The first packets.
pub(crate) async fn head(
    tools: &Tools,
    source: &Source,
    container: Container,
    clocks: &Clocks,
) -> Result<Head, Error> {
    let list = list(tools, source, container, Some(format!("%+#{HEAD}"))).await?;
    let whole = list.lines().count() < HEAD;
    let packets = list.lines().filter_map(Packet::parse).filter(|p| clocks.of(p.stream).is_some()).collect();
    Ok(Head { packets, whole })
}

/// The last packets: of the last seconds if the file can be searched and states its duration, else of all of it.
pub(crate) async fn tail(
    tools: &Tools,
    source: &Source,
    container: Container,
    clocks: &Clocks,
    duration_ms: Option<u64>,
) -> Result<Tail, Error> {
    if let Some(duration) = duration_ms {
        let from = duration.saturating_sub(TAIL_MS);
        // ffprobe's interval counts from the clock's zero; a file that starts later has more to read, none less.
        let interval = format!("{}.{:03}%", from / 1000, from % 1000);
        match list(tools, source, container, Some(interval)).await {
            Ok(found) => {
                let found = last(&found, clocks);
                if found.last_pts.is_some() {
                    return Ok(found);
                }
            }
            // A file that is cut off can fail here; reading it from its start tells how far it goes.
            Err(Error::Failed { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    list(tools, source, container, None).await.map(|l| last(&l, clocks))
}

fn last(list: &str, clocks: &Clocks) -> Tail {
    let mut tail = Tail::default();
    for packet in list.lines().filter_map(Packet::parse).filter(|p| !p.discarded) {
        let Some(base) = clocks.of(packet.stream) else { continue };
        let end = base.rescale(packet.pts + packet.duration, Rational::whole(1000));
        tail.end_ms = tail.end_ms.max(Some(end));
        if packet.stream == clocks.video.0 && tail.last_pts < Some(packet.pts) {
            tail.last_pts = Some(packet.pts);
            tail.last_duration = packet.duration;
        }
    }
    tail
}

async fn list(
    tools: &Tools,
    source: &Source,
    container: Container,
    interval: Option<String>,
) -> Result<String, Error> {
    let mut command = tools.ffprobe();
    command.args(["-show_entries", "packet=stream_index,pts,dts,duration,flags", "-of", "csv=p=0"]);
    if let Some(interval) = interval {
        command.args([OsString::from("-read_intervals"), interval.into()]);
    }
    command.args(tools.input(source, container));
    let bounds = Bounds { timeout: TIMEOUT, stdout: MAX_LIST, memory: PROBE_MEMORY };
    let finished = run(&mut command, "ffprobe", source, bounds).await?;
    // ffprobe ends well when reading stops early; a lost connection must not look like a file that breaks off.
    if source.secret().is_some() && is_network(&finished.log) {
        return Err(Error::Fetch { detail: "the connection broke while packets were read".to_owned() });
    }
    Ok(String::from_utf8_lossy(&finished.stdout).into_owned())
}
