//! Typed identifiers: a UUIDv7 that knows what it names, so that a course's id can't stand for a user's.

use std::{borrow::Cow, fmt, hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};
use uuid::Uuid;

/// Names of the things that have identifiers; they exist only as the parameter of [`Id`].
pub mod kinds {
    macro_rules! kinds {
        ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
            $(#[$doc])*
            #[derive(Debug, utoipa::ToSchema)]
            pub struct $name;
        )* };
    }
    kinds! {
        /// A person with an account.
        User,
        /// A login on one device: the family of its refresh tokens.
        Session,
        /// An instructor's channel.
        Channel,
        /// A course.
        Course,
        /// A section of a course.
        Section,
        /// A lesson of a section.
        Lesson,
        /// A video.
        Video,
        /// One upload of a file.
        Upload,
        /// A student's place in a course.
        Enrollment,
        /// One play of a video on one device.
        Playback,
        /// A message on a queue, or the event that it tells of.
        Event,
        /// A copy of all data of a person.
        Export,
        /// A device on which a user has logged in.
        Device,
        /// A key of a program that calls the API.
        ApiKey,
        /// Something that an admin did.
        AdminAction,
        /// A profile picture that was uploaded.
        Picture,
        /// A student's review of a course.
        Review,
        /// A category of courses.
        Category,
        /// A student's try at a quiz.
        QuizAttempt,
        /// A file of a lesson.
        Resource,
        /// A course as an archive, on its way out or in.
        Archive,
        /// Something that a visitor searched for.
        Search,
        /// A plan that a student can subscribe to.
        Plan,
        /// A student's subscription to a plan.
        Subscription,
        /// A user's cart; it has the number of its user.
        Cart,
        /// A course in a cart.
        CartItem,
        /// A purchase.
        Order,
        /// A course of an order.
        OrderItem,
        /// Money that goes back to a buyer.
        Refund,
        /// Something about money that a person must look at.
        SetAside,
        /// Something that a user is told inside the platform.
        Notification,
    }
}

/// The identifier of a `T`: a UUID, written in lower case with hyphens.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

/// The text is not a UUID.
#[derive(Debug, thiserror::Error)]
#[error("not an identifier")]
pub struct InvalidId;

impl<T> Id<T> {
    /// Types a UUID.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The identifier that is made of a text, always the same for the same text: the first bytes of its SHA-256 as a UUIDv8 (RFC 9562, 5.8).
    pub fn of_text(text: impl AsRef<[u8]>) -> Self {
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(Sha256::digest(text)).for_each(|(byte, made)| *byte = made);
        Self::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Another identifier of the same moment: the same one for the same number, 0 for the UUID itself. Who makes several things for one
    /// request gives them these, so that another attempt at the request makes the same things.
    pub const fn derived<U>(self, number: u32) -> Id<U> {
        // The last 32 bits of a UUIDv7 are random (RFC 9562, 5.7).
        Id::from_uuid(Uuid::from_u128(self.0.as_u128() ^ number as u128))
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> hash::Hash for Id<T> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> FromStr for Id<T> {
    type Err = InvalidId;

    /// Takes the hyphenated form only: one thing has one spelling in keys, logs and cookies' paths.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.len() != 36 || text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(InvalidId);
        }
        Uuid::try_parse(text).map(Self::from_uuid).map_err(|_| InvalidId)
    }
}

impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("must be a lower-case UUID with hyphens"))
    }
}

/// utoipa's derive composes the schema of a generic type from those of its parameters; an id looks the same for each.
impl<T> utoipa::__dev::ComposeSchema for Id<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::Custom("uuid".into())))
            .examples(["01933b7a-3c5e-7000-8000-4f2d1c9a7b10"])
            .into()
    }
}

impl<T> utoipa::ToSchema for Id<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Id")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_has_its_identifier_for_ever() {
        let id: Id<kinds::Event> = Id::of_text("paid:1");
        assert_eq!(id, Id::of_text(b"paid:1"));
        assert_ne!(id, Id::of_text("paid:2"));
        assert_eq!((id.uuid().get_version_num(), id.uuid().get_variant()), (8, uuid::Variant::RFC4122));
    }

    proptest! {
        #[test]
        fn every_uuid_survives_text_and_json(bytes in any::<[u8; 16]>()) {
            let id: Id<kinds::User> = Id::from_uuid(Uuid::from_bytes(bytes));
            prop_assert_eq!(id.to_string().parse::<Id<kinds::User>>().unwrap(), id);
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<Id<kinds::User>>(&json).unwrap(), id);
        }

        #[test]
        fn derived_ids_differ_and_are_of_the_same_moment(bytes in any::<[u8; 10]>(), one in any::<u32>(), two in any::<u32>()) {
            let uuid = uuid::Builder::from_unix_timestamp_millis(1_780_000_000_000, &bytes).into_uuid();
            let id: Id<kinds::Event> = Id::from_uuid(uuid);
            let (first, second): (Id<kinds::Lesson>, Id<kinds::Lesson>) = (id.derived(one), id.derived(two));
            prop_assert_eq!(first == second, one == two);
            prop_assert_eq!(first.uuid().get_version_num(), 7);
            prop_assert_eq!(first.uuid().get_timestamp(), uuid.get_timestamp());
        }

        #[test]
        fn other_text_is_refused(text in "\\PC{0,40}") {
            prop_assume!(Uuid::try_parse(&text).is_err());
            prop_assert!(text.parse::<Id<kinds::User>>().is_err());
        }
    }

    #[test]
    fn one_spelling_only() {
        for text in [
            "01933B7A-3C5E-7000-8000-4F2D1C9A7B10",
            "01933b7a3c5e700080004f2d1c9a7b10",
            "{01933b7a-3c5e-7000-8000-4f2d1c9a7b10}",
        ] {
            assert!(text.parse::<Id<kinds::User>>().is_err(), "{text}");
        }
    }
}
