//! Titles, descriptions and tags of the generated courses.

use super::{
    random::Random,
    topics::{Aspect, TOPICS, Topic},
};

const ENGLISH: &[&str] = &[
    "practical",
    "modern",
    "hands",
    "lessons",
    "students",
    "build",
    "learn",
    "skills",
    "real",
    "world",
    "exercises",
    "step",
    "guide",
    "theory",
    "examples",
    "tools",
    "career",
    "professional",
    "simple",
    "advanced",
    "understand",
    "create",
    "improve",
    "solutions",
    "lectures",
    "quizzes",
    "community",
    "feedback",
    "mentor",
    "industry",
    "experience",
    "basic",
    "concepts",
    "workshop",
    "challenge",
    "weekly",
    "assignments",
    "resources",
    "support",
    "lifetime",
];
const KOREAN: &[&str] = &[
    "실습",
    "예제",
    "기초부터",
    "차근차근",
    "배우고",
    "만들어",
    "봅니다",
    "현업",
    "노하우를",
    "단계별로",
    "설명합니다",
    "함께",
    "완성하는",
    "쉽게",
    "이해하고",
    "적용하는",
    "방법을",
    "다룹니다",
    "과제와",
    "피드백을",
    "제공합니다",
    "수강생",
    "커뮤니티",
];
const SYLLABLES: &[&str] = &[
    "ba", "cor", "del", "fen", "gri", "hol", "jin", "kas", "lum", "mor", "nev", "ost", "pra", "qui", "rin",
    "sol", "tav", "urm", "vel", "wex", "yor", "zan", "thi", "bre", "clo", "dra", "fli", "gan",
];
pub(super) const FAMILY: &[&str] = &["김", "이", "박", "최", "정", "강", "조", "윤", "장", "임"];
pub(super) const GIVEN: &[&str] = &[
    "민준", "서연", "도윤", "지우", "하준", "수아", "시우", "예린", "지호", "다은", "준서", "채원", "현우",
    "유진",
];

/// A word of the long tail.
pub(super) fn rare(random: &mut Random, vocabulary: usize) -> String {
    let mut number = random.zipf(vocabulary) + SYLLABLES.len();
    let mut word = String::new();
    while number > 0 {
        word.push_str(SYLLABLES.get(number % SYLLABLES.len()).copied().unwrap_or_default());
        number /= SYLLABLES.len();
    }
    word
}

pub(super) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

pub(super) fn title(
    random: &mut Random,
    topic: Topic,
    aspect: Aspect,
    korean: bool,
    vocabulary: usize,
) -> String {
    let (english, own) = (topic.english, topic.korean);
    let mut title = if korean {
        // Many Korean titles name the subject in English.
        let name = if random.chance(0.25) { english } else { own };
        match random.below(6) {
            0 => format!("{name} 입문"),
            1 => format!("처음 시작하는 {name}: {}", aspect.korean),
            2 => format!("실전 {name} {}", aspect.korean),
            3 => format!("한 번에 끝내는 {name}의 모든 것"),
            4 => format!("{name}으로 배우는 {}", aspect.korean),
            _ => format!("{} 완성 [{name}]", aspect.korean),
        }
    } else {
        match random.below(6) {
            0 => format!("The Complete {english} Bootcamp"),
            1 => format!("{english} for Beginners: {}", aspect.english),
            2 => format!("Mastering {english} and {}", aspect.english),
            3 => format!("{} with {english}", aspect.english),
            4 => format!("{english} Masterclass {}", 2019 + random.below(8)),
            _ => format!("Learn {english}: from Zero to {}", aspect.english),
        }
    };
    if random.chance(0.3) {
        title.push_str(" - ");
        title.push_str(&capital(&rare(random, vocabulary)));
    }
    title
}

pub(super) fn tags(random: &mut Random, topic: Topic, aspect: Aspect, korean: bool) -> Vec<String> {
    let mut tags = vec![topic.id.to_owned()];
    if korean {
        tags.push(topic.korean.to_owned());
    }
    if random.chance(0.6) {
        tags.push(if korean { aspect.korean } else { aspect.english }.to_lowercase());
    }
    tags
}

pub(super) fn sentence(random: &mut Random, korean: bool, vocabulary: usize, words: usize) -> String {
    let mut text = String::new();
    for _ in 0..words {
        if random.chance(0.25) {
            text.push_str(&rare(random, vocabulary));
        } else {
            text.push_str(random.pick(if korean { KOREAN } else { ENGLISH }));
        }
        text.push(' ');
    }
    text
}

/// A description mentions other subjects too: a match there must not outrank a title.
pub(super) fn description(random: &mut Random, korean: bool, vocabulary: usize) -> String {
    let before = sentence(random, korean, vocabulary, 25);
    let other =
        TOPICS.get(random.below(TOPICS.len())).map_or("", |t| if korean { t.korean } else { t.english });
    let after = sentence(random, korean, vocabulary, 25);
    if korean {
        format!("{before}. {other}을 조금 알면 좋습니다. {after}")
    } else {
        format!("{before}. Some knowledge of {other} helps. {after}")
    }
}
