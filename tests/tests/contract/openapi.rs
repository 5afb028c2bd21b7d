//! The OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};

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

#[test]
fn no_two_groups_give_one_name_to_different_schemas() {
    let mut known: BTreeMap<String, (&str, serde_json::Value)> = BTreeMap::new();
    for group in e2e::groups() {
        let document = serde_json::to_value(&group.document).unwrap();
        let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
        for (name, schema) in schemas {
            if let Some((other, first)) = known.get(&name) {
                assert!(*first == schema, "{name} of {} is not that of {other}", group.binary);
            } else {
                known.insert(name, (group.binary, schema));
            }
        }
    }
    assert!(known.len() > 100, "{} schemas", known.len());
}

#[test]
fn the_error_codes_of_an_operation_are_those_of_the_docs() {
    let document: serde_json::Value = serde_json::from_str(&e2e::openapi_text()).unwrap();
    let docs = testkit::template::path().parent().unwrap().join("docs/errors.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap());
    let mut with_codes = 0;
    for (_, operation) in operations {
        let Some(codes) = operation["x-error-codes"].as_array() else { continue };
        with_codes += 1;
        for code in codes {
            let code = code.as_str().unwrap();
            let operation = &operation["operationId"];
            assert!(docs.contains(&format!("| `{code}` |")), "{operation}: {code} is not in docs/errors.md");
        }
    }
    // An entry of the table whose operation was renamed would say nothing any more.
    assert_eq!(with_codes, http_kit::openapi::operations_with_codes(), "operations that do not exist");
}
