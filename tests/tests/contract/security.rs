//! docs/security.md names tests that exist.

use std::{collections::BTreeSet, fs, path::Path};

use testkit::template;

/// Where tests are.
const FOLDERS: [&str; 4] = ["shared", "functions", "infra", "tests"];

/// The names of all functions in the sources below a folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "py") {
            let text = fs::read_to_string(&path).unwrap();
            let words: Vec<_> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
            let pairs = words.windows(2).filter(|pair| matches!(pair[0], "fn" | "def"));
            found.extend(pairs.map(|pair| pair[1].to_owned()));
        }
    }
}

#[test]
fn every_control_names_a_test_that_exists() {
    let path = template::path();
    let root = path.parent().unwrap();
    let mut known = BTreeSet::new();
    for folder in FOLDERS {
        functions(&root.join(folder), &mut known);
    }
    let makefile = fs::read_to_string(root.join("Makefile")).unwrap();
    let text = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let mut controls = 0;
    for row in rows.filter(|row| !row.starts_with("| control |")) {
        let proof = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let quoted: Vec<_> = proof.split('`').skip(1).step_by(2).collect();
        assert!(!quoted.is_empty(), "no test: {row}");
        for name in quoted {
            let exists = match name.strip_prefix("make ") {
                Some(target) => makefile.contains(&format!("\n{target}:")),
                None => root.join(name).exists() || known.contains(name),
            };
            assert!(exists, "there is no {name}: {row}");
        }
        controls += 1;
    }
    assert!(controls > 50, "{controls} controls were read");
}
