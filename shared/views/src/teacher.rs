//! Who teaches a course, as lists and pages of courses show it (seed 001 §4.3).

use kernel::{Id, Secret, id::kinds};
use serde::Serialize;
use store::entities::Person;

/// A teacher in a list.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CourseTeacher {
    /// His account.
    pub id: Id<kinds::User>,
    /// Given name; empty where the account is gone.
    #[schema(example = "Angela")]
    pub first_name: Secret<String>,
    /// Family name; empty where the account is gone.
    #[schema(example = "Yu")]
    pub last_name: Secret<String>,
}

impl CourseTeacher {
    /// The teacher, nameless where the account is gone.
    pub fn new(id: Id<kinds::User>, person: Option<&Person>) -> Self {
        let name = |part: fn(&Person) -> &Secret<String>| {
            person.map_or_else(|| Secret::new(String::new()), |person| part(person).clone())
        };
        Self {
            id,
            first_name: name(|person| &person.first_name),
            last_name: name(|person| &person.last_name),
        }
    }
}
