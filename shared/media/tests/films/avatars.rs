//! Profile pictures: what comes out, and what never does.

use std::path::{Path, PathBuf};
use std::process::Command;

use domain::picture::{PictureRefusal, SIDE, inspect};
use media::{Error, avatar};

use crate::common::Lab;

const LEFT_RED_RIGHT_BLUE: &str =
    "-f lavfi -i color=red:s=600x300,drawbox=x=300:w=300:h=300:c=blue:t=fill -frames:v 1";

async fn make(lab: &Lab, file: &Path) -> Result<PathBuf, Error> {
    let header = inspect(&std::fs::read(file).unwrap()).unwrap();
    let out = lab.path("avatar.jpg");
    avatar(&lab.tools, file, header, &out).await.map(|()| out)
}

/// Red, green and blue at the middles of the four quarters.
fn quarters(picture: &Path) -> [[u8; 3]; 4] {
    let raw = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(picture)
        .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .output()
        .unwrap()
        .stdout;
    let side = SIDE as usize;
    assert_eq!(raw.len(), side * side * 3, "{side} pixels a side");
    [(128, 128), (384, 128), (128, 384), (384, 384)].map(|(x, y)| {
        let at = (y * side + x) * 3;
        raw[at..at + 3].try_into().unwrap()
    })
}

fn is(colour: [u8; 3], expected: [u8; 3]) -> bool {
    colour.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 12)
}

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const WHITE: [u8; 3] = [255; 3];

/// A JPEG with an EXIF block (TIFF 6.0, section 2): an orientation and a maker's note that must not survive.
fn with_exif(file: &Path, orientation: u16) {
    let picture = std::fs::read(file).unwrap();
    let mut block = b"Exif\0\0MM\0*\0\0\0\x08\0\x02".to_vec();
    block.extend([&[0x01, 0x12, 0, 3, 0, 0, 0, 1], &orientation.to_be_bytes()[..], &[0, 0]].concat());
    // ImageDescription (0x010e), ASCII, at offset 38.
    block.extend([0x01, 0x0e, 0, 2, 0, 0, 0, 12, 0, 0, 0, 38, 0, 0, 0, 0]);
    block.extend(b"GPS 37.5665\0");
    let length = u16::try_from(block.len() + 2).unwrap().to_be_bytes();
    std::fs::write(file, [&picture[..2], &[0xff, 0xe1], &length, &block, &picture[2..]].concat()).unwrap();
}

fn holds(file: &Path, words: &[u8]) -> bool {
    std::fs::read(file).unwrap().windows(words.len()).any(|part| part == words)
}

#[tokio::test]
async fn each_format_becomes_a_square_jpeg_of_its_middle() {
    let lab = Lab::new();
    for name in ["a.jpg", "a.png", "a.webp"] {
        let file = lab.clip(&format!("{LEFT_RED_RIGHT_BLUE} {name}"));
        let out = make(&lab, &file).await.unwrap();
        let found = quarters(&out);
        for (colour, expected) in found.iter().zip([RED, BLUE, RED, BLUE]) {
            assert!(is(*colour, expected), "{name}: {found:?}");
        }
        assert!(std::fs::read(&out).unwrap().starts_with(&[0xff, 0xd8, 0xff]), "{name}");
    }
}

#[tokio::test]
async fn the_camera_s_orientation_is_applied_and_its_words_are_gone() {
    let lab = Lab::new();
    let file = lab.clip(&format!("{LEFT_RED_RIGHT_BLUE} phone.jpg"));
    with_exif(&file, 6);
    assert!(holds(&file, b"GPS 37.5665"));
    let out = make(&lab, &file).await.unwrap();
    let found = quarters(&out);
    // Turned by a quarter to the right: what was left is up.
    for (colour, expected) in found.iter().zip([RED, RED, BLUE, BLUE]) {
        assert!(is(*colour, expected), "{found:?}");
    }
    for words in [&b"GPS"[..], b"Exif", b"Lavc"] {
        assert!(!holds(&out, words), "{}", String::from_utf8_lossy(words));
    }
}

#[tokio::test]
async fn bytes_behind_the_picture_do_not_survive() {
    let lab = Lab::new();
    let file = lab.clip(&format!("{LEFT_RED_RIGHT_BLUE} tail.jpg"));
    let polyglot = [&std::fs::read(&file).unwrap()[..], b"PK\x03\x04<script>alert(1)</script>"].concat();
    std::fs::write(&file, polyglot).unwrap();
    let out = make(&lab, &file).await.unwrap();
    assert!(!holds(&out, b"<script>"));
}

#[tokio::test]
async fn transparent_parts_are_white() {
    let lab = Lab::new();
    let file = lab.clip(
        "-f lavfi -i color=red:s=150x300,format=rgba -f lavfi -i color=green@0.0:s=150x300,format=rgba \
         -filter_complex hstack -frames:v 1 see-through.png",
    );
    let found = quarters(&make(&lab, &file).await.unwrap());
    for (colour, expected) in found.iter().zip([RED, WHITE, RED, WHITE]) {
        assert!(is(*colour, expected), "{found:?}");
    }
}

#[tokio::test]
async fn a_long_strip_is_cut_before_it_is_scaled() {
    let lab = Lab::new();
    let file = lab.clip("-f lavfi -i color=red:s=64x16000 -frames:v 1 strip.png");
    assert!(is(quarters(&make(&lab, &file).await.unwrap())[0], RED));
}

#[tokio::test]
async fn a_header_that_lies_does_not_pass_the_decoder() {
    let lab = Lab::new();
    let file = lab.clip("-f lavfi -i color=red:s=9000x9000 -frames:v 1 bomb.png");
    let mut bytes = std::fs::read(&file).unwrap();
    let refusal = inspect(&bytes).unwrap_err();
    assert_eq!(refusal, PictureRefusal::TooManyPixels { width: 9000, height: 9000 });
    // As if the first wall had let it through: the decoder's own limit stops it.
    let small =
        inspect(&std::fs::read(lab.clip("-f lavfi -i color=red:s=64x64 -frames:v 1 ok.png")).unwrap());
    let out = lab.path("out.jpg");
    let bombed = avatar(&lab.tools, &file, small.unwrap(), &out).await.unwrap_err();
    assert!(matches!(bombed, Error::Failed { .. }) && !bombed.is_retryable(), "{bombed}");
    // A smaller size in the header: no more is decoded than it says.
    bytes[16..24].copy_from_slice(&[0, 0, 0, 100, 0, 0, 0, 100]);
    std::fs::write(&file, &bytes).unwrap();
    quarters(&make(&lab, &file).await.unwrap());
}

#[tokio::test]
async fn another_format_behind_the_header_of_one_is_not_opened() {
    let lab = Lab::new();
    let playlist = lab.path("list.jpg");
    std::fs::write(&playlist, "#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n").unwrap();
    let jpeg = inspect(&std::fs::read(lab.clip(&format!("{LEFT_RED_RIGHT_BLUE} ok.jpg"))).unwrap()).unwrap();
    let out = lab.path("out.jpg");
    assert!(matches!(avatar(&lab.tools, &playlist, jpeg, &out).await, Err(Error::Failed { .. })));
    let png = lab.clip(&format!("{LEFT_RED_RIGHT_BLUE} ok.png"));
    assert!(
        matches!(avatar(&lab.tools, &png, jpeg, &out).await, Err(Error::Failed { .. })),
        "a PNG as a JPEG"
    );
}

#[tokio::test]
async fn half_a_picture_is_refused() {
    let lab = Lab::new();
    for name in ["cut.png", "cut.webp", "cut.jpg"] {
        let file = lab.clip(&format!("-f lavfi -i testsrc2=s=600x600 -frames:v 1 {name}"));
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        assert!(matches!(make(&lab, &file).await, Err(Error::Failed { .. })), "{name}");
    }
}
