//! The OpenAPI document shows by example what to send and what comes back.

use std::collections::BTreeSet;

use serde_json::{Value, json};

fn document() -> Value {
    serde_json::from_str(&e2e::openapi_text()).unwrap()
}

/// The value itself, or what it refers to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let Some(reference) = value["$ref"].as_str() else { return value };
    document.pointer(reference.trim_start_matches('#')).expect(reference)
}

fn has_own(value: &Value) -> bool {
    ["example", "examples"].iter().any(|key| value.get(key).is_some())
}

/// Whether the schema, or one that it is made of, has an example. Values that are listed are their own.
/// `seen` holds the references that were followed: schemas may contain themselves.
fn shows<'a>(document: &'a Value, schema: &'a Value, seen: &mut BTreeSet<&'a str>) -> bool {
    if has_own(schema) || ["enum", "const"].iter().any(|key| schema.get(key).is_some()) {
        return true;
    }
    if let Some(reference) = schema["$ref"].as_str()
        && seen.insert(reference)
        && shows(document, resolved(document, schema), seen)
    {
        return true;
    }
    let lists = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten();
    let fields = schema["properties"].as_object().into_iter().flat_map(|fields| fields.values());
    let items = schema.get("items").into_iter().chain(schema.get("additionalProperties"));
    lists.chain(fields).chain(items).any(|part| shows(document, part, seen))
}

/// Whether a body, an answer or a parameter has an example beside its schema or in it.
fn has_example(document: &Value, place: &Value) -> bool {
    has_own(place) || shows(document, &place["schema"], &mut BTreeSet::new())
}

/// Each operation, with its method and path.
fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

/// The media types of a body or an answer.
fn contents<'a>(document: &'a Value, place: &'a Value) -> impl Iterator<Item = (&'a String, &'a Value)> {
    resolved(document, place)["content"].as_object().into_iter().flatten()
}

#[test]
fn every_request_body_has_an_example() {
    let (document, mut bodies, mut without) = (document(), 0, Vec::new());
    for (place, operation) in operations(&document) {
        for (media_type, content) in contents(&document, &operation["requestBody"]) {
            bodies += 1;
            if !has_example(&document, content) {
                without.push(format!("{place}: {media_type}"));
            }
        }
    }
    assert!(bodies > 40, "only {bodies} bodies were looked at");
    assert!(without.is_empty(), "bodies without an example: {without:#?}");
}

#[test]
fn every_answer_has_an_example() {
    let (document, mut answers, mut without) = (document(), 0, Vec::new());
    for (place, operation) in operations(&document) {
        let responses = operation["responses"].as_object().expect(&place);
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('2')) {
            for (media_type, content) in contents(&document, response) {
                answers += 1;
                if !has_example(&document, content) {
                    without.push(format!("{place}: {status} {media_type}"));
                }
            }
        }
    }
    assert!(answers > 80, "only {answers} answers were looked at");
    assert!(without.is_empty(), "answers without an example: {without:#?}");
}

#[test]
fn every_parameter_has_an_example() {
    let (document, mut parameters, mut without) = (document(), 0, Vec::new());
    for (place, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(&document, parameter);
            parameters += 1;
            if !has_example(&document, parameter) {
                without.push(format!("{place}: {} {}", parameter["in"], parameter["name"]));
            }
        }
    }
    assert!(parameters > 100, "only {parameters} parameters were looked at");
    assert!(without.is_empty(), "parameters without an example: {without:#?}");
}

#[test]
fn the_example_of_a_whole_object_has_the_fields_of_its_schema() {
    let (document, mut objects) = (document(), 0);
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let (Some(example), Some(fields)) = (schema["example"].as_object(), schema["properties"].as_object())
        else {
            continue;
        };
        objects += 1;
        for field in example.keys() {
            assert!(fields.contains_key(field), "the example of {name} has «{field}», which {name} has not");
        }
        for field in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(example.contains_key(field), "the example of {name} lacks «{field}»");
        }
    }
    assert!(objects > 15, "only {objects} examples were looked at");
}

#[test]
fn what_has_no_example_is_found() {
    let document = json!({"components": {"schemas": {
        "Bare": {"properties": {"next": {"$ref": "#/components/schemas/Bare"}, "count": {"type": "integer"}}},
        "Shown": {"properties": {"count": {"type": "integer", "example": 3}}},
    }}});
    let list_of = |name: &str| {
        let reference = format!("#/components/schemas/{name}");
        json!({"schema": {"type": "array", "items": {"$ref": reference}}})
    };
    assert!(!has_example(&document, &list_of("Bare")));
    assert!(has_example(&document, &list_of("Shown")));
    assert!(has_example(&document, &json!({"schema": {"type": "string", "enum": ["free", "paid"]}})));
    assert!(has_example(&document, &json!({"schema": {"type": "string"}, "example": "free"})));
}
