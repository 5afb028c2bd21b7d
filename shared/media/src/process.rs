use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::{Source, fmp4};

/// What went wrong in a step. [`Error::is_retryable`] tells whether the same step may succeed later.
#[derive(Debug, Error)]
pub enum Error {
    /// ffmpeg or ffprobe is not there.
    #[error(
        "{tool} was not found in /opt/bin or on the PATH: install Debian's package ffmpeg, or add the layer of infra/ffmpeg"
    )]
    ToolMissing {
        /// Which one.
        tool: &'static str,
    },
    /// The source could not be fetched.
    #[error("the source could not be fetched: {detail}")]
    Fetch {
        /// What the tool said, without the URL.
        detail: String,
    },
    /// The tool did not end in time and was killed.
    #[error("{tool} did not end within {seconds} s and was stopped")]
    TimedOut {
        /// Which one.
        tool: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// The tool was killed from outside, as Linux does with the largest process when memory is short.
    #[error("{tool} was killed")]
    Killed {
        /// Which one.
        tool: &'static str,
    },
    /// The tool printed more than it may.
    #[error("{tool} printed more than {limit} bytes and was stopped")]
    TooMuchOutput {
        /// Which one.
        tool: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The tool failed on this source.
    #[error("{tool} failed: {detail}")]
    Failed {
        /// Which one.
        tool: &'static str,
        /// The last errors that it printed, without the URL.
        detail: String,
    },
    /// The tool made something else than the plan says.
    #[error("{what}: {found} instead of {planned}")]
    Unplanned {
        /// What was counted.
        what: &'static str,
        /// As the plan says.
        planned: u64,
        /// As it came out.
        found: u64,
    },
    /// The plan has no such chunk, or no sound.
    #[error("the plan has no {what}")]
    NotInPlan {
        /// What was asked for.
        what: &'static str,
    },
    /// The tool's file is not what this crate can cut.
    #[error("the encoder's file can't be cut: {0}")]
    Fmp4(#[from] fmp4::Error),
    /// The local disk.
    #[error("local file: {0}")]
    Io(#[from] std::io::Error),
}

impl Error {
    /// Whether the cause lies outside of the source, so that a later try may succeed.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Fetch { .. }
                | Self::TimedOut { .. }
                | Self::Killed { .. }
                | Self::Io(_)
                | Self::ToolMissing { .. }
        )
    }
}

/// CPU time that a process used, from `getrusage` as ffmpeg's `-benchmark` prints it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuTime {
    /// In our code and the encoder's, in milliseconds.
    pub user_ms: u64,
    /// In the kernel, in milliseconds.
    pub system_ms: u64,
}

impl CpuTime {
    /// Both together, in milliseconds.
    pub const fn total_ms(self) -> u64 {
        self.user_ms + self.system_ms
    }
}

impl std::ops::AddAssign for CpuTime {
    fn add_assign(&mut self, other: Self) {
        self.user_ms += other.user_ms;
        self.system_ms += other.system_ms;
    }
}

/// Limits of one process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) timeout: Duration,
    /// Bytes that it may print to standard output.
    pub(crate) stdout: usize,
    /// Bytes of address space: what stops a hostile file from taking all memory.
    pub(crate) memory: u64,
}

/// Address space of a probe. Libraries and thread stacks take most of it.
pub(crate) const PROBE_MEMORY: u64 = 4 << 30;
/// Address space of an encoder with six rungs up to 2160p.
pub(crate) const ENCODE_MEMORY: u64 = 16 << 30;
/// Largest file that a process may write.
const MAX_FILE: u64 = 4 << 30;
/// How much of the log is kept.
const LOG: usize = 64 * 1024;

/// A process that ended well.
pub(crate) struct Finished {
    pub(crate) stdout: Vec<u8>,
    pub(crate) log: String,
}

impl Finished {
    /// Lines that report an error in the stream: it was decoded all the same.
    pub(crate) fn error_lines(&self) -> u32 {
        self.log.lines().filter(|l| is_error(l)).count() as u32
    }

    /// CPU time from `bench: utime=1.2s stime=0.1s rtime=1.3s`.
    pub(crate) fn cpu(&self) -> CpuTime {
        let line = self.log.lines().rfind(|l| l.contains("bench: utime=")).unwrap_or_default();
        let ms = |key: &str| {
            let value = line.split_whitespace().find_map(|w| w.strip_prefix(key)?.strip_suffix('s'));
            (value.and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0) * 1000.0).round() as u64
        };
        CpuTime { user_ms: ms("utime="), system_ms: ms("stime=") }
    }
}

/// Runs a command to its end. Dropping the future kills the process, so does each bound.
pub(crate) async fn run(
    command: &mut Command,
    tool: &'static str,
    source: &Source,
    bounds: Bounds,
) -> Result<Finished, Error> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|e| {
            if e.kind() == std::io::ErrorKind::NotFound { Error::ToolMissing { tool } } else { Error::Io(e) }
        })?;
    if let Some(pid) = child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
        let limit = |n: u64| Rlimit { current: Some(n), maximum: Some(n) };
        for (resource, n) in [(Resource::As, bounds.memory), (Resource::Fsize, MAX_FILE), (Resource::Core, 0)]
        {
            // It fails when the process has ended already, which is reported below.
            prlimit(Some(pid), resource, limit(n)).ok();
        }
    }
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let work = async {
        let (stdout, log) = tokio::join!(read_all(stdout, bounds.stdout), read_tail(stderr));
        match stdout? {
            Some(bytes) => Ok((child.wait().await?, bytes, log?)),
            None => Err(Error::TooMuchOutput { tool, limit: bounds.stdout }),
        }
    };
    let (status, stdout, log) = tokio::time::timeout(bounds.timeout, work)
        .await
        .map_err(|_| Error::TimedOut { tool, seconds: bounds.timeout.as_secs() })??;
    let log = match source.secret() {
        Some(url) => log.replace(url, "<source>"),
        None => log,
    };
    if status.success() {
        return Ok(Finished { stdout, log });
    }
    if status.signal() == Some(Signal::KILL.as_raw()) {
        tracing::warn!(tool, "media tool was killed");
        return Err(Error::Killed { tool });
    }
    let lines: Vec<&str> = log.lines().filter(|l| is_error(l)).collect();
    let mut detail = lines[lines.len().saturating_sub(4)..].join("; ");
    if detail.is_empty() {
        detail = format!("{status}");
    }
    tracing::warn!(tool, %status, detail, "media tool failed");
    Err(if source.secret().is_some() && is_network(&detail) {
        Error::Fetch { detail }
    } else {
        Error::Failed { tool, detail }
    })
}

fn is_error(line: &str) -> bool {
    line.contains("[error]") || line.contains("[fatal]") || line.contains("[panic]")
}

/// Whether ffmpeg's words mean that the bytes did not arrive, as opposed to being wrong. A range behind the end
/// (416) is asked for only where a file is shorter than its index says.
pub(crate) fn is_network(detail: &str) -> bool {
    !detail.contains("416")
        && [
            "Server returned",
            "HTTP error",
            "Connection ",
            "Failed to resolve",
            "Network is",
            "Input/output error",
            "timed out",
            "TLS",
        ]
        .iter()
        .any(|words| detail.contains(words))
}

/// Everything up to `limit` bytes, `None` beyond.
async fn read_all(stream: Option<impl AsyncRead + Unpin>, limit: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(limit as u64 + 1).read_to_end(&mut bytes).await?;
    }
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// The last [`LOG`] bytes, as text.
async fn read_tail(stream: Option<impl AsyncRead + Unpin>) -> std::io::Result<String> {
    let mut tail = Vec::new();
    if let Some(mut stream) = stream {
        let mut buffer = [0u8; 8192];
        loop {
            let n = stream.read(&mut buffer).await?;
            if n == 0 {
                break;
            }
            tail.extend_from_slice(&buffer[..n]);
            if tail.len() > 2 * LOG {
                tail.drain(..tail.len() - LOG);
            }
        }
    }
    Ok(String::from_utf8_lossy(&tail[tail.len().saturating_sub(LOG)..]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_killed_tool_is_tried_again_and_a_failed_one_is_not() {
        let bounds = Bounds { timeout: Duration::from_secs(10), stdout: 100, memory: ENCODE_MEMORY };
        let source = Source::file("film.mp4");
        let shell =
            async |script| run(Command::new("sh").args(["-c", script]), "sh", &source, bounds).await.err();
        let killed = shell("kill -KILL $$").await.unwrap();
        assert!(matches!(killed, Error::Killed { .. }) && killed.is_retryable(), "{killed}");
        let failed = shell("exit 1").await.unwrap();
        assert!(matches!(failed, Error::Failed { .. }) && !failed.is_retryable(), "{failed}");
    }
}
