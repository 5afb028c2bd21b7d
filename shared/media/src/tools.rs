use std::ffi::OsString;
use std::path::{Path, PathBuf};

use domain::media::Container;
use kernel::Secret;
use tokio::process::Command;

use crate::Error;

/// Demuxers that may open anything at all. ffmpeg's own default lets a playlist that is named `.mp4` open local files and
/// URLs; with this list (and `-f`) no format that refers to other files can be chosen.
const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg";

/// Most pixels that a decoder allocates, also for a picture whose size changes in mid-stream (8192 × 4352).
const MAX_PIXELS: &str = "35651584";

/// The system's certificates: of Amazon Linux, which Lambda runs, and of Debian. A static build of ffmpeg knows no path of its own.
const CA_FILES: [&str; 2] = ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"];

/// Where ffmpeg and ffprobe are.
#[derive(Debug, Clone)]
pub struct Tools {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
    ca_file: Option<PathBuf>,
}

impl Tools {
    /// Uses these two programs.
    pub fn new(ffmpeg: impl Into<PathBuf>, ffprobe: impl Into<PathBuf>) -> Self {
        Self { ffmpeg: ffmpeg.into(), ffprobe: ffprobe.into(), ca_file: None }
    }

    /// Looks into `/opt/bin`, where Lambda unpacks the layer of `infra/ffmpeg`, then along `PATH`.
    ///
    /// # Errors
    /// [`Error::ToolMissing`] with what to install.
    pub fn find() -> Result<Self, Error> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> =
            std::iter::once(PathBuf::from("/opt/bin")).chain(std::env::split_paths(&path)).collect();
        let find = |name: &'static str| {
            folders
                .iter()
                .map(|f| f.join(name))
                .find(|p| p.is_file())
                .ok_or(Error::ToolMissing { tool: name })
        };
        let ca_file = CA_FILES.iter().map(PathBuf::from).find(|file| file.is_file());
        Ok(Self { ca_file, ..Self::new(find("ffmpeg")?, find("ffprobe")?) })
    }

    /// Certificates that HTTPS sources are checked against, where the build's own default is not the system's.
    #[must_use]
    pub fn with_ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    pub(crate) fn ffmpeg(&self) -> Command {
        // Errors and `bench:` lines are told apart by the level; `-nostdin` so that a key press can't end it.
        let mut command = bare(&self.ffmpeg);
        command.args(["-hide_banner", "-nostdin", "-y", "-nostats", "-benchmark", "-v", "level+info"]);
        command
    }

    pub(crate) fn ffprobe(&self) -> Command {
        let mut command = bare(&self.ffprobe);
        command.args(["-hide_banner", "-v", "level+error"]);
        command
    }

    /// The input options that guard a source, ending with `-i`.
    pub(crate) fn input(&self, source: &Source, container: Container) -> Vec<OsString> {
        let mut args: Vec<OsString> = Vec::new();
        let mut add = |items: &[&str]| args.extend(items.iter().map(OsString::from));
        add(&["-format_whitelist", FORMATS, "-f", container.demuxer(), "-max_pixels", MAX_PIXELS]);
        if matches!(container, Container::Avi | Container::MpegPs) {
            // AVI stores no display times, program streams not all of them. Left to the decoder, they come late by the
            // delay of its B-frames.
            add(&["-fflags", "+genpts"]);
        }
        match source {
            Source::File(path) => {
                add(&["-protocol_whitelist", "file", "-i"]);
                // The scheme keeps a path such as `concat:a|b` from being taken for a protocol.
                let mut name = OsString::from("file:");
                name.push(path);
                args.push(name);
            }
            Source::Url(url) => {
                let secure = url.expose().starts_with("https:");
                add(&["-protocol_whitelist", if secure { "https,tls,tcp" } else { "http,tcp" }]);
                // A connection that is cut, or S3 asking to slow down, must not end a chunk.
                add(&["-rw_timeout", "20000000", "-reconnect", "1", "-reconnect_on_network_error", "1"]);
                add(&["-reconnect_on_http_error", "5xx", "-reconnect_delay_max", "4"]);
                if secure {
                    add(&["-tls_verify", "1"]);
                    if let Some(ca) = &self.ca_file {
                        args.extend([OsString::from("-ca_file"), ca.clone().into()]);
                    }
                }
                args.extend([OsString::from("-i"), url.expose().into()]);
            }
        }
        args
    }
}

/// A program without any of our environment: a function's holds the credentials of its role.
fn bare(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").kill_on_drop(true);
    command
}

/// Where the bytes of a source are.
#[derive(Debug, Clone)]
pub enum Source {
    /// A local file.
    File(PathBuf),
    /// A presigned URL of our own bucket, read by range. Secret, since it carries a signature.
    Url(Secret<String>),
}

impl Source {
    /// A local file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File(path.into())
    }

    /// A presigned URL.
    pub fn url(url: impl Into<String>) -> Self {
        Self::Url(Secret::new(url.into()))
    }

    /// What must not appear in an error or log.
    pub(crate) fn secret(&self) -> Option<&str> {
        match self {
            Self::File(_) => None,
            Self::Url(url) => Some(url.expose()),
        }
    }
}
