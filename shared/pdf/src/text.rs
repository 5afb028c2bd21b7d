//! Text and how it looks.

use crate::tags::Role;

/// Where lines stand in their column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right, as amounts do.
    Right,
}

/// The colour of text. All of them have the contrast that WCAG 2.2 AA asks for on white (4.5 : 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// Nearly black.
    #[default]
    Dark,
    /// Grey, for what is said by the way.
    Muted,
}

impl Ink {
    /// Red, green, blue.
    pub(crate) const fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Dark => (24, 24, 27),
            Self::Muted => (90, 90, 98),
        }
    }
}

/// A paragraph or a heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub(crate) content: String,
    pub(crate) size: f32,
    pub(crate) bold: bool,
    pub(crate) ink: Ink,
    pub(crate) align: Align,
    pub(crate) role: Role,
}

impl Text {
    /// A paragraph in the usual size. Control characters, line ends too, become spaces: a line is a paragraph of its own.
    pub fn new(content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            size: 9.5,
            bold: false,
            ink: Ink::Dark,
            align: Align::Left,
            role: Role::Paragraph,
        }
    }

    /// The heading of the document. It is in the outline too.
    pub fn heading(content: impl Into<String>) -> Self {
        Self { size: 24.0, bold: true, role: Role::Heading(1), ..Self::new(content) }
    }

    /// The heading of a part.
    pub fn subheading(content: impl Into<String>) -> Self {
        Self { size: 9.5, bold: true, role: Role::Heading(2), ..Self::new(content) }
    }

    /// In another size, in points.
    #[must_use]
    pub fn sized(self, size: f32) -> Self {
        Self { size, ..self }
    }

    /// In bold.
    #[must_use]
    pub fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// Small and grey.
    #[must_use]
    pub fn by_the_way(self) -> Self {
        Self { size: 8.5, ink: Ink::Muted, ..self }
    }

    /// Elsewhere in its column.
    #[must_use]
    pub fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }
}

impl<S: Into<String>> From<S> for Text {
    fn from(content: S) -> Self {
        Self::new(content)
    }
}
