//! Opaque cursors of lists. A cursor is signed together with the name of its list, so that neither a
//! changed cursor nor one of another list or another owner is ever taken as a key.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::Secret;

/// Bytes of the HMAC-SHA-256 that are kept: 128 bits, as RFC 2104, 5 allows.
const TAG_BYTES: usize = 16;

/// The cursor was changed, cut, or belongs to another list.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the cursor is not one of this list; start again without it")]
pub struct InvalidCursor;

/// Signs and checks cursors.
#[derive(Clone)]
pub struct CursorKey(Secret<[u8; 32]>);

impl CursorKey {
    /// Takes the key that is derived for cursors.
    pub const fn new(key: Secret<[u8; 32]>) -> Self {
        Self(key)
    }

    fn tag(&self, list: &str, payload: &[u8]) -> [u8; TAG_BYTES] {
        let mut out = [0; TAG_BYTES];
        // HMAC takes a key of any length (RFC 2104, 2): the error can't occur, and an all-zero tag matches nothing.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose()) {
            mac.update(&(list.len() as u64).to_be_bytes());
            mac.update(list.as_bytes());
            mac.update(payload);
            out.copy_from_slice(&mac.finalize().into_bytes()[..TAG_BYTES]);
        }
        out
    }

    /// The cursor for `position` in `list`; `list` names the list and its owner, as in `enrollments:<user>`.
    pub fn seal<T: Serialize>(&self, list: &str, position: &T) -> String {
        let mut bytes = serde_json::to_vec(position).unwrap_or_default();
        let tag = self.tag(list, &bytes);
        bytes.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position that [`CursorKey::seal`] was given.
    ///
    /// # Errors
    /// [`InvalidCursor`] when it was not sealed by this key for this list.
    pub fn open<T: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<T, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| InvalidCursor)?;
        let split = bytes.len().checked_sub(TAG_BYTES).ok_or(InvalidCursor)?;
        let (payload, tag) = bytes.split_at(split);
        let expected = self.tag(list, payload);
        // Compared without an early exit, so that the time tells nothing about the tag.
        let difference = expected.iter().zip(tag).fold(0, |all, (a, b)| all | (a ^ b));
        if difference != 0 {
            return Err(InvalidCursor);
        }
        serde_json::from_slice(payload).map_err(|_| InvalidCursor)
    }
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: CursorKey = CursorKey::new(Secret::new([7; 32]));

    proptest! {
        #[test]
        fn only_its_own_list_opens_it(position in "\\PC{0,60}", list in "[a-z:]{1,20}", other in "[a-z:]{1,20}") {
            let cursor = KEY.seal(&list, &position);
            prop_assert_eq!(KEY.open::<String>(&list, &cursor), Ok(position));
            if list != other {
                prop_assert_eq!(KEY.open::<String>(&other, &cursor), Err(InvalidCursor));
            }
            prop_assert_eq!(CursorKey::new(Secret::new([8; 32])).open::<String>(&list, &cursor), Err(InvalidCursor));
        }

        #[test]
        fn a_changed_byte_is_found(position in "[a-z]{1,30}", at in any::<prop::sample::Index>(), flip in 1u8..=255) {
            let mut bytes = URL_SAFE_NO_PAD.decode(KEY.seal("l", &position)).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            prop_assert_eq!(KEY.open::<String>("l", &URL_SAFE_NO_PAD.encode(bytes)), Err(InvalidCursor));
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in "\\PC{0,100}") {
            prop_assert_eq!(KEY.open::<String>("l", &text), Err(InvalidCursor));
        }
    }
}
