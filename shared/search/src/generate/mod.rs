//! A catalogue that looks like a real one, and is the same each time: English and Korean courses, few popular ones and many
//! that hardly anybody asks for, a vocabulary with a long tail.

mod random;
mod texts;
mod topics;

pub use topics::{ASPECTS, Aspect, CATEGORIES, TOPICS, Topic};

use crate::document::{Document, Kind, Level, Named, Visibility};
use random::Random;
use texts::{FAMILY, GIVEN, capital, description, rare, sentence, tags, title};

/// Unix seconds at which the catalogue stands: 2026-01-01.
pub const NOW: i64 = 1_767_225_600;

/// A catalogue of `size` courses.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue {
    /// Another seed gives another catalogue.
    pub seed: u64,
    /// How many courses.
    pub size: usize,
}

/// What a generated course is about: what the judged queries ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Id of its topic.
    pub topic: &'static str,
    /// Id of its aspect.
    pub aspect: &'static str,
    /// Whether its title is Korean.
    pub korean: bool,
}

impl Catalogue {
    fn random(&self, index: usize) -> Random {
        Random::new(self.seed, index as u64)
    }

    /// The topic and so on of course `index`.
    pub fn facts(&self, index: usize) -> Facts {
        let (topic, aspect, korean) = self.subject(&mut self.random(index));
        Facts { topic: topic.id, aspect: aspect.id, korean }
    }

    fn subject(&self, random: &mut Random) -> (Topic, Aspect, bool) {
        let (first, any) = (TOPICS.first(), random.below(TOPICS.len()));
        let skewed = random.zipf(TOPICS.len());
        let topic = TOPICS.get(if random.chance(0.5) { any } else { skewed }).or(first).copied();
        let aspect = ASPECTS.get(random.below(ASPECTS.len())).or(ASPECTS.first()).copied();
        let nothing = Topic { id: "", category: "", english: "", korean: "" };
        let none = Aspect { id: "", english: "", korean: "" };
        (topic.unwrap_or(nothing), aspect.unwrap_or(none), random.chance(0.4))
    }

    /// Index of a course, from its id.
    pub fn index(id: &str) -> Option<usize> {
        usize::from_str_radix(id.rsplit('-').next()?, 16).ok()
    }

    fn id(kind: u8, index: usize) -> String {
        format!("0190{kind:04x}-7000-7000-8000-{index:012x}")
    }

    /// All courses.
    pub fn courses(self) -> impl Iterator<Item = Document> {
        (0..self.size).map(move |index| self.course(index))
    }

    /// Course `index`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "bounded"
    )]
    pub fn course(&self, index: usize) -> Document {
        let mut random = self.random(index);
        let (topic, aspect, korean) = self.subject(&mut random);
        let vocabulary = 2_000 + self.size / 4;
        // Of `size` courses, the r-th most popular one has about 1 / r^0.9 of the students of the first.
        let rank = 1.0 + random.unit() * self.size as f64;
        let students = (1_500_000.0 / rank.powf(0.9)) as u64;
        let rated = random.chance(0.85) && students > 5;
        let rating_hundredths = if rated { (300 + random.below(120) + random.below(81)) as u16 } else { 0 };
        let rating_count =
            if rated { (students as f64 * (0.02 + random.unit() * 0.1)) as u32 + 1 } else { 0 };
        let price_cents = if random.chance(0.12) { 0 } else { (random.below(20) as u32 + 1) * 1_000 - 1 };
        let title = title(&mut random, topic, aspect, korean, vocabulary);
        let instructor = random.zipf((self.size / 12).max(8));
        let category = CATEGORIES.iter().find(|(id, _, _)| *id == topic.category);
        let published_at = NOW - (random.below(6 * 365 * 86_400)) as i64;
        Document {
            kind: Kind::Course,
            id: Self::id(0, index),
            version: 1,
            visibility: Visibility::Public,
            slug: format!("{}-{}-{index:x}", topic.id, aspect.id),
            title,
            subtitle: if korean {
                format!("{}부터 {}까지", topic.korean, aspect.korean)
            } else {
                format!("From {} basics to {}", topic.english, aspect.english)
            },
            description: description(&mut random, korean, vocabulary),
            what_you_learn: (0..3).map(|_| sentence(&mut random, korean, vocabulary, 5)).collect(),
            tags: tags(&mut random, topic, aspect, korean),
            category: category.map(|(id, english, own)| Named {
                id: (*id).to_owned(),
                name: (if korean { *own } else { *english }).to_owned(),
            }),
            instructor: Some(self.instructor(instructor)),
            level: Level::ALL.get(random.zipf(3)).copied(),
            language: if korean { "ko" } else { "en" }.to_owned(),
            price_cents,
            original_price_cents: random.chance(0.4).then(|| price_cents + 3_000),
            currency: "USD".to_owned(),
            rating_hundredths,
            rating_count,
            students,
            duration_seconds: (random.below(60 * 3_600) + 900) as u32,
            published_at,
            updated_at: (published_at + random.below(90 * 86_400) as i64).min(NOW),
            popularity: u32::try_from(students).unwrap_or(u32::MAX),
            thumbnail: Some(format!("https://media.example.com/thumbnails/{index:x}.jpg")),
            extra: serde_json::Value::Null,
        }
    }

    fn instructor(&self, index: usize) -> Named {
        let mut random = Random::new(self.seed ^ 0x5eed, index as u64);
        let name = if random.chance(0.4) {
            format!("{}{}", random.pick(FAMILY), random.pick(GIVEN))
        } else {
            let (first, last) = (rare(&mut random, 500), rare(&mut random, 20_000));
            format!("{} {}", capital(&first), capital(&last))
        };
        Named { id: Self::id(1, index), name }
    }

    /// The instructors and categories.
    pub fn others(self) -> impl Iterator<Item = Document> {
        let instructors = (0..(self.size / 12).max(8)).map(move |index| {
            let Named { id, name } = self.instructor(index);
            let popularity = u32::try_from(100_000 / (index + 1)).unwrap_or(0);
            Document {
                kind: Kind::Instructor,
                id,
                title: name,
                popularity,
                version: 1,
                ..Document::default()
            }
        });
        let categories = CATEGORIES.iter().map(|(id, english, korean)| Document {
            kind: Kind::Category,
            id: (*id).to_owned(),
            slug: (*id).to_owned(),
            title: (*english).to_owned(),
            subtitle: (*korean).to_owned(),
            version: 1,
            ..Document::default()
        });
        instructors.chain(categories)
    }
}
