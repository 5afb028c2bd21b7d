//! QR codes.

use krilla::geom::{Path, PathBuilder, Rect};
use qrcode::{Color, EcLevel, QrCode};

use crate::PdfError;

/// Light modules around a code (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;

/// The dark modules of a code, whose square with the quiet zone has sides of `size` points. They begin at `x`, in line with text: on that
/// side the page's margin is the quiet zone.
pub(crate) fn path(content: &str, x: f32, y: f32, size: f32) -> Result<Option<Path>, PdfError> {
    let code = QrCode::with_error_correction_level(content, EcLevel::M).map_err(PdfError::Qr)?;
    let width = code.width();
    let module = size / (width + 2 * QUIET) as f32;
    let mut path = PathBuilder::new();
    for (row, colors) in code.to_colors().chunks(width).enumerate() {
        let mut from = 0;
        // Neighbours as one rectangle: fewer shapes, and no hair lines between them.
        for dark in colors.chunk_by(|one, next| one == next) {
            if dark.first() == Some(&Color::Dark) {
                let (left, top) = (x + from as f32 * module, y + (QUIET + row) as f32 * module);
                if let Some(bar) = Rect::from_xywh(left, top, dark.len() as f32 * module, module) {
                    path.push_rect(bar);
                }
            }
            from += dark.len();
        }
    }
    Ok(path.finish())
}
