//! docs/errors.md lists the codes that the code gives.

use std::{collections::BTreeSet, fs, path::Path};

use testkit::template;

/// Codes in the sources: the first string of an `ApiError` constructor.
fn in_code(folder: &Path, found: &mut BTreeSet<String>) {
    const CONSTRUCTORS: [&str; 8] = [
        "bad_request(",
        "unauthorized(",
        "forbidden(",
        "not_found(",
        "conflict(",
        "unprocessable(",
        "unavailable(",
        "ApiError::new(",
    ];
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "tests") {
                in_code(&path, found);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for constructor in CONSTRUCTORS {
                for part in text.split(constructor).skip(1) {
                    let first = part.split('"').nth(1).unwrap_or_default();
                    let before = part.split('"').next().unwrap_or_default();
                    let is_code =
                        !first.is_empty() && first.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
                    if is_code && before.len() < 120 && !before.contains([')', ';', '{']) {
                        found.insert(first.to_owned());
                    }
                }
            }
        }
    }
}

#[test]
fn the_table_of_error_codes_is_complete() {
    let root = template::path().parent().unwrap().to_owned();
    let mut codes = BTreeSet::new();
    in_code(&root.join("functions/api"), &mut codes);
    in_code(&root.join("shared/http/src"), &mut codes);
    assert!(codes.len() > 30, "{codes:?}");
    let table = fs::read_to_string(root.join("docs/errors.md")).unwrap();
    let missing: Vec<_> = codes.iter().filter(|code| !table.contains(&format!("`{code}`"))).collect();
    assert!(missing.is_empty(), "docs/errors.md lacks {missing:?}");
}
