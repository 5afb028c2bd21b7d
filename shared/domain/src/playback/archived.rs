//! What is kept of old events of players: what was played and how, and nothing that leads to a person.

use kernel::{Id, SignedDuration, Timestamp, id::kinds};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{EventKind, Policy};

/// How long the events of a play are kept with their play and its student: as long as disputes about it may come up. Then they go into the
/// archive.
pub const ARCHIVED_AFTER: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A line of the archive.
#[derive(Clone, Debug, Serialize)]
pub struct ArchivedEvent {
    /// Names the play, the same for all of its events, and leads back to nobody.
    pub play: Id<kinds::Playback>,
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// What happened.
    pub event_type: EventKind,
    /// What [`archived_payload`] leaves of the player's own fields.
    pub event_payload: Value,
    /// The policy of that moment.
    pub policy_snapshot: Policy,
    /// Whether it broke the policy.
    pub violated: bool,
    /// How.
    pub violation_reason: String,
    /// When the player says that it happened.
    pub occurred_at: Timestamp,
    /// When it came in.
    pub received_at: Timestamp,
}

/// The name of a play in the archive: it is made of the session's id, of which 74 bits are random, and does not tell it.
pub fn pseudonym(session: Id<kinds::Playback>) -> Id<kinds::Playback> {
    Id::of_text(format!("archived play {session}"))
}

/// What is archived of a player's own fields: numbers, yes and no, and whether the page was hidden. A player may send any text; none of it is
/// kept.
pub fn archived_payload(payload: &Value) -> Value {
    let kept = |name: &str, value: &Value| match value {
        Value::Number(_) | Value::Bool(_) => true,
        Value::String(text) => name == "state" && matches!(text.as_str(), "hidden" | "visible"),
        _ => false,
    };
    // A name is a text of the player, too.
    let plain =
        |name: &str| name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let fields = payload.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, value)| plain(name) && kept(name, value));
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_text_of_a_player_is_archived() {
        let payload = json!({
            "from": 10, "to": 95.5, "muted": true, "state": "hidden", "note": "ada@example.com", "at": {"ip": "192.0.2.1"},
            "list": [1], "none": null, "Ada Lovelace": 1, "192.0.2.1": 2,
        });
        assert_eq!(
            archived_payload(&payload),
            json!({"from": 10, "to": 95.5, "muted": true, "state": "hidden"})
        );
        assert_eq!(archived_payload(&json!({"state": "at home"})), json!({}));
        for other in [json!(null), json!("text"), json!([1])] {
            assert_eq!(archived_payload(&other), json!({}));
        }
    }

    #[test]
    fn a_play_has_one_name_which_is_not_its_own() {
        let [one, other] = ["01", "02"].map(play);
        assert_eq!(pseudonym(one), pseudonym(one));
        assert_ne!(pseudonym(one), pseudonym(other));
        assert_ne!(pseudonym(one), one);
    }

    fn play(number: &str) -> Id<kinds::Playback> {
        format!("01933b7a-3c5e-7000-8000-0000000000{number}").parse().unwrap()
    }
}
