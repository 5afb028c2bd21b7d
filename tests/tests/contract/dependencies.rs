//! docs/dependencies.md gives a reason for every dependency, and for no other.

use std::{collections::BTreeSet, fs};

use testkit::template;

fn read(path: &str) -> String {
    fs::read_to_string(template::path().parent().unwrap().join(path)).unwrap()
}

/// The names in the table under a heading of docs/dependencies.md that have a reason beside them.
fn documented(heading: &str) -> BTreeSet<String> {
    let text = read("docs/dependencies.md");
    let section = text.split(&format!("\n## {heading}\n")).nth(1).expect(heading);
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.filter(|(_, reason)| reason.chars().any(char::is_alphabetic))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn assert_same(heading: &str, used: &BTreeSet<String>) {
    assert!(!used.is_empty(), "no dependency was found for {heading}");
    let listed = documented(heading);
    let missing: Vec<_> = used.difference(&listed).collect();
    assert!(missing.is_empty(), "docs/dependencies.md, {heading}, has no reason for {missing:?}");
    let gone: Vec<_> = listed.difference(used).collect();
    assert!(gone.is_empty(), "docs/dependencies.md, {heading}, lists {gone:?}, which is not used");
}

#[test]
fn every_crate_has_its_reason() {
    let manifest = read("Cargo.toml");
    let section = manifest.split("\n[workspace.dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let entries = section.lines().filter_map(|line| line.split_once(" = "));
    // Own crates have a path; docs/architecture.md describes them.
    let foreign = entries.filter(|(_, value)| !value.contains("path = "));
    assert_same("Rust", &foreign.map(|(name, _)| name.to_owned()).collect());
}

#[test]
fn every_python_package_has_its_reason() {
    let text = read("infra/local/requirements.txt") + &read("infra/local/requirements-node.txt");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let names =
        lines.map(|line| line.split(['=', '>', '<', '~', '!', '[', ' ', ';']).next().unwrap().to_owned());
    assert_same("Python", &names.collect());
}

#[test]
fn every_package_of_the_web_client_has_its_reason() {
    let manifest: serde_json::Value = serde_json::from_str(&read("web/package.json")).unwrap();
    let kinds = ["dependencies", "devDependencies"];
    let names = kinds.iter().flat_map(|kind| manifest[kind].as_object().unwrap().keys().cloned());
    assert_same("Web", &names.collect());
}
