//! The variables an expression may name, and the checked paths through them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::ExpressionError;
use super::shape::Shape;
use crate::schema::suggest::did_you_mean;

/// The variables of the language, in the order of `Variable::ALL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// `this`: the record.
    This,
    /// `parent`: the object that encloses the record.
    Parent,
    /// `document`: the whole document the record stands in.
    Document,
    /// `manifest`: the sidecar of the artifact.
    Manifest,
    /// `params`: the parameters of the rule file.
    Params,
    /// `window`: the audit window, `window.start` and `window.end`.
    Window,
    /// `as_of`: the date the verdict is of.
    AsOf,
}

impl Variable {
    const ALL: [Self; 7] = [
        Self::This,
        Self::Parent,
        Self::Document,
        Self::Manifest,
        Self::Params,
        Self::Window,
        Self::AsOf,
    ];

    /// The name in expressions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::This => "this",
            Self::Parent => "parent",
            Self::Document => "document",
            Self::Manifest => "manifest",
            Self::Params => "params",
            Self::Window => "window",
            Self::AsOf => "as_of",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variable| variable.name() == name)
    }
}

/// The variables that are there, with what is known of each.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// By the number of the variable: a scope is made for every expression of a rule file.
    variables: [Option<Declared>; Variable::ALL.len()],
}

#[derive(Debug, Clone)]
struct Declared {
    shape: Shape,
    /// What messages call it: `change-record`.
    called: Cow<'static, str>,
}

/// `window`.
static WINDOW: LazyLock<Shape> =
    LazyLock::new(|| Shape::object(["start", "end"].map(|name| (name.to_owned(), Shape::Time))));

impl Scope {
    /// A scope without variables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same scope with `variable`; `called` is what messages call its value, such as the name
    /// of its kind.
    #[must_use]
    pub fn with(
        mut self,
        variable: Variable,
        shape: Shape,
        called: impl Into<Cow<'static, str>>,
    ) -> Self {
        let called = called.into();
        self.variables[variable as usize] = Some(Declared { shape, called });
        self
    }

    /// The same scope with parameters, whose types are those of their values.
    #[must_use]
    pub fn with_params(self, params: &Map<String, Value>) -> Self {
        let fields = params.iter().map(|(name, value)| (name.clone(), Shape::of_value(value)));
        self.with_params_of(Shape::object(fields))
    }

    /// The same scope with parameters of `shape`.
    #[must_use]
    pub fn with_params_of(self, shape: Shape) -> Self {
        self.with(Variable::Params, shape, "the parameters")
    }

    /// The same scope with `window` and `as_of`.
    #[must_use]
    pub fn with_times(self) -> Self {
        self.with(Variable::Window, WINDOW.clone(), "the window").with(
            Variable::AsOf,
            Shape::Time,
            "the as-of date",
        )
    }

    /// The shape of a variable, if it is there.
    #[must_use]
    pub fn shape(&self, variable: Variable) -> Option<&Shape> {
        self.declared(variable).map(|declared| &declared.shape)
    }

    fn declared(&self, variable: Variable) -> Option<&Declared> {
        self.variables[variable as usize].as_ref()
    }

    /// The variable called `name`, where it is there.
    pub(super) fn named(&self, name: &str) -> Option<Variable> {
        Variable::named(name).filter(|variable| self.declared(*variable).is_some())
    }

    /// Whether `name` is one of the language's variables, here or not.
    pub(super) fn is_variable(name: &str) -> bool {
        Variable::named(name).is_some()
    }

    /// The variable called `name`.
    pub(super) fn variable(
        &self,
        name: &str,
        at: impl FnOnce() -> Range<usize>,
    ) -> Result<Variable, ExpressionError> {
        self.named(name).ok_or_else(|| {
            let here = |variable: &Variable| self.declared(*variable).is_some();
            let names = || Variable::ALL.into_iter().filter(here).map(Variable::name);
            let fields = self.shape(Variable::This).and_then(Shape::fields);
            let field = fields.is_some_and(|fields| fields.fields.contains_key(name));
            let help = if field {
                format!("write `this.{name}` for the field of the record")
            } else {
                did_you_mean(name, names()).unwrap_or_else(|| {
                    format!("there are: {}", names().collect::<Vec<_>>().join(", "))
                })
            };
            let place = if Self::is_variable(name) { " here" } else { "" };
            ExpressionError::new(at(), format!("there is no variable `{name}`{place}")).help(help)
        })
    }

    /// The path `fields` below `variable`; `at` tells the place of each in the source.
    pub(super) fn path(
        &self,
        variable: Variable,
        fields: Vec<String>,
        at: impl Fn(usize) -> Range<usize>,
    ) -> Result<Path, ExpressionError> {
        let declared = self.declared(variable);
        let mut path = Path { variable, fields, shape: Shape::Any, sensitive: false };
        let mut shape = declared.map_or(&Shape::Any, |declared| &declared.shape);
        for (index, name) in path.fields.iter().enumerate() {
            let called = || match index {
                0 => declared.map_or(variable.name(), |declared| &*declared.called).to_owned(),
                _ => format!("`{}.{}`", variable.name(), path.fields[..index].join(".")),
            };
            let (below, sensitive) = field_of(shape, name, called, || at(index))?;
            shape = below;
            path.sensitive |= sensitive;
        }
        path.sensitive |= shape.holds_secrets();
        path.shape = shape.clone();
        Ok(path)
    }
}

/// The shape of field `name` of a value of `shape`; `called` is what messages call the value, and
/// `at` the place of the name.
pub(super) fn field_of<'s>(
    shape: &'s Shape,
    name: &str,
    called: impl FnOnce() -> String,
    at: impl FnOnce() -> Range<usize>,
) -> Result<(&'s Shape, bool), ExpressionError> {
    let Some(fields) = shape.fields() else {
        if shape.kinds().contains(&Shape::Any) {
            return Ok((&Shape::Any, false));
        }
        let help =
            shape.element().map(|_| "loop over it with `.all(item, …)` or `.exists(item, …)`");
        let message = format!("{} is {shape} and has no field `{name}`", called());
        return Err(ExpressionError::new(at(), message).maybe_help(help.map(ToOwned::to_owned)));
    };
    fields.get(name).ok_or_else(|| {
        let names = || fields.fields.keys().map(String::as_str);
        let shown: Vec<&str> = names().take(12).collect();
        let more = if names().count() > shown.len() { ", …" } else { "" };
        let help = did_you_mean(name, names())
            .unwrap_or_else(|| format!("its fields are: {}{more}", shown.join(", ")));
        let message = format!("`{name}` is not a field of {}", called());
        ExpressionError::new(at(), message).help(help)
    })
}

/// A checked way from a variable down its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) variable: Variable,
    pub(super) fields: Vec<String>,
    pub(super) shape: Shape,
    /// Whether the value, what holds it or something in it is secret.
    pub(super) sensitive: bool,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.variable.name())?;
        self.fields.iter().try_for_each(|field| write!(f, ".{field}"))
    }
}
