//! With which lesson of a course a student goes on.

/// The lesson to go on with, of all lessons in their order, each with whether it is completed: the one in which he was `last`, unless he has
/// completed it; else the first one after it that he has not; else the first of all that he has not. `None` where all are completed.
pub fn current<L: Copy + PartialEq>(
    lessons: impl IntoIterator<Item = (L, bool)>,
    last: Option<L>,
) -> Option<L> {
    let (mut first, mut passed) = (None, false);
    for (lesson, completed) in lessons {
        passed |= last == Some(lesson);
        if completed {
            continue;
        }
        if passed {
            return Some(lesson);
        }
        first = first.or(Some(lesson));
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_last_one_or_the_next() {
        for (completed, last, expected) in [
            ([false, false, false], None, Some(0)),
            ([false, false, false], Some(1), Some(1)),
            ([false, true, false], Some(1), Some(2)),
            ([false, true, true], Some(1), Some(0)),
            ([true, false, true], None, Some(1)),
            ([true, true, false], Some(0), Some(2)),
            ([true, true, true], Some(1), None),
            // A lesson that is gone.
            ([true, false, false], Some(9), Some(1)),
        ] {
            assert_eq!(current((0..).zip(completed), last), expected, "{completed:?} {last:?}");
        }
        assert_eq!(current([], Some(1)), None);
    }
}
