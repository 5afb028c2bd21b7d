//! The document, read back by another library.

use std::collections::BTreeSet;

use domain::identity::Language;
use qrcode::{Color, EcLevel, QrCode};
use testkit::world::BASE_URL;

use crate::stage::Stage;

/// The text of each page, without the ends of its lines.
fn pages(pdf: &[u8]) -> Vec<String> {
    let read = lopdf::Document::load_mem(pdf).unwrap();
    let text = |page| read.extract_text(&[page]).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    read.get_pages().into_keys().map(text).collect()
}

async fn issued(stage: &Stage, name: (&str, &str), language: Language) -> (String, Vec<u8>) {
    let student = stage.student(name, language).await;
    stage.complete(&student).await;
    stage.done(&student.message()).await;
    (stage.certificate(&student).await.unwrap().code.to_string(), stage.document(&student).await)
}

#[tokio::test]
async fn it_says_who_has_completed_what_and_where_to_check_it() {
    let stage = Stage::new().await;
    let (code, pdf) = issued(&stage, ("Ada", "Lovelace"), Language::En).await;
    let [page] = &pages(&pdf)[..] else { panic!("more than a page") };
    let link = format!("{BASE_URL}/api/v1/certificates/{code}");
    let said = [
        "Certificate of Completion",
        "Ada Lovelace",
        &stage.course.title,
        "taught by Ada Lovelace",
        "Completed on 2 June 2026",
        &code,
        &link,
    ];
    for text in said {
        assert!(page.contains(text), "{text} is missing: {page}");
    }
}

/// The filled rectangles of the page: left, one edge, width, height.
fn bars(pdf: &[u8]) -> Vec<[f32; 4]> {
    let read = lopdf::Document::load_mem(pdf).unwrap();
    let page = *read.get_pages().get(&1).unwrap();
    let content = lopdf::content::Content::decode(&read.get_page_content(page)).unwrap();
    let (mut bars, mut corners) = (Vec::new(), Vec::new());
    for operation in content.operations {
        let number = |place: usize| operation.operands[place].as_float().unwrap();
        match operation.operator.as_str() {
            "re" => bars.push([number(0), number(1), number(2), number(3)]),
            "m" => corners = vec![(number(0), number(1))],
            "l" => corners.push((number(0), number(1))),
            "h" => {
                let of = |pick: fn(&(f32, f32)) -> f32| {
                    let all = corners.iter().map(pick);
                    (all.clone().fold(f32::MAX, f32::min), all.fold(f32::MIN, f32::max))
                };
                let ((left, right), (low, high)) = (of(|corner| corner.0), of(|corner| corner.1));
                bars.push([left, low, right - left, high - low]);
            }
            _ => {}
        }
    }
    bars
}

#[expect(clippy::cast_possible_truncation, reason = "places in a grid of some forty")]
#[tokio::test]
async fn its_qr_code_is_that_of_the_page() {
    let stage = Stage::new().await;
    let (code, pdf) = issued(&stage, ("Ada", "Lovelace"), Language::En).await;
    // Lines are thinner than the modules of a code.
    let bars: Vec<_> = bars(&pdf).into_iter().filter(|[_, _, _, height]| *height > 1.0).collect();
    let edge = |place: usize| bars.iter().map(|bar| bar[place]).fold(f32::MAX, f32::min);
    let (left, low, module) = (edge(0), edge(1), edge(3));
    let at = |length: f32| (length / module).round() as usize;
    let drawn: BTreeSet<_> = bars
        .iter()
        .flat_map(|[x, y, width, _]| {
            (0..at(*width)).map(move |step| (at(y - low), at(x - left) + step)).collect::<Vec<_>>()
        })
        .collect();
    let link = format!("{BASE_URL}/api/v1/certificates/{code}");
    let expected = QrCode::with_error_correction_level(link, EcLevel::M).unwrap();
    let width = expected.width();
    let dark = expected.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let expected: BTreeSet<_> = dark.map(|(place, _)| (place / width, place % width)).collect();
    // Pages are measured from below, or turned over before.
    let turned = expected.iter().map(|(row, column)| (width - 1 - row, *column)).collect();
    assert!(drawn == expected || drawn == turned, "{} of {} modules", drawn.len(), expected.len());
}

#[tokio::test]
async fn a_korean_student_has_it_in_korean_with_the_family_name_first() {
    let stage = Stage::new().await;
    let (_, pdf) = issued(&stage, ("길동", "홍"), Language::Ko).await;
    let page = pages(&pdf).concat();
    for text in ["수료증", "홍길동", "2026년 6월 2일", "강사: Ada Lovelace"] {
        assert!(page.contains(text), "{text} is missing: {page}");
    }
    assert!(!page.contains('□'), "{page}");
}

#[tokio::test]
async fn names_of_every_script_and_length_give_a_document_of_a_page() {
    let stage = Stage::new().await;
    let long = "Wolfeschlegelsteinhausenbergerdorff".repeat(4);
    for name in [
        ("Łukasz", "Škvorecký"),
        ("Николай", "Гоголь"),
        ("Νίκος", "Καζαντζάκης"),
        ("太郎", "山田"),
        ("さくら", "すずき"),
        ("عمر", "الخيام"),
        ("שלום", "עליכם"),
        ("ศรีบูรพา", "กุหลาบ"),
        ("प्रेमचंद", "मुंशी"),
        ("👩‍🎓", "😀"),
        (&long, &long),
        ("a\u{202e}b", "\u{0000}\u{feff}"),
        ("", "x"),
    ] {
        let (code, pdf) = issued(&stage, name, Language::En).await;
        let pages = pages(&pdf);
        assert_eq!(pages.len(), 1, "{name:?}");
        assert!(pages[0].contains(&code), "{name:?}: {}", pages[0]);
        let has_fonts = name.1 != "😀";
        assert_eq!(pages[0].contains('□'), !has_fonts, "{name:?}: {}", pages[0]);
    }
}
