//! What belongs to a lesson of which kind.

use domain::course::{LessonKind, quiz::Quiz};

use crate::Fault;

/// Longest lesson: a day, in seconds.
pub const DURATION_MAX: u64 = 86_400;

/// What is sent for a lesson.
#[derive(Clone, Copy, Debug)]
pub struct LessonParts<'a> {
    /// Its kind.
    pub kind: LessonKind,
    /// Whether it has a text.
    pub has_content: bool,
    /// Whether it has a video.
    pub has_video: bool,
    /// Its quiz.
    pub quiz: Option<&'a Quiz>,
    /// Whether it has a duration.
    pub has_duration: bool,
}

impl LessonParts<'_> {
    /// What belongs to another kind is refused rather than dropped.
    pub fn fault(&self) -> Option<Fault> {
        let sent = [
            ("content", LessonKind::Text, self.has_content, "belongs to lessons of kind text"),
            ("video_id", LessonKind::Video, self.has_video, "belongs to lessons of kind video"),
            ("quiz", LessonKind::Quiz, self.quiz.is_some(), "belongs to lessons of kind quiz"),
        ];
        let foreign = sent.into_iter().find(|(_, kind, is_sent, _)| *is_sent && *kind != self.kind);
        if let Some((field, _, _, message)) = foreign {
            return Some(Fault::new(field, message));
        }
        match (self.kind, self.quiz) {
            (LessonKind::Video, _) if self.has_duration => {
                Some(Fault::new("duration_seconds", "comes from the video; leave it out"))
            }
            (LessonKind::Text, _) if !self.has_content => {
                Some(Fault::new("content", "is needed for a lesson of kind text"))
            }
            (LessonKind::Quiz, None) => Some(Fault::new("quiz", "is needed for a lesson of kind quiz")),
            (LessonKind::Quiz, Some(quiz)) => {
                let fault = quiz.check().err()?;
                Some(Fault::new(format!("quiz.{}", fault.field), fault.message))
            }
            (LessonKind::Video | LessonKind::Text | LessonKind::File, _) => None,
        }
    }
}
