//! The fonts that documents are set in. They are part of the program: a function's host has none.

use parley::FontFamilyName;

/// The families, the one that is preferred first: a letter is set in the first that has it.
pub const FAMILIES: [FontFamilyName<'static>; 6] = [
    FontFamilyName::named("Pretendard"),
    FontFamilyName::named("Noto Sans Arabic"),
    FontFamilyName::named("Noto Sans Hebrew"),
    FontFamilyName::named("Noto Sans Devanagari"),
    FontFamilyName::named("Noto Sans Thai"),
    FontFamilyName::named("Noto Sans SC"),
];
/// Their files (`fonts/README.md` says where they are from). Parley chooses by weight, and by what a face covers: a font of another script
/// is one more entry, and its family one more name in the list above.
pub const FACES: [&[u8]; 7] = [
    include_bytes!("../fonts/Pretendard-Regular.otf"),
    include_bytes!("../fonts/Pretendard-Bold.otf"),
    include_bytes!("../fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../fonts/NotoSansThai-Regular.ttf"),
    include_bytes!("../fonts/NotoSansSC-Han.ttf"),
];
