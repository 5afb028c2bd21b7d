use proptest::prelude::*;

use super::*;

fn text(file: &str) -> String {
    Subtitles::parse(file).unwrap().to_webvtt(7_200)
}

#[test]
fn webvtt_and_srt_become_the_same() {
    let vtt = "\u{feff}WEBVTT - made by hand\r\nKind: captions\r\n\r\nNOTE\r\nnothing\r\n\r\nSTYLE\r\n::cue { background: url(https://evil.example) }\r\n\r\nfirst\r\n00:01.000 --> 00:02.500 align:start region:x\r\nHello &amp; <b.loud>welcome</b>\r\n\r\n01:00:00.000 --> 01:00:01.000\r\n<v Ada>Two\r\nlines\r\n";
    let srt = "1\n00:00:01,000 --> 00:00:02,500\nHello & <b>welcome</b>\n\n\n2\n01:00:00,000 --> 01:00:01,000\nTwo\nlines";
    let made = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:7200,LOCAL:00:00:00.000\n\n00:00:01.000 --> 00:00:02.500 align:start\nHello &amp; <b>welcome</b>\n\n01:00:00.000 --> 01:00:01.000\n<v Ada>Two\nlines</v>\n";
    assert_eq!(text(vtt), made);
    assert_eq!(text(srt), made.replace(" align:start", "").replace("<v Ada>", "").replace("</v>", ""));
}

#[test]
fn only_harmless_markup_stays() {
    for (sent, kept) in [
        ("<script>alert(1)</script>", "alert(1)"),
        ("<img src=x onerror=alert(1)>Hi", "Hi"),
        ("<i onclick=x>so</i>", "<i>so</i>"),
        ("<font color=\"red\">red</font>", "red"),
        ("{\\an8}up {not this}", "up {not this}"),
        ("<c.yellow.bg_blue>c</c> <00:00:01.000>t", "c t"),
        ("a < b && c > d -->", "a &lt; b &amp;&amp; c &gt; d --&gt;"),
        ("<b><i>crossed</b></i>", "<b><i>crossed</i></b>"),
        ("<B>open", "<b>open</b>"),
        ("</b>closed", "closed"),
        ("<<b>>", "&lt;<b>&gt;</b>"),
        ("<v Ada & \"Bob\">words", "<v Ada &amp; \"Bob\">words</v>"),
        ("<v>nobody", "nobody"),
        ("&#60;script&#62;", "&amp;#60;script&amp;#62;"),
        ("bell\u{7} nul\u{0}", "bell nul"),
        ("<ruby>漢<rt>kan</rt></ruby>", "<ruby>漢<rt>kan</rt></ruby>"),
    ] {
        let file = format!("1\n00:00:01,000 --> 00:00:02,000\n{sent}\n");
        assert_eq!(Subtitles::parse(&file).unwrap().cues[0].text, kept, "{sent}");
    }
}

#[test]
fn what_is_wrong_is_named_by_its_line() {
    use SubtitleError::{Empty, Times, TooLarge, TooLong, TooManyCues};
    let cue = |times: &str| format!("WEBVTT\n\n{times}\ntext\n");
    for times in [
        "00:00:02.000 --> 00:00:01.000",
        "00:00:01.000 --> 00:00:01.000",
        "00:61:00.000 --> 00:62:00.000",
        "1 --> 2",
        "00:00:01.00 --> 00:00:02.00",
        "00:00:01.000 -->",
        "-00:00:01.000 --> 00:00:02.000",
        "00:00:01.000 --> 100:00:00.001",
        "words and no times",
        "9999999999999999999999:00:00.000 --> 00:00:01.000",
    ] {
        assert_eq!(Subtitles::parse(&cue(times)), Err(Times { line: 3 }), "{times}");
    }
    for empty in ["", "WEBVTT", "WEBVTT\n\n", "\n\n\n", "1\n00:00:01,000 --> 00:00:02,000\n<script>\n"] {
        assert_eq!(Subtitles::parse(empty), Err(Empty), "{empty:?}");
    }
    let long = "a".repeat(CUE_MAX + 1);
    assert_eq!(Subtitles::parse(&format!("00:01.000 --> 00:02.000\n{long}")), Err(TooLong { line: 1 }));
    assert!(Subtitles::parse(&format!("00:01.000 --> 00:02.000\n{}", &long[1..])).is_ok());
    let many = "0:01.000-->0:02.000\na\n\n".repeat(CUES_MAX);
    assert!(many.len() <= MAX_BYTES, "{}", many.len());
    assert_eq!(Subtitles::parse(&many).unwrap().cues.len(), CUES_MAX);
    assert_eq!(Subtitles::parse(&format!("{many}0:01.000-->0:02.000\na")), Err(TooManyCues));
    assert_eq!(Subtitles::parse(&" ".repeat(MAX_BYTES + 1)), Err(TooLarge));
}

#[test]
fn settings_of_a_place_stay_and_no_others() {
    let settings = "line:-1 line:85%,end position:50%,center size:40.5% align:left vertical:rl region:r size:101% line:1e9 x:y position:NaN%";
    let file = format!("00:01.000 --> 00:02.000 {settings}\nhere");
    let kept = "line:-1 line:85%,end position:50%,center size:40.5% align:left vertical:rl";
    assert_eq!(Subtitles::parse(&file).unwrap().cues[0].settings, kept);
}

#[test]
fn languages() {
    for (text, tag) in [
        ("en", "en"),
        ("KO", "ko"),
        ("pt-br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("fil", "fil"),
    ] {
        assert_eq!(text.parse::<LanguageTag>().unwrap().as_str(), tag);
    }
    for text in ["", "e", "english", "en-", "en_US", "en-US-x", "en-us-us", "e1", "한국", "en\"", "../en"] {
        assert!(text.parse::<LanguageTag>().is_err(), "{text}");
    }
}

#[test]
fn a_master_playlist_gets_its_tracks() {
    let master = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",URI=\"audio/index.m3u8\"\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"audio\"\nv360/index.m3u8\n";
    assert_eq!(master_with(master, &[]), master);
    let track = |language: &str, name: &str, is_default| Track {
        language: language.parse().unwrap(),
        name: name.into(),
        is_default,
        uri: format!("subs/{language}.m3u8"),
    };
    let tracks = [
        track("en", "The \"best\"", true),
        track("pt", "Português", false),
        track("pt-BR", "Português", false),
    ];
    let made = master_with(master, &tracks);
    let media = |name: &str, language: &str, default: &str| {
        format!(
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subs\",NAME=\"{name}\",LANGUAGE=\"{language}\",DEFAULT={default},AUTOSELECT=YES,FORCED=NO,URI=\"subs/{language}.m3u8\""
        )
    };
    let lines: Vec<&str> = made.lines().collect();
    assert_eq!(lines[3], media("The 'best'", "en", "YES"));
    assert_eq!(lines[4], media("Português (pt)", "pt", "NO"));
    assert_eq!(lines[5], media("Português (pt-BR)", "pt-BR", "NO"));
    assert_eq!(lines[6], "#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"audio\",SUBTITLES=\"subs\"");
    assert_eq!(playlist("en.vtt", 61_400).matches("#EXTINF:61.400,\nen.vtt\n").count(), 1);
    assert!(playlist("en.vtt", 61_400).contains("#EXT-X-TARGETDURATION:62\n"));
}

/// Pieces that files are made of, whole and broken.
fn piece() -> impl Strategy<Value = String> {
    let known = vec![
        "WEBVTT",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "1",
        "00:00:01.000 --> 00:00:02.000",
        "00:00:03,000 --> 00:00:04,000",
        "-->",
        "NOTE",
        "STYLE",
        "<b>",
        "</b>",
        "<i",
        ">",
        "<",
        "&",
        "&amp;",
        "<v Ada>",
        "</v>",
        "{\\an8}",
        "<script>",
        "\u{0}",
        "\u{feff}",
        " line:1",
        "<ruby>",
        "<rt>",
        "\u{2028}",
        "\u{85}",
    ];
    prop_oneof![4 => prop::sample::select(known).prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever comes: no panic, times in order, no markup but what is allowed, and what was made is read as it was made.
    #[test]
    fn nothing_harmful_comes_through(pieces in prop::collection::vec(piece(), 0..60)) {
        let Ok(made) = Subtitles::parse(&pieces.concat()) else { return Ok(()) };
        let allowed = ["b", "i", "u", "ruby", "rt", "v"];
        for cue in &made.cues {
            prop_assert!(cue.start_ms < cue.end_ms);
            prop_assert!(!cue.text.is_empty() && !cue.text.contains("-->") && !cue.text.contains("\n\n"));
            let mut depth = 0i32;
            for (at, _) in cue.text.match_indices('<') {
                let tag = &cue.text[at + 1..at + 1 + cue.text[at + 1..].find('>').unwrap()];
                depth += if tag.starts_with('/') { -1 } else { 1 };
                let name = tag.trim_start_matches('/').split(' ').next().unwrap();
                prop_assert!(allowed.contains(&name), "{tag}");
                prop_assert!(depth >= 0);
            }
            prop_assert_eq!(depth, 0);
        }
        prop_assert!(made.cues.windows(2).all(|two| two[0].start_ms <= two[1].start_ms));
        prop_assert_eq!(Subtitles::parse(&made.to_webvtt(0)).unwrap(), made);
    }

    #[test]
    fn a_tag_is_read_as_it_is_written(text in "[a-zA-Z]{2,3}(-[a-zA-Z]{4})?(-[a-zA-Z]{2})?") {
        let tag: LanguageTag = text.parse().unwrap();
        prop_assert_eq!(tag.as_str().parse::<LanguageTag>().unwrap(), tag);
    }
}
