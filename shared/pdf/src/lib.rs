//! Documents as PDF: receipts, and whatever else somebody keeps or prints.
//!
//! A [`Document`] is filled from top to bottom; lines wrap and pages break by themselves. It is PDF/A-2a and PDF/UA-1: fonts are
//! embedded (only the glyphs that are used), and its structure is tagged, so that it can be archived and read aloud. The same content gives
//! the same bytes: no clock, no network and no fonts of the host are asked.
//!
//! The fonts cover Latin with its extensions, Vietnamese, Greek, Cyrillic, kana, all of Hangul, the usual Chinese characters, Arabic, Hebrew,
//! Devanagari and Thai. A character that they lack is drawn as
//! `□`, and stays what it is for whoever copies, searches or listens to the text. For another script add its font to [`fonts`].

mod document;
pub mod fonts;
mod layout;
mod qr;
mod render;
mod table;
mod tags;
mod text;

pub use document::{About, Document};
pub use table::{Column, Table};
pub use text::{Align, Ink, Text};

/// A document can't be made.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The embedded fonts can't be read.
    #[error("the embedded fonts can't be read")]
    Fonts,
    /// The content of a QR code is too long.
    #[error("the QR code can't be made: {0}")]
    Qr(qrcode::types::QrError),
    /// The PDF can't be written, or would not keep to the standards.
    #[error("the PDF can't be written: {0}")]
    Export(String),
}
