//! What is read of each function: one item, and a list of twenty.

/// Who reads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    Visitor,
    Student,
    Teacher,
    Admin,
}

/// Data that a read needs. Each is made through the function that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seed {
    /// Sessions of the student.
    Sessions,
    /// More students than a page of the list of accounts has.
    Users,
    /// The teacher's channel.
    Channel,
    /// Published courses; `{course}` and its `{section}` are the first.
    Courses,
    /// The student in every course; `{enrollment}` is in the first.
    Enrollments,
    /// Uploads for `{section}`; `{video}` and `{upload}` are the first. Nothing was sent to S3.
    Videos,
    /// The videos are ready, and the student has watched them.
    Progress,
}

impl Seed {
    /// The functions through which it is made.
    pub(crate) const fn binary(self) -> Option<&'static str> {
        match self {
            Self::Sessions | Self::Users => None,
            Self::Channel => Some("api-channels"),
            Self::Courses => Some("api-courses"),
            Self::Enrollments => Some("api-enrollments"),
            Self::Videos => Some("api-uploads"),
            Self::Progress => Some("api-playback"),
        }
    }
}

/// The reads of one function. Names in braces are those of [`Seed`].
#[derive(Debug)]
pub(crate) struct Reads {
    pub(crate) binary: &'static str,
    pub(crate) who: Who,
    pub(crate) one: &'static str,
    pub(crate) list: Option<&'static str>,
    pub(crate) seeds: &'static [Seed],
}

/// A function that is not here is started and weighed, but not called.
pub(crate) const READS: &[Reads] = &[
    Reads {
        binary: "api-auth",
        who: Who::Student,
        one: "/api/v1/auth/me",
        list: Some("/api/v1/auth/sessions"),
        seeds: &[Seed::Sessions],
    },
    Reads {
        binary: "api-users",
        who: Who::Admin,
        one: "/api/v1/users/profile",
        list: Some("/api/v1/admin/users?role=student"),
        seeds: &[Seed::Users],
    },
    Reads {
        binary: "api-channels",
        who: Who::Visitor,
        one: "/api/v1/channels/{channel}",
        list: None,
        seeds: &[Seed::Channel],
    },
    Reads {
        binary: "api-courses",
        who: Who::Visitor,
        one: "/api/v1/courses/{course}",
        list: Some("/api/v1/courses"),
        seeds: &[Seed::Courses],
    },
    Reads {
        binary: "api-uploads",
        who: Who::Teacher,
        one: "/api/v1/media/videos/uploads/{upload}",
        list: None,
        seeds: &[Seed::Channel, Seed::Courses, Seed::Videos],
    },
    Reads {
        binary: "api-videos",
        who: Who::Teacher,
        one: "/api/v1/media/videos/{video}",
        list: Some("/api/v1/media/videos?section={section}"),
        seeds: &[Seed::Channel, Seed::Courses, Seed::Videos],
    },
    Reads {
        binary: "api-enrollments",
        who: Who::Student,
        one: "/api/v1/enrollments/{enrollment}",
        list: Some("/api/v1/enrollments"),
        seeds: &[Seed::Courses, Seed::Enrollments],
    },
    Reads {
        binary: "api-playback",
        who: Who::Student,
        one: "/api/v1/media/video-progress?enrollment={enrollment}&video={video}",
        list: Some("/api/v1/media/video-progress?enrollment={enrollment}"),
        seeds: &[Seed::Channel, Seed::Courses, Seed::Enrollments, Seed::Videos, Seed::Progress],
    },
    Reads { binary: "api-ops", who: Who::Visitor, one: "/api/v1/health", list: None, seeds: &[] },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform;

    #[test]
    fn reads_are_of_functions_that_exist_and_names_are_seeded_before() {
        let functions = platform::stack().functions().unwrap();
        for reads in READS {
            assert!(functions.iter().any(|function| function.binary == reads.binary), "{}", reads.binary);
            assert!(reads.seeds.is_sorted(), "{}: a seed comes after what it needs", reads.binary);
        }
    }
}
