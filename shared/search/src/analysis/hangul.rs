//! Korean: particles off, syllables into letters.

/// Particles and endings that follow a noun, the longest first: what a visitor types with or without them must meet.
const PARTICLES: [&str; 30] = [
    "에서부터",
    "으로부터",
    "이라는",
    "하기",
    "하는",
    "에서",
    "으로",
    "부터",
    "까지",
    "에게",
    "처럼",
    "보다",
    "라는",
    "이란",
    "들을",
    "들의",
    "을",
    "를",
    "은",
    "는",
    "이",
    "가",
    "의",
    "에",
    "로",
    "와",
    "과",
    "도",
    "만",
    "란",
];

/// Syllables that must stay in front of a particle: one-syllable stems would cut words such as 나이 or 회의.
const STEM_SYLLABLES: usize = 2;

/// The word without one trailing particle.
pub fn without_particle(word: &str) -> &str {
    PARTICLES
        .iter()
        .find_map(|particle| {
            word.strip_suffix(particle).filter(|stem| stem.chars().count() >= STEM_SYLLABLES)
        })
        .unwrap_or(word)
}

/// Whether a word is nothing but a particle, as in `AI로`, where the script changes before it.
pub fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

/// Syllables as the letters that are typed for them: a wrong letter is then one edit, not a wrong syllable.
/// Leading and trailing consonants get the same letter, because a misspelling moves them across syllables.
pub fn jamo(word: &str) -> String {
    const LEADING: [char; 19] = [
        'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ',
        'ㅍ', 'ㅎ',
    ];
    const TRAILING: [char; 27] = [
        'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ', 'ㅁ', 'ㅂ',
        'ㅄ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
    ];
    let mut letters = String::with_capacity(word.len() * 3);
    for c in word.chars() {
        let code = c as u32;
        match code {
            0xac00..=0xd7a3 => {
                let syllable = code - 0xac00;
                letters.extend(LEADING.get((syllable / 588) as usize));
                letters.extend(char::from_u32(0x314f + syllable % 588 / 28));
                if !syllable.is_multiple_of(28) {
                    letters.extend(TRAILING.get((syllable % 28 - 1) as usize));
                }
            }
            // A letter typed alone (NFKC made it a conjoining one).
            0x1100..=0x1112 => letters.extend(LEADING.get((code - 0x1100) as usize)),
            0x1161..=0x1175 => letters.extend(char::from_u32(0x314f + code - 0x1161)),
            0x11a8..=0x11c2 => letters.extend(TRAILING.get((code - 0x11a8) as usize)),
            _ => letters.push(c),
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particles_go_and_short_words_stay() {
        for (given, wanted) in [
            ("파이썬을", "파이썬"),
            ("파이썬으로", "파이썬"),
            ("회의", "회의"),
            ("데이터", "데이터"),
            ("개발하기", "개발"),
        ] {
            assert_eq!(without_particle(given), wanted);
        }
    }

    #[test]
    fn syllables_become_letters() {
        assert_eq!(jamo("파이썬"), "ㅍㅏㅇㅣㅆㅓㄴ");
        assert_eq!(jamo("값"), "ㄱㅏㅄ");
        assert_eq!(jamo("ab힣"), "abㅎㅣㅎ");
    }
}
