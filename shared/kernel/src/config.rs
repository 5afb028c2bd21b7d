//! Settings from environment variables, read once at a cold start. A missing and a malformed setting are
//! different errors, and both name the variable.

use std::{collections::BTreeMap, fmt::Display, str::FromStr};

/// Why a function can't start.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// The variable is not set, or empty.
    #[error("the environment variable {0} is missing: template.yaml sets it")]
    Missing(&'static str),
    /// The variable's value can't be read. The value itself is not shown, since it may be a secret.
    #[error("the environment variable {name} is malformed: {reason}")]
    Malformed {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// The environment variables of a function, or what a test gives instead.
#[derive(Clone, Debug, Default)]
pub struct Vars(Option<BTreeMap<String, String>>);

impl Vars {
    /// The process's environment.
    pub fn process() -> Self {
        Self(None)
    }

    /// A fixed set of variables.
    pub fn fixed<K: Into<String>, V: Into<String>>(vars: impl IntoIterator<Item = (K, V)>) -> Self {
        Self(Some(vars.into_iter().map(|(k, v)| (k.into(), v.into())).collect()))
    }

    /// A variable that may be absent. Empty counts as absent: CloudFormation can't leave a variable out.
    pub fn optional(&self, name: &'static str) -> Option<String> {
        let value = match &self.0 {
            None => std::env::var(name).ok(),
            Some(vars) => vars.get(name).cloned(),
        };
        value.filter(|value| !value.is_empty())
    }

    /// A variable that must be set.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] when it is absent or empty.
    pub fn required(&self, name: &'static str) -> Result<String, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing(name))
    }

    /// A variable that must be set and be a `T`.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] or [`ConfigError::Malformed`].
    pub fn parsed<T: FromStr<Err: Display>>(&self, name: &'static str) -> Result<T, ConfigError> {
        let text = self.required(name)?;
        text.parse().map_err(|error: T::Err| ConfigError::Malformed { name, reason: error.to_string() })
    }

    /// A variable that is a `T` where it is set.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`].
    pub fn parsed_or<T: FromStr<Err: Display>>(
        &self,
        name: &'static str,
        default: T,
    ) -> Result<T, ConfigError> {
        match self.optional(name) {
            None => Ok(default),
            Some(_) => self.parsed(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_malformed_differ_and_name_the_variable() {
        let vars = Vars::fixed([("TTL", "ten"), ("EMPTY", "")]);
        assert_eq!(vars.required("NONE"), Err(ConfigError::Missing("NONE")));
        assert_eq!(vars.required("EMPTY"), Err(ConfigError::Missing("EMPTY")));
        let error = vars.parsed::<u32>("TTL").unwrap_err();
        assert!(matches!(error, ConfigError::Malformed { name: "TTL", .. }));
        assert!(!error.to_string().contains("ten"));
        assert_eq!(vars.parsed_or("NONE", 5), Ok(5));
    }
}
