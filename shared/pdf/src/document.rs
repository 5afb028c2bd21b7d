//! A document that is filled from top to bottom.

use kernel::Timestamp;

use crate::{
    PdfError,
    layout::{Line, Shaper},
    qr, render,
    table::Table,
    tags::{Node, Role, Tags},
    text::{Align, Text},
};

/// A4 in points (ISO 216: 210 × 297 mm).
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
/// Left and right.
const MARGIN: f32 = 56.0;
const TOP: f32 = 56.0;
/// Where content ends; the footer is below.
const BOTTOM: f32 = PAGE.1 - 72.0;
/// Where the footer begins.
const FOOTER: f32 = PAGE.1 - 48.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
/// Between columns.
const GUTTER: f32 = 12.0;
/// Above and below the lines of a row.
const PADDING: f32 = 3.0;
/// Between a picture and what stands beside it.
const BESIDE: f32 = 8.0;

/// What a document says of itself.
#[derive(Clone, Debug)]
pub struct About {
    /// Its title.
    pub title: String,
    /// Who gives it out.
    pub author: String,
    /// Language of its text (RFC 5646), such as `ko`.
    pub language: String,
    /// When its content was made.
    pub created: Timestamp,
}

/// Something on a page.
pub(crate) enum Mark {
    /// A line of text at its left top. Text of no part is an artifact: a footer, a head that is repeated.
    Line { x: f32, y: f32, line: Line, node: Option<Node> },
    /// A thin line from `x` to the right margin.
    Rule { x: f32, y: f32, width: f32 },
    /// A picture.
    Picture { path: krilla::geom::Path, node: Node },
}

/// What stands in a column: lines with their parts.
struct Stack {
    x: f32,
    lines: Vec<(Option<Node>, Line)>,
}

impl Stack {
    fn height(&self) -> f32 {
        self.lines.iter().map(|(_, line)| line.height).sum()
    }
}

/// A heading for the outline: its text, page, and place on it.
pub(crate) struct Bookmark {
    pub(crate) title: String,
    pub(crate) level: u16,
    pub(crate) page: usize,
    pub(crate) y: f32,
}

/// A document in the making: A4, upright.
pub struct Document {
    pub(crate) about: About,
    pub(crate) pages: Vec<Vec<Mark>>,
    pub(crate) tags: Tags,
    pub(crate) bookmarks: Vec<Bookmark>,
    shaper: Shaper,
    y: f32,
    /// Where the content of this page begins: below a head that is repeated.
    top: f32,
}

impl Document {
    /// An empty document.
    ///
    /// # Errors
    /// [`PdfError::Fonts`].
    pub fn new(about: About) -> Result<Self, PdfError> {
        Ok(Self {
            about,
            pages: vec![Vec::new()],
            tags: Tags::default(),
            bookmarks: Vec::new(),
            shaper: Shaper::new()?,
            y: TOP,
            top: TOP,
        })
    }

    /// A paragraph or a heading over the whole width.
    pub fn text(&mut self, text: impl Into<Text>) {
        let stack = self.stack(&[text.into()], None, MARGIN, WIDTH);
        // Line by line: a paragraph may go on on the next page.
        for line in stack.lines {
            self.place(vec![Stack { x: MARGIN, lines: vec![line] }], &|_| {});
        }
    }

    /// Space, in points; none at the top of a page.
    pub fn space(&mut self, points: f32) {
        if self.y > self.top {
            self.y += points;
        }
    }

    /// A thin line over the whole width.
    pub fn rule(&mut self) {
        self.draw_rule(MARGIN, WIDTH);
    }

    /// Texts in columns beside one another, each with its share of the width.
    pub fn columns(&mut self, columns: impl IntoIterator<Item = (f32, Vec<Text>)>) {
        let columns: Vec<_> = columns.into_iter().collect();
        let places = places(columns.iter().map(|(share, _)| *share), MARGIN, WIDTH);
        let stacks = columns.iter().zip(places).map(|((_, texts), (x, width))| {
            let part = self.tags.add(None, Role::Part, "");
            self.stack(texts, Some(part), x, width)
        });
        let stacks = stacks.collect();
        self.place(stacks, &|_| {});
    }

    /// A table.
    pub fn table(&mut self, table: &Table) {
        let (left, width) = (MARGIN + WIDTH * table.from, WIDTH * (1.0 - table.from));
        let places = places(table.columns.iter().map(|column| column.share), left, width);
        let node = self.tags.add(None, Role::Table, "");
        let head: Vec<_> = table.head.iter().map(|text| vec![text.clone()]).collect();
        let head_node = (!head.is_empty()).then(|| self.tags.add(Some(node), Role::Row, ""));
        let mut rows = Vec::new();
        for row in &table.rows {
            let row_node = self.tags.add(Some(node), Role::Row, "");
            rows.push(self.row(table, &places, row, Some((row_node, false))));
        }
        let head_height = 2.0 * PADDING
            + head
                .iter()
                .zip(&table.columns)
                .zip(&places)
                .map(|((texts, column), (_, width))| {
                    texts
                        .iter()
                        .flat_map(|text| self.shaper.lines(&text.clone().aligned(column.align), *width))
                        .map(|line| line.height)
                        .sum::<f32>()
                })
                .fold(0.0, f32::max);
        let height_of = |row: &Vec<Stack>| row.iter().map(Stack::height).fold(0.0, f32::max) + 2.0 * PADDING;
        let first = rows.first().map_or(0.0, height_of);
        let all = rows.iter().map(height_of).sum::<f32>();
        let wanted = head_height + if table.whole { all } else { first };
        if self.y + wanted > BOTTOM && TOP + wanted <= BOTTOM && self.y > self.top {
            self.break_page();
        }
        let repeat = |document: &mut Self| {
            if !head.is_empty() {
                document.head(table, &places, &head, None);
                document.y += PADDING;
                document.top = document.y;
            }
        };
        if let Some(head_node) = head_node {
            self.head(table, &places, &head, Some(head_node));
        }
        for row in rows {
            self.y += PADDING;
            self.place(row, &repeat);
            self.y += PADDING;
            if table.lined {
                self.draw_rule(left, width);
            }
        }
        self.top = TOP;
    }

    /// A QR code of so many points, with texts beside it. `words` say what it holds to whoever can't see it.
    ///
    /// # Errors
    /// [`PdfError::Qr`] when the content is too long.
    pub fn qr(&mut self, content: &str, words: &str, size: f32, beside: &[Text]) -> Result<(), PdfError> {
        let node = self.tags.add(None, Role::Picture(words.to_owned()), "");
        let x = MARGIN + size + BESIDE;
        let stack = self.stack(beside, None, x, WIDTH - size - BESIDE);
        if self.y + size.max(stack.height()) > BOTTOM && self.y > self.top {
            self.break_page();
        }
        if let Some(path) = qr::path(content, MARGIN, self.y, size)? {
            self.push(Mark::Picture { path, node });
        }
        let (top, page) = (self.y, self.pages.len());
        self.y += (size - stack.height()).max(0.0) / 2.0;
        self.place(vec![stack], &|_| {});
        if self.pages.len() == page {
            self.y = self.y.max(top + size);
        }
        Ok(())
    }

    /// The finished document. `footer` gives the line at the foot of a page, from its number and how many there are.
    ///
    /// # Errors
    /// [`PdfError::Export`].
    pub fn finish(mut self, footer: impl Fn(usize, usize) -> String) -> Result<Vec<u8>, PdfError> {
        let count = self.pages.len();
        for number in 1..=count {
            let text = Text::new(footer(number, count)).by_the_way().sized(7.5).aligned(Align::Center);
            let mut y = FOOTER;
            for line in self.shaper.lines(&text, WIDTH) {
                let height = line.height;
                self.pages[number - 1].push(Mark::Line { x: MARGIN, y, line, node: None });
                y += height;
            }
        }
        render::pdf(self)
    }

    fn head(&mut self, table: &Table, places: &[(f32, f32)], head: &[Vec<Text>], node: Option<Node>) {
        let row = self.row(table, places, head, node.map(|node| (node, true)));
        self.y += PADDING;
        self.place(row, &|_| {});
        self.y += PADDING;
        let (left, width) = (MARGIN + WIDTH * table.from, WIDTH * (1.0 - table.from));
        self.draw_rule(left, width);
    }

    /// The cells of a row as stacks. Without a node the row is only looked at, as a head that is repeated.
    fn row(
        &mut self,
        table: &Table,
        places: &[(f32, f32)],
        cells: &[Vec<Text>],
        node: Option<(Node, bool)>,
    ) -> Vec<Stack> {
        let mut stacks = Vec::new();
        for ((texts, column), (x, width)) in cells.iter().zip(&table.columns).zip(places) {
            let texts: Vec<_> = texts.iter().map(|text| text.clone().aligned(column.align)).collect();
            let Some((row, is_head)) = node else {
                let lines = texts.iter().flat_map(|text| self.shaper.lines(text, *width));
                stacks.push(Stack { x: *x, lines: lines.map(|line| (None, line)).collect() });
                continue;
            };
            let role = match (is_head, column.names) {
                (true, _) => Role::ColumnHead,
                (false, true) => Role::RowHead,
                (false, false) => Role::Cell,
            };
            let cell = self.tags.add(Some(row), role, "");
            stacks.push(self.stack(&texts, Some(cell), *x, *width));
        }
        stacks
    }

    fn stack(&mut self, texts: &[Text], within: Option<Node>, x: f32, width: f32) -> Stack {
        let mut lines = Vec::new();
        for text in texts {
            let set = self.shaper.lines(text, width);
            if !set.is_empty() {
                let node = self.tags.add(within, text.role.clone(), &text.content);
                if let Role::Heading(level) = text.role {
                    self.bookmarks.push(Bookmark {
                        title: text.content.clone(),
                        level,
                        page: self.pages.len() - 1,
                        y: self.y,
                    });
                }
                lines.extend(set.into_iter().map(|line| (Some(node), line)));
            }
        }
        Stack { x, lines }
    }

    /// Places stacks beside one another. They go to the next page where they don't fit on this one, and are parted only when no page can
    /// hold them.
    fn place(&mut self, mut stacks: Vec<Stack>, on_new_page: &dyn Fn(&mut Self)) {
        loop {
            let height = stacks.iter().map(Stack::height).fold(0.0, f32::max);
            let fits = self.y + height <= BOTTOM;
            if fits || self.y <= self.top + PADDING {
                let (top, mut reached) = (self.y, self.y);
                for stack in &mut stacks {
                    let mut y = top;
                    let count = stack
                        .lines
                        .iter()
                        .take_while(|(_, line)| {
                            y += line.height;
                            y <= BOTTOM
                        })
                        .count();
                    let mut y = top;
                    for (node, line) in stack.lines.drain(..count) {
                        let height = line.height;
                        self.push(Mark::Line { x: stack.x, y, line, node });
                        y += height;
                    }
                    reached = reached.max(y);
                }
                self.y = reached;
                if fits {
                    return;
                }
            }
            self.break_page();
            on_new_page(self);
        }
    }

    fn draw_rule(&mut self, x: f32, width: f32) {
        let y = self.y;
        self.push(Mark::Rule { x, y, width });
    }

    fn push(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    fn break_page(&mut self) {
        self.pages.push(Vec::new());
        (self.y, self.top) = (TOP, TOP);
    }
}

/// Left edge and width of columns with these shares.
fn places(shares: impl Iterator<Item = f32> + Clone, left: f32, width: f32) -> Vec<(f32, f32)> {
    let (count, sum) = (shares.clone().count(), shares.clone().sum::<f32>());
    let free = width - GUTTER * count.saturating_sub(1) as f32;
    let mut x = left;
    shares
        .map(|share| {
            let column = (x, free * share / sum);
            x += column.1 + GUTTER;
            column
        })
        .collect()
}
