use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use domain::picture::{MAX_PIXELS, PictureHeader, SIDE, THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH};

use crate::process::{Bounds, run};
use crate::{Error, Source, Tools};

/// Decoding 50 million pixels takes some two seconds.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Address space. The largest picture takes 200 MB, twice while it is turned; libraries take most of the rest.
const MEMORY: u64 = 2 << 30;

/// Makes the square that is shown of a person out of a local picture file: decoded, turned as the camera says, cut to its middle,
/// scaled, laid on white, and written as JPEG to `out`. Nothing else of the file survives: no EXIF, no position, no colour profile,
/// no bytes behind the picture.
///
/// `header` is what [`domain::picture::inspect`] has found; its format decides demuxer and decoder, and ffmpeg can open no other.
///
/// # Errors
/// [`Error`]; [`Error::Failed`] when the file can't be decoded.
pub async fn avatar(tools: &Tools, file: &Path, header: PictureHeader, out: &Path) -> Result<(), Error> {
    still(tools, file, header, out, &filter(SIDE, SIDE)).await
}

/// Makes the picture of 1280 x 720 that is shown of a course or a video, as [`avatar`] makes a square.
///
/// # Errors
/// As [`avatar`].
pub async fn thumbnail(tools: &Tools, file: &Path, header: PictureHeader, out: &Path) -> Result<(), Error> {
    still(tools, file, header, out, &filter(THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT)).await
}

async fn still(
    tools: &Tools,
    file: &Path,
    header: PictureHeader,
    out: &Path,
    filter: &str,
) -> Result<(), Error> {
    let format = header.format;
    let mut command = tools.ffmpeg();
    command.args(["-threads", "1", "-max_pixels", &MAX_PIXELS.to_string()]);
    command.args(["-format_whitelist", format.demuxer(), "-codec_whitelist", format.decoder()]);
    // A picture that breaks off is refused rather than shown half grey.
    command.args(["-err_detect", "explode", "-protocol_whitelist", "file", "-f", format.demuxer(), "-i"]);
    // The scheme keeps a path such as `concat:a|b` from being taken for a protocol.
    let mut input = OsString::from("file:");
    input.push(file);
    command.arg(input).args(["-filter_complex", filter, "-map", "[out]", "-frames:v", "1"]);
    command.args(["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"]);
    command.args(["-c:v", "mjpeg", "-q:v", "3", "-f", "image2", "-update", "1"]).arg(out);
    let bounds = Bounds { timeout: TIMEOUT, stdout: 64 * 1024, memory: MEMORY };
    run(&mut command, "ffmpeg", &Source::file(file), bounds).await?;
    match std::fs::metadata(out) {
        Ok(written) if written.len() > 0 => Ok(()),
        _ => Err(Error::Failed { tool: "ffmpeg", detail: "no picture came out".to_owned() }),
    }
}

/// Cut before scaling: a strip of one pixel by a million, scaled first, would fill the memory. Transparent parts show white. Colours
/// as in [`crate::posters`]: BT.601 in full range (JFIF 1.02).
fn filter(width: u32, height: u32) -> String {
    format!(
        "[0:v:0]crop='max(1,min(iw,ih*{width}/{height}))':'max(1,min(ih,iw*{height}/{width}))',\
         scale={width}:{height}:flags=lanczos,format=rgba[picture];\
         color=white:s={width}x{height},format=rgba[paper];\
         [paper][picture]overlay=format=rgb:shortest=1,\
         scale=out_color_matrix=smpte170m:out_range=pc,format=yuvj420p,setsar=1[out]"
    )
}
