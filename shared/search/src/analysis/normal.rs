//! One spelling for what reads the same.

use unicode_normalization::UnicodeNormalization;

/// Characters of one text that are read. It bounds the work that a text can cause.
pub const READ_CHARS: usize = 4_000;

/// Compatibility forms, case and Latin accents removed; Hangul composed into syllables (UAX #15: NFKD, then NFC).
pub fn normalise(text: &str) -> String {
    if text.is_ascii() && text.len() <= READ_CHARS {
        return text.to_ascii_lowercase();
    }
    // Most Korean texts are ASCII and whole syllables, which are normal already.
    let normal = |c: char| c.is_ascii() || ('\u{ac00}'..='\u{d7a3}').contains(&c);
    if text.len() <= READ_CHARS && text.chars().all(normal) {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .take(READ_CHARS)
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .flat_map(Folded::new)
        .nfc()
        .collect()
}

/// One character, or the letters that stand for it in ASCII.
enum Folded {
    One(Option<char>),
    More(std::str::Chars<'static>),
}

impl Folded {
    /// Latin letters that have no decomposition in Unicode.
    fn new(c: char) -> Self {
        Self::More(
            match c {
                'ß' => "ss",
                'æ' => "ae",
                'œ' => "oe",
                'ø' => "o",
                'đ' | 'ð' => "d",
                'ł' => "l",
                'þ' => "th",
                'ı' => "i",
                '’' | 'ʼ' => "'",
                _ => return Self::One(Some(c)),
            }
            .chars(),
        )
    }
}

impl Iterator for Folded {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Self::One(c) => c.take(),
            Self::More(chars) => chars.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_the_same_becomes_the_same() {
        for (given, wanted) in [
            ("Café CRÈME", "cafe creme"),
            ("Ｐｙｔｈｏｎ", "python"),
            ("Straße", "strasse"),
            ("ﬁnance", "finance"),
            ("\u{1111}\u{1161}\u{110b}\u{1175}\u{110a}\u{1165}\u{11ab}", "파이썬"),
            ("İstanbul", "istanbul"),
            ("プログラミング", "プログラミング"),
        ] {
            assert_eq!(normalise(given), wanted, "{given}");
        }
    }

    #[test]
    fn a_text_that_expands_stays_bounded() {
        assert!(normalise(&"\u{fdfa}".repeat(100_000)).chars().count() <= READ_CHARS * 18);
    }
}
