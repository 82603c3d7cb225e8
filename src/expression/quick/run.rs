//! Runs the steps of the quick way. `None` is no answer: the interpreter is to be asked.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelString};
use cel::common::value::Val;

use super::{Arithmetic, Fold, Function, Op, Order};
use crate::document::{Kind, Node};
use crate::expression::bindings::Bindings;
use crate::expression::evaluate::{Computed, Expression};
use crate::expression::scope::Variable;
use crate::expression::shape::Shape;
use crate::expression::steps::STEPS;
use crate::expression::value::{ELEMENTS, Number, number};
use crate::model::looks_alike;

/// Whether `op` is true for the record of `bindings`.
pub(in crate::expression) fn truth(
    op: &Op,
    expression: &Expression,
    bindings: &Bindings<'_>,
) -> Option<bool> {
    let left = Cell::new(STEPS);
    match (Run { expression, bindings, left: &left }).value(op, None)? {
        Value::Bool(truth) => Some(truth),
        _ => None,
    }
}

/// The value of `op` for the record of `bindings`.
pub(in crate::expression) fn computed(
    op: &Op,
    expression: &Expression,
    bindings: &Bindings<'_>,
) -> Option<Computed> {
    let left = Cell::new(STEPS);
    match (Run { expression, bindings, left: &left }).value(op, None)? {
        Value::Null => Some(Computed::Null),
        Value::Bool(value) => Some(Computed::Bool(value)),
        Value::Int(value) => Some(Computed::Int(value)),
        Value::Double(value) => Some(Computed::Double(value)),
        Value::Text(text) => Some(Computed::String(text.into_owned())),
        Value::Elements(..) | Value::Object(..) | Value::Given(_) | Value::Made(_) => None,
    }
}

/// A value, borrowed from the document or the expression where it can be.
#[derive(Debug, Clone)]
pub(in crate::expression) enum Value<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Cow<'v, str>),
    /// A list of the document.
    Elements(Node<'v>, &'v Shape),
    Object(Node<'v>, &'v Shape),
    /// A list of a parameter.
    Given(&'v [Value<'v>]),
    /// A list that was put together here.
    Made(Vec<Value<'v>>),
}

/// The element of a loop, and those of the loops around it.
struct Frame<'f, 'v> {
    element: Value<'v>,
    around: Option<&'f Frame<'f, 'v>>,
}

#[derive(Clone, Copy)]
struct Run<'v> {
    expression: &'v Expression,
    bindings: &'v Bindings<'v>,
    /// The steps that are left.
    left: &'v Cell<u64>,
}

impl<'v> Run<'v> {
    /// Takes steps; `None` where too few are left.
    fn take(self, steps: usize) -> Option<()> {
        self.left.set(self.left.get().checked_sub(steps as u64)?);
        Some(())
    }

    fn value(self, op: &'v Op, frame: Option<&Frame<'_, 'v>>) -> Option<Value<'v>> {
        self.take(1)?;
        Some(match op {
            Op::Null => Value::Null,
            Op::Bool(value) => Value::Bool(*value),
            Op::Int(value) => Value::Int(*value),
            Op::Double(value) => Value::Double(*value),
            Op::Text(text) => Value::Text(Cow::Borrowed(text)),
            Op::Read(at) => self.read(*at)?,
            Op::Element(up) => {
                let mut frame = frame?;
                for _ in 0..*up {
                    frame = frame.around?;
                }
                frame.element.clone()
            }
            Op::Field { of, name, asked } => {
                let Value::Object(node, shape) = self.value(of, frame)? else { return None };
                match (node.get(name), asked) {
                    (found, true) => Value::Bool(found.is_some()),
                    (found, false) => of_node(found?, shape.field(name))?,
                }
            }
            Op::And(sides) => {
                let both = self.bool(&sides[0], frame)? && self.bool(&sides[1], frame)?;
                Value::Bool(both)
            }
            Op::Or(sides) => {
                let any = self.bool(&sides[0], frame)? || self.bool(&sides[1], frame)?;
                Value::Bool(any)
            }
            Op::Not(operand) => Value::Bool(!self.bool(operand, frame)?),
            Op::If(parts) => {
                let [condition, yes, no] = &**parts;
                let chosen = if self.bool(condition, frame)? { yes } else { no };
                self.value(chosen, frame)?
            }
            Op::Order(order, sides) => {
                let [left, right] = self.both(sides, frame)?;
                Value::Bool(order.holds(compare(&left, &right)?))
            }
            Op::Equal { wanted, strict, alike, sides } => {
                let [left, right] = self.both(sides, frame)?;
                let equals = match strict {
                    true => compare(&left, &right)?.is_eq(),
                    false => equal(&left, &right)?,
                };
                if *alike && !equals && look_alike(&left, &right) {
                    return None;
                }
                Value::Bool(equals == *wanted)
            }
            Op::In { alike, sides } => self.is_in(sides, *alike, frame)?,
            Op::Arithmetic(operator, sides) => {
                let [left, right] = self.both(sides, frame)?;
                arithmetic(*operator, left, right)?
            }
            Op::Negate(operand) => match self.value(operand, frame)? {
                Value::Int(value) => Value::Int(value.checked_neg()?),
                Value::Double(value) => Value::Double(-value),
                _ => return None,
            },
            Op::List(elements) => {
                let values = elements.iter().map(|element| self.value(element, frame));
                Value::Made(values.collect::<Option<_>>()?)
            }
            Op::Index(list, index) => {
                let mut elements = self.elements(list, frame)?;
                (*index < elements.len()).then(|| elements.swap_remove(*index))?
            }
            Op::Present(operand) => {
                let value = self.value(operand, frame)?;
                value.is_plain().then_some(value)?
            }
            Op::Call(function, operands) => self.call(*function, operands, frame)?,
            Op::Matches(text, pattern) => {
                let text = self.text(text, frame)?;
                Value::Bool(self.expression.pattern(*pattern)?.is_match(&text))
            }
            Op::Fold(fold, parts) => self.fold(*fold, parts, frame)?,
            Op::Collect { over, guard, item } => {
                let mut made = Vec::new();
                for element in self.elements(over, frame)? {
                    let inner = Frame { element, around: frame };
                    let taken = match guard {
                        Some(guard) => self.bool(guard, Some(&inner))?,
                        None => true,
                    };
                    if taken {
                        made.push(self.value(item, Some(&inner))?);
                    }
                }
                Value::Made(made)
            }
        })
    }

    fn bool(self, op: &'v Op, frame: Option<&Frame<'_, 'v>>) -> Option<bool> {
        match self.value(op, frame)? {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    fn text(self, op: &'v Op, frame: Option<&Frame<'_, 'v>>) -> Option<Cow<'v, str>> {
        match self.value(op, frame)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn both(self, sides: &'v [Op; 2], frame: Option<&Frame<'_, 'v>>) -> Option<[Value<'v>; 2]> {
        Some([self.value(&sides[0], frame)?, self.value(&sides[1], frame)?])
    }

    /// What the expression reads as number `at`.
    fn read(self, at: usize) -> Option<Value<'v>> {
        let read = self.expression.reads.get(at)?;
        let known = self.bindings.known.value(at);
        match (read.path.variable, &read.path.fields[..]) {
            (variable, fields) if read.asked => match (known, variable, fields) {
                (Some(Some(_)), ..) => Some(Value::Bool(true)),
                (Some(None), Variable::This, [_]) => Some(Value::Bool(false)),
                _ => self.bindings.has(&read.path).ok().map(Value::Bool),
            },
            (Variable::Params, [name]) => {
                let value = self.bindings.params.quick(name)?.lent();
                if let Value::Given(values) = &value {
                    self.take(values.len())?;
                }
                Some(value)
            }
            (Variable::Window, [end]) => {
                let (first, last) = self.bindings.window?;
                Some(Value::Int(if end == "start" { first } else { last }))
            }
            (Variable::AsOf, []) => self.bindings.as_of.map(Value::Int),
            _ => {
                let node = known.unwrap_or_else(|| self.bindings.find(&read.path))?;
                of_node(node, &read.path.shape)
            }
        }
    }

    fn is_in(
        self,
        sides: &'v [Op; 2],
        alike: bool,
        frame: Option<&Frame<'_, 'v>>,
    ) -> Option<Value<'v>> {
        let value = self.value(&sides[0], frame)?;
        if !(value.is_plain() || matches!(value, Value::Null)) {
            return None;
        }
        let (mut found, mut like) = (false, false);
        let mut look = |element: &Value<'v>| {
            self.take(1)?;
            // An object equals no plain value.
            found |= !matches!(element, Value::Object(..)) && equal(&value, element)?;
            like |= alike && look_alike(&value, element);
            Some(())
        };
        if let Op::List(written) = &sides[1] {
            for element in written {
                look(&self.value(element, frame)?)?;
            }
        } else {
            match self.value(&sides[1], frame)? {
                Value::Given(values) => values.iter().try_for_each(look)?,
                Value::Made(values) => values.iter().try_for_each(look)?,
                Value::Elements(node, shape) => {
                    for element in read_elements(node, shape)? {
                        look(&element?)?;
                    }
                }
                Value::Object(node, _) if !alike => match &value {
                    Value::Text(key) => found = node.get(key).is_some(),
                    _ => return None,
                },
                _ => return None,
            }
        }
        if like && !found { None } else { Some(Value::Bool(found)) }
    }

    /// The elements of the list that `op` makes.
    fn elements(self, op: &'v Op, frame: Option<&Frame<'_, 'v>>) -> Option<Vec<Value<'v>>> {
        self.all_of(self.value(op, frame)?)
    }

    /// The elements of a list, all of which can be read.
    fn all_of(self, list: Value<'v>) -> Option<Vec<Value<'v>>> {
        let elements: Vec<Value<'v>> = match list {
            Value::Given(values) => values.to_vec(),
            Value::Made(values) => values,
            Value::Elements(node, shape) => read_elements(node, shape)?.collect::<Option<_>>()?,
            _ => return None,
        };
        self.take(elements.len())?;
        Some(elements)
    }

    fn size(self, value: Value<'v>) -> Option<i64> {
        let many = match value {
            Value::Text(text) => text.chars().count(),
            Value::Object(node, _) => node.len(),
            list => self.all_of(list)?.len(),
        };
        i64::try_from(many).ok()
    }

    fn fold(
        self,
        fold: Fold,
        parts: &'v [Op; 2],
        frame: Option<&Frame<'_, 'v>>,
    ) -> Option<Value<'v>> {
        let [over, body] = parts;
        let mut many = 0;
        for element in self.elements(over, frame)? {
            let inner = Frame { element, around: frame };
            match (fold, self.bool(body, Some(&inner))?) {
                (Fold::All, false) => return Some(Value::Bool(false)),
                (Fold::Exists, true) => return Some(Value::Bool(true)),
                (Fold::ExistsOne, true) => many += 1,
                _ => {}
            }
        }
        Some(Value::Bool(match fold {
            Fold::All => true,
            Fold::Exists => false,
            Fold::ExistsOne => many == 1,
        }))
    }

    fn call(
        self,
        function: Function,
        operands: &'v [Op],
        frame: Option<&Frame<'_, 'v>>,
    ) -> Option<Value<'v>> {
        let first = self.value(operands.first()?, frame)?;
        let moments = self.bindings.runtime.moments();
        Some(match (function, first) {
            (Function::Time, Value::Text(text)) => Value::Int(moments.moment(&text).ok()?),
            (Function::Date, Value::Text(text)) => Value::Int(moments.day(&text).ok()?),
            (Function::Days, Value::Int(count)) => Value::Int(count.checked_mul(86_400_000_000)?),
            (Function::Hours, Value::Int(count)) => Value::Int(count.checked_mul(3_600_000_000)?),
            (Function::Shift, Value::Int(moment)) => match self.value(operands.get(1)?, frame)? {
                Value::Int(days) => Value::Int(moments.shift(moment, days).ok()?),
                _ => return None,
            },
            (Function::Lower, Value::Text(text)) => Value::Text(text.to_lowercase().into()),
            (Function::Distinct, list) => Value::Made(distinct(self.all_of(list)?)?),
            (Function::Size, value) => Value::Int(self.size(value)?),
            (Function::String, text @ Value::Text(_)) => text,
            (Function::String, Value::Int(value)) => Value::Text(value.to_string().into()),
            (Function::Int, value @ Value::Int(_)) => value,
            (Function::Double, Value::Int(value)) => Value::Double(value as f64),
            (Function::Double, value @ Value::Double(_)) => value,
            (Function::Double, Value::Text(text)) => Value::Double(text.parse().ok()?),
            (function, Value::Text(text)) => {
                let part = self.text(operands.get(1)?, frame)?;
                Value::Bool(match function {
                    Function::StartsWith => text.starts_with(&*part),
                    Function::EndsWith => text.ends_with(&*part),
                    Function::Contains => text.contains(&*part),
                    _ => return None,
                })
            }
            _ => return None,
        })
    }
}

impl Value<'static> {
    /// The same without a copy of texts and lists.
    fn lent(&self) -> Value<'_> {
        match self {
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Made(values) => Value::Given(values),
            value => value.clone(),
        }
    }
}

impl Value<'_> {
    /// Whether it compares by what it is: no `null`, list or object.
    fn is_plain(&self) -> bool {
        matches!(self, Value::Bool(_) | Value::Int(_) | Value::Double(_) | Value::Text(_))
    }
}

impl Order {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

fn of_node<'v>(node: Node<'v>, shape: &'v Shape) -> Option<Value<'v>> {
    Some(match node.kind() {
        Kind::Null => Value::Null,
        Kind::Boolean => Value::Bool(node.as_bool()?),
        Kind::Number => match number(node, shape).ok()? {
            Number::Int(value) => Value::Int(value),
            Number::Double(value) => Value::Double(value),
        },
        Kind::String => Value::Text(Cow::Borrowed(node.as_str()?)),
        Kind::Array => Value::Elements(node, shape),
        Kind::Object => Value::Object(node, shape),
    })
}

/// A parameter, where the quick way knows such values.
pub(in crate::expression) fn given(value: &dyn Val) -> Option<Value<'static>> {
    if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        return Some(Value::Text(Cow::Owned(text.inner().to_owned())));
    }
    if let Some(value) = value.downcast_ref::<CelInt>() {
        return Some(Value::Int(*value.inner()));
    }
    if let Some(value) = value.downcast_ref::<CelBool>() {
        return Some(Value::Bool(*value.inner()));
    }
    if let Some(value) = value.downcast_ref::<CelDouble>() {
        return Some(Value::Double(*value.inner()));
    }
    let list = value.downcast_ref::<CelList<'_>>()?;
    Some(Value::Made(list.inner().iter().map(|value| given(&**value)).collect::<Option<_>>()?))
}

/// The elements of a list of the document, where they can be read.
fn read_elements<'v>(
    node: Node<'v>,
    shape: &'v Shape,
) -> Option<impl Iterator<Item = Option<Value<'v>>>> {
    let element = shape.element().unwrap_or(&Shape::Any);
    // Whether the elements of an element can be read is not known yet.
    let flat = |node: Node<'_>| node.kind() != Kind::Array;
    let read = move |node| of_node(node, element).filter(|_| flat(node));
    (node.len() <= ELEMENTS).then(|| node.elements().map(read))
}

/// Most texts that are compared in pairs; more are left to the interpreter.
const PAIRWISE: usize = 64;

/// The texts of a list without repetitions; no answer where two of them only look the same.
fn distinct(values: Vec<Value<'_>>) -> Option<Vec<Value<'_>>> {
    let mut kept: Vec<Value<'_>> = Vec::new();
    for value in values {
        let Value::Text(text) = &value else { return None };
        let mut new = true;
        for known in &kept {
            let Value::Text(known) = known else { return None };
            if looks_alike(known, text) {
                return None;
            }
            new &= known != text;
        }
        if new {
            kept.push(value);
        }
        if kept.len() > PAIRWISE {
            return None;
        }
    }
    Some(kept)
}

/// How two values of one kind stand to each other.
fn compare(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Int(left), Value::Double(right)) => (*left as f64).partial_cmp(right),
        (Value::Double(left), Value::Int(right)) => left.partial_cmp(&(*right as f64)),
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// Whether two values are equal; values of different kinds are not. `null` equals `null`.
fn equal(left: &Value<'_>, right: &Value<'_>) -> Option<bool> {
    match (left, right) {
        // Whether a list can be read is not known yet.
        (Value::Elements(..), _) | (_, Value::Elements(..)) => None,
        (Value::Null, Value::Null) => Some(true),
        (Value::Null, _) | (_, Value::Null) => Some(false),
        (left, right) if left.is_plain() && right.is_plain() => {
            Some(compare(left, right).is_some_and(Ordering::is_eq))
        }
        _ => None,
    }
}

/// Whether two texts differ only in how they are spelled, which is for the interpreter to refuse.
fn look_alike(left: &Value<'_>, right: &Value<'_>) -> bool {
    matches!((left, right), (Value::Text(left), Value::Text(right)) if looks_alike(left, right))
}

fn arithmetic<'v>(operator: Arithmetic, left: Value<'v>, right: Value<'v>) -> Option<Value<'v>> {
    Some(match (left, right) {
        (Value::Int(left), Value::Int(right)) => Value::Int(match operator {
            Arithmetic::Add => left.checked_add(right)?,
            Arithmetic::Subtract => left.checked_sub(right)?,
            Arithmetic::Multiply => left.checked_mul(right)?,
            Arithmetic::Divide => left.checked_div(right)?,
            Arithmetic::Remainder => left.checked_rem(right)?,
        }),
        (Value::Double(left), Value::Double(right)) => Value::Double(match operator {
            Arithmetic::Add => left + right,
            Arithmetic::Subtract => left - right,
            Arithmetic::Multiply => left * right,
            Arithmetic::Divide => left / right,
            Arithmetic::Remainder => return None,
        }),
        (Value::Text(left), Value::Text(right)) if matches!(operator, Arithmetic::Add) => {
            Value::Text(Cow::Owned(left.into_owned() + &right))
        }
        _ => return None,
    })
}
