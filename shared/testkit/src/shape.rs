//! What a client's types say of an answer.

use serde_json::Value;

/// Checks that an object has these fields with these types, in the words of TypeScript: `string`, `number`, `boolean`, `null`, `object`, `array`, a
/// literal in quotes, or several of them with `|` between. `undefined` lets the field be absent. `id` is what identifies a thing: a number for
/// the clients of the seeds, a text here, which they carry without looking into it. Fields that the client does not know are no fault.
#[expect(clippy::panic, reason = "a test's assertion")]
#[track_caller]
pub fn assert_shape(value: &Value, fields: &[(&str, &str)]) {
    assert!(value.is_object(), "not an object: {value:#}");
    for (name, types) in fields {
        let field = value.get(name);
        if !types.split('|').map(str::trim).any(|one| is_of(field, one)) {
            panic!("{name} is not {types}: {value:#}");
        }
    }
}

fn is_of(field: Option<&Value>, wanted: &str) -> bool {
    let Some(value) = field else { return wanted == "undefined" };
    match wanted {
        "id" | "string" => value.is_string(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        literal => value.as_str().is_some_and(|text| literal == format!("'{text}'")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_passes() {
        let value = json!({"a": "x", "b": 1.5, "c": null, "d": [], "e": {}, "f": "on", "more": 1});
        let fields = [
            ("a", "id"),
            ("b", "number"),
            ("c", "string | null"),
            ("d", "array"),
            ("e", "object"),
            ("f", "'on' | 'off'"),
            ("g", "boolean | undefined"),
        ];
        assert_shape(&value, &fields);
    }

    #[test]
    fn what_does_not_fit_fails() {
        for fields in [("a", "string"), ("b", "number"), ("c", "'off'"), ("d", "null")] {
            let value = json!({"a": 1, "b": "1", "c": "on"});
            let checked = std::panic::catch_unwind(|| assert_shape(&value, &[fields]));
            assert!(checked.is_err(), "{fields:?}");
        }
    }
}
