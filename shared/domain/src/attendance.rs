//! Who was there: attendance of a class in a section of its course (seed 002, Attendance), set by the teacher or told from what was
//! watched.

use serde::{Deserialize, Serialize};

/// Most students of a class that one request reads or marks.
pub const CLASS_PAGE_MAX: u32 = 1_000;
/// Most videos of a section from which attendance is told: each costs a query. A longer section is marked by hand alone.
pub const RULE_VIDEOS_MAX: u32 = 50;

/// Attendance of a student in a section, in the words that academies use. The seed has a text here; these are its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AttendanceStatus {
    /// Was there.
    Present,
    /// Came too late.
    Late,
    /// Was not there.
    Absent,
    /// Was not there, for a reason that the teacher accepts.
    Excused,
}

impl AttendanceStatus {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Late => "late",
            Self::Absent => "absent",
            Self::Excused => "excused",
        }
    }
}

/// What counts for a student, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attendance {
    /// What counts; `None` while nothing is known.
    pub status: Option<AttendanceStatus>,
    /// Whether it follows from what he watched, and nobody has set it.
    pub by_rule: bool,
}

/// Attendance of a student whose teacher has set `by_hand`, and who has completed so many of the section's videos, each of them to 90 %.
///
/// Who has completed all of them was present. The hand wins over the rule, in both directions; a section without videos says nothing, and
/// who has not completed them is not absent for that: the section may be under way.
pub fn attendance(by_hand: Option<AttendanceStatus>, completed: usize, videos: usize) -> Attendance {
    match by_hand {
        Some(status) => Attendance { status: Some(status), by_rule: false },
        None if videos > 0 && completed >= videos => {
            Attendance { status: Some(AttendanceStatus::Present), by_rule: true }
        }
        None => Attendance::default(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [AttendanceStatus; 4] = [
        AttendanceStatus::Present,
        AttendanceStatus::Late,
        AttendanceStatus::Absent,
        AttendanceStatus::Excused,
    ];

    #[test]
    fn who_has_completed_every_video_was_present() {
        let told = |completed, videos| attendance(None, completed, videos);
        assert_eq!(told(3, 3), Attendance { status: Some(AttendanceStatus::Present), by_rule: true });
        assert_eq!(told(2, 3), Attendance::default());
        assert_eq!(told(0, 0), Attendance::default(), "a section without videos says nothing");
    }

    #[test]
    fn each_status_is_written_as_it_is_named() {
        for status in ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }

    proptest! {
        #[test]
        fn the_hand_wins_whatever_was_watched(
            hand in prop::sample::select(ALL.to_vec()), completed in 0usize..60, videos in 0usize..60,
        ) {
            let expected = Attendance { status: Some(hand), by_rule: false };
            prop_assert_eq!(attendance(Some(hand), completed, videos), expected);
        }

        #[test]
        fn watching_more_never_takes_presence_away(completed in 0usize..60, videos in 0usize..60) {
            let (before, after) = (attendance(None, completed, videos), attendance(None, completed + 1, videos));
            prop_assert!(before.status.is_none() || before == after);
        }

        #[test]
        fn the_rule_alone_makes_nobody_absent(completed in 0usize..60, videos in 0usize..60) {
            let told = attendance(None, completed, videos);
            prop_assert!(matches!(told.status, None | Some(AttendanceStatus::Present)));
            prop_assert_eq!(told.by_rule, told.status.is_some());
        }
    }
}
