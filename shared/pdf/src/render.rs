//! A laid-out document as bytes, by krilla.

use krilla::{
    SerializeSettings,
    color::rgb,
    configure::{Accessibility, Archival, ConfigurationBuilder},
    destination::XyzDestination,
    error::KrillaError,
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, SpanTag},
};

use crate::{
    PdfError,
    document::{Bookmark, Document, Mark, PAGE},
    layout::{Line, printable},
    tags::{Node, Tags},
    text::Ink,
};

/// Colour of thin lines.
const RULE: (u8, u8, u8) = (212, 212, 216);
/// Thickness of thin lines, in points.
const THIN: f32 = 0.6;

pub(crate) fn pdf(document: Document) -> Result<Vec<u8>, PdfError> {
    let Document { about, pages, mut tags, bookmarks, .. } = document;
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| PdfError::Export(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut pdf = krilla::Document::new_with(settings);
    let size = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| PdfError::Export("page size".into()))?;
    for marks in pages {
        let mut page = pdf.start_page_with(size.clone());
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, mark, &mut tags);
        }
        surface.finish();
        page.finish();
    }
    let at = about.created.to_zoned(jiff::tz::TimeZone::UTC);
    let part = |part: i8| u8::try_from(part).unwrap_or_default();
    let created = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    pdf.set_metadata(
        Metadata::new()
            .title(printable(&about.title))
            .authors(vec![printable(&about.author)])
            .language(about.language.clone())
            .creation_date(created),
    );
    pdf.set_outline(outline(&bookmarks));
    pdf.set_tag_tree(tags.tree(&about.language));
    pdf.finish().map_err(|error| PdfError::Export(explained(&error)))
}

/// An error in words; of a document that does not keep to the standards, all that is wrong.
fn explained(error: &KrillaError) -> String {
    match error {
        KrillaError::Validation(errors) => {
            errors.iter().map(|(error, _)| format!("{error:?}")).collect::<Vec<_>>().join("; ")
        }
        error => error.to_string(),
    }
}

fn draw(surface: &mut Surface<'_>, mark: Mark, tags: &mut Tags) {
    match mark {
        Mark::Line { x, y, line, node } => {
            let kind = match (node, line.actual.as_deref()) {
                (None, _) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::PaginationOther)),
                (Some(_), actual) => ContentTag::Span(SpanTag::empty().with_actual_text(actual)),
            };
            tagged(surface, kind, node, tags, |surface| draw_line(surface, x, y, &line));
        }
        Mark::Rule { x, y, width } => {
            let kind = ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout));
            tagged(surface, kind, None, tags, |surface| {
                let mut path = PathBuilder::new();
                if let Some(bar) = Rect::from_xywh(x, y, width, THIN) {
                    path.push_rect(bar);
                }
                if let Some(path) = path.finish() {
                    surface.set_fill(Some(fill(RULE)));
                    surface.draw_path(&path);
                }
            });
        }
        Mark::Picture { path, node } => tagged(surface, ContentTag::Other, Some(node), tags, |surface| {
            surface.set_fill(Some(fill(Ink::Dark.rgb())));
            surface.draw_path(&path);
        }),
    }
}

fn tagged(
    surface: &mut Surface<'_>,
    kind: ContentTag<'_>,
    node: Option<Node>,
    tags: &mut Tags,
    draw: impl FnOnce(&mut Surface<'_>),
) {
    let mark = surface.start_tagged(kind);
    draw(surface);
    surface.end_tagged();
    if let Some(node) = node {
        tags.mark(node, mark);
    }
}

fn draw_line(surface: &mut Surface<'_>, x: f32, y: f32, line: &Line) {
    surface.set_fill(Some(fill(line.ink.rgb())));
    for run in &line.runs {
        let start = Point::from_xy(x + run.x, y + line.baseline);
        surface.draw_glyphs(start, &run.glyphs, run.font.clone(), &run.text, run.size, false);
    }
}

fn fill((red, green, blue): (u8, u8, u8)) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

/// The headings, those of parts below the heading of the whole.
fn outline(bookmarks: &[Bookmark]) -> Outline {
    let mut tops: Vec<OutlineNode> = Vec::new();
    for bookmark in bookmarks {
        let place = XyzDestination::new(bookmark.page, Point::from_xy(0.0, bookmark.y));
        let node = OutlineNode::new(printable(&bookmark.title), place);
        match tops.last_mut() {
            Some(top) if bookmark.level > 1 => top.push_child(node),
            _ => tops.push(node),
        }
    }
    let mut outline = Outline::new();
    for top in tops {
        outline.push_child(top);
    }
    outline
}
