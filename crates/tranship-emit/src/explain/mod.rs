//! Answers to "what became of this?" and "why is this here?".
//!
//! [`Explainer::project`] goes forward, from a service or a value of the project to the fields of objects;
//! [`Explainer::why`] goes back, from a field of an object to the values or the rule that made it. Both draw on what the
//! conversion noted anyway: spans of nodes, the ledger, the origins in the stack. Values of secrets are never part of an
//! answer. [`view`] prints answers for people; serialized they are the answers for programs.

mod back;
mod decided;
mod forward;
mod hint;
mod index;
pub mod path;
mod source;
pub mod view;

use std::collections::BTreeMap;

use serde::Serialize;
use tranship_kube::ObjectSet;
use tranship_model::{At, Ledger, Stack};
use tranship_source::Sources;
use tranship_source::yaml::Node;

pub use index::Explainer;

/// The version of the format.
pub const VERSION: u32 = 1;

/// What a conversion knows of itself.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The resolved project.
    pub project: &'a Node,
    /// The model made of it.
    pub stack: &'a Stack,
    /// The objects made of that.
    pub objects: &'a ObjectSet,
    /// What became of each leaf.
    pub ledger: &'a Ledger,
    /// Every leaf of the project.
    pub leaves: &'a [At],
    /// The texts that were read.
    pub sources: &'a Sources,
    /// The name each service's objects carry in their label `app.kubernetes.io/name`.
    pub workloads: &'a BTreeMap<String, String>,
}

/// Nothing is called so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What was asked for, and where it is not: `` `web` has no `imag` ``.
    pub message: String,
    /// The name that was probably meant.
    pub nearest: Option<String>,
    /// Names that exist there.
    pub known: Vec<String>,
}

/// A part of the project and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Subject {
    /// The version of this format.
    pub version: u32,
    /// Its path in the resolved project.
    pub path: String,
    /// The service, where a whole one was asked for.
    pub service: Option<ServiceFacts>,
    /// What became of it as a whole.
    pub outcomes: Vec<OutcomeFacts>,
    /// Its values.
    pub values: Vec<ValueFacts>,
}

/// A service.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceFacts {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub place: Option<Spot>,
    /// The known product it runs.
    pub product: Option<String>,
    /// What part it plays.
    pub role: &'static str,
    /// Its objects.
    pub objects: Vec<ObjectFacts>,
    /// What was chosen for it, where no value says it.
    pub decisions: Vec<Choice>,
}

/// An object.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectFacts {
    /// `Deployment/web`.
    pub object: String,
    /// Its file in the output directory.
    pub file: String,
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What was chosen, in a few words.
    pub what: String,
    /// The rule's stable name.
    pub rule: String,
    /// The reason, a sentence.
    pub because: String,
}

/// A place in a file, with the line that stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spot {
    /// The file, as the user would write it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters of the line as it is shown, from 1.
    pub column: usize,
    /// How many characters of the line are meant.
    pub length: usize,
    /// The line. Credentials in it are covered.
    pub text: String,
}

/// A value of the project.
#[derive(Clone, Debug, Serialize)]
pub struct ValueFacts {
    /// Its path in the resolved project.
    pub path: String,
    /// What it is, as YAML on one line; absent where it is a credential.
    pub value: Option<String>,
    /// Where it is written; absent for what Compose adds.
    pub place: Option<Spot>,
    /// Variables in it and where each comes from.
    pub variables: Vec<VariableFacts>,
    /// Places whose value it replaced, the last one last.
    pub replaced: Vec<Spot>,
    /// What became of it.
    pub outcomes: Vec<OutcomeFacts>,
    /// Where it stands in the objects.
    pub fields: Vec<FieldFacts>,
    /// What it led to.
    pub decisions: Vec<Choice>,
    /// How to have it otherwise.
    pub otherwise: Option<String>,
}

/// A variable.
#[derive(Clone, Debug, Serialize)]
pub struct VariableFacts {
    /// Its name.
    pub name: String,
    /// Where its value comes from, in words.
    pub from: String,
}

/// What became of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutcomeFacts {
    /// `kept`, `translated`, `decided` or `dropped`.
    pub outcome: &'static str,
    /// Where it stands in the output, as the ledger says it.
    pub to: Option<String>,
    /// How and why.
    pub why: Option<String>,
    /// What to do about it.
    pub todo: Option<String>,
    /// Which rule of the ledger said so: the path of the section it speaks for, where that is not the value's own.
    pub of: Option<String>,
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldFacts {
    /// `Deployment/web`.
    pub object: String,
    /// The object's file in the output directory.
    pub file: String,
    /// Its path in the object.
    pub path: String,
    /// What stands there, as YAML on one line; absent for a credential, or for more than fits a line.
    pub value: Option<String>,
}

/// Fields of an object and why they are there.
#[derive(Clone, Debug, Serialize)]
pub struct Because {
    /// The version of this format.
    pub version: u32,
    /// The object.
    pub object: ObjectFacts,
    /// The path that was asked for.
    pub path: String,
    /// The fields at and below that path.
    pub fields: Vec<FieldReasons>,
}

/// A field and why it is there.
#[derive(Clone, Debug, Serialize)]
pub struct FieldReasons {
    /// Its path in the object.
    pub path: String,
    /// What stands there; absent for a credential.
    pub value: Option<String>,
    /// Values of the project it comes from.
    pub from: Vec<Source>,
    /// Reasons, sentences, each once.
    pub why: Vec<String>,
    /// The rule that wrote it, where no value of the project did.
    pub rule: Option<Choice>,
    /// How to have it otherwise, beyond changing those values.
    pub otherwise: Option<String>,
}

/// A value of the project a field comes from.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// Its path in the resolved project.
    pub path: String,
    /// What it is; absent for a credential.
    pub value: Option<String>,
    /// Where it is written.
    pub place: Option<Spot>,
    /// Variables in it and where each comes from.
    pub variables: Vec<VariableFacts>,
}
