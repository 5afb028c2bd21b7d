//! Release binaries, as they are deployed but for this machine.

use std::{
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use flate2::{Compression, write::DeflateEncoder};

use crate::Outcome;

/// What a zip adds to one compressed file called `bootstrap`: local header, central directory, end record (APPNOTE 4.3).
const ZIP_OVERHEAD: u64 = 30 + 9 + 46 + 9 + 22;

fn root() -> PathBuf {
    testkit::template::path().parent().map(Path::to_owned).unwrap_or_default()
}

/// Builds the packages with `--release`; cargo builds only what changed.
///
/// # Errors
/// When cargo fails, which has then said why.
pub(crate) fn build(packages: &[&str]) -> Outcome<()> {
    let started = Instant::now();
    let mut command = cargo_build();
    for package in packages {
        command.args(["-p", package]);
    }
    if !command.status()?.success() {
        return Err("the release build failed".into());
    }
    let seconds = started.elapsed().as_secs();
    writeln!(std::io::stderr(), "built {} packages for release in {seconds} s", packages.len())?;
    Ok(())
}

fn cargo_build() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(["build", "--release", "--quiet"]);
    command
}

/// Builds an example with `--release` and a feature of its package; where it is.
///
/// # Errors
/// When cargo fails, which has then said why.
pub(crate) fn example(package: &str, example: &str, feature: &str) -> Outcome<PathBuf> {
    let arguments = ["-p", package, "--example", example, "--features", feature];
    if !cargo_build().args(arguments).status()?.success() {
        return Err("the release build failed".into());
    }
    Ok(release_folder().join("examples").join(example))
}

fn release_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("release")
}

/// The release binary of a package.
///
/// # Errors
/// When it was not built.
pub(crate) fn binary(package: &str) -> Outcome<PathBuf> {
    let path = release_folder().join(package);
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("{package} is not built: leave --no-build out").into())
    }
}

/// Bytes of the deployment package: a zip with the binary in it, compressed as the deploy step does it.
///
/// # Errors
/// When the file can't be read.
pub(crate) fn zipped_size(binary: &Path) -> Outcome<u64> {
    let mut bytes = Vec::new();
    std::fs::File::open(binary)?.read_to_end(&mut bytes)?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes)?;
    Ok(encoder.finish()?.len() as u64 + ZIP_OVERHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_is_as_large_as_the_real_one() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("bootstrap");
        std::fs::write(&file, "all the same ".repeat(10_000)).unwrap();
        let program = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[2], 'w') as z:\n z.write(sys.argv[1], 'bootstrap', zipfile.ZIP_DEFLATED, 9)";
        let zip = dir.path().join("a.zip");
        let made = Command::new("python3").args(["-c", program]).arg(&file).arg(&zip).status().unwrap();
        assert!(made.success());
        let (real, computed) = (std::fs::metadata(&zip).unwrap().len(), zipped_size(&file).unwrap());
        // Two implementations of deflate may differ a little.
        assert!(real.abs_diff(computed) * 20 <= real, "{real} {computed}");
    }
}
