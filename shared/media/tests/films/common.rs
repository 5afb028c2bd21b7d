//! Clips made by ffmpeg, and shorthands for the steps.

use std::path::{Path, PathBuf};
use std::process::Command;

use domain::media::{Limits, Profile, Refusal, SourceInfo};
use media::checks::{Run, run_pipeline};
use media::{EncodeOptions, InspectError, Preset, Source, Tools, inspect};
use tempfile::TempDir;

pub struct Lab {
    pub dir: TempDir,
    pub tools: Tools,
}

pub const FAST: EncodeOptions = EncodeOptions { preset: Preset::Ultrafast, threads: 1, timeout_s: 60 };

/// Chunks of two seconds, so that short clips have borders.
pub fn short_chunks() -> Profile {
    Profile { min_chunk_gops: 1, max_chunk_gops: 1, ..Profile::default() }
}

impl Lab {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), tools: Tools::find().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs ffmpeg with arguments split at white space; the last one is a file name in the lab.
    pub fn clip(&self, args: &str) -> PathBuf {
        let (rest, name) = args.rsplit_once(' ').unwrap();
        let done = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-y"])
            .args(rest.split_whitespace())
            .arg(self.path(name))
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{args}: {}", String::from_utf8_lossy(&done.stderr));
        self.path(name)
    }

    pub async fn look(&self, file: &Path) -> Result<SourceInfo, InspectError> {
        self.look_with(file, &Limits::default()).await
    }

    pub async fn look_with(&self, file: &Path, limits: &Limits) -> Result<SourceInfo, InspectError> {
        let content = std::fs::read(file).unwrap();
        let head = &content[..content.len().min(media::sniffable_bytes())];
        inspect(&self.tools, &Source::file(file), head, content.len() as u64, limits).await
    }

    pub async fn refusal(&self, file: &Path) -> Refusal {
        match self.look(file).await {
            Err(InspectError::Refused(refusal)) => refusal,
            other => panic!("{other:?} is no refusal"),
        }
    }

    pub async fn film(&self, file: &Path, profile: &Profile) -> Run {
        let out = self.path(&format!("{}.out", file.file_name().unwrap().to_string_lossy()));
        run_pipeline(&self.tools, file, profile, &FAST, &out).await.unwrap()
    }
}

pub fn rung_playlist(run: &Run, index: usize) -> PathBuf {
    run.dir.join(run.plan.rungs[index].dir()).join("index.m3u8")
}

pub fn audio_playlist(run: &Run) -> PathBuf {
    run.dir.join("audio/index.m3u8")
}

/// MD5 of each frame of a file after a filter, without times.
pub fn frame_hashes(path: &Path, before: &[&str], filter: &str) -> Vec<String> {
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin"])
        .args(before)
        .arg("-i")
        .arg(path)
        .args(["-map", "0:v:0", "-vf", filter, "-fps_mode", "passthrough", "-f", "framemd5", "-"])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = String::from_utf8(done.stdout).unwrap();
    text.lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.rsplit(' ').next().map(str::to_owned))
        .collect()
}
