use proptest::prelude::*;

use super::boxes::put;
use super::*;

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&((body.len() + 8) as u32).to_be_bytes()[..], kind, body].concat()
}

fn full(version: u8, flags: u32, fields: &[u32]) -> Vec<u8> {
    let head = (u32::from(version) << 24) | flags;
    std::iter::once(&head).chain(fields).flat_map(|f| f.to_be_bytes()).collect()
}

fn init(sample_entry: &[u8]) -> Vec<u8> {
    let stsd = boxed(b"stsd", &[&full(0, 0, &[1])[..], sample_entry].concat());
    let minf = boxed(b"minf", &boxed(b"stbl", &stsd));
    let mdia = boxed(b"mdia", &[boxed(b"mdhd", &full(0, 0, &[0, 0, 25_000, 0, 0])), minf].concat());
    let trak = boxed(b"trak", &[boxed(b"tkhd", &full(0, 3, &[0, 0, 7, 0])), mdia].concat());
    [boxed(b"ftyp", b"iso5\0\0\0\0"), boxed(b"moov", &trak)].concat()
}

fn avc() -> Vec<u8> {
    boxed(b"avc1", &[&[0; 78][..], &boxed(b"avcC", &[1, 0x64, 0, 0x1f, 0xff])].concat())
}

fn aac() -> Vec<u8> {
    let info = [5, 0x80, 0x80, 2, 0x11, 0x90];
    let config = [&[4, 13 + info.len() as u8, 0x40, 0x15][..], &[0; 11], &info].concat();
    let es = [&[3, 3 + config.len() as u8, 0, 1, 0][..], &config].concat();
    boxed(b"mp4a", &[&[0; 28][..], &boxed(b"esds", &[&[0; 4][..], &es].concat())].concat())
}

/// A fragment with samples of 3 bytes and duration 1000, the second one with a display offset of 2000 ticks.
fn fragment(time: u64, count: u32, tfdt_version: u8) -> Vec<u8> {
    let samples = (0..count).flat_map(|i| [3, if i == 1 { 2000 } else { 0 }]);
    let time = match tfdt_version {
        0 => full(0, 0, &[time as u32]),
        _ => full(1, 0, &[(time >> 32) as u32, time as u32]),
    };
    let moof = |offset: u32| {
        let fields: Vec<u32> = [count, offset].into_iter().chain(samples.clone()).collect();
        let traf = [
            boxed(b"tfhd", &full(0, 0x2_0008, &[7, 1000])),
            boxed(b"tfdt", &time),
            boxed(b"trun", &full(0, 0xa01, &fields)),
        ]
        .concat();
        boxed(b"moof", &[boxed(b"mfhd", &full(0, 0, &[9])), boxed(b"traf", &traf)].concat())
    };
    let length = moof(0).len() as u32;
    let data: Vec<u8> = (0..count * 3).map(|i| i as u8).collect();
    [moof(length + 8), boxed(b"mdat", &data)].concat()
}

fn file() -> Vec<u8> {
    [init(&avc()), fragment(0, 3, 1), boxed(b"free", b"xx"), fragment(3000, 2, 0), boxed(b"mfra", b"x")]
        .concat()
}

#[test]
fn a_file_is_read_into_its_init_segment_and_fragments() {
    let bytes = file();
    let mut reader = Reader::new(&bytes[..]).unwrap();
    let head = reader.init().clone();
    assert_eq!((head.codec.as_str(), head.timescale, head.track), ("avc1.64001F", 25_000, 7));
    assert_eq!(head.bytes, init(&avc()));
    let first = reader.next_fragment().unwrap().unwrap();
    assert_eq!((first.decode_time(), first.duration(), first.samples().len()), (0, 3000, 3));
    assert_eq!((first.samples()[1].offset, first.data(&first.samples()[1])), (2000, &[3u8, 4, 5][..]));
    let mut second = reader.next_fragment().unwrap().unwrap();
    assert_eq!(second.decode_time(), 3000);
    second.retime(42, 1000).unwrap();
    let moved = Fragment::parse(second.bytes().to_vec()).unwrap();
    assert_eq!(moved.decode_time(), 4000);
    assert_eq!(moved.bytes()[20..24], 42u32.to_be_bytes());
    assert!(matches!(second.retime(1, -5000), Err(Error::TimeRange)));
    assert!(matches!(second.retime(1, i64::from(u32::MAX)), Err(Error::TimeRange)), "its field has 32 bits");
    assert!(reader.next_fragment().unwrap().is_none());
}

#[test]
fn the_codec_of_sound_is_named() {
    assert_eq!(Init::parse(init(&aac())).unwrap().codec, "mp4a.40.2");
    assert!(matches!(Init::parse(init(&boxed(b"hvc1", &[0; 100]))), Err(Error::Unsupported(_))));
}

#[test]
fn sound_is_cut_at_the_borders_and_its_priming_is_left_out() {
    let borders = vec![2000, 6000, 9000];
    let mut cutter = AudioCutter::new(7, -1000 + 2000, borders, 3000);
    let mut segments = Vec::new();
    for (time, count) in [(0, 4), (4000, 8)] {
        segments.extend(cutter.push(&Fragment::parse(fragment(time, count, 1)).unwrap()).unwrap());
    }
    segments.extend(cutter.finish().unwrap());
    assert_eq!(cutter.longest_gap(), 0);
    let starts: Vec<_> = segments
        .iter()
        .map(|s| {
            let made = Fragment::parse(s.bytes.clone()).unwrap();
            assert_eq!((made.duration(), made.samples().len() as u32), (s.duration, s.samples));
            (s.index, made.decode_time(), s.samples)
        })
        .collect();
    // Packets lie at 1000, 2000, …, 12000: the first is before the film, the last border is 9000 + 3000.
    assert_eq!(starts, [(0, 2000, 4), (1, 6000, 3), (2, 9000, 3), (3, 12_000, 1)]);
    let first = Fragment::parse(segments[0].bytes.clone()).unwrap();
    assert_eq!(first.data(&first.samples()[0]), [3, 4, 5], "the second packet of the source");
}

#[test]
fn a_hole_in_the_sound_is_noticed() {
    let mut cutter = AudioCutter::new(7, 0, vec![0], 100_000);
    cutter.push(&Fragment::parse(fragment(0, 3, 1)).unwrap()).unwrap();
    cutter.push(&Fragment::parse(fragment(8000, 3, 1)).unwrap()).unwrap();
    assert_eq!(cutter.longest_gap(), 5000);
}

/// Reads everything; what matters is that it ends with a value or a typed error.
fn read(bytes: &[u8]) -> Result<usize, Error> {
    let mut reader = Reader::new(bytes)?;
    let mut cutter = AudioCutter::new(1, 0, vec![0, 4000], 4000);
    let mut samples = 0;
    while let Some(mut fragment) = reader.next_fragment()? {
        fragment.retime(1, 5)?;
        samples += fragment.samples().len();
        cutter.push(&fragment)?;
    }
    cutter.finish()?;
    Ok(samples)
}

#[test]
fn a_file_that_is_cut_anywhere_but_between_fragments_is_an_error() {
    let bytes = file();
    assert_eq!(read(&bytes).unwrap(), 5);
    let head = init(&avc()).len();
    let one = fragment(0, 3, 1).len();
    let two = fragment(3000, 2, 0).len();
    let free = 10;
    let borders = [head, head + one, head + one + free, head + one + free + two];
    for end in 0..bytes.len() {
        assert_eq!(read(&bytes[..end]).is_ok(), borders.contains(&end), "cut at {end} of {}", bytes.len());
    }
}

proptest! {
    #[test]
    fn damaged_files_end_in_an_error_or_in_fewer_samples(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let mut bytes = file();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(samples) = read(&bytes) {
            prop_assert!(samples <= bytes.len());
        }
    }

    #[test]
    fn damaged_lengths_are_found(at in any::<prop::sample::Index>(), value in any::<u32>()) {
        let mut bytes = file();
        let at = at.index(bytes.len() - 4);
        put(&mut bytes, at, &value.to_be_bytes()).unwrap();
        read(&bytes).ok();
    }

    #[test]
    fn noise_is_an_error(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&noise).is_err());
        prop_assert!(Fragment::parse(noise.clone()).is_err());
        prop_assert!(Init::parse(noise).is_err());
    }
}
