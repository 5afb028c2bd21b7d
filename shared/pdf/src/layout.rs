//! Text set in lines: shaping, line breaks and order of scripts by parley.

use std::{borrow::Cow, collections::HashMap, rc::Rc, sync::Arc};

use krilla::text::{Font, GlyphId, KrillaGlyph};
use parley::{
    Alignment, AlignmentOptions, FontContext, FontFamily, FontFamilyName, FontFeatures, FontWeight, Layout,
    LayoutContext, LineHeight, OverflowWrap, PositionedLayoutItem, StyleProperty, WordBreak,
    fontique::{Blob, Collection, CollectionOptions, SourceCache},
};

use crate::{
    PdfError, fonts,
    text::{Align, Ink, Text},
};

/// What is drawn for a character that no font has.
const MISSING: char = '□';
/// Height of a line, in sizes of its font: Hangul fills its square and wants more than Latin.
const LINE_HEIGHT: f32 = 1.45;

/// Glyphs of one face.
pub(crate) struct Run {
    /// From the left of the column.
    pub(crate) x: f32,
    pub(crate) font: Font,
    pub(crate) size: f32,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// The whole text: glyphs have ranges of it.
    pub(crate) text: Rc<str>,
}

/// A line of text.
pub(crate) struct Line {
    pub(crate) runs: Vec<Run>,
    pub(crate) height: f32,
    /// From its top.
    pub(crate) baseline: f32,
    pub(crate) ink: Ink,
    /// What it says, where that is not what is drawn.
    pub(crate) actual: Option<String>,
}

/// Sets text.
pub(crate) struct Shaper {
    fonts: FontContext,
    layouts: LayoutContext<Ink>,
    faces: HashMap<u64, Font>,
}

impl Shaper {
    pub(crate) fn new() -> Result<Self, PdfError> {
        let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
        let mut faces = HashMap::new();
        for face in fonts::FACES {
            let data = Blob::new(Arc::new(face));
            faces.insert(data.id(), Font::new(face.into(), 0).ok_or(PdfError::Fonts)?);
            collection.register_fonts(data, None);
        }
        let is_there = |family: &FontFamilyName<'_>| match family {
            FontFamilyName::Named(name) => collection.family_id(name).is_some(),
            FontFamilyName::Generic(_) => false,
        };
        if !fonts::FAMILIES.iter().all(is_there) {
            return Err(PdfError::Fonts);
        }
        let fonts = FontContext { collection, source_cache: SourceCache::default() };
        Ok(Self { fonts, layouts: LayoutContext::new(), faces })
    }

    /// The lines of a text in a column that is so many points wide; none for an empty text.
    pub(crate) fn lines(&mut self, text: &Text, width: f32) -> Vec<Line> {
        let said = printable(&text.content);
        if said.is_empty() {
            return Vec::new();
        }
        let layout = self.set(&said, text, width);
        let mut without = holes(&layout);
        if without.is_empty() {
            return self.read(&layout, &said, text.ink, |_| None);
        }
        loop {
            let drawn = Drawn::without(&said, &without);
            let layout = self.set(&drawn.text, text, width);
            // A mark of another script may stand on what is drawn for a hole: then the hole is larger.
            let more = holes(&layout).into_iter().filter_map(|hole| drawn.origin(hole));
            let larger = merged(without.iter().cloned().chain(more));
            if larger == without {
                return self.read(&layout, &drawn.text, text.ink, |range| drawn.said(&said, range));
            }
            without = larger;
        }
    }

    fn set(&mut self, said: &str, text: &Text, width: f32) -> Layout<Ink> {
        let mut builder = self.layouts.ranged_builder(&mut self.fonts, said, 1.0, false);
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Borrowed(&fonts::FAMILIES))));
        builder.push_default(StyleProperty::FontSize(text.size));
        builder.push_default(StyleProperty::FontWeight(if text.bold {
            FontWeight::BOLD
        } else {
            FontWeight::NORMAL
        }));
        builder.push_default(LineHeight::FontSizeRelative(LINE_HEIGHT));
        // Korean breaks between words; what does not fit into a column at all breaks anywhere.
        builder.push_default(StyleProperty::WordBreak(WordBreak::KeepAll));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        // Digits of one width, so that amounts stand below one another.
        builder.push_default(StyleProperty::FontFeatures(FontFeatures::from("\"tnum\"")));
        let mut layout = builder.build(said);
        layout.break_all_lines(Some(width));
        let alignment = match text.align {
            Align::Left => Alignment::Left,
            Align::Center => Alignment::Center,
            Align::Right => Alignment::Right,
        };
        layout.align(alignment, AlignmentOptions::default());
        layout
    }

    fn read(
        &self,
        layout: &Layout<Ink>,
        text: &str,
        ink: Ink,
        actual: impl Fn(std::ops::Range<usize>) -> Option<String>,
    ) -> Vec<Line> {
        let text: Rc<str> = text.into();
        let line = |line: parley::Line<'_, Ink>| {
            let metrics = line.metrics();
            let runs = line.items().filter_map(|item| match item {
                PositionedLayoutItem::GlyphRun(glyphs) => self.run(&glyphs, &text),
                PositionedLayoutItem::InlineBox(_) => None,
            });
            Line {
                runs: runs.collect(),
                height: metrics.line_height,
                baseline: metrics.baseline - metrics.block_min_coord,
                ink,
                actual: actual(line.text_range()),
            }
        };
        layout.lines().map(line).collect()
    }

    fn run(&self, positioned: &parley::GlyphRun<'_, Ink>, text: &Rc<str>) -> Option<Run> {
        let run = positioned.run();
        let size = run.font_size();
        let font = self.faces.get(&run.font().data.id())?.clone();
        let mut glyphs: Vec<KrillaGlyph> = Vec::new();
        // The text has one style, so that the run is whole.
        for cluster in run.visual_clusters() {
            if cluster.is_ligature_continuation() {
                if let Some(ligature) = glyphs.last_mut() {
                    let (part, whole) = (cluster.text_range(), &mut ligature.text_range);
                    *whole = whole.start.min(part.start)..whole.end.max(part.end);
                }
                continue;
            }
            glyphs.extend(cluster.glyphs().map(|glyph| {
                let [advance, x, y] = [glyph.advance, glyph.x, glyph.y].map(|length| length / size);
                KrillaGlyph::new(GlyphId::new(glyph.id), advance, x, y, 0.0, cluster.text_range(), None)
            }));
        }
        (!glyphs.is_empty()).then(|| Run { x: positioned.offset(), font, size, glyphs, text: text.clone() })
    }
}

/// A text as it may stand in a document: PDF/A forbids characters of private use and some that are none (ISO 19005-2, 6.2.11.7), and
/// control characters are no text.
pub(crate) fn printable(text: &str) -> String {
    let char = |char: char| match char {
        '\u{feff}' | '\u{fff0}'..='\u{fffb}' => None,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => Some(MISSING),
        _ if u32::from(char) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&char) => Some(MISSING),
        _ if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') => Some(' '),
        _ => Some(char),
    };
    text.chars().filter_map(char).collect::<String>().trim().to_owned()
}

/// Where the fonts lack what a text says: ranges in its order.
fn holes(layout: &Layout<Ink>) -> Vec<std::ops::Range<usize>> {
    let mut holes: Vec<std::ops::Range<usize>> = Vec::new();
    for line in layout.lines() {
        for run in line.runs() {
            let mut is_hole = false;
            for cluster in run.visual_clusters() {
                let part = cluster.text_range();
                if !cluster.is_ligature_continuation() {
                    is_hole = cluster.glyphs().any(|glyph| glyph.id == 0);
                    holes.extend(is_hole.then_some(part));
                } else if let Some(whole) = holes.last_mut().filter(|_| is_hole) {
                    *whole = whole.start.min(part.start)..whole.end.max(part.end);
                }
            }
        }
    }
    holes.sort_by_key(|hole| hole.start);
    holes
}

/// The ranges in their order, those that overlap as one.
fn merged(ranges: impl Iterator<Item = std::ops::Range<usize>>) -> Vec<std::ops::Range<usize>> {
    let mut sorted: Vec<_> = ranges.collect();
    sorted.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<std::ops::Range<usize>> = Vec::new();
    for range in sorted {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// A text with [`MISSING`] in its holes.
struct Drawn {
    text: String,
    /// For each byte of it, and its end, where that is in what is said.
    origins: Vec<usize>,
}

impl Drawn {
    fn without(said: &str, holes: &[std::ops::Range<usize>]) -> Self {
        let mut drawn = Self { text: String::new(), origins: Vec::new() };
        let mut from = 0;
        for hole in holes {
            if hole.start < from {
                continue;
            }
            drawn.keep(said, from..hole.start);
            drawn.text.push(MISSING);
            drawn.origins.resize(drawn.text.len(), hole.start);
            from = hole.end;
        }
        drawn.keep(said, from..said.len());
        drawn.origins.push(said.len());
        drawn
    }

    fn keep(&mut self, said: &str, range: std::ops::Range<usize>) {
        self.origins.extend(range.clone());
        self.text.push_str(&said[range]);
    }

    /// Where a range of it is in what is said.
    fn origin(&self, range: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
        Some(self.origins.get(range.start).copied()?..self.origins.get(range.end).copied()?)
    }

    /// What a range of it stands for, where that is something else.
    fn said(&self, said: &str, range: std::ops::Range<usize>) -> Option<String> {
        let origin = self.origin(range.clone())?;
        let (drawn, said) = (self.text.get(range)?, said.get(origin)?);
        (drawn != said).then(|| said.to_owned())
    }
}
