//! Runs the steps of the quick way. `None` is no answer: the interpreter is to be asked.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;

use super::value::{
    Plain, Search, Value, arithmetic, compare, distinct, of_node, plain_of, read_elements, whole,
};
use super::{Equality, Fold, Function, Op, Time};
use crate::document::Node;
use crate::expression::bindings::Bindings;
use crate::expression::evaluate::{Computed, Expression};
use crate::expression::scope::Variable;
use crate::expression::shape::Shape;
use crate::expression::steps::STEPS;

/// Whether `op` is true for the record of `bindings`.
pub(in crate::expression) fn truth(
    op: &Op,
    expression: &Expression,
    bindings: &Bindings<'_>,
) -> Option<bool> {
    Run { expression, bindings, left: &Cell::new(STEPS) }.bool(op, None)
}

/// The value of `op` for the record of `bindings`.
pub(in crate::expression) fn computed(
    op: &Op,
    expression: &Expression,
    bindings: &Bindings<'_>,
) -> Option<Computed> {
    match (Run { expression, bindings, left: &Cell::new(STEPS) }).value(op, None)? {
        Value::Null => Some(Computed::Null),
        Value::Bool(value) => Some(Computed::Bool(value)),
        Value::Int(value) => Some(Computed::Int(value)),
        Value::Double(value) => Some(Computed::Double(value)),
        Value::Text(text) => Some(Computed::String(text.into_owned())),
        Value::Elements(..) | Value::Object(..) | Value::Given(_) | Value::Made(_) => None,
    }
}

/// The element of a loop, and those of the loops around it.
struct Frame<'f, 'v> {
    element: Value<'v>,
    around: Around<'f, 'v>,
}

type Around<'f, 'v> = Option<&'f Frame<'f, 'v>>;

#[derive(Clone, Copy)]
struct Run<'v> {
    expression: &'v Expression,
    bindings: &'v Bindings<'v>,
    /// The steps that are left.
    left: &'v Cell<u64>,
}

impl<'v> Run<'v> {
    /// Takes steps; `None` where too few are left.
    fn take(&self, steps: usize) -> Option<()> {
        self.left.set(self.left.get().checked_sub(steps as u64)?);
        Some(())
    }

    /// Takes a step within a loop: those outside are no more than the expression has.
    fn step(&self, frame: Around<'_, 'v>) -> Option<()> {
        if frame.is_some() { self.take(1) } else { Some(()) }
    }

    fn value(&self, op: &'v Op, frame: Around<'_, 'v>) -> Option<Value<'v>> {
        self.step(frame)?;
        self.made(op, frame)
    }

    /// Whether `op` is true. As [`value`](Self::value), without making one.
    fn bool(&self, op: &'v Op, frame: Around<'_, 'v>) -> Option<bool> {
        self.step(frame)?;
        self.holds(op, frame)
    }

    /// A whole number. As [`value`](Self::value), without making one.
    fn int(&self, op: &'v Op, frame: Around<'_, 'v>) -> Option<i64> {
        self.step(frame)?;
        self.whole(op, frame)
    }

    fn made(&self, op: &'v Op, frame: Around<'_, 'v>) -> Option<Value<'v>> {
        Some(match op {
            Op::Null => Value::Null,
            Op::Bool(value) => Value::Bool(*value),
            Op::Int(value) => Value::Int(*value),
            Op::Double(value) => Value::Double(*value),
            Op::Text(text) => Value::Text(Cow::Borrowed(text)),
            Op::Read(at) => {
                let (node, shape) = self.node(*at)?;
                of_node(node, shape)?
            }
            Op::Param(at) => self.param(*at)?.lent(),
            Op::Run(time) => Value::Int(self.time(*time)?),
            Op::Element(up) => element(*up, frame)?.clone(),
            Op::Field { of, name, asked } => {
                let Value::Object(node, shape) = self.value(of, frame)? else { return None };
                match (node.get(name), asked) {
                    (found, true) => Value::Bool(found.is_some()),
                    (found, false) => of_node(found?, shape.field(name))?,
                }
            }
            Op::Asked(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Not(_)
            | Op::Order(..)
            | Op::WholeOrder(..)
            | Op::Equal(..)
            | Op::In { .. }
            | Op::Matches(..)
            | Op::Fold(..) => Value::Bool(self.holds(op, frame)?),
            Op::If(parts) => self.value(self.chosen(parts, frame)?, frame)?,
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
                let elements = elements.iter().map(|element| self.value(element, frame));
                Value::Made(elements.collect::<Option<_>>()?)
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

    fn holds(&self, op: &'v Op, frame: Around<'_, 'v>) -> Option<bool> {
        Some(match op {
            Op::Asked(at) => self.is_there(*at)?,
            Op::And(sides) => self.bool(&sides[0], frame)? && self.bool(&sides[1], frame)?,
            Op::Or(sides) => self.bool(&sides[0], frame)? || self.bool(&sides[1], frame)?,
            Op::Not(operand) => !self.bool(operand, frame)?,
            Op::If(parts) => self.bool(self.chosen(parts, frame)?, frame)?,
            Op::WholeOrder(order, sides) => {
                order.holds(self.int(&sides[0], frame)?.cmp(&self.int(&sides[1], frame)?))
            }
            Op::Order(order, sides) => order.holds(self.order(sides, frame)?),
            Op::Equal(equality, sides) => self.are_equal(*equality, sides, frame)?,
            Op::In { alike, sides } => self.is_in(sides, *alike, frame)?,
            Op::Matches(text, pattern) => {
                let text = self.text(text, frame)?;
                self.expression.pattern(*pattern)?.is_match(&text)
            }
            Op::Fold(fold, parts) => self.fold(*fold, parts, frame)?,
            _ => match self.made(op, frame)? {
                Value::Bool(value) => value,
                _ => return None,
            },
        })
    }

    fn whole(&self, op: &'v Op, frame: Around<'_, 'v>) -> Option<i64> {
        match op {
            Op::Int(value) => Some(*value),
            Op::Run(time) => self.time(*time),
            Op::If(parts) => self.int(self.chosen(parts, frame)?, frame),
            Op::Arithmetic(operator, sides) => {
                whole(*operator, self.int(&sides[0], frame)?, self.int(&sides[1], frame)?)
            }
            Op::Negate(operand) => self.int(operand, frame)?.checked_neg(),
            Op::Call(function, operands) => match self.whole_call(*function, operands, frame) {
                Some(whole) => whole,
                None => self.call(*function, operands, frame)?.whole(),
            },
            _ => self.made(op, frame)?.whole(),
        }
    }

    fn text(&self, op: &'v Op, frame: Around<'_, 'v>) -> Option<Cow<'v, str>> {
        match (op, self.leaf(op, frame)) {
            (_, Some(Plain::Text(text))) => Some(Cow::Borrowed(text)),
            (_, Some(_)) => None,
            (Op::If(parts), None) => self.text(self.chosen(parts, frame)?, frame),
            (_, None) => match self.value(op, frame)? {
                Value::Text(text) => Some(text),
                _ => None,
            },
        }
    }

    fn chosen(&self, parts: &'v [Op; 3], frame: Around<'_, 'v>) -> Option<&'v Op> {
        let [condition, yes, no] = parts;
        Some(if self.bool(condition, frame)? { yes } else { no })
    }

    fn both(&self, sides: &'v [Op; 2], frame: Around<'_, 'v>) -> Option<[Value<'v>; 2]> {
        Some([self.value(&sides[0], frame)?, self.value(&sides[1], frame)?])
    }

    /// The value of an operation that looks for one and works out nothing, so that it costs little
    /// to ask for it again where there is no answer: it may be a list.
    fn leaf(&self, op: &'v Op, frame: Around<'_, 'v>) -> Option<Plain<'v>> {
        let leaf = match op {
            Op::Null => Plain::Null,
            Op::Bool(value) => Plain::Bool(*value),
            Op::Int(value) => Plain::Int(*value),
            Op::Double(value) => Plain::Double(*value),
            Op::Text(text) => Plain::Text(text),
            Op::Read(at) => {
                let (node, shape) = self.node(*at)?;
                plain_of(node, || shape)?
            }
            Op::Param(at) => self.param(*at)?.plain()?,
            Op::Run(time) => Plain::Int(self.time(*time)?),
            Op::Present(operand) => match self.leaf(operand, frame)? {
                Plain::Null => return None,
                present => present,
            },
            Op::Field { of, name, asked: false } => {
                let (node, shape) = self.object(of, frame)?;
                plain_of(node.get(name)?, || shape.field(name))?
            }
            _ => return None,
        };
        self.step(frame)?;
        Some(leaf)
    }

    /// The object that an operation looks for, as in [`leaf`](Self::leaf).
    fn object(&self, op: &'v Op, frame: Around<'_, 'v>) -> Option<(Node<'v>, &'v Shape)> {
        match op {
            Op::Read(at) => self.node(*at),
            Op::Element(up) => match element(*up, frame)? {
                Value::Object(node, shape) => Some((*node, shape)),
                _ => None,
            },
            Op::Field { of, name, asked: false } => {
                let (node, shape) = self.object(of, frame)?;
                Some((node.get(name)?, shape.field(name)))
            }
            _ => None,
        }
    }

    /// The value of a document that the expression reads as number `at`.
    fn node(&self, at: usize) -> Option<(Node<'v>, &'v Shape)> {
        let path = &self.expression.reads.get(at)?.path;
        let known = self.bindings.known.value(at);
        Some((known.unwrap_or_else(|| self.bindings.find(path))?, &path.shape))
    }

    fn is_there(&self, at: usize) -> Option<bool> {
        let path = &self.expression.reads.get(at)?.path;
        match (self.bindings.known.value(at), path.variable, &path.fields[..]) {
            (Some(Some(_)), ..) => Some(true),
            (Some(None), Variable::This, [_]) => Some(false),
            _ => self.bindings.has(path).ok(),
        }
    }

    fn param(&self, at: usize) -> Option<&'v Value<'static>> {
        let path = &self.expression.reads.get(at)?.path;
        let value = self.bindings.params.quick(path.fields.first()?)?;
        if let Value::Made(values) = value {
            self.take(values.len())?;
        }
        Some(value)
    }

    fn time(&self, time: Time) -> Option<i64> {
        match time {
            Time::Start => self.bindings.window.map(|(first, _)| first),
            Time::End => self.bindings.window.map(|(_, last)| last),
            Time::AsOf => self.bindings.as_of,
        }
    }

    fn order(&self, sides: &'v [Op; 2], frame: Around<'_, 'v>) -> Option<Ordering> {
        if let (Some(left), Some(right)) =
            (self.leaf(&sides[0], frame), self.leaf(&sides[1], frame))
        {
            return compare(left, right);
        }
        let [left, right] = self.both(sides, frame)?;
        compare(left.plain()?, right.plain()?)
    }

    fn are_equal(
        &self,
        equality: Equality,
        sides: &'v [Op; 2],
        frame: Around<'_, 'v>,
    ) -> Option<bool> {
        if let (Some(left), Some(right)) =
            (self.leaf(&sides[0], frame), self.leaf(&sides[1], frame))
        {
            return equality.holds(left, right);
        }
        let [left, right] = self.both(sides, frame)?;
        equality.holds(left.plain()?, right.plain()?)
    }

    fn is_in(&self, sides: &'v [Op; 2], alike: bool, frame: Around<'_, 'v>) -> Option<bool> {
        let made;
        let value = match self.leaf(&sides[0], frame) {
            Some(value) => value,
            None => {
                made = self.value(&sides[0], frame)?;
                made.plain()?
            }
        };
        let mut search = Search { value, alike, found: false, like: false };
        match &sides[1] {
            Op::List(written) => {
                for element in written {
                    match self.leaf(element, frame) {
                        Some(element) => search.see(element),
                        None => search.see_any(&self.value(element, frame)?)?,
                    }
                }
            }
            Op::Param(at) => match self.param(*at)? {
                Value::Made(values) => values.iter().try_for_each(|value| search.see_any(value))?,
                _ => return None,
            },
            list => match self.value(list, frame)? {
                Value::Made(values) => {
                    self.take(values.len())?;
                    values.iter().try_for_each(|value| search.see_any(value))?;
                }
                Value::Elements(node, shape) => {
                    self.take(node.len())?;
                    for element in read_elements(node, shape)? {
                        search.see_any(&element?)?;
                    }
                }
                Value::Object(node, _) if !alike => match value {
                    Plain::Text(key) => return Some(node.get(key).is_some()),
                    _ => return None,
                },
                _ => return None,
            },
        }
        search.told()
    }

    /// The elements of the list that `op` makes.
    fn elements(&self, op: &'v Op, frame: Around<'_, 'v>) -> Option<Vec<Value<'v>>> {
        self.all_of(self.value(op, frame)?)
    }

    /// The elements of a list, all of which can be read.
    fn all_of(&self, list: Value<'v>) -> Option<Vec<Value<'v>>> {
        let elements: Vec<Value<'v>> = match list {
            Value::Given(values) => values.to_vec(),
            Value::Made(values) => values,
            Value::Elements(node, shape) => read_elements(node, shape)?.collect::<Option<_>>()?,
            _ => return None,
        };
        self.take(elements.len())?;
        Some(elements)
    }

    fn size(&self, value: Value<'v>) -> Option<i64> {
        let many = match value {
            Value::Text(text) => text.chars().count(),
            Value::Object(node, _) => node.len(),
            list => self.all_of(list)?.len(),
        };
        i64::try_from(many).ok()
    }

    fn fold(&self, fold: Fold, parts: &'v [Op; 2], frame: Around<'_, 'v>) -> Option<bool> {
        let [over, body] = parts;
        let mut many = 0;
        for element in self.elements(over, frame)? {
            let inner = Frame { element, around: frame };
            match (fold, self.bool(body, Some(&inner))?) {
                (Fold::All, false) => return Some(false),
                (Fold::Exists, true) => return Some(true),
                (Fold::ExistsOne, true) => many += 1,
                _ => {}
            }
        }
        Some(match fold {
            Fold::All => true,
            Fold::Exists => false,
            Fold::ExistsOne => many == 1,
        })
    }

    /// What a function makes that only makes times and durations; `None` of any other.
    fn whole_call(
        &self,
        function: Function,
        operands: &'v [Op],
        frame: Around<'_, 'v>,
    ) -> Option<Option<i64>> {
        let moments = self.bindings.runtime.moments();
        let int = |at: usize| self.int(operands.get(at)?, frame);
        let text = || self.text(operands.first()?, frame);
        Some(match function {
            Function::Time => text().and_then(|text| moments.moment(&text).ok()),
            Function::Date => text().and_then(|text| moments.day(&text).ok()),
            Function::Days => int(0).and_then(|count| count.checked_mul(86_400_000_000)),
            Function::Hours => int(0).and_then(|count| count.checked_mul(3_600_000_000)),
            Function::Shift => {
                int(0).zip(int(1)).and_then(|(moment, days)| moments.shift(moment, days).ok())
            }
            _ => return None,
        })
    }

    fn call(
        &self,
        function: Function,
        operands: &'v [Op],
        frame: Around<'_, 'v>,
    ) -> Option<Value<'v>> {
        if let Some(whole) = self.whole_call(function, operands, frame) {
            return whole.map(Value::Int);
        }
        let first = self.value(operands.first()?, frame)?;
        Some(match (function, first) {
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

/// The element of the loop that is `up` loops further out.
fn element<'f, 'v>(up: usize, frame: Around<'f, 'v>) -> Option<&'f Value<'v>> {
    let mut frame = frame?;
    for _ in 0..up {
        frame = frame.around?;
    }
    Some(&frame.element)
}
