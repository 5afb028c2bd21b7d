//! What the reader takes, and what it refuses before it costs anything.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a step of a test that fails ends the test")]

mod common;

use std::io::Write as _;

use archive::{Bad, Directory, Packing, Writer};
use common::{LIMITS, Memory, Raw, block_on, read, zip};
use proptest::prelude::*;

fn refused(bytes: &[u8]) -> Bad {
    read(bytes, &[]).unwrap_err()
}

#[test]
fn what_tools_write_is_read() {
    let text = b"Each value has one owner. ".repeat(40);
    let archive = zip(&[Raw::stored("a", b"plain"), Raw::deflated("b", &text), Raw::stored("c", b"")]);
    let contents = read(&archive, &["b", "a", "c"]).unwrap();
    assert_eq!(contents, [text, b"plain".to_vec(), Vec::new()]);
    // Tools without a name for Unix attributes say nothing of the kind of a file.
    let dos = Raw { made_by: 20, attributes: 0x20, ..Raw::stored("a", b"plain") };
    assert_eq!(read(&zip(&[dos]), &["a"]).unwrap(), [b"plain"]);
    assert!(read(&zip(&[]), &[]).unwrap().is_empty());
}

#[test]
fn a_directory_costs_one_request_and_a_content_two() {
    let source = Memory::from(zip(&[Raw::stored("a", b"plain"), Raw::stored("b", b"more")]));
    let directory = block_on(Directory::read(&source, &LIMITS)).unwrap();
    assert_eq!(source.requests.get(), 1);
    let entry = directory.get("a").unwrap();
    assert_eq!(entry.size(), 5);
    let content = block_on(async { entry.open(&source).await.unwrap().all().await.unwrap() });
    assert_eq!((content.as_slice(), source.requests.get()), (b"plain".as_slice(), 3));
    assert!(directory.get("c").is_none());
}

#[test]
fn names_must_be_allowed_and_be_there_once() {
    for name in ["", "A", "../a", "/a", "a/", "a\\b", "a\0", "C:a"] {
        assert!(matches!(refused(&zip(&[Raw::stored(name, b"x")])), Bad::Name(_)), "{name}");
    }
    let odd = Raw { name: vec![0xff, 0xfe], ..Raw::stored("a", b"x") };
    assert!(matches!(refused(&zip(&[odd])), Bad::Name(_)));
    let long = Bad::Name("\\u{1}".repeat(12));
    assert_eq!(
        refused(&zip(&[Raw::stored(&"\u{1}".repeat(1_000), b"x")])),
        long,
        "escaped, and its beginning"
    );
    let twice = zip(&[Raw::stored("a", b"one"), Raw::stored("b", b""), Raw::stored("a", b"two")]);
    assert_eq!(refused(&twice), Bad::Twice("a".into()));
    // Two programs could see two names.
    let other = Raw { header_name: b"b".to_vec(), ..Raw::stored("a", b"x") };
    assert_eq!(read(&zip(&[other]), &["a"]).unwrap_err(), Bad::Damaged("a".into()));
}

#[test]
fn neither_secrets_nor_links_nor_folders_are_taken() {
    for flag in [1, 1 << 6, 1 << 13] {
        let raw = Raw { flags: flag, ..Raw::stored("a", b"x") };
        assert_eq!(refused(&zip(&[raw])), Bad::Encrypted("a".into()));
    }
    let hidden = Raw { header_flags: 1, ..Raw::stored("a", b"x") };
    assert_eq!(read(&zip(&[hidden]), &["a"]).unwrap_err(), Bad::Damaged("a".into()));
    for kind in [0o120_777u32, 0o040_755, 0o020_666, 0o060_666] {
        let raw = Raw { attributes: kind << 16, ..Raw::stored("a", b"x") };
        assert_eq!(refused(&zip(&[raw])), Bad::NotAFile("a".into()), "{kind:o}");
    }
    for method in [1, 9, 12, 14, 93, 99] {
        assert_eq!(refused(&zip(&[Raw { method, ..Raw::stored("a", b"x") }])), Bad::Unusual, "{method}");
    }
    assert_eq!(refused(&zip(&[Raw { flags: 1 << 5, ..Raw::stored("a", b"x") }])), Bad::Unusual, "a patch");
}

#[test]
fn an_archive_stays_within_its_limits() {
    let many: Vec<_> = (b'a'..=b'k').map(|name| Raw::stored(&char::from(name).to_string(), b"")).collect();
    assert_eq!(refused(&zip(&many)), Bad::TooManyEntries(10));
    assert!(read(&zip(&many[..10]), &[]).is_ok());

    let bytes = vec![7; 200_001];
    let most = &bytes[..200_000];
    assert!(read(&zip(&[Raw::stored("a", most)]), &["a"]).is_ok());
    let large = Bad::TooLarge { name: "a".into(), most: 200_000 };
    assert_eq!(refused(&zip(&[Raw::stored("a", &bytes)])), large);
    let together = [Raw::stored("a", most), Raw::stored("b", &most[..100_001])];
    assert_eq!(refused(&zip(&together)), Bad::TotalTooLarge(300_000));

    // Zeros get to a thousandth.
    assert_eq!(refused(&zip(&[Raw::deflated("a", &[0; 200_000])])), Bad::TooDense("a".into()));
    assert!(read(&zip(&[Raw::deflated("a", &[0; 60_000])]), &["a"]).is_ok(), "small ones may");
}

#[test]
fn a_bomb_that_lies_about_its_size_is_stopped_at_the_size_that_it_gave() {
    let bomb = Raw { size: 1_000, crc: 0, ..Raw::deflated("a", &vec![0; 5_000_000]) };
    let source = Memory::from(zip(&[bomb]));
    let directory = block_on(Directory::read(&source, &LIMITS)).unwrap();
    let entry = directory.get("a").unwrap();
    let mut contents = block_on(entry.open(&source)).unwrap();
    // The first piece, of a megabyte at most, is too much already.
    let failed = block_on(contents.next()).unwrap_err();
    assert_eq!(failed.to_string(), Bad::Damaged("a".into()).to_string());
}

#[test]
fn lying_sums_are_found() {
    let text = b"Each value has one owner. ".repeat(40);
    let raw = Raw::deflated("a", &text);
    let lies = [
        Raw { crc: raw.crc ^ 1, ..raw.clone() },
        Raw { size: raw.size + 1, ..raw.clone() },
        Raw { size: raw.size - 1, ..raw.clone() },
        Raw { packed: raw.packed - 1, ..raw.clone() },
        Raw { packed: raw.packed + 1, data: [raw.data.as_slice(), b"x".as_slice()].concat(), ..raw.clone() },
        Raw { data: vec![0xff; raw.data.len()], ..raw.clone() },
        Raw { crc: 1, ..Raw::stored("a", b"plain") },
        Raw { size: 4, ..Raw::stored("a", b"plain") },
        Raw { packed: 0, data: Vec::new(), ..raw },
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        assert_eq!(read(&zip(&[lie]), &["a"]).unwrap_err(), Bad::Damaged("a".into()), "{number}");
    }
}

#[test]
fn no_two_entries_share_bytes() {
    // One kernel of packed bytes under many names, after David Fifield, "A better zip bomb" (2019).
    let same = [Raw::stored("a", b"kernel"), Raw { at: Some(0), ..Raw::stored("b", b"kernel") }];
    assert!(matches!(refused(&zip(&same)), Bad::Overlap(_)));
    let inside = [Raw::stored("a", &[7; 100]), Raw { at: Some(31), ..Raw::stored("b", b"x") }];
    assert!(matches!(refused(&zip(&inside)), Bad::Overlap(_)));
    for at in [u32::MAX, 40] {
        let behind = Raw { at: Some(at), ..Raw::stored("a", b"plain") };
        assert_eq!(refused(&zip(&[behind])), Bad::Overlap("a".into()), "in the directory, or behind all");
    }
}

#[test]
fn the_end_stands_at_the_end_and_the_directory_right_before_it() {
    let whole = zip(&[Raw::stored("a", b"plain")]);
    for length in 0..whole.len() {
        assert!(matches!(refused(&whole[..length]), Bad::NotAnArchive | Bad::Unusual), "{length}");
    }
    for (at, value) in [(4, 1), (6, 1), (8, 2), (20, 3)] {
        let mut changed = whole.clone();
        let end = changed.len() - 22;
        changed[end + at] = value;
        assert_eq!(refused(&changed), Bad::Unusual, "disks, counts, comment: {at}");
    }
    let behind = [whole.as_slice(), b"!".as_slice()].concat();
    assert_eq!(refused(&behind), Bad::NotAnArchive);
    let before = [b"!".as_slice(), whole.as_slice()].concat();
    assert_eq!(refused(&before), Bad::Unusual, "another file in front of it");
    // Fewer records than there are, and more.
    for count in [0u8, 2] {
        let mut changed = whole.clone();
        let end = changed.len() - 22;
        (changed[end + 8], changed[end + 10]) = (count, count);
        assert_eq!(refused(&changed), Bad::NotAnArchive, "{count}");
    }
    let mut zip64 = whole;
    let end = zip64.len() - 22;
    zip64[end + 8..end + 20].fill(0xff);
    assert_eq!(refused(&zip64), Bad::TooManyEntries(10));
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(files in prop::collection::btree_map(
        "[a-z]{1,8}", (prop::collection::vec(any::<u8>(), 0..5_000), any::<bool>()), 0..8,
    )) {
        let mut writer = Writer::default();
        let mut bytes = Vec::new();
        for (name, (content, is_packed)) in &files {
            writer.start(name, if *is_packed { Packing::Deflated } else { Packing::Stored }).unwrap();
            for piece in content.chunks(777) {
                writer.write_all(piece).unwrap();
                bytes.extend(writer.take());
            }
        }
        bytes.extend(writer.finish().unwrap());
        let names: Vec<_> = files.keys().map(String::as_str).collect();
        let contents: Vec<_> = files.values().map(|(content, _)| content.clone()).collect();
        prop_assert_eq!(read(&bytes, &names).unwrap(), contents);
    }

    #[test]
    fn of_a_changed_archive_nothing_else_is_read(at in 0usize..400, bit in 0u8..8) {
        let text = b"Each value has one owner.".repeat(4);
        let mut bytes = zip(&[Raw::deflated("a", &text), Raw::stored("b", b"plain")]);
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        // It is refused, or what changed is of no account: a time, a version, an attribute, a name in a header that is not opened.
        let source = Memory::from(bytes);
        let read = block_on(async {
            let directory = Directory::read(&source, &LIMITS).await.ok()?;
            directory.get("a")?.open(&source).await.ok()?.all().await.ok()
        });
        prop_assert!(read.is_none_or(|content| content == text));
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let ends = [bytes.as_slice(), b"PK\x05\x06".as_slice(), [0; 18].as_slice()].concat();
        for bytes in [&bytes, &ends] {
            let _ = read(bytes, &[]);
        }
    }
}
