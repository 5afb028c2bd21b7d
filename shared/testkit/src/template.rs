//! template.yaml as data.

use std::{path::PathBuf, sync::LazyLock};

use serde_yaml_ng::Value;

/// The template's file.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml")
}

/// A test that makes hundreds of worlds reads it once.
static TEMPLATE: LazyLock<Value> =
    LazyLock::new(|| serde_yaml_ng::from_str(&std::fs::read_to_string(path()).unwrap()).unwrap());

/// The whole template. CloudFormation's short functions (`!Ref`, `!Sub`) are tagged values.
pub fn read() -> Value {
    TEMPLATE.clone()
}

/// The resources of one type, with their logical ids.
pub fn resources(kind: &str) -> Vec<(String, Value)> {
    let resources = TEMPLATE["Resources"].as_mapping().unwrap();
    let of_kind = resources.iter().filter(|(_, resource)| resource["Type"].as_str() == Some(kind));
    of_kind.map(|(id, resource)| (id.as_str().unwrap().to_owned(), resource.clone())).collect()
}
