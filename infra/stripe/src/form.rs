//! Parameters as Stripe takes them: form-encoded, with nested names such as `items[0][price]`.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::error::ApiError;

/// Parameters by their whole name, sorted, so that two requests with the same parameters are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads a query string or a body. `name[]` counts up from `name[0]`, as clients without indexes send lists.
    pub fn parse(text: &str) -> Self {
        let mut params = BTreeMap::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name), decode(value));
            let name = match name.strip_suffix("[]") {
                Some(list) => (0_usize..)
                    .map(|index| format!("{list}[{index}]"))
                    .find(|name| !params.contains_key(name))
                    .unwrap_or(name),
                None => name,
            };
            params.insert(name, value);
        }
        Self(params)
    }

    /// One parameter. Empty counts as absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// One parameter that must be there.
    ///
    /// # Errors
    /// `parameter_missing`.
    pub fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name)
            .ok_or_else(|| ApiError::parameter("parameter_missing", name, "Missing required param"))
    }

    /// A whole number.
    ///
    /// # Errors
    /// `parameter_invalid_integer`.
    pub fn int(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse()
            .map(Some)
            .map_err(|_| ApiError::parameter("parameter_invalid_integer", name, "Invalid integer"))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// `parameter_invalid_string_blank` stands for what is neither.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse()
            .map(Some)
            .map_err(|_| ApiError::parameter("parameter_invalid_empty", name, "Invalid boolean"))
    }

    /// The values of `name[0]`, `name[1]`, …
    pub fn list(&self, name: &str) -> Vec<String> {
        (0_usize..).map_while(|index| self.text(&format!("{name}[{index}]"))).map(ToOwned::to_owned).collect()
    }

    /// The values of `name[key]` by key.
    pub fn map(&self, name: &str) -> BTreeMap<String, String> {
        let inner =
            |full: &str| Some(full.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?.to_owned());
        self.0.iter().filter_map(|(full, value)| Some((inner(full)?, value.clone()))).collect()
    }

    /// Refuses parameters that the operation does not have, as Stripe does. `names` are whole names without indexes: `items[price]`
    /// allows `items[0][price]`, and `metadata[*]` any key.
    ///
    /// # Errors
    /// `parameter_unknown`.
    pub fn only(&self, names: &[&str]) -> Result<(), ApiError> {
        let unknown = self.0.keys().find(|full| {
            let shape = shape(full);
            let any = shape.split_once('[').map(|(outer, _)| format!("{outer}[*]"));
            shape != "expand"
                && !names.contains(&shape.as_str())
                && !any.is_some_and(|any| names.contains(&any.as_str()))
        });
        match unknown {
            None => Ok(()),
            Some(name) => Err(ApiError::parameter("parameter_unknown", name, "Received unknown parameter")),
        }
    }
}

/// A name without its indexes.
fn shape(name: &str) -> String {
    let mut parts = name.split('[');
    let mut shape = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let part = part.trim_end_matches(']');
        if !part.is_empty() && !part.bytes().all(|b| b.is_ascii_digit()) {
            shape = format!("{shape}[{part}]");
        }
    }
    shape
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_names_are_read_and_unknown_ones_refused() {
        let params = Params::parse(
            "items[0][price]=price_1&metadata[order_id]=a+b%26c&expand[]=x&expand[]=y&amount=12&off=",
        );
        assert_eq!(params.text("items[0][price]"), Some("price_1"));
        assert_eq!(params.map("metadata")["order_id"], "a b&c");
        assert_eq!(params.list("expand"), ["x", "y"]);
        assert_eq!(params.int("amount").unwrap(), Some(12));
        assert_eq!(params.text("off"), None);
        assert!(params.only(&["items[price]", "metadata[*]", "amount", "off"]).is_ok());
        assert!(params.only(&["items[price]", "metadata[*]", "off"]).is_err());
        assert!(params.int("metadata[order_id]").is_err());
    }
}
