//! What a course needs before students see it (spec 02: a section, a lesson, every video ready, a price).

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use super::{LessonKind, Price};

/// One thing that a course lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "what", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Missing {
    /// A description.
    Description,
    /// A price; 0 is one.
    Price,
    /// A section.
    Section,
    /// A lesson.
    Lesson,
    /// The video of a lesson of kind video.
    Video {
        /// The lesson.
        lesson_id: Id<kinds::Lesson>,
    },
    /// The file of a lesson of kind file.
    File {
        /// The lesson.
        lesson_id: Id<kinds::Lesson>,
    },
    /// The end of a video's processing.
    ReadyVideo {
        /// The lesson.
        lesson_id: Id<kinds::Lesson>,
        /// Its video.
        video_id: Id<kinds::Video>,
    },
}

/// What counts of a lesson.
#[derive(Clone, Copy, Debug)]
pub struct LessonState {
    /// The lesson.
    pub id: Id<kinds::Lesson>,
    /// Its kind.
    pub kind: LessonKind,
    /// Its video, where it has one.
    pub video: Option<Id<kinds::Video>>,
    /// Whether that video can be played.
    pub playable: bool,
    /// Whether it has a file.
    pub has_files: bool,
}

/// What counts of a course.
#[derive(Clone, Debug)]
pub struct CourseState<'a> {
    /// Its description.
    pub description: &'a str,
    /// Its price.
    pub price: Option<Price>,
    /// How many sections it has.
    pub sections: usize,
    /// Its lessons, in their order.
    pub lessons: &'a [LessonState],
}

impl LessonState {
    /// What the lesson lacks.
    pub fn missing(&self) -> Option<Missing> {
        match (self.kind, self.video) {
            (LessonKind::Text | LessonKind::Quiz, _) => None,
            (LessonKind::File, _) => (!self.has_files).then_some(Missing::File { lesson_id: self.id }),
            (LessonKind::Video, None) => Some(Missing::Video { lesson_id: self.id }),
            (LessonKind::Video, Some(video_id)) => {
                (!self.playable).then_some(Missing::ReadyVideo { lesson_id: self.id, video_id })
            }
        }
    }
}

impl CourseState<'_> {
    /// All that the course lacks; nothing means that it can be taken.
    pub fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        if self.description.trim().is_empty() {
            missing.push(Missing::Description);
        }
        if self.price.is_none() {
            missing.push(Missing::Price);
        }
        if self.sections == 0 {
            missing.push(Missing::Section);
        }
        if self.lessons.is_empty() {
            missing.push(Missing::Lesson);
        }
        missing.extend(self.lessons.iter().filter_map(LessonState::missing));
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id<T>(low: u128) -> Id<T> {
        format!("00000000-0000-7000-8000-{low:012x}").parse().unwrap()
    }

    #[test]
    fn an_empty_course_lacks_everything_at_once() {
        let state = CourseState { description: "  ", price: None, sections: 0, lessons: &[] };
        assert_eq!(
            state.missing(),
            [Missing::Description, Missing::Price, Missing::Section, Missing::Lesson]
        );
    }

    #[test]
    fn each_video_must_be_there_and_playable() {
        let (ready, processing) = (id(11), id(12));
        let lesson = |number, kind, video, playable| LessonState {
            id: id(number),
            kind,
            video,
            playable,
            has_files: number == 5,
        };
        let lessons = [
            lesson(1, LessonKind::Text, None, false),
            lesson(2, LessonKind::Video, None, false),
            lesson(3, LessonKind::Video, Some(ready), true),
            lesson(4, LessonKind::Video, Some(processing), false),
            lesson(5, LessonKind::File, None, false),
            lesson(6, LessonKind::File, None, false),
            lesson(7, LessonKind::Quiz, None, false),
        ];
        let state =
            CourseState { description: "x", price: Some(Price::FREE), sections: 1, lessons: &lessons };
        let late = Missing::ReadyVideo { lesson_id: id(4), video_id: processing };
        let empty = Missing::File { lesson_id: id(6) };
        assert_eq!(state.missing(), [Missing::Video { lesson_id: id(2) }, late, empty]);
        assert_eq!(CourseState { lessons: &lessons[..1], ..state }.missing(), []);
    }
}
