//! The reference page: an OpenAPI document as plain HTML, without a script and without anything from elsewhere.

use std::fmt::Write as _;

use http_kit::html::escape;
use serde_json::Value;

const STYLE: &str = include_str!("reference.css");
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page of a document.
pub(crate) fn page(document: &Value) -> String {
    let mut operations: Vec<Operation<'_>> = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            if let Some(value) = item.get(method) {
                operations.push(Operation { method, path, value });
            }
        }
    }
    let mut tags: Vec<&str> = operations.iter().map(Operation::tag).collect();
    tags.sort_unstable();
    tags.dedup();
    let mut out = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <title>LearnFlow API</title><style>{STYLE}</style><header><h1>LearnFlow API</h1>\
         <p>{} operations. Send JSON to the paths below; log in at <code>POST /api/v1/auth/login</code> and send the access token as \
         <code>Authorization: Bearer</code>. Programs read <a href=openapi.json>openapi.json</a>.</header><nav><ul>",
        operations.len()
    );
    for tag in &tags {
        let _ = write!(out, "<li><a href='#{0}'>{0}</a>", escape(tag));
    }
    out.push_str("</ul></nav><main>");
    for tag in tags {
        let _ = write!(out, "<section id='{0}'><h2>{0}</h2>", escape(tag));
        for operation in operations.iter().filter(|operation| operation.tag() == tag) {
            operation.write(&mut out, document);
        }
        out.push_str("</section>");
    }
    out.push_str("</main></html>");
    out
}

struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    value: &'a Value,
}

impl<'a> Operation<'a> {
    fn tag(&self) -> &'a str {
        self.value["tags"][0].as_str().unwrap_or("other")
    }

    fn write(&self, out: &mut String, document: &Value) {
        let public = self.value["security"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one == &serde_json::json!({})));
        let text = |name: &str| self.value[name].as_str().unwrap_or_default();
        let _ = write!(
            out,
            "<details><summary><b class={0}>{0}</b> <code>{1}</code> <span>{2}</span>{3}</summary><p>{4}",
            self.method,
            escape(self.path),
            escape(text("summary")),
            if public { " <i>public</i>" } else { "" },
            escape(text("description")),
        );
        let parameters = self.value["parameters"].as_array();
        if let Some(parameters) = parameters.filter(|all| !all.is_empty()) {
            out.push_str("<h3>Parameters</h3><table>");
            for one in parameters {
                let about = one["description"].as_str().unwrap_or_default();
                row(out, one["name"].as_str().unwrap_or_default(), &kind(&one["schema"]), about);
            }
            out.push_str("</table>");
        }
        let body = &self.value["requestBody"]["content"]["application/json"]["schema"];
        if !body.is_null() {
            out.push_str("<h3>Body</h3>");
            fields(out, document, body, 0);
        }
        for (status, response) in self.value["responses"].as_object().into_iter().flatten() {
            if status == "default" {
                continue;
            }
            let about = response["description"].as_str().unwrap_or_default();
            let _ = write!(out, "<h3>{} {}</h3>", escape(status), escape(about));
            fields(out, document, &response["content"]["application/json"]["schema"], 0);
        }
        out.push_str("</details>");
    }
}

/// A table of a schema's fields; objects within are shown down to the third level.
fn fields(out: &mut String, document: &Value, schema: &Value, depth: usize) {
    let schema = resolve(document, schema);
    let parts = ["allOf", "oneOf", "anyOf"].iter().find_map(|name| schema[*name].as_array());
    if let Some(parts) = parts {
        for part in parts {
            fields(out, document, part, depth);
        }
    }
    if schema["items"].is_object() && depth < 3 {
        return fields(out, document, &schema["items"], depth + 1);
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    out.push_str("<table>");
    for (name, value) in properties {
        let inner = resolve(document, value);
        let optional = if required.contains(&name.as_str()) { "" } else { ", optional" };
        let about =
            value["description"].as_str().or_else(|| inner["description"].as_str()).unwrap_or_default();
        row(out, name, &format!("{}{optional}", kind(inner)), about);
        if depth < 2 && (inner["properties"].is_object() || inner["items"].is_object()) {
            out.push_str("<tr><td><td colspan=2>");
            fields(out, document, inner, depth + 1);
        }
    }
    out.push_str("</table>");
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

fn kind(schema: &Value) -> String {
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ");
    }
    let name = match &schema["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .collect::<Vec<_>>()
            .join(" | "),
        _ => schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or("object").to_owned(),
    };
    match schema["format"].as_str() {
        Some(format) => format!("{name} ({format})"),
        None => name,
    }
}

fn row(out: &mut String, name: &str, kind: &str, about: &str) {
    let _ = write!(out, "<tr><th>{}<td>{}<td>{}", escape(name), escape(kind), escape(about));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn operations_fields_and_hostile_text() {
        let document = json!({
            "paths": {"/x": {"post": {
                "tags": ["things"], "summary": "Makes <b>it</b>", "security": [{}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}},
                "responses": {"201": {"description": "Made"}},
            }}},
            "components": {"schemas": {"New": {"required": ["name"], "properties": {
                "name": {"type": "string", "description": "<script>"}, "size": {"type": ["integer", "null"]},
            }}}},
        });
        let page = page(&document);
        for part in [
            "<b class=post>post</b>",
            "Makes &lt;b&gt;it",
            "<i>public</i>",
            "<th>name<td>string<td>&lt;script&gt;",
            "<th>size<td>integer, optional",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!page.contains("<script"));
    }
}
