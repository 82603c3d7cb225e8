//! What the variables of an expression stand for while one record is judged.

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelString};
use cel::common::value::{CowVal, Val};
use serde_json::{Map, Value};

use super::functions::Runtime;
use super::quick;
use super::scope::{Path, Scope, Variable};
use super::shape::Shape;
use super::value::value;
use crate::document::{Kind, Node};

/// The values of the variables for one record. Cheap to make: nothing is read before it is used.
#[derive(Debug, Clone, Copy)]
pub struct Bindings<'a> {
    /// The functions.
    pub runtime: &'a Runtime,
    /// The parameters.
    pub params: &'a Params,
    /// The record.
    pub this: Option<Node<'a>>,
    /// The object that encloses the record.
    pub parent: Option<Node<'a>>,
    /// The whole document.
    pub document: Option<Node<'a>>,
    /// The sidecar.
    pub manifest: Option<Node<'a>>,
    /// Start and end of the audit window, in microseconds since 1970-01-01T00:00:00Z.
    pub window: Option<(i64, i64)>,
    /// The moment the verdict is of, in the same unit.
    pub as_of: Option<i64>,
    /// Values that were looked for before.
    pub known: Known<'a>,
}

/// Values of a record that were looked for once, for all that read them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The values, where they are there.
    pub values: &'a [Option<Node<'a>>],
    /// Which of them an expression or a message reads, in the order of its
    /// [`reads`](super::Expression::reads); `None` for what is no value of a document.
    pub numbers: &'a [Option<usize>],
}

impl<'a> Known<'a> {
    /// What is read as number `at`: not known, or known to be there or not.
    pub(super) fn value(&self, at: usize) -> Option<Option<Node<'a>>> {
        let number = (*self.numbers.get(at)?)?;
        self.values.get(number).copied()
    }
}

impl<'a> Bindings<'a> {
    /// Bindings of functions and parameters only; set what else there is.
    #[must_use]
    pub fn new(runtime: &'a Runtime, params: &'a Params) -> Self {
        Self {
            runtime,
            params,
            this: None,
            parent: None,
            document: None,
            manifest: None,
            window: None,
            as_of: None,
            known: Known::default(),
        }
    }

    /// The value at the root of `variable`, when it is one of a document.
    #[must_use]
    pub fn root(&self, variable: Variable) -> Option<Node<'a>> {
        match variable {
            Variable::This => self.this,
            Variable::Parent => self.parent,
            Variable::Document => self.document,
            Variable::Manifest => self.manifest,
            Variable::Params | Variable::Window | Variable::AsOf => None,
        }
    }

    /// The value at `path`, where there is one.
    pub(super) fn find(&self, path: &Path) -> Option<Node<'a>> {
        path.fields.iter().try_fold(self.root(path.variable)?, |node, field| node.get(field))
    }

    /// The value at `path`, or why there is none.
    pub(super) fn node(&self, path: &Path, fields: &[String]) -> Result<Node<'a>, String> {
        let name = path.variable.name();
        let mut node = self
            .root(path.variable)
            .ok_or_else(|| format!("there is no `{name}` for this record"))?;
        for field in fields {
            if node.kind() != Kind::Object {
                let what = if node.is_null() { "null" } else { "no object" };
                return Err(format!("`{field}` is absent: what should hold it is {what}"));
            }
            node = node.get(field).ok_or_else(|| format!("`{field}` is absent"))?;
        }
        Ok(node)
    }

    /// The value an expression sees at `path`, or why there is none.
    pub(super) fn read<'v>(&'v self, path: &'v Path) -> Result<CowVal<'v, 'v>, String> {
        let moment = match (path.variable, path.fields.as_slice()) {
            (Variable::Params, [name]) => {
                let param = self.params.get(name);
                return param
                    .map(CowVal::Borrowed)
                    .ok_or_else(|| format!("the parameter `{name}` has no value"));
            }
            (Variable::Window, [end]) => {
                self.window.map(|(first, last)| if end == "start" { first } else { last })
            }
            (Variable::AsOf, []) => self.as_of,
            _ => {
                let node = self.node(path, &path.fields)?;
                return value(node, &path.shape)
                    .map(CowVal::Owned)
                    .map_err(|reason| format!("`{path}` {reason}"));
            }
        };
        let moment = moment.ok_or_else(|| format!("`{path}` is not known"))?;
        Ok(CowVal::owned(CelInt::from(moment)))
    }

    /// Whether the last field of `path` is there, or why that cannot be said.
    pub(super) fn has(&self, path: &Path) -> Result<bool, String> {
        let Some((last, above)) = path.fields.split_last() else {
            return Ok(true);
        };
        match path.variable {
            Variable::Params => Ok(self.params.named(last).is_some()),
            Variable::Window => Ok(self.window.is_some()),
            _ => match (self.root(path.variable), above) {
                (Some(root), []) => Ok(root.get(last).is_some()),
                _ => Ok(self.node(path, above)?.get(last).is_some()),
            },
        }
    }
}

/// The parameters of a rule file, ready for use.
#[derive(Debug, Default)]
pub struct Params(Vec<Param>);

#[derive(Debug)]
struct Param {
    name: String,
    value: Box<dyn Val>,
    /// The same for the quick way, where that knows such values.
    quick: Option<quick::Value<'static>>,
}

impl Params {
    /// The parameters `values`, which must have the types that `scope` says expressions were
    /// compiled for.
    ///
    /// # Errors
    ///
    /// A sentence for each value that has another type, and for each that is missing or unknown.
    pub fn new(values: &Map<String, Value>, scope: &Scope) -> Result<Self, Vec<String>> {
        let none = Shape::open_object();
        let shape = scope.shape(Variable::Params).unwrap_or(&none);
        let mut params = Vec::new();
        let mut errors = Vec::new();
        for (name, value) in values {
            let declared = shape.fields().and_then(|fields| fields.get(name));
            let converted = match declared {
                Some((shape, _)) => parameter(value, shape)
                    .ok_or_else(|| format!("the parameter `{name}` must be {shape}, not {value}")),
                None => Err(format!("there is no parameter `{name}`")),
            };
            match converted {
                Ok(value) => {
                    let quick = quick::given(&*value);
                    params.push(Param { name: name.clone(), value, quick });
                }
                Err(error) => errors.push(error),
            }
        }
        let declared = shape.fields().into_iter().flat_map(|fields| fields.fields.keys());
        let missing = declared.filter(|name| !values.contains_key(*name));
        errors.extend(missing.map(|name| format!("the parameter `{name}` has no value")));
        if errors.is_empty() { Ok(Self(params)) } else { Err(errors) }
    }

    /// A parameter.
    pub(super) fn get(&self, name: &str) -> Option<&(dyn Val + 'static)> {
        self.named(name).map(|param| &*param.value)
    }

    /// A parameter for the quick way.
    pub(super) fn quick(&self, name: &str) -> Option<&quick::Value<'static>> {
        self.named(name)?.quick.as_ref()
    }

    fn named(&self, name: &str) -> Option<&Param> {
        // There are few, which are told apart by their lengths.
        self.0.iter().find(|param| param.name == name)
    }

    /// A parameter as people write it.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(shown)
    }
}

fn shown(value: &dyn Val) -> String {
    if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        let elements: Vec<String> = list.inner().iter().map(|value| shown(&**value)).collect();
        return elements.join(", ");
    }
    None.or_else(|| value.downcast_ref::<CelBool>().map(|value| value.inner().to_string()))
        .or_else(|| value.downcast_ref::<CelInt>().map(|value| value.inner().to_string()))
        .or_else(|| value.downcast_ref::<CelDouble>().map(|value| value.inner().to_string()))
        .or_else(|| value.downcast_ref::<CelString<'_>>().map(|value| value.inner().to_owned()))
        .unwrap_or_default()
}

fn parameter(value: &Value, shape: &Shape) -> Option<Box<dyn Val>> {
    Some(match (value, shape) {
        (Value::Bool(value), Shape::Bool | Shape::Any) => Box::new(CelBool::from(*value)),
        (Value::String(text), Shape::String(_) | Shape::Any) => {
            Box::new(CelString::from(text.clone()))
        }
        (Value::Number(number), Shape::Int) => Box::new(CelInt::from(number.as_i64()?)),
        (Value::Number(number), Shape::Double) => Box::new(CelDouble::from(number.as_f64()?)),
        (Value::Number(number), Shape::Any) => match number.as_i64() {
            Some(whole) => Box::new(CelInt::from(whole)),
            None => Box::new(CelDouble::from(number.as_f64()?)),
        },
        (Value::Array(values), Shape::List(element)) => {
            // The rule's own list may be empty; then nothing is known of the elements.
            let element = if **element == Shape::NEVER { &Shape::Any } else { &**element };
            let values: Option<Vec<_>> =
                values.iter().map(|value| parameter(value, element)).collect();
            Box::new(CelList::from(values?))
        }
        _ => return None,
    })
}
