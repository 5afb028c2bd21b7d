//! The text of a cue. Players put it into a page, so of its markup only what can't do harm stays (W3C WebVTT, section 4.2.2): bold, italic,
//! underline, ruby, and the name of who speaks. All else is text.

/// Tags that stay; `v` with its annotation.
const TAGS: [&str; 6] = ["b", "i", "u", "ruby", "rt", "v"];
/// Entities that stay; any other `&` is an ampersand.
const ENTITIES: [&str; 6] = ["&amp;", "&lt;", "&gt;", "&nbsp;", "&lrm;", "&rlm;"];

/// The text with harmless markup only, each tag closed. What comes out goes through unchanged.
pub(super) fn clean(text: &str) -> String {
    let (mut out, mut open) = (String::with_capacity(text.len()), Vec::new());
    let text = without_positions(text);
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['<', '&', '>']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = match rest.as_bytes().first() {
            Some(b'<') => tag(rest, &mut open, &mut out),
            Some(b'&') => ampersand(rest, &mut out),
            _ => {
                out.push_str("&gt;");
                &rest[1..]
            }
        };
    }
    out.push_str(rest);
    for name in open.iter().rev() {
        out.push_str(&format!("</{name}>"));
    }
    out
}

/// Without the positions of SubStation Alpha that many SRT files have: `{\\an8}`.
fn without_positions(text: &str) -> String {
    let mut text = text.to_owned();
    // From the last one: what is left of one never makes up another.
    while let Some(at) = text.rfind("{\\") {
        match text[at..].find('}') {
            Some(end) => text.replace_range(at..=at + end, ""),
            None => text.replace_range(at..=at, "("),
        }
    }
    text
}

/// Takes what begins with `<`: a tag that stays, one that goes, or a sign of its own.
fn tag<'a>(text: &'a str, open: &mut Vec<&'static str>, out: &mut String) -> &'a str {
    let is_tag = |inside: &str| {
        !inside.contains('<')
            && inside.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '/')
    };
    let Some((inside, rest)) = text[1..].split_once('>').filter(|(inside, _)| is_tag(inside)) else {
        out.push_str("&lt;");
        return &text[1..];
    };
    let (closes, inside) = match inside.strip_prefix('/') {
        Some(name) => (true, name),
        None => (false, inside),
    };
    let (name, annotation) = inside.split_once([' ', '\t', '\n']).unwrap_or((inside, ""));
    // Classes (`b.loud`) would choose from a style sheet.
    let name = name.split('.').next().unwrap_or_default();
    let Some(name) = TAGS.into_iter().find(|tag| tag.eq_ignore_ascii_case(name)) else { return rest };
    if closes {
        if let Some(place) = open.iter().rposition(|one| *one == name) {
            for name in open.drain(place..).rev() {
                out.push_str(&format!("</{name}>"));
            }
        }
        return rest;
    }
    let mut speaker = String::new();
    if name == "v" {
        let mut words = annotation.split_whitespace().collect::<Vec<_>>().join(" ");
        while let Some(at) = words.find('&') {
            let after = words.split_off(at);
            speaker.push_str(&words);
            words = ampersand(&after, &mut speaker).to_owned();
        }
        speaker.push_str(&words);
        if speaker.is_empty() {
            return rest;
        }
        speaker.insert(0, ' ');
    }
    out.push_str(&format!("<{name}{speaker}>"));
    open.push(name);
    rest
}

fn ampersand<'a>(text: &'a str, out: &mut String) -> &'a str {
    match ENTITIES.into_iter().find(|entity| text.starts_with(entity)) {
        Some(entity) => {
            out.push_str(entity);
            &text[entity.len()..]
        }
        None => {
            out.push_str("&amp;");
            &text[1..]
        }
    }
}
