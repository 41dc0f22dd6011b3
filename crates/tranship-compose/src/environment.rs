//! The variables a project is read with, each with where it came from.

use std::collections::BTreeMap;

use tranship_source::yaml::VariableFrom;

/// A variable's value and origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The value.
    pub value: String,
    /// Where it came from: the process, a line of an env file, or Compose itself.
    pub from: VariableFrom,
}

/// Variables by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<String, Variable>,
}

impl Environment {
    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|variable| variable.value.as_str())
    }

    /// A variable with its origin.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// Sets a variable, whatever it was before.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>, from: VariableFrom) {
        self.variables.insert(name.into(), Variable { value: value.into(), from });
    }

    /// Sets a variable that is not set yet.
    pub fn set_default(&mut self, name: impl Into<String>, value: impl Into<String>, from: VariableFrom) {
        self.variables.entry(name.into()).or_insert_with(|| Variable { value: value.into(), from });
    }

    /// All variables, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.variables.iter().map(|(name, variable)| (name.as_str(), variable))
    }
}
