//! The OpenAPI document.

use std::collections::BTreeSet;

#[test]
fn the_served_document_is_that_of_the_code() {
    assert!(
        api_ops::OPENAPI == e2e::openapi_text(),
        "functions/api/ops/openapi.json is not what the code says: run `make openapi` and commit the file"
    );
}

#[test]
fn every_operation_has_a_unique_id_a_tag_and_a_summary() {
    let document: serde_json::Value = serde_json::from_str(&e2e::openapi_text()).unwrap();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            assert!(
                ids.insert(operation["operationId"].as_str().expect(&place).to_owned()),
                "{place}: its id is taken"
            );
            assert!(operation["tags"][0].is_string(), "{place} has no tag");
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{place} has no summary"
            );
            assert!(operation["responses"]["default"].is_object(), "{place} does not say how it fails");
        }
    }
    assert!(ids.len() > 40, "{} operations", ids.len());
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(document: &serde_json::Value, value: &serde_json::Value) {
        if let Some(reference) = value.get("$ref").and_then(serde_json::Value::as_str) {
            assert!(
                document.pointer(reference.trim_start_matches('#')).is_some(),
                "{reference} is not in the document"
            );
        }
        match value {
            serde_json::Value::Object(fields) => fields.values().for_each(|value| walk(document, value)),
            serde_json::Value::Array(items) => items.iter().for_each(|value| walk(document, value)),
            _ => {}
        }
    }
    let document: serde_json::Value = serde_json::from_str(&e2e::openapi_text()).unwrap();
    walk(&document, &document);
}
