//! Compiled expressions and what they say of one record.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;

use cel::common::ast::{Expr, IdedExpr, operators};
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelString, Kind};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Value};
use regex::Regex;

use super::ExpressionError;
use super::bindings::Bindings;
use super::check::{Checker, Read};
use super::decisive::{Decisive, Search};
use super::functions::{Pattern, kind_words};
use super::quick;
use super::scope::{Scope, Variable};
use super::shape::Shape;
use super::source::{Places, children, each_child, parse};
use super::steps::{TOO_MANY, exceed};
use crate::document::Node;
use crate::model::Span;

/// An expression that was checked against its scope. Shared by all threads.
#[derive(Debug)]
pub struct Expression {
    /// The operands of the outermost `&&`s, in order; one where there are none.
    conjuncts: Vec<Conjunct>,
    pub(super) reads: Vec<Read>,
    pub(super) patterns: Vec<Pattern>,
    shape: Shape,
    /// Whether lists are kept for the second time they are read.
    loops: bool,
    places: Box<Places>,
}

#[derive(Debug)]
pub(super) struct Conjunct {
    tree: IdedExpr,
    /// The same, the quick way.
    quick: Option<quick::Op>,
    pub(super) reads: BTreeSet<usize>,
}

/// What a condition says of a record.
#[derive(Debug, Clone)]
pub enum Outcome<'a> {
    /// It holds.
    True,
    /// It does not hold.
    False {
        /// The first part joined by `&&` that is false.
        culprit: Culprit<'a>,
    },
    /// It cannot be told: a field is absent, a text is no time. Never counts as holding.
    Error {
        /// What is wrong, without a full stop.
        message: String,
        /// The part that cannot be told.
        culprit: Culprit<'a>,
    },
}

/// The part of a condition that decided, and what it read.
#[derive(Debug, Clone)]
pub struct Culprit<'a> {
    /// The node, whose place [`Expression::place`] tells.
    node: u64,
    /// The fields it names, in the order of the source.
    pub readings: Vec<Reading<'a>>,
}

/// A field an expression names, and its value in the record at hand.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    /// The path as it is written: `this.approver`.
    pub path: String,
    /// The value, when there is one in a document. Parameters and times have none.
    pub node: Option<Node<'a>>,
    /// The bytes that decided: those of the value, or of the part of it that failed.
    pub span: Option<Span>,
    /// Whether the schema marks it as secret.
    pub sensitive: bool,
}

/// The value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Computed {
    /// `null`.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number; microseconds where the expression's [`Shape`] is a time or a duration.
    Int(i64),
    /// A number with a fraction.
    Double(f64),
    /// A string.
    String(String),
    /// A list.
    List(Vec<Self>),
}

/// Compiles a condition: an expression that is true or false.
///
/// # Errors
///
/// Every mistake in it, with its place.
pub fn compile_condition(source: &str, scope: &Scope) -> Result<Expression, Vec<ExpressionError>> {
    let expression = compile_value(source, scope)?;
    let fits = |shape: &Shape| matches!(shape, Shape::Bool | Shape::Any);
    if expression.shape.kinds().iter().any(fits) {
        return Ok(expression);
    }
    let message = format!("a condition is true or false; this is {}", expression.shape);
    Err(vec![
        ExpressionError::new(0..source.len(), message).help("compare it with what it should be"),
    ])
}

/// Compiles an expression of any [`Shape`].
///
/// # Errors
///
/// Every mistake in it, with its place.
pub fn compile_value(source: &str, scope: &Scope) -> Result<Expression, Vec<ExpressionError>> {
    let mut parsed = parse(source)?;
    let mut checker = Checker::new(scope, &parsed.places);
    let shape = checker.infer(&mut parsed.root);
    if !checker.errors.is_empty() {
        return Err(checker.errors);
    }
    let (reads, patterns) = (checker.reads, checker.patterns);
    let places = Box::new(parsed.places);
    let loops = contains_loop(&parsed.root);
    let mut conjuncts = Vec::new();
    split(parsed.root, &reads, &mut conjuncts);
    Ok(Expression { conjuncts, reads, patterns, shape, loops, places })
}

fn contains_loop(tree: &IdedExpr) -> bool {
    matches!(tree.expr, Expr::Comprehension(_)) || children(tree).into_iter().any(contains_loop)
}

fn split(tree: IdedExpr, known: &[Read], into: &mut Vec<Conjunct>) {
    match tree.expr {
        Expr::Call(call) if call.func_name == operators::LOGICAL_AND => {
            for operand in call.args {
                split(operand, known, into);
            }
        }
        expr => {
            let tree = IdedExpr { id: tree.id, expr };
            let mut reads = BTreeSet::new();
            collect_reads(&tree, &mut reads);
            let quick = quick::lower(&tree, known);
            into.push(Conjunct { tree, quick, reads });
        }
    }
}

fn collect_reads(tree: &IdedExpr, into: &mut BTreeSet<usize>) {
    if let Expr::Ident(name) = &tree.expr {
        into.extend(number(name, '#'));
    }
    each_child(tree, |child| collect_reads(child, into));
}

/// The number in a name the checker made: `#3`.
pub(super) fn number(name: &str, mark: char) -> Option<usize> {
    name.starts_with(mark).then(|| name.get(mark.len_utf8()..)?.parse().ok())?
}

impl Expression {
    /// What the expression evaluates to.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The top-level fields it reads, by variable; a variable that is read whole has none listed
    /// and [`reads_whole`](Self::reads_whole).
    #[must_use]
    pub fn fields(&self) -> BTreeMap<Variable, BTreeSet<&str>> {
        let mut fields: BTreeMap<Variable, BTreeSet<&str>> = BTreeMap::new();
        for read in &self.reads {
            let of_variable = fields.entry(read.path.variable).or_default();
            of_variable.extend(read.path.fields.first().map(String::as_str));
        }
        fields
    }

    /// What it reads: a variable and the fields down from it.
    pub fn reads(&self) -> impl Iterator<Item = (Variable, &[String])> {
        self.reads.iter().map(|read| (read.path.variable, read.path.fields.as_slice()))
    }

    /// Whether it reads `variable` itself, not only named fields of it.
    #[must_use]
    pub fn reads_whole(&self, variable: Variable) -> bool {
        let whole = |read: &Read| read.path.variable == variable && read.path.fields.is_empty();
        self.reads.iter().any(whole)
    }

    /// Whether it holds for one record; `None` where that cannot be told, which
    /// [`evaluate`](Self::evaluate) explains.
    #[must_use]
    pub fn holds(&self, bindings: &Bindings<'_>) -> Option<bool> {
        let mut told = Some(true);
        for conjunct in &self.conjuncts {
            match self.truth(conjunct, bindings) {
                Ok(true) => {}
                Ok(false) => return Some(false),
                Err(_) => told = None,
            }
        }
        told
    }

    /// Its value for one record, of a condition true or false.
    ///
    /// # Errors
    ///
    /// What is wrong; [`evaluate`](Self::evaluate) and [`compute`](Self::compute) tell the part it is
    /// wrong in.
    pub fn told(&self, bindings: &Bindings<'_>) -> Result<Computed, String> {
        if let [conjunct] = &self.conjuncts[..] {
            let quick = conjunct.quick.as_ref().and_then(|op| quick::computed(op, self, bindings));
            return quick.map_or_else(|| self.resolve(conjunct, bindings, computed), Ok);
        }
        let mut failure = None;
        for conjunct in &self.conjuncts {
            match self.truth(conjunct, bindings) {
                Ok(true) => {}
                Ok(false) => return Ok(Computed::Bool(false)),
                Err(message) => failure = failure.or(Some(message)),
            }
        }
        failure.map_or(Ok(Computed::Bool(true)), Err)
    }

    /// Judges one record.
    ///
    /// Every part joined by `&&` is looked at: the first that is false decides; an error decides
    /// only where none is false.
    #[must_use]
    pub fn evaluate<'a>(&self, bindings: &Bindings<'a>) -> Outcome<'a> {
        let mut failure = None;
        for conjunct in &self.conjuncts {
            match self.truth(conjunct, bindings) {
                Ok(true) => {}
                Ok(false) => {
                    let decisive = self.decisive(conjunct, bindings);
                    return Outcome::False { culprit: self.culprit(conjunct, bindings, decisive) };
                }
                Err(message) => failure = failure.or(Some((message, conjunct))),
            }
        }
        match failure {
            None => Outcome::True,
            Some((message, conjunct)) => {
                Outcome::Error { message, culprit: self.culprit(conjunct, bindings, None) }
            }
        }
    }

    /// Computes the value for one record.
    ///
    /// # Errors
    ///
    /// What is wrong and the part it is wrong in, as in [`Outcome::Error`].
    pub fn compute<'a>(&self, bindings: &Bindings<'a>) -> Result<Computed, (String, Culprit<'a>)> {
        if let [conjunct] = &self.conjuncts[..] {
            let quick = conjunct.quick.as_ref();
            if let Some(value) = quick.and_then(|op| quick::computed(op, self, bindings)) {
                return Ok(value);
            }
            let value = self.resolve(conjunct, bindings, computed);
            return value.map_err(|message| (message, self.culprit(conjunct, bindings, None)));
        }
        match self.evaluate(bindings) {
            Outcome::True => Ok(Computed::Bool(true)),
            Outcome::False { .. } => Ok(Computed::Bool(false)),
            Outcome::Error { message, culprit } => Err((message, culprit)),
        }
    }

    fn truth(&self, conjunct: &Conjunct, bindings: &Bindings<'_>) -> Result<bool, String> {
        let quick = conjunct.quick.as_ref();
        if let Some(truth) = quick.and_then(|op| quick::truth(op, self, bindings)) {
            return Ok(truth);
        }
        self.resolve(conjunct, bindings, |value| {
            let truth = value.downcast_ref::<CelBool>().map(|truth| *truth.inner());
            truth.ok_or_else(|| {
                let name = value.get_type().name().to_owned();
                format!("a condition is true or false; this is {}", kind_words(&name))
            })
        })
    }

    /// Asks the interpreter.
    fn resolve<T>(
        &self,
        conjunct: &Conjunct,
        bindings: &Bindings<'_>,
        see: impl FnOnce(&dyn Val) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.takes_too_long(conjunct, bindings) {
            return Err(TOO_MANY.to_owned());
        }
        let resolver = Resolver::new(self, bindings);
        let context = resolver.context();
        match Value::resolve_val(&conjunct.tree, &context) {
            Ok(value) => see(&*value),
            Err(error) => Err(self.explain(&error, conjunct, bindings)),
        }
    }

    /// Whether the interpreter is not to be asked.
    fn takes_too_long(&self, conjunct: &Conjunct, bindings: &Bindings<'_>) -> bool {
        self.loops && exceed(&conjunct.tree, self, bindings)
    }

    /// What within a value made `conjunct` false.
    fn decisive<'a>(&self, conjunct: &Conjunct, bindings: &Bindings<'a>) -> Option<Decisive<'a>> {
        if self.takes_too_long(conjunct, bindings) {
            return None;
        }
        let resolver = Resolver::new(self, bindings);
        let context = resolver.context();
        let search = Search { expression: self, bindings, context: &context };
        search.within(&conjunct.tree, false)
    }

    /// The bytes of `culprit` in the source of the expression.
    #[must_use]
    pub fn place(&self, culprit: &Culprit<'_>) -> Range<usize> {
        self.places.of(culprit.node)
    }

    /// The pattern of that number.
    pub(super) fn pattern(&self, at: usize) -> Option<&Regex> {
        self.patterns.get(at).and_then(Pattern::regex)
    }

    /// The value of the read of that number, where it stands in a document.
    pub(super) fn node<'a>(&self, at: usize, bindings: &Bindings<'a>) -> Option<Node<'a>> {
        let path = &self.reads.get(at)?.path;
        bindings.node(path, &path.fields).ok()
    }

    /// What `conjunct` read, and before it what decided.
    fn culprit<'a>(
        &self,
        conjunct: &Conjunct,
        bindings: &Bindings<'a>,
        decisive: Option<Decisive<'a>>,
    ) -> Culprit<'a> {
        let mut readings: Vec<Reading<'a>> = Vec::new();
        let reading = |at: usize, decisive: Option<&Decisive<'a>>| {
            let path = &self.reads.get(at)?.path;
            let node = decisive.map(|one| one.node).or_else(|| self.node(at, bindings));
            let span = decisive.map(|one| one.span).or(node.map(|node| node.span()));
            Some(Reading { path: path.to_string(), node, span, sensitive: path.sensitive })
        };
        readings.extend(decisive.and_then(|one| reading(one.read, Some(&one))));
        for reading in conjunct.reads.iter().filter_map(|at| reading(*at, None)) {
            if !readings.iter().any(|known| known.path == reading.path) {
                readings.push(reading);
            }
        }
        Culprit { node: conjunct.tree.id, readings }
    }
}

fn computed(value: &dyn Val) -> Result<Computed, String> {
    let known = match value.get_type().kind() {
        Kind::NullType => Some(Computed::Null),
        Kind::Boolean => {
            value.downcast_ref::<CelBool>().map(|value| Computed::Bool(*value.inner()))
        }
        Kind::Int => value.downcast_ref::<CelInt>().map(|value| Computed::Int(*value.inner())),
        Kind::Double => {
            value.downcast_ref::<CelDouble>().map(|value| Computed::Double(*value.inner()))
        }
        Kind::String => value
            .downcast_ref::<CelString<'_>>()
            .map(|value| Computed::String(value.inner().to_owned())),
        Kind::List => match value.downcast_ref::<CelList<'_>>() {
            Some(list) => {
                let elements = list.inner().iter().map(|element| computed(element.as_ref()));
                return elements.collect::<Result<_, _>>().map(Computed::List);
            }
            None => None,
        },
        _ => None,
    };
    known.ok_or_else(|| format!("{} is no value of its own", kind_words(value.get_type().name())))
}

/// Looks the checker's variables up in the bindings, when and only when they are read.
struct Resolver<'e> {
    expression: &'e Expression,
    bindings: &'e Bindings<'e>,
    /// The values read so far, by number, in expressions that loop: a list read inside a loop is
    /// converted once.
    kept: Vec<OnceLock<Box<dyn Val + 'e>>>,
}

impl<'e> Resolver<'e> {
    fn new(expression: &'e Expression, bindings: &'e Bindings<'_>) -> Self {
        let kept = if expression.loops { expression.reads.len() } else { 0 };
        Self {
            expression,
            bindings,
            kept: std::iter::repeat_with(OnceLock::new).take(kept).collect(),
        }
    }

    fn context<'r>(&'r self) -> Context<'r, 'r> {
        Context::Child {
            parent: self.bindings.runtime.context(),
            variables: BTreeMap::new(),
            resolver: Some(self),
        }
    }
}

impl VariableResolver for Resolver<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let Some(at) = number(name, '#') else {
            let pattern = self.expression.patterns.get(number(name, '@')?)?;
            return Some(CowVal::Borrowed(pattern));
        };
        let read = self.expression.reads.get(at)?;
        if read.asked {
            let has = self.bindings.has(&read.path).ok()?;
            return Some(CowVal::owned(CelBool::from(has)));
        }
        let Some(kept) = self.kept.get(at) else {
            return self.bindings.read(&read.path).ok();
        };
        if let Some(value) = kept.get() {
            return Some(CowVal::Borrowed(&**value));
        }
        let value = self.bindings.read(&read.path).ok()?.into_owned();
        Some(CowVal::Borrowed(&**kept.get_or_init(|| value)))
    }
}
