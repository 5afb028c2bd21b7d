//! Films: made, fetched as a player does, and measured.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use reqwest::StatusCode;

use super::{Person, Stack};

/// A stream in a local folder.
pub(crate) struct Film {
    pub(crate) folder: PathBuf,
    /// The media playlists of the picture.
    pub(crate) video: Vec<PathBuf>,
    /// That of the sound.
    pub(crate) audio: Option<PathBuf>,
    /// URLs of all that was fetched.
    pub(crate) urls: Vec<String>,
    /// Width and height of the rungs, as the master playlist has them.
    pub(crate) sizes: Vec<(u32, u32)>,
}

/// Makes a film with ffmpeg; the arguments end before the output's name.
pub(crate) fn clip(folder: &Path, name: &str, arguments: &str) -> Vec<u8> {
    let path = folder.join(name);
    let mut command = Command::new("ffmpeg");
    command
        .args(["-hide_banner", "-nostdin", "-y", "-v", "error"])
        .args(arguments.split_whitespace())
        .arg(&path);
    let done = command.output().expect("ffmpeg is not on PATH: install it");
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    std::fs::read(path).unwrap()
}

/// What playlists name, playlists included, relative to the folder of the playlist.
pub(crate) fn named(playlist: &str) -> impl Iterator<Item = String> {
    playlist.lines().filter_map(|line| match line.split_once("URI=\"") {
        Some((_, rest)) if line.starts_with('#') => rest.split('"').next().map(ToOwned::to_owned),
        _ if line.starts_with('#') || line.is_empty() => None,
        _ => Some(line.to_owned()),
    })
}

/// Fetches a whole stream with the cookies of who plays it.
pub(crate) async fn download(person: &Person, master_url: &str, folder: &Path) -> Film {
    let (base, _) = master_url.rsplit_once('/').unwrap();
    let mut film =
        Film { folder: folder.to_owned(), video: vec![], audio: None, urls: vec![], sizes: vec![] };
    let master = fetch(person, base, "master.m3u8", &mut film).await;
    let resolutions = master
        .lines()
        .filter_map(|line| line.split_once("RESOLUTION=")?.1.split(',').next()?.split_once('x'));
    film.sizes =
        resolutions.map(|(width, height)| (width.parse().unwrap(), height.parse().unwrap())).collect();
    for playlist in named(&master).collect::<BTreeSet<_>>() {
        let (part, _) = playlist.rsplit_once('/').unwrap();
        for file in named(&fetch(person, base, &playlist, &mut film).await) {
            fetch(person, base, &format!("{part}/{file}"), &mut film).await;
        }
        match part {
            "audio" => film.audio = Some(folder.join(&playlist)),
            _ => film.video.push(folder.join(&playlist)),
        }
    }
    film
}

async fn fetch(person: &Person, base: &str, file: &str, film: &mut Film) -> String {
    let url = format!("{base}/{file}");
    let (status, bytes) = person.file(&url, None).await;
    assert_eq!(status, StatusCode::OK, "{url}");
    let path = film.folder.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, &bytes).unwrap();
    film.urls.push(url);
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Stack {
    /// Fails unless the media bucket holds exactly what the playlists of a video's first version name.
    pub(crate) async fn expect_one_set(&self, video: &str) {
        let root = format!("hls/videos/{video}/1");
        let mut expected = BTreeSet::from([format!("{root}/master.m3u8")]);
        for playlist in named(&self.media_text(&format!("{root}/master.m3u8")).await).collect::<BTreeSet<_>>()
        {
            let (folder, _) = playlist.rsplit_once('/').unwrap();
            let text = self.media_text(&format!("{root}/{playlist}")).await;
            assert!(text.ends_with("#EXT-X-ENDLIST\n"), "{playlist} has no end");
            expected.extend(named(&text).map(|file| format!("{root}/{folder}/{file}")));
            expected.insert(format!("{root}/{playlist}"));
        }
        assert_eq!(self.media_keys(&format!("{root}/")).await, expected);
    }
}

/// The id in the store's type.
pub(crate) fn video_id_of(video: &str) -> kernel::Id<kernel::id::kinds::Video> {
    video.parse().unwrap()
}
