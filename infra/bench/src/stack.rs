//! template.yaml as the bench needs it: the functions, and the environment that the stack would give to each.

use std::collections::BTreeMap;

use serde_yaml_ng::Value;
use testkit::template;

use crate::Outcome;

/// A function of the template.
pub(crate) struct FunctionSpec {
    /// Package and binary.
    pub(crate) binary: String,
    /// MB.
    pub(crate) memory: u64,
    /// Whether API Gateway has a route to it.
    pub(crate) is_api: bool,
    /// Its environment variables.
    pub(crate) variables: BTreeMap<String, String>,
}

/// The template with the parameters of the bench.
pub(crate) struct Stack {
    template: Value,
    parameters: BTreeMap<&'static str, String>,
}

impl Stack {
    /// Reads the template. Parameters that are not given have their defaults.
    pub(crate) fn new(parameters: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { template: template::read(), parameters: parameters.into_iter().collect() }
    }

    /// The functions in the template's order.
    pub(crate) fn functions(&self) -> Outcome<Vec<FunctionSpec>> {
        let of_type = template::resources("AWS::Serverless::Function");
        of_type.iter().map(|(id, function)| self.function(id, function)).collect()
    }

    fn function(&self, id: &str, function: &Value) -> Outcome<FunctionSpec> {
        let binary = function["Metadata"]["Binary"].as_str();
        let binary = binary.ok_or_else(|| format!("{id} has no Metadata.Binary"))?.to_owned();
        let (own, global) = (&function["Properties"], &self.template["Globals"]["Function"]);
        let memory = own["MemorySize"].as_u64().or(global["MemorySize"].as_u64());
        let memory = memory.ok_or_else(|| format!("{id} has no MemorySize"))?;
        let events = own["Events"].as_mapping();
        let is_api = events
            .is_some_and(|events| events.values().any(|event| event["Type"].as_str() == Some("HttpApi")));
        let mut variables = BTreeMap::new();
        for properties in [global, own] {
            for (name, value) in properties["Environment"]["Variables"].as_mapping().into_iter().flatten() {
                let name = name.as_str().unwrap_or_default();
                let text = self
                    .text(value)
                    .ok_or_else(|| format!("{id}: the bench can't read the value of {name}"))?;
                variables.insert(name.to_owned(), text);
            }
        }
        Ok(FunctionSpec { binary, memory, is_api, variables })
    }

    /// What CloudFormation would make of a value. A resource stands for its logical id, which is how testkit names the tables.
    fn text(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Tagged(tagged) if tagged.tag == "Ref" => self.reference(tagged.value.as_str()?),
            Value::Tagged(tagged) if tagged.tag == "GetAtt" => tagged.value.as_str().map(ToOwned::to_owned),
            Value::Tagged(tagged) if tagged.tag == "Sub" => self.substitute(tagged.value.as_str()?),
            Value::Tagged(tagged) if tagged.tag == "If" => {
                let choice = usize::from(!self.holds(tagged.value[0].as_str()?)?);
                self.text(&tagged.value[1 + choice])
            }
            _ => None,
        }
    }

    fn reference(&self, name: &str) -> Option<String> {
        if let Some(given) = self.parameters.get(name) {
            return Some(given.clone());
        }
        match self.template["Parameters"].get(name) {
            Some(parameter) => match parameter.get("Default") {
                Some(default) => self.text(default),
                None => Some(format!("parameter-{name}")),
            },
            None => Some(name.to_owned()),
        }
    }

    fn substitute(&self, text: &str) -> Option<String> {
        let mut parts = text.split("${");
        let mut whole = parts.next()?.to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}')?;
            whole.push_str(&self.reference(name)?);
            whole.push_str(rest);
        }
        Some(whole)
    }

    fn holds(&self, name: &str) -> Option<bool> {
        self.is_true(self.template["Conditions"].get(name)?)
    }

    fn is_true(&self, condition: &Value) -> Option<bool> {
        match condition {
            Value::Tagged(tagged) if tagged.tag == "Equals" => {
                Some(self.text(&tagged.value[0])? == self.text(&tagged.value[1])?)
            }
            Value::Tagged(tagged) if tagged.tag == "And" => {
                let parts = tagged.value.as_sequence()?.iter().map(|part| self.is_true(part));
                Some(parts.collect::<Option<Vec<_>>>()?.into_iter().all(|part| part))
            }
            Value::Tagged(tagged) if tagged.tag == "Not" => Some(!self.is_true(&tagged.value[0])?),
            Value::Tagged(tagged) if tagged.tag == "Condition" => self.holds(tagged.value.as_str()?),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_gets_the_variables_of_the_template() {
        let stack = Stack::new([("Stage", "bench".to_owned()), ("UseValkey", "true".to_owned())]);
        let functions = stack.functions().unwrap();
        let find = |binary: &str| functions.iter().find(|function| function.binary == binary).unwrap();
        let auth = find("api-auth");
        assert!(auth.is_api && auth.memory > find("api-courses").memory);
        assert_eq!(auth.variables["JWT_ISSUER"], "https://learnflow/bench");
        assert_eq!(auth.variables["TABLE_IDENTITY"], "IdentityTable");
        assert_eq!(auth.variables["STAGE"], "bench");
        assert_eq!(find("api-playback").variables["VALKEY_CACHE_NAME"], "Valkey");
        let without = Stack::new([]).functions().unwrap();
        let playback = without.iter().find(|function| function.binary == "api-playback").unwrap();
        assert_eq!(playback.variables["VALKEY_CACHE_NAME"], "");
        assert!(!find("job-ingest").is_api);
    }
}
