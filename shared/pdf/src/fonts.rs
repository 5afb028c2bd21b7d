//! The fonts that documents are set in. They are part of the program: a function's host has none.

/// The family's name.
pub const FAMILY: &str = "Pretendard";
/// Its files (`fonts/README.md` says where they are from). Parley chooses by weight, and by what a face covers: a font of another script
/// is one more entry, and its family one more name in the list of `text.rs`.
pub const FACES: [&[u8]; 2] =
    [include_bytes!("../fonts/Pretendard-Regular.otf"), include_bytes!("../fonts/Pretendard-Bold.otf")];
