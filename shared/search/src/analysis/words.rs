//! Words of a normalised text.

/// How a word is written, which decides how it is cut into terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Letters and digits between spaces.
    Alphabetic,
    /// Korean syllables.
    Hangul,
    /// Chinese characters and Japanese kana: no spaces between words.
    Ideographic,
}

/// A word and where it stands in the text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word.
    pub text: &'a str,
    /// Its script.
    pub script: Script,
    /// Byte where it starts.
    pub start: usize,
}

impl Word<'_> {
    /// Byte after its end.
    pub const fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

fn script(c: char) -> Option<Script> {
    match c {
        'a'..='z' | '0'..='9' => Some(Script::Alphabetic),
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' => Some(Script::Hangul),
        '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3134f}' => Some(Script::Ideographic),
        c if c.is_alphanumeric() => Some(Script::Alphabetic),
        _ => None,
    }
}

/// The words of a normalised text, in order. `c++`, `c#` and `f#` are words.
pub fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let tail = text.get(rest..)?;
        let (skipped, first) = tail.char_indices().find_map(|(at, c)| Some((at, script(c)?)))?;
        let start = rest + skipped;
        let word = text.get(start..)?;
        let mut end =
            word.char_indices().find(|(_, c)| script(*c) != Some(first)).map_or(word.len(), |(at, _)| at);
        // Only a single letter takes the sign: "c#" is a language, "course #1" is not.
        if end == 1 && first == Script::Alphabetic {
            let signs = word.bytes().skip(1).take_while(|b| matches!(b, b'+' | b'#')).take(2).count();
            end += signs;
        }
        rest = start + end;
        Some(Word { text: word.get(..end)?, script: first, start })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_where_the_script_changes() {
        let cut = |text: &str| words(text).map(|w| w.text.to_owned()).collect::<Vec<_>>();
        assert_eq!(cut("python 3: the c++/c# guide"), ["python", "3", "the", "c++", "c#", "guide"]);
        assert_eq!(cut("ai로 배우는 web개발"), ["ai", "로", "배우는", "web", "개발"]);
        assert_eq!(cut("日本語プログラミング"), ["日本語プログラミング"]);
        assert_eq!(cut("🎉 \u{0} \"'() -- +#"), Vec::<String>::new());
        for word in words("été 파이썬 c++") {
            assert_eq!("été 파이썬 c++".get(word.start..word.end()), Some(word.text));
        }
    }
}
