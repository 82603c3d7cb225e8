//! Days added to a time are days of the calendar, which the clocks make 23, 24 or 25 hours long.
//!
//! A duration alone is an amount of hours, so `X + days(n)` cannot stay a sum: the checker hands the
//! days of such a sum to a function that knows the time zone, and adds what is left as it is.

use cel::common::ast::operators as cel_names;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};
use cel::common::types::CelInt;

use super::functions::SHIFT;

/// What a duration is made of: days of the calendar, and a duration beside them.
struct Parts {
    days: IdedExpr,
    rest: Option<IdedExpr>,
}

/// `time` plus `duration`, or minus it, with its days counted by the calendar; `None` where the
/// duration names no days.
pub(super) fn shifted(operator: &str, time: &IdedExpr, duration: &IdedExpr) -> Option<Expr> {
    let parts = match (operator, parts(duration)?) {
        (cel_names::SUBSTRACT, parts) => negated(parts),
        (_, parts) => parts,
    };
    let shift = call(SHIFT, [time.clone(), parts.days]);
    let whole = match parts.rest {
        Some(rest) => call(cel_names::ADD, [shift, rest]),
        None => shift,
    };
    Some(whole.expr)
}

fn parts(duration: &IdedExpr) -> Option<Parts> {
    let Expr::Call(written) = &duration.expr else { return None };
    match (written.func_name.as_str(), written.args.as_slice()) {
        ("days", [days]) => Some(Parts { days: days.clone(), rest: None }),
        (cel_names::NEGATE, [inner]) => parts(inner).map(negated),
        (cel_names::CONDITIONAL, [condition, yes, no]) => {
            let (yes, no) = both(yes, no)?;
            let choose = |yes, no| call(cel_names::CONDITIONAL, [condition.clone(), yes, no]);
            let rest = match (yes.rest, no.rest) {
                (None, None) => None,
                (yes, no) => Some(choose(yes.unwrap_or_else(zero), no.unwrap_or_else(zero))),
            };
            Some(Parts { days: choose(yes.days, no.days), rest })
        }
        (operator @ (cel_names::ADD | cel_names::SUBSTRACT), [left, right]) => {
            let (left, right) = both(left, right)?;
            let right = if operator == cel_names::ADD { right } else { negated(right) };
            let add = |left, right| call(cel_names::ADD, [left, right]);
            let rest = match (left.rest, right.rest) {
                (Some(left), Some(right)) => Some(add(left, right)),
                (left, right) => left.or(right),
            };
            Some(Parts { days: add(left.days, right.days), rest })
        }
        (cel_names::MULTIPLY, [left, right]) => {
            let (own, times) = match parts(left) {
                Some(own) => (own, right),
                None => (parts(right)?, left),
            };
            let multiply = |value| call(cel_names::MULTIPLY, [value, times.clone()]);
            Some(Parts { days: multiply(own.days), rest: own.rest.map(multiply) })
        }
        // Half of some days is an amount of hours.
        _ => None,
    }
}

/// The parts of two durations of which at least one names days.
fn both(left: &IdedExpr, right: &IdedExpr) -> Option<(Parts, Parts)> {
    let hours = |duration: &IdedExpr| Parts { days: zero(), rest: Some(duration.clone()) };
    match (parts(left), parts(right)) {
        (None, None) => None,
        (one, two) => {
            Some((one.unwrap_or_else(|| hours(left)), two.unwrap_or_else(|| hours(right))))
        }
    }
}

fn negated(parts: Parts) -> Parts {
    let negate = |value| call(cel_names::NEGATE, [value]);
    Parts { days: negate(parts.days), rest: parts.rest.map(negate) }
}

fn zero() -> IdedExpr {
    IdedExpr { id: 0, expr: Expr::Literal(LiteralValue::Int(CelInt::from(0))) }
}

/// A call that stands nowhere in the source: its place is that of what it stands for.
fn call<const N: usize>(name: &str, args: [IdedExpr; N]) -> IdedExpr {
    let call = CallExpr { func_name: name.to_owned(), target: None, args: args.into() };
    IdedExpr { id: 0, expr: Expr::Call(call) }
}
