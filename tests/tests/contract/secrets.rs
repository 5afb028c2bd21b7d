//! No tracked file holds a secret (spec 09, row 32): private keys, keys of AWS, tokens of services, signed tokens.

use std::{collections::BTreeSet, fs, process::Command};

use testkit::template;

/// Keys that tests made for themselves; they open nothing.
const FIXTURES: [&str; 5] = [
    "functions/api/auth/tests/auth/keys/apple.p8",
    "functions/api/auth/tests/auth/keys/first.pem",
    "functions/api/auth/tests/auth/keys/second.pem",
    "functions/api/playback/tests/keys/cloudfront.pem",
    "shared/testkit/keys/jwt.pem",
];

/// Examples of the AWS documentation, which no account has.
const EXAMPLES: [&str; 2] = ["AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"];

/// A secret by its beginning, and how many characters of its alphabet follow at least.
struct Pattern {
    name: &'static str,
    begins: &'static str,
    of: fn(u8) -> bool,
    at_least: usize,
}

fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn dotted(byte: u8) -> bool {
    word(byte) || byte == b'.'
}

/// What the services' documentation says that their keys look like.
const PATTERNS: [Pattern; 11] = [
    Pattern { name: "an access key of AWS", begins: "AKIA", of: upper, at_least: 16 },
    Pattern { name: "a temporary access key of AWS", begins: "ASIA", of: upper, at_least: 16 },
    Pattern { name: "a token of GitHub", begins: "ghp_", of: word, at_least: 36 },
    Pattern { name: "a token of GitHub Actions", begins: "ghs_", of: word, at_least: 36 },
    Pattern { name: "a token of GitHub", begins: "github_pat_", of: word, at_least: 40 },
    Pattern { name: "a token of Slack", begins: "xoxb-", of: word, at_least: 20 },
    Pattern { name: "a key of Google", begins: "AIza", of: word, at_least: 35 },
    Pattern { name: "a client secret of Google", begins: "GOCSPX-", of: word, at_least: 20 },
    Pattern { name: "a live key of Stripe", begins: "sk_live_", of: word, at_least: 16 },
    Pattern { name: "a token of npm", begins: "npm_", of: word, at_least: 36 },
    Pattern { name: "a signed token", begins: "eyJ", of: dotted, at_least: 100 },
];

/// The secrets in a text, by name and place.
fn found(text: &str) -> Vec<(&'static str, usize)> {
    let mut all = Vec::new();
    for (start, _) in text.match_indices("-----BEGIN ") {
        let line = text[start..].lines().next().unwrap_or_default();
        // The words alone are in code that looks for them: a key follows on the next line.
        let key = text[start + line.len()..].trim_start_matches(['\r', '\n', ' ']);
        let long =
            key.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)).count();
        if line.ends_with("PRIVATE KEY-----") && long >= 32 {
            all.push(("a private key", start));
        }
    }
    for pattern in &PATTERNS {
        for (start, _) in text.match_indices(pattern.begins) {
            let bytes = &text.as_bytes()[start + pattern.begins.len()..];
            let long = bytes.iter().take_while(|byte| (pattern.of)(**byte)).count();
            let inside = start > 0 && word(text.as_bytes()[start - 1]);
            let example = EXAMPLES.iter().any(|example| text[start..].starts_with(example));
            if long >= pattern.at_least && !inside && !example {
                all.push((pattern.name, start));
            }
        }
    }
    all
}

#[test]
fn no_tracked_file_holds_a_secret() {
    let root = template::path().parent().unwrap().to_owned();
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(&root).output().unwrap();
    assert!(listed.status.success(), "the scan needs a checkout");
    let listed = String::from_utf8(listed.stdout).unwrap();
    let (mut scanned, mut leaks) = (0, BTreeSet::new());
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        // Films, pictures and fonts are no text; a file that is deleted but not yet so in the index has none.
        let Ok(text) = fs::read_to_string(root.join(path)) else { continue };
        scanned += 1;
        if FIXTURES.iter().any(|fixture| path.starts_with(fixture)) {
            continue;
        }
        for (name, start) in found(&text) {
            leaks.insert(format!("{path}:{}: {name}", text[..start].lines().count()));
        }
    }
    assert!(scanned > 500, "only {scanned} files were read");
    assert!(leaks.is_empty(), "{leaks:#?}");
}

#[test]
fn a_planted_secret_is_found() {
    let key = format!("-----BEGIN {}-----\n{}\n", "PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEI".repeat(3));
    let planted = [
        key,
        format!("aws_access_key_id = {}{}", "AKIA", "Q".repeat(16)),
        format!("token: \"{}{}\"", "ghp_", "a1".repeat(18)),
        format!("{}{}", "AIza", "b-".repeat(18)),
        format!("Bearer {}.{}.{}", "eyJhbGciOiJFZERTQSJ9", "c".repeat(60), "d".repeat(60)),
    ];
    for text in planted {
        assert_eq!(found(&text).len(), 1, "{text}");
    }
    for harmless in
        ["-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA", EXAMPLES[0], "eyJ0eXAiOiJKV1QifQ", "AKIA"]
    {
        assert!(found(harmless).is_empty(), "{harmless}");
    }
}
