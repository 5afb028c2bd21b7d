//! `bench`: measures what docs and targets claim, and fails when a target is missed.

use std::process::ExitCode;

mod media;

/// What can be measured.
const USAGE: &str = "usage: bench media [FILE] [--seconds N] [--json]
  media   chunked transcoding of FILE (default tests/assets/bigbuckbunny.mp4), as it is and repeated to
          N seconds (default 24), against one run of ffmpeg: frames, gaps, sync, SSIM, CPU";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.first().map(String::as_str) {
        Some("media") => media::run(&args[1..]),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            use std::io::Write;
            writeln!(std::io::stderr(), "{error}").ok();
            ExitCode::from(2)
        }
    }
}
