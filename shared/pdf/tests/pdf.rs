//! Documents, read back by another library.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

use lopdf::{Dictionary, Object};
use pdf::{About, Align, Column, Document, Table, Text};
use proptest::prelude::*;

fn about() -> About {
    About {
        title: "A test".into(),
        author: "LearnFlow".into(),
        language: "en".into(),
        created: "2026-11-22T10:30:05Z".parse().unwrap(),
    }
}

fn finished(document: Document) -> Vec<u8> {
    document.finish(|page, pages| format!("Page {page} of {pages}")).unwrap()
}

fn document_of(fill: impl FnOnce(&mut Document)) -> Vec<u8> {
    let mut document = Document::new(about()).unwrap();
    document.text(Text::heading("A test"));
    fill(&mut document);
    finished(document)
}

/// The text of each page, without the ends of its lines.
fn pages(pdf: &[u8]) -> Vec<String> {
    let read = lopdf::Document::load_mem(pdf).unwrap();
    let text = |page| read.extract_text(&[page]).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    read.get_pages().into_keys().map(text).collect()
}

fn dictionaries(pdf: &[u8]) -> Vec<Dictionary> {
    let read = lopdf::Document::load_mem(pdf).unwrap();
    let dictionary = |object: Object| match object {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(stream.dict),
        _ => None,
    };
    read.objects.into_values().filter_map(dictionary).collect()
}

#[test]
fn text_of_many_scripts_reads_back_as_it_was() {
    let said = [
        "The quick brown fox: fi fl ffi – “quoted” €12.50 ₩9,000",
        "Łódź, Škoda, Győr, Ærø, İstanbul, Nguyễn Thị Hằng",
        "Ελληνικά και Кириллица",
        "뷁 훑어보는 러스트 프로그래밍 – 김철수 님의 영수증",
        "ひらがな カタカナ",
    ];
    let pdf = document_of(|document| said.iter().for_each(|line| document.text(*line)));
    let text = pages(&pdf).join(" ");
    for line in said {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains('□'), "{text}");
}

#[test]
fn names_of_the_scripts_of_most_people_are_drawn() {
    for name in ["山田太郎 漢字 汉字 學生", "عمر الخيّام", "שָׁלוֹם עליכם", "प्रेमचंद मुंशी", "กุหลาบ สายประดิษฐ์"]
    {
        let pdf = document_of(|document| document.text(Text::new(name).bold()));
        let text = pages(&pdf).concat();
        assert!(!text.contains('□'), "{name}: {text}");
        // What is drawn from the right reads in another order, letter by letter.
        let letters = |text: &str| text.chars().filter(|one| one.is_alphanumeric()).count();
        assert!(letters(&text) >= letters(name), "{name}: {text}");
        assert!(pdf.len() < 60_000, "{name}: {} bytes", pdf.len());
    }
}

#[test]
fn only_the_glyphs_in_use_are_embedded() {
    let pdf = document_of(|document| document.text("한국어 and English"));
    assert!(pdf.len() < 40_000, "{} bytes", pdf.len());
    let fonts: Vec<_> = dictionaries(&pdf)
        .iter()
        .filter(|one| {
            one.get(b"Type").is_ok_and(|kind| kind.as_name().is_ok_and(|name| name == b"FontDescriptor"))
        })
        .map(|one| {
            (
                String::from_utf8(one.get(b"FontName").unwrap().as_name().unwrap().to_vec()).unwrap(),
                one.has(b"FontFile3"),
            )
        })
        .collect();
    assert_eq!(fonts.len(), 2, "regular and bold: {fonts:?}");
    for (name, embedded) in fonts {
        assert!(embedded && name.contains("+Pretendard"), "{name}");
    }
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let make = || document_of(|document| document.text("영수증 Receipt"));
    assert_eq!(make(), make());
    let mut later = about();
    later.created = "2026-11-22T10:30:06Z".parse().unwrap();
    let mut document = Document::new(later).unwrap();
    document.text(Text::heading("A test"));
    document.text("영수증 Receipt");
    assert_ne!(finished(document), make(), "the given time is in it");
}

#[test]
fn what_no_font_has_is_drawn_as_a_box_and_keeps_its_meaning() {
    let pdf = document_of(|document| document.text("Invoice for 𓀀𓂀 and 👩‍🎓 here"));
    let text = pages(&pdf).concat();
    assert!(text.contains("□"), "{text}");
    assert!(text.contains("Invoice for") && text.contains("here"), "{text}");
    let read = lopdf::Document::load_mem(&pdf).unwrap();
    let page = *read.get_pages().get(&1).unwrap();
    let content = lopdf::content::Content::decode(&read.get_page_content(page)).unwrap();
    let actual =
        content.operations.iter().flat_map(|operation| &operation.operands).find_map(|operand| {
            lopdf::decode_text_string(operand.as_dict().ok()?.get(b"ActualText").ok()?).ok()
        });
    assert_eq!(actual.as_deref(), Some("Invoice for 𓀀𓂀 and 👩‍🎓 here"));
}

#[test]
fn a_mark_on_what_no_font_has_goes_with_it() {
    let pdf = document_of(|document| document.text("𑈀\u{591}"));
    let text = pages(&pdf).concat();
    assert!(text.contains('□') && !text.contains('\u{591}'), "{text}");
}

fn numbered(rows: usize) -> Table {
    let mut table = Table::new([Column::new(3.0, Align::Left).names(), Column::new(1.0, Align::Right)])
        .head(["Course", "Amount"])
        .lined();
    for number in 0..rows {
        table.row([vec![Text::new(format!("course-{number}-"))], vec![Text::new(format!("{number}.00"))]]);
    }
    table
}

#[test]
fn a_long_table_goes_on_below_its_head_on_the_next_page() {
    let pages = pages(&document_of(|document| document.table(&numbered(100))));
    assert!(pages.len() >= 3, "{}", pages.len());
    for (number, page) in pages.iter().enumerate() {
        assert_eq!(page.matches("Course Amount").count(), 1, "{page}");
        assert!(page.contains(&format!("Page {} of {}", number + 1, pages.len())), "{page}");
    }
    let all = pages.concat();
    for number in 0..100 {
        assert_eq!(all.matches(&format!("course-{number}-")).count(), 1, "{number}");
    }
}

#[test]
fn a_table_that_is_to_be_whole_begins_on_a_new_page_where_it_must() {
    let pages = pages(&document_of(|document| {
        document.table(&numbered(25));
        document.table(&numbered(15).whole());
    }));
    assert_eq!(pages.len(), 2);
    assert_eq!(pages[1].matches("course-").count(), 15);
}

#[test]
fn a_row_that_no_page_can_hold_is_parted() {
    let words: Vec<_> = (0..3_000).map(|number| format!("w{number}.")).collect();
    let pages = pages(&document_of(|document| {
        let mut table = numbered(1);
        table.row([vec![Text::new(words.join(" "))], vec![Text::new("1.00")]]);
        document.table(&table);
        document.text("The end.");
    }));
    assert!(pages.len() >= 3, "{}", pages.len());
    let all = pages.join(" ");
    for word in &words {
        assert_eq!(all.matches(&format!(" {word}")).count(), 1, "{word}");
    }
    assert!(pages.last().unwrap().contains("The end."));
}

#[test]
fn a_word_wider_than_its_column_breaks() {
    let pdf = document_of(|document| {
        document.columns([(1.0, vec![Text::new("W".repeat(200))]), (1.0, vec![Text::new("right")])]);
    });
    let read = lopdf::Document::load_mem(&pdf).unwrap();
    let text = read.extract_text(&[1]).unwrap();
    let longest = text.lines().map(|line| line.matches('W').count()).max().unwrap();
    assert!((5..50).contains(&longest), "{text}");
    assert_eq!(text.matches('W').count(), 200);
}

#[test]
fn the_structure_is_tagged_and_names_its_language() {
    let pdf = document_of(|document| {
        document.table(&numbered(2));
        document
            .qr("https://example.com/", "A link to example.com", 80.0, &[Text::new("Beside it")])
            .unwrap();
    });
    let found = dictionaries(&pdf);
    let roles: Vec<_> = found
        .iter()
        .filter_map(|one| one.get(b"S").ok()?.as_name().ok())
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    for (role, count) in [("Table", 1), ("TR", 3), ("TH", 4), ("TD", 2), ("H1", 1), ("Figure", 1)] {
        assert_eq!(roles.iter().filter(|name| *name == role).count(), count, "{role}: {roles:?}");
    }
    let said = |key: &[u8]| found.iter().find_map(|one| lopdf::decode_text_string(one.get(key).ok()?).ok());
    assert_eq!(said(b"Alt").as_deref(), Some("A link to example.com"));
    assert_eq!(said(b"Lang").as_deref(), Some("en"));
    let xmp = String::from_utf8_lossy(&pdf).into_owned();
    assert!(xmp.contains("<pdfaid:part>2</pdfaid:part>") && xmp.contains("<pdfuaid:part>1</pdfuaid:part>"));
}

#[test]
fn a_qr_code_that_can_not_hold_its_content_is_an_error() {
    let mut document = Document::new(about()).unwrap();
    let error = document.qr(&"x".repeat(5_000), "Too much", 80.0, &[]).unwrap_err();
    assert!(matches!(error, pdf::PdfError::Qr(_)), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Titles and names are whatever people type: none of it keeps a document from being made, within the standards that it claims.
    #[test]
    fn any_text_can_be_in_a_document(heading in any::<String>(), cells in prop::collection::vec(any::<String>(), 1..8)) {
        let mut document = Document::new(About { title: format!("Of {heading}"), ..about() }).unwrap();
        document.text(Text::heading("A test"));
        document.text(Text::subheading(heading));
        let mut table = numbered(0);
        for cell in &cells {
            table.row([vec![Text::new(cell.clone()), Text::new(cell.clone()).by_the_way()], vec![Text::new(cell.clone()).bold()]]);
        }
        document.table(&table);
        let made = document.finish(|_, _| cells.concat());
        prop_assert!(made.is_ok(), "{:?}", made.err());
    }
}
