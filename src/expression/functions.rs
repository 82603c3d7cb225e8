//! The functions of the language: what each takes, and what it does when an expression runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use cel::common::types::{CelBool, CelInt, CelList, CelString, Kind, Type};
use cel::common::value::{CowVal, StaticVal, Val};
use cel::{Context, Env, ExecutionError, FunctionContext};
use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::shape::Shape;
use crate::model::{as_it_looks, looks_alike};

/// Reads the texts of times in the engagement's time zone.
pub trait Moments: Send + Sync {
    /// The moment a text names, in microseconds since 1970-01-01T00:00:00Z: RFC 3339, a date and
    /// time without a zone, or a plain date (its first moment).
    ///
    /// # Errors
    ///
    /// A sentence without a full stop when the text names no moment.
    fn moment(&self, text: &str) -> Result<i64, String>;

    /// The first moment of the day on which the moment of `text` falls.
    ///
    /// # Errors
    ///
    /// As [`moment`](Self::moment).
    fn day(&self, text: &str) -> Result<i64, String>;

    /// The moment `days` days of the calendar after `moment`, or before it where they are negative.
    ///
    /// # Errors
    ///
    /// A sentence without a full stop when there is no such moment.
    fn shift(&self, moment: i64, days: i64) -> Result<i64, String>;
}

/// What an argument has to be.
#[derive(Clone, Copy)]
pub(super) enum Wants {
    String,
    Int,
    Scalar,
    Number,
    Sized,
    List,
    /// A written regular expression.
    Pattern,
}

impl Wants {
    pub(super) fn accepts(self, shape: &Shape) -> bool {
        shape.kinds().iter().any(|shape| match shape {
            Shape::Any => true,
            Shape::String(_) => !matches!(self, Self::Int | Self::List),
            Shape::Int => matches!(self, Self::Int | Self::Scalar | Self::Number),
            Shape::Double => matches!(self, Self::Scalar | Self::Number),
            Shape::Bool => matches!(self, Self::Scalar),
            Shape::List(_) => matches!(self, Self::Sized | Self::List),
            Shape::Object(_) => matches!(self, Self::Sized),
            Shape::Null | Shape::Time | Shape::Duration | Shape::Union(_) => false,
        })
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Int => "a whole number",
            Self::Scalar => "a string, a number, or true or false",
            Self::Number => "a number or a string",
            Self::Sized => "a string, a list or an object",
            Self::List => "a list",
            Self::Pattern => "a regular expression in quotes",
        }
    }
}

/// One function.
pub(super) struct Signature {
    pub(super) name: &'static str,
    /// Whether it is written `x.f(…)`; the target is then the first argument.
    pub(super) method: bool,
    pub(super) takes: &'static [Wants],
    pub(super) example: &'static str,
}

const fn function(name: &'static str, takes: &'static [Wants], example: &'static str) -> Signature {
    Signature { name, method: false, takes, example }
}

const fn method(name: &'static str, takes: &'static [Wants], example: &'static str) -> Signature {
    Signature { name, method: true, takes, example }
}

/// Every function and method.
pub(super) const SIGNATURES: &[Signature] = &[
    function("time", &[Wants::String], "time(this.approved_at)"),
    function("date", &[Wants::String], "date(this.approved_at)"),
    function("days", &[Wants::Int], "days(2)"),
    function("hours", &[Wants::Int], "hours(24)"),
    function("lower", &[Wants::String], "lower(this.email)"),
    function("distinct", &[Wants::List], "distinct(this.owners)"),
    function("size", &[Wants::Sized], "size(this.owners)"),
    function("string", &[Wants::Scalar], "string(this.count)"),
    function("int", &[Wants::Number], "int(this.count)"),
    function("double", &[Wants::Number], "double(this.count)"),
    function("matches", &[Wants::String, Wants::Pattern], "matches(this.id, '^CHG-')"),
    method("size", &[Wants::Sized], "this.owners.size()"),
    method("startsWith", &[Wants::String, Wants::String], "this.id.startsWith('CHG-')"),
    method("endsWith", &[Wants::String, Wants::String], "this.id.endsWith('-eu')"),
    method("contains", &[Wants::String, Wants::String], "this.title.contains('model')"),
    method("matches", &[Wants::String, Wants::Pattern], "this.id.matches('^CHG-[0-9]+$')"),
];

/// The loops, which the parser turns into something else when they are written as they should be.
pub(super) const MACROS: &[(&str, &str)] = &[
    ("has", "has(this.approver)"),
    ("all", "this.items.all(item, item.size > 0)"),
    ("exists", "this.items.exists(item, item.size > 0)"),
    ("exists_one", "this.items.exists_one(item, item.main)"),
    ("map", "this.items.map(item, item.name)"),
    ("filter", "this.items.filter(item, item.main)"),
];

/// What function `name` returns for arguments of these shapes.
pub(super) fn result(name: &str, arguments: &[Shape]) -> Shape {
    match name {
        "time" | "date" => Shape::Time,
        "days" | "hours" => Shape::Duration,
        "lower" | "string" => Shape::TEXT,
        "size" | "int" => Shape::Int,
        "double" => Shape::Double,
        "distinct" => {
            let element = arguments.first().and_then(Shape::element);
            Shape::list(element.cloned().unwrap_or(Shape::Any))
        }
        _ => Shape::Bool,
    }
}

/// Names no rule file can write, for what the compiler puts in.
pub(super) const PRESENT: &str = "@present";
pub(super) const EQUAL: &str = "@equal";
pub(super) const UNEQUAL: &str = "@unequal";
/// `==` and `in` between texts of the evidence, which must not only look the same.
pub(super) const SAME: &str = "@same";
pub(super) const AMONG: &str = "@among";
pub(super) const MATCHES: &str = "@matches";
/// What becomes of `days` where they are added to a time.
pub(super) const SHIFT: &str = "@days";
/// What [`PRESENT`] says of `null`.
pub(super) const IS_NULL: &str = "is null";

/// The functions at work, made once per run and shared by all expressions and threads.
pub struct Runtime {
    context: Context<'static, 'static>,
    moments: Arc<dyn Moments>,
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}

type Answer<'c, 'v> = Result<CowVal<'c, 'v>, ExecutionError>;
type Boxed = Box<
    dyn for<'c, 'v> Fn(&mut FunctionContext<'c, 'v>) -> Result<CowVal<'c, 'v>, ExecutionError>
        + Send
        + Sync,
>;

impl Runtime {
    /// The functions, with times read by `moments`.
    #[must_use]
    pub fn new(moments: Arc<dyn Moments>) -> Self {
        let mut context = Context::with_env(Arc::new(Env::stdlib()));
        let own = || Arc::clone(&moments);
        let (times, days, calendar) = (own(), own(), own());
        let functions: [(&str, Boxed); 13] = [
            ("time", Box::new(move |call| read_time(call, |text| times.moment(text)))),
            ("date", Box::new(move |call| read_time(call, |text| days.day(text)))),
            ("days", Box::new(|call| duration(call, 86_400_000_000))),
            ("hours", Box::new(|call| duration(call, 3_600_000_000))),
            (SHIFT, Box::new(move |call| shift(call, &*calendar))),
            ("lower", Box::new(lower)),
            ("distinct", Box::new(distinct)),
            (PRESENT, Box::new(present)),
            (EQUAL, Box::new(|call| Ok(truth(equal(call)?)))),
            (SAME, Box::new(|call| Ok(truth(same(call)?)))),
            (UNEQUAL, Box::new(|call| Ok(truth(!same(call)?)))),
            (AMONG, Box::new(|call| Ok(truth(is_in(call)?)))),
            (MATCHES, Box::new(matches)),
        ];
        for (name, function) in functions {
            let added = context.add_function(name, function);
            debug_assert!(added.is_ok(), "{name} is in the standard library");
        }
        Self { context, moments }
    }

    pub(super) fn moments(&self) -> &dyn Moments {
        &*self.moments
    }

    pub(super) fn context(&self) -> &Context<'static, 'static> {
        &self.context
    }
}

fn text<'c>(call: &'c FunctionContext<'_, '_>) -> Result<&'c str, ExecutionError> {
    let text = call.args.first().and_then(|value| value.downcast_ref::<CelString<'_>>());
    text.map(CelString::inner).ok_or_else(|| call.error(not(call, "a string")))
}

fn not(call: &FunctionContext<'_, '_>, wanted: &str) -> String {
    let got = call.args.first().map_or("nothing", |value| value.get_type().name());
    format!("`{}` takes {wanted}, not {}", call.name, kind_words(got))
}

/// The words of messages for a type of CEL.
pub(super) fn kind_words(name: &str) -> &str {
    match name {
        "int" | "uint" => "a whole number",
        "double" => "a number with a fraction",
        "string" => "a string",
        "bool" => "true or false",
        "null_type" | "null" => "null",
        "list" | "iterable" => "a list",
        "map" => "an object",
        other => other,
    }
}

fn read_time<'c, 'v>(
    call: &mut FunctionContext<'c, 'v>,
    read: impl Fn(&str) -> Result<i64, String>,
) -> Answer<'c, 'v> {
    let micros = read(text(call)?).map_err(|message| call.error(message))?;
    Ok(CowVal::owned(CelInt::from(micros)))
}

fn duration<'c, 'v>(call: &mut FunctionContext<'c, 'v>, unit: i64) -> Answer<'c, 'v> {
    let count = call.args.first().and_then(|value| value.downcast_ref::<CelInt>());
    let count = count.ok_or_else(|| call.error(not(call, "a whole number")))?;
    let micros = count.inner().checked_mul(unit);
    let micros = micros.ok_or_else(|| call.error("the duration is longer than time itself"))?;
    Ok(CowVal::owned(CelInt::from(micros)))
}

fn shift<'c, 'v>(call: &mut FunctionContext<'c, 'v>, calendar: &dyn Moments) -> Answer<'c, 'v> {
    let whole = |at: usize| call.args.get(at).and_then(|value| value.downcast_ref::<CelInt>());
    let (Some(moment), Some(days)) = (whole(0), whole(1)) else {
        return Err(call.error("`days` takes a whole number"));
    };
    let shifted = calendar.shift(*moment.inner(), *days.inner());
    Ok(CowVal::owned(CelInt::from(shifted.map_err(|message| call.error(message))?)))
}

fn lower<'c, 'v>(call: &mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> {
    Ok(CowVal::owned(CelString::from(text(call)?.to_lowercase())))
}

/// How many different numbers `distinct` compares pairwise at most.
const PAIRWISE: usize = 1_000;

fn distinct<'c, 'v>(call: &mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> {
    let list = call.args.first().and_then(|value| value.downcast_ref::<CelList<'v>>());
    let list = list.ok_or_else(|| call.error(not(call, "a list")))?;
    let mut texts = BTreeMap::new();
    let mut others: Vec<&dyn Val> = Vec::new();
    let mut kept: Vec<Box<dyn Val + 'v>> = Vec::new();
    for value in list.inner() {
        let new = match value.downcast_ref::<CelString<'v>>() {
            Some(text) => match texts.insert(as_it_looks(text.inner()), text.inner()) {
                Some(known) if known != text.inner() => return Err(call.error(ALIKE)),
                known => known.is_none(),
            },
            None if matches!(value.get_type().kind(), Kind::Map | Kind::List) => {
                return Err(
                    call.error("`distinct` compares strings and numbers, no lists or objects")
                );
            }
            None => !others.iter().any(|other| other.equals(value.as_ref())),
        };
        if new {
            kept.push(value.clone());
        }
        if new && kept.len() > texts.len() + others.len() {
            others.push(value.as_ref());
        }
        if others.len() > PAIRWISE {
            return Err(
                call.error(format!("`distinct` compares at most {PAIRWISE} different numbers"))
            );
        }
    }
    Ok(CowVal::owned(CelList::from(kept)))
}

/// Its argument, if that can be compared with anything.
fn present<'c, 'v>(call: &mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> {
    let value = call.args.pop().ok_or_else(|| call.error(IS_NULL))?;
    comparable(call, &*value)?;
    Ok(value)
}

/// Whether its arguments are equal: a question only values of one kind answer.
fn equal(call: &FunctionContext<'_, '_>) -> Result<bool, ExecutionError> {
    let [left, right] = &call.args[..] else {
        return Err(call.error(IS_NULL));
    };
    comparable(call, &**left)?;
    comparable(call, &**right)?;
    let is_number = |kind| matches!(kind, Kind::Int | Kind::Double);
    let (one, two) = (left.get_type(), right.get_type());
    let (numbers, same) =
        (is_number(one.kind()) && is_number(two.kind()), one.kind() == two.kind());
    if !numbers && !same {
        let (one, two) = (kind_words(one.name()), kind_words(two.name()));
        return Err(call.error(format!("{one} cannot be compared with {two}")));
    }
    Ok(left.equals(&**right))
}

/// What is wrong with two texts of the evidence that are not equal and look the same.
const ALIKE: &str = "the two texts differ only in how they are spelled";

/// [`equal`], of texts that do not only look the same.
fn same(call: &FunctionContext<'_, '_>) -> Result<bool, ExecutionError> {
    let equals = equal(call)?;
    match &call.args[..] {
        [left, right] if !equals && look_alike(&**left, &**right) => Err(call.error(ALIKE)),
        _ => Ok(equals),
    }
}

/// Whether its second argument holds the first, and nothing that only looks like it.
fn is_in(call: &FunctionContext<'_, '_>) -> Result<bool, ExecutionError> {
    let [value, holder] = &call.args[..] else {
        return Err(call.error(IS_NULL));
    };
    let Some(container) = holder.as_container() else {
        let holder = kind_words(holder.get_type().name());
        return Err(call.error(format!("`in` looks into a list, not into {holder}")));
    };
    let found = container.contains(&**value)?;
    let mut elements = list_of(&**holder).unwrap_or_default().iter();
    if !found && elements.any(|element| look_alike(&**value, &**element)) {
        return Err(call.error(ALIKE));
    }
    Ok(found)
}

fn look_alike(one: &dyn Val, other: &dyn Val) -> bool {
    let texts = (one.downcast_ref::<CelString<'_>>(), other.downcast_ref::<CelString<'_>>());
    matches!(texts, (Some(one), Some(other)) if looks_alike(one.inner(), other.inner()))
}

fn truth<'c, 'v>(truth: bool) -> CowVal<'c, 'v> {
    CowVal::owned(CelBool::from(truth))
}

/// Refuses `null` and objects, which compare with nothing.
fn comparable(call: &FunctionContext<'_, '_>, value: &dyn Val) -> Result<(), ExecutionError> {
    let is_object = |value: &dyn Val| value.get_type().kind() == Kind::Map;
    let holds_objects =
        || list_of(value).is_some_and(|list| list.iter().any(|element| is_object(&**element)));
    match value.get_type().kind() {
        Kind::NullType => Err(call.error(IS_NULL)),
        Kind::Map => Err(call.error("an object cannot be compared; compare its fields")),
        Kind::List if holds_objects() => {
            Err(call.error("lists of objects cannot be compared; compare their fields"))
        }
        _ => Ok(()),
    }
}

fn list_of<'b, 'v>(value: &'b (dyn Val + 'v)) -> Option<&'b [Box<dyn Val + 'v>]> {
    value.downcast_ref::<CelList<'v>>().map(CelList::inner)
}

fn matches<'c, 'v>(call: &mut FunctionContext<'c, 'v>) -> Answer<'c, 'v> {
    let pattern = call.args.get(1).and_then(|value| value.downcast_ref::<Pattern>());
    let pattern = pattern.ok_or_else(|| call.error("the pattern is missing"))?;
    let regex = pattern.regex().ok_or_else(|| call.error("the pattern is too large"))?;
    Ok(CowVal::owned(CelBool::from(regex.is_match(text(call)?))))
}

/// A regular expression, as a value only [`MATCHES`] takes. It is known to be right; most are compiled
/// when they are first used, which those of a pack mostly are not where one file is checked.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    text: Arc<str>,
    compiled: Arc<Compiled>,
}

type Compiled = OnceLock<Option<Regex>>;

/// What becomes of `text` once it is compiled: rule files share many patterns.
fn shared(text: &Arc<str>) -> Arc<Compiled> {
    static KNOWN: Mutex<BTreeMap<Arc<str>, Weak<Compiled>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(compiled) = known.get(text).and_then(Weak::upgrade) {
        return compiled;
    }
    let compiled = Arc::default();
    known.insert(Arc::clone(text), Arc::downgrade(&compiled));
    compiled
}

impl Pattern {
    /// Reads the syntax of `text`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in a line.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let syntax = regex_syntax::parse(text).map_err(|error| {
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default();
            reason.trim_start_matches("error: ").to_owned()
        })?;
        let text: Arc<str> = text.into();
        let pattern = Self { compiled: shared(&text), text };
        // Only what is long or counts repetitions can be too large, which is told when rules load.
        let may_be_large =
            (pattern.text.len() > 200 || pattern.text.contains('{')) && weight(&syntax) > LIGHT;
        if may_be_large && pattern.regex().is_none() {
            return Err("it takes more memory than is allowed".to_owned());
        }
        Ok(pattern)
    }

    /// The compiled pattern; `None` where it takes more memory than is allowed.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }
}

/// A pattern of this weight takes a small part of the memory that is allowed.
const LIGHT: usize = 2_000;

/// About how many states the compiled pattern has at most: a range of characters beyond ASCII
/// becomes several rows of bytes.
fn weight(syntax: &Hir) -> usize {
    match syntax.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        HirKind::Class(Class::Unicode(class)) if class.is_ascii() => class.ranges().len(),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len().saturating_mul(32),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            weight(&repetition.sub).saturating_add(1).saturating_mul(times as usize)
        }
        HirKind::Capture(capture) => weight(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(weight).fold(1, usize::saturating_add)
        }
    }
}

static PATTERN: Type = Type::new_unspecified_type("pattern");

impl Val for Pattern {
    fn get_type(&self) -> &Type {
        &PATTERN
    }

    fn cel_type() -> &'static Type {
        &PATTERN
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn std::any::Any> {
        Some(self)
    }
}

impl StaticVal for Pattern {}
