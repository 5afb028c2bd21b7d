//! Requests signed with an API key instead of carrying it (seed 001, §9.4): who reads a request on the way learns no secret, and
//! can neither change it nor, after [`WINDOW`], send it again.
//!
//! What is signed are these lines, joined by `\n`:
//!
//! ```text
//! LF1-HMAC-SHA256
//! POST
//! /api/v1/courses
//! a=1&b=2
//! e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
//! 1800000000
//! 01890a5d-ac96-774b-bcce-b302099a8057
//! ```
//!
//! The scheme, the method, the path with its escapes decoded (API Gateway's HTTP API decodes it before a function sees it), the query
//! as sent with its parts sorted by bytes, the SHA-256 of the body in hexadecimal, the time in seconds since 1970, the key's id.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, Mac, digest::KeyInit};
use kernel::{Id, Secret, SignedDuration, Timestamp, id::kinds};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

/// The name of the scheme in the `Authorization` header.
pub const SCHEME: &str = "LF1-HMAC-SHA256";
/// By how much the time of a signature may differ from ours, either way.
pub const WINDOW: SignedDuration = SignedDuration::from_secs(300);

/// Why a signed request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// The header is not of the form.
    #[error(
        "the Authorization header must be `LF1-HMAC-SHA256 KeyId=<uuid>, Timestamp=<seconds since 1970>, \
         Signature=<64 hexadecimal digits>`"
    )]
    Malformed,
    /// The request can't be signed: its path has an escaped `%`, a control character or no valid UTF-8.
    #[error("the path must be plain text: it has a control character or is escaped twice")]
    Unsignable,
    /// The time is too far from ours.
    #[error("the timestamp must be within 300 seconds of now: set the clock and sign again")]
    Stale,
    /// The signature is another one.
    #[error("the signature does not match: check the key, and that the request is sent as it was signed")]
    Mismatch,
}

/// The parts of a request that are signed.
#[derive(Clone, Copy, Debug)]
pub struct Signable<'a> {
    /// Upper case.
    pub method: &'a str,
    /// Escaped or decoded.
    pub path: &'a str,
    /// As sent, without the `?`; empty if there is none.
    pub query: &'a str,
    /// As sent; empty if there is none.
    pub body: &'a [u8],
}

/// What the `Authorization` header of a signed request says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// With which key it was signed.
    pub key_id: Id<kinds::ApiKey>,
    /// When, in seconds since 1970.
    pub timestamp: i64,
    /// HMAC-SHA-256 of the canonical text.
    pub signature: [u8; 32],
}

/// The key for signatures that belongs to the secret of an API key. It is not the secret and does not tell it; yet whoever
/// has it can sign, so that it is stored encrypted, unlike the hash by which a secret sent as it is gets checked.
pub fn signing_key(secret: &str) -> Secret<[u8; 32]> {
    Secret::new(
        Sha256::new().chain_update("LF1-HMAC-SHA256 signing key\0").chain_update(secret).finalize().into(),
    )
}

impl Signed {
    /// Whether a header is of this scheme: another one is not ours to judge.
    pub fn is_meant(header: &str) -> bool {
        header.split(' ').next().is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
    }

    /// Reads the header. Each part stands once, in any order.
    ///
    /// # Errors
    /// [`Unsigned::Malformed`].
    pub fn parse(header: &str) -> Result<Self, Unsigned> {
        Self::read(header).ok_or(Unsigned::Malformed)
    }

    fn read(header: &str) -> Option<Self> {
        let (scheme, parts) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return None;
        }
        let (mut key_id, mut timestamp, mut signature) = (None, None, None);
        for part in parts.split(',') {
            let (name, value) = part.trim().split_once('=')?;
            let is_new = match name {
                "KeyId" => key_id.replace(value).is_none(),
                "Timestamp" => timestamp.replace(value).is_none(),
                "Signature" => signature.replace(value).is_none(),
                _ => false,
            };
            if !is_new {
                return None;
            }
        }
        // One spelling of each number: no sign, no zeros before it.
        let seconds = timestamp?;
        let timestamp: i64 = seconds.parse().ok()?;
        if timestamp.to_string() != seconds {
            return None;
        }
        let signature = HEXLOWER_PERMISSIVE.decode(signature?.as_bytes()).ok()?.try_into().ok()?;
        Some(Self { key_id: key_id?.parse().ok()?, timestamp, signature })
    }

    /// Checks the time and, in constant time, the signature.
    ///
    /// A request can be sent again within the window. Where that does harm, the caller remembers the signature until
    /// [`Signed::forgettable_at`].
    ///
    /// # Errors
    /// [`Unsigned`], any but `Malformed`.
    pub fn verify(
        &self,
        key: &Secret<[u8; 32]>,
        request: &Signable<'_>,
        now: Timestamp,
    ) -> Result<(), Unsigned> {
        let age = now.as_second().checked_sub(self.timestamp).ok_or(Unsigned::Stale)?;
        if age.unsigned_abs() > WINDOW.as_secs().unsigned_abs() {
            return Err(Unsigned::Stale);
        }
        let mac = mac(key, request, self.timestamp, self.key_id)?;
        mac.verify_slice(&self.signature).map_err(|_| Unsigned::Mismatch)
    }

    /// From when on the signature is refused for its time.
    pub fn forgettable_at(&self) -> Timestamp {
        Timestamp::from_second(self.timestamp.saturating_add(WINDOW.as_secs() + 1)).unwrap_or(Timestamp::MAX)
    }
}

/// The `Authorization` header that signs a request: what a client of the API does.
///
/// # Errors
/// [`Unsigned::Unsignable`].
pub fn authorization(
    key: &Secret<[u8; 32]>,
    key_id: Id<kinds::ApiKey>,
    request: &Signable<'_>,
    now: Timestamp,
) -> Result<String, Unsigned> {
    let timestamp = now.as_second();
    let signature = mac(key, request, timestamp, key_id)?.finalize().into_bytes();
    let signature = HEXLOWER.encode(&signature);
    Ok(format!("{SCHEME} KeyId={key_id}, Timestamp={timestamp}, Signature={signature}"))
}

/// The text that is signed.
///
/// # Errors
/// [`Unsigned::Unsignable`], so that no two requests have one text.
pub fn canonical(
    request: &Signable<'_>,
    timestamp: i64,
    key_id: Id<kinds::ApiKey>,
) -> Result<String, Unsigned> {
    let path = percent_decode_str(request.path).decode_utf8().map_err(|_| Unsigned::Unsignable)?;
    let has_controls = |text: &str| text.chars().any(char::is_control);
    if path.contains('%')
        || has_controls(&path)
        || has_controls(request.query)
        || has_controls(request.method)
    {
        return Err(Unsigned::Unsignable);
    }
    let mut query: Vec<&str> = request.query.split('&').collect();
    query.sort_unstable();
    let (method, query) = (request.method, query.join("&"));
    let body = HEXLOWER.encode(&Sha256::digest(request.body));
    Ok(format!("{SCHEME}\n{method}\n{path}\n{query}\n{body}\n{timestamp}\n{key_id}"))
}

fn mac(
    key: &Secret<[u8; 32]>,
    request: &Signable<'_>,
    timestamp: i64,
    key_id: Id<kinds::ApiKey>,
) -> Result<Hmac<Sha256>, Unsigned> {
    // HMAC fills a key that is shorter than a block with zeros (RFC 2104, 2).
    let mut block = [0; 64];
    block[..32].copy_from_slice(key.expose());
    let text = canonical(request, timestamp, key_id)?;
    Ok(<Hmac<Sha256> as KeyInit>::new(&block.into()).chain_update(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn key_id() -> Id<kinds::ApiKey> {
        KEY_ID.parse().unwrap()
    }

    #[test]
    fn the_canonical_text_is_the_documented_one() {
        let request = Signable { method: "POST", path: "/api/v1/courses", query: "b=2&a=1", body: b"" };
        let text = canonical(&request, 1_800_000_000, key_id()).unwrap();
        assert_eq!(
            text,
            "LF1-HMAC-SHA256\nPOST\n/api/v1/courses\na=1&b=2\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n1800000000\n\
             01890a5d-ac96-774b-bcce-b302099a8057"
        );
    }

    /// The values come from an independent program: Python's hashlib and hmac.
    #[test]
    fn a_signature_is_the_one_that_another_program_computes() {
        let key = signing_key("lfk_secret");
        assert_eq!(
            HEXLOWER.encode(key.expose()),
            "fb53b9f0f5bc5c70f5b3ec9e6cb93fb990f4a0f2d94d961d918d314bbb2a5d4b"
        );
        let request =
            Signable { method: "PATCH", path: "/api/v1/courses/%EB%9F%AC", query: "q=%20&a", body: b"{}" };
        let header = authorization(&key, key_id(), &request, at(1_800_000_000)).unwrap();
        assert_eq!(
            header,
            format!(
                "LF1-HMAC-SHA256 KeyId={KEY_ID}, Timestamp=1800000000, Signature=e362c0deaeda5bf47511c136efcdcd505ecb86695f3b99c855fd6cac015ff6ae"
            )
        );
    }

    #[test]
    fn an_escaped_path_and_a_decoded_one_are_the_same() {
        let key = signing_key("s");
        let sent = Signable { method: "GET", path: "/api/v1/courses/%EB%9F%AC%20a", query: "", body: b"" };
        let seen = Signable { path: "/api/v1/courses/러 a", ..sent };
        let signed = Signed::parse(&authorization(&key, key_id(), &sent, at(0)).unwrap()).unwrap();
        assert_eq!(signed.verify(&key, &seen, at(0)), Ok(()));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_signed() {
        let fine = Signable { method: "GET", path: "/a", query: "b=1", body: b"" };
        for request in [
            Signable { path: "/a%0Ab=1", ..fine },
            Signable { path: "/a\nb=1", ..fine },
            Signable { path: "/%2561", ..fine },
            Signable { path: "/%ff", ..fine },
            Signable { query: "b=1\n", ..fine },
            Signable { method: "GET\n/a", ..fine },
        ] {
            assert_eq!(canonical(&request, 0, key_id()), Err(Unsigned::Unsignable), "{request:?}");
        }
    }

    #[test]
    fn headers_of_another_form_are_refused() {
        let signature = "0".repeat(64);
        let good = format!("{SCHEME} KeyId={KEY_ID}, Timestamp=1800000000, Signature={signature}");
        assert!(Signed::parse(&good).is_ok());
        let other_order =
            format!("lf1-hmac-sha256 Signature={signature},Timestamp=1800000000,KeyId={KEY_ID}");
        assert_eq!(Signed::parse(&other_order), Signed::parse(&good));
        assert!(Signed::is_meant(&other_order) && !Signed::is_meant("Bearer x") && !Signed::is_meant(""));
        for header in [
            String::new(),
            "Bearer abc".to_owned(),
            SCHEME.to_owned(),
            good.replace(SCHEME, "LF2-HMAC-SHA256"),
            good.replace("Timestamp=", "Timestamp=+"),
            good.replace("Timestamp=", "Timestamp=0"),
            good.replace("KeyId=", "Key="),
            good.replace(&signature, &"0".repeat(62)),
            good.replace(&signature, &"0".repeat(66)),
            good.replace(&signature, &"g".repeat(64)),
            good.replace(KEY_ID, "1"),
            format!("{good}, Timestamp=1800000000"),
            format!("{good}, More=1"),
            format!("{SCHEME} KeyId={KEY_ID}, Signature={signature}"),
        ] {
            assert_eq!(Signed::parse(&header), Err(Unsigned::Malformed), "{header}");
        }
    }

    #[test]
    fn the_window_is_300_seconds_either_way() {
        let key = signing_key("s");
        let request = Signable { method: "GET", path: "/", query: "", body: b"" };
        let signed = Signed::parse(&authorization(&key, key_id(), &request, at(1000)).unwrap()).unwrap();
        for (now, verdict) in
            [(699, Err(Unsigned::Stale)), (700, Ok(())), (1300, Ok(())), (1301, Err(Unsigned::Stale))]
        {
            assert_eq!(signed.verify(&key, &request, at(now)), verdict, "{now}");
        }
        assert_eq!(signed.forgettable_at(), at(1301));
        let extreme = Signed { timestamp: i64::MIN, ..signed };
        assert_eq!(extreme.verify(&key, &request, at(1000)), Err(Unsigned::Stale));
        assert_eq!(Signed { timestamp: i64::MAX, ..signed }.forgettable_at(), Timestamp::MAX);
    }

    /// A signed request and all that is needed to check it.
    #[derive(Clone, Debug, PartialEq)]
    struct Sent {
        method: Vec<u8>,
        path: Vec<u8>,
        query: Vec<u8>,
        body: Vec<u8>,
        header: Vec<u8>,
        key: [u8; 32],
    }

    impl Sent {
        /// Whether it is let through, as a server does it that takes nothing but text in these places.
        fn passes(&self, now: Timestamp) -> bool {
            let text = |bytes| std::str::from_utf8(bytes).ok();
            let (Some(method), Some(path), Some(query), Some(header)) =
                (text(&self.method), text(&self.path), text(&self.query), text(&self.header))
            else {
                return false;
            };
            let request = Signable { method, path, query, body: &self.body };
            Signed::parse(header)
                .is_ok_and(|signed| signed.verify(&Secret::new(self.key), &request, now).is_ok())
        }

        fn part(&mut self, number: usize) -> &mut [u8] {
            match number {
                0 => &mut self.method,
                1 => &mut self.path,
                2 => &mut self.query,
                3 => &mut self.body,
                4 => &mut self.header,
                _ => &mut self.key,
            }
        }
    }

    fn sent() -> impl Strategy<Value = Sent> {
        let method = prop::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE"]);
        let parts = (method, "(/[a-z0-9가-힣 .~-]{1,9}){1,5}", "[a-z0-9=&%._-]{0,30}", any::<Vec<u8>>());
        (parts, any::<[u8; 32]>(), 0..4_000_000_000i64).prop_map(
            |((method, path, query, body), key, second)| {
                let request = Signable { method, path: &path, query: &query, body: &body };
                let header = authorization(&Secret::new(key), key_id(), &request, at(second)).unwrap();
                let [method, path, query, header] =
                    [method, &path, &query, &header].map(|text| text.as_bytes().to_vec());
                Sent { method, path, query, body, header, key }
            },
        )
    }

    fn time(sent: &Sent) -> i64 {
        Signed::parse(std::str::from_utf8(&sent.header).unwrap()).unwrap().timestamp
    }

    proptest! {
        #[test]
        fn a_request_passes_as_it_was_signed_and_within_its_window(sent in sent(), off in -1000..=1000i64) {
            prop_assert_eq!(sent.passes(at(time(&sent) + off)), off.abs() <= 300);
        }

        #[test]
        fn any_changed_byte_of_any_part_fails(
            sent in sent(), part in 0..6usize, place: prop::sample::Index, mask in 1..=255u8
        ) {
            let mut forged = sent.clone();
            let bytes = forged.part(part);
            prop_assume!(!bytes.is_empty());
            let place = place.index(bytes.len());
            bytes[place] ^= mask;
            // The header's scheme and hexadecimal digits may be of either case, and a space more or less says nothing.
            let same = |sent: &Sent| std::str::from_utf8(&sent.header).ok().map(Signed::parse);
            prop_assume!(part != 4 || same(&forged) != same(&sent));
            prop_assert!(!forged.passes(at(time(&sent))), "{:?}", forged);
        }

        #[test]
        fn a_part_moved_to_its_neighbour_fails(sent in sent(), at_byte: prop::sample::Index) {
            let path = String::from_utf8(sent.path.clone()).unwrap();
            let cuts: Vec<usize> = path.char_indices().map(|(at, _)| at).collect();
            let cut = *at_byte.get(&cuts);
            let mut forged = sent.clone();
            forged.path = path[..cut].into();
            forged.query = [&path.as_bytes()[cut..], &sent.query].concat();
            prop_assert!(!forged.passes(at(time(&sent))));
        }

        #[test]
        fn parts_of_the_query_may_come_in_any_order(
            sent in sent(), parts in prop::collection::vec("[a-z]{1,3}=[0-9]{0,3}", 1..6)
        ) {
            let key = Secret::new(sent.key);
            let (there, mut back) = (parts.join("&"), parts);
            back.reverse();
            let request = Signable { method: "GET", path: "/", query: &there, body: b"" };
            let signed = Signed::parse(&authorization(&key, key_id(), &request, at(0)).unwrap()).unwrap();
            prop_assert_eq!(signed.verify(&key, &Signable { query: &back.join("&"), ..request }, at(0)), Ok(()));
        }

        #[test]
        fn any_header_can_be_read(header in "\\PC{0,200}") {
            prop_assert!(Signed::parse(&header).is_err());
        }
    }
}
