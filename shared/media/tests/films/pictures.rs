//! Posters and the preview of the seek bar.

use domain::media::Profile;
use media::{Source, posters, storyboard};

use crate::common::{Lab, frame_hashes};

#[tokio::test]
async fn posters_and_storyboard_show_the_film_at_their_times() {
    let lab = Lab::new();
    // Black, then white from 5 s on.
    let file = lab.clip(
        "-f lavfi -i color=black:s=640x360:r=25:d=10,drawbox=color=white:t=fill:enable='gte(t,5)' -c:v libx264 -preset ultrafast half.mp4",
    );
    let info = lab.look(&file).await.unwrap();
    let plan = domain::media::plan(&info, &Profile::default()).unwrap();
    let (source, out) = (Source::file(&file), lab.path("pictures"));
    let made = posters(&lab.tools, &source, info.container, &plan, &out).await.unwrap();
    assert_eq!(made.iter().map(|p| p.at_ms).collect::<Vec<_>>(), [1000, 3000, 5000, 7000, 9000]);
    let luma = |name: &str, crop: &str| {
        let light = "scale=1:1,format=gray,lutyuv=y='if(gt(val,128),255,0)'";
        frame_hashes(&out.join(name), &[], &format!("{crop}{light}"))[0].clone()
    };
    let (dark, light) = (luma("poster_0.jpg", ""), luma("poster_4.jpg", ""));
    assert_ne!(dark, light);
    assert_eq!((luma("poster_1.jpg", ""), luma("poster_2.jpg", "")), (dark.clone(), light.clone()));
    assert!(made.iter().all(|p| p.bytes > 0 && (p.width, p.height) == (640, 360)));

    storyboard(&lab.tools, &source, info.container, &plan, &out).await.unwrap();
    assert_eq!((plan.storyboard.tiles, plan.storyboard.columns, plan.storyboard.rows), (10, 10, 1));
    for tile in 0..10 {
        let shown = luma("storyboard.jpg", &format!("crop=160:90:{}:0,", tile * 160));
        assert_eq!(shown, if tile < 5 { dark.clone() } else { light.clone() }, "tile {tile}");
    }
    let vtt = std::fs::read_to_string(out.join("storyboard.vtt")).unwrap();
    insta::assert_snapshot!(vtt.lines().take(8).collect::<Vec<_>>().join("\n"), @r"
    WEBVTT

    00:00:00.000 --> 00:00:01.000
    storyboard.jpg#xywh=0,0,160,90

    00:00:01.000 --> 00:00:02.000
    storyboard.jpg#xywh=160,0,160,90
    ");
}

#[tokio::test]
async fn a_long_film_is_previewed_from_its_keyframes() {
    let lab = Lab::new();
    let file =
        lab.clip("-f lavfi -i testsrc2=s=64x36:r=10:d=150 -c:v libx264 -preset ultrafast -g 20 long.mp4");
    let info = lab.look(&file).await.unwrap();
    let plan = domain::media::plan(&info, &Profile::default()).unwrap();
    assert!(plan.storyboard.keyframes_only);
    assert_eq!((plan.storyboard.interval_ms, plan.storyboard.tiles), (2000, 75));
    storyboard(&lab.tools, &Source::file(&file), info.container, &plan, &lab.path("out")).await.unwrap();
    // Keyframes lie at the very times of the tiles, so all tiles differ.
    let tile = |n: u32| {
        frame_hashes(
            &lab.path("out/storyboard.jpg"),
            &[],
            &format!("crop=160:90:{}:{}", n % 10 * 160, n / 10 * 90),
        )[0]
        .clone()
    };
    assert_ne!(tile(3), tile(4));
    assert_ne!(tile(73), tile(74));
}
