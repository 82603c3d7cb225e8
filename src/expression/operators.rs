//! Which operators take which shapes, and what comes of it.

use cel::common::ast::operators as cel;

use super::shape::{Format, Shape};

/// Why an operator does not take its operands, and what to write instead.
pub(super) type Mismatch = (String, Option<String>);

/// The result of an arithmetic operator on `left` and `right`.
pub(super) fn arithmetic(operator: &str, left: &Shape, right: &Shape) -> Result<Shape, Mismatch> {
    let result = pairs(left, right)
        .filter_map(|(left, right)| arithmetic_of_kinds(operator, left, right))
        .fold(Shape::NEVER, Shape::join);
    // What may be a number must not be added to a time: both are numbers when the rule runs.
    let vague = clock(left) || clock(right);
    if result == Shape::NEVER || (vague && !(certain(left) && certain(right))) {
        return Err(mismatch(operator, left, right));
    }
    Ok(result)
}

fn arithmetic_of_kinds(operator: &str, left: &Shape, right: &Shape) -> Option<Shape> {
    use Shape::{Any, Double, Duration, Int, List, String, Time};
    let result = match (left, right) {
        (Any, Time | Duration) | (Time | Duration, Any) => return None,
        (Any, _) | (_, Any) => Any,
        (Int, Int) => Int,
        (Double, Double) if operator != cel::MODULO => Double,
        (String(_), String(_)) if operator == cel::ADD => Shape::TEXT,
        (List(left), List(right)) if operator == cel::ADD => {
            Shape::list((**left).clone().join((**right).clone()))
        }
        (Time, Duration) if matches!(operator, cel::ADD | cel::SUBSTRACT) => Time,
        (Duration, Time) if operator == cel::ADD => Time,
        (Time, Time) if operator == cel::SUBSTRACT => Duration,
        (Duration, Duration) if matches!(operator, cel::ADD | cel::SUBSTRACT) => Duration,
        (Duration, Duration) if operator == cel::DIVIDE => Int,
        (Duration, Int) if matches!(operator, cel::MULTIPLY | cel::DIVIDE) => Duration,
        (Int, Duration) if operator == cel::MULTIPLY => Duration,
        _ => return None,
    };
    Some(result)
}

/// Whether `left` and `right` can be compared by `operator`.
pub(super) fn comparison(operator: &str, left: &Shape, right: &Shape) -> Result<(), Mismatch> {
    let equality = matches!(operator, cel::EQUALS | cel::NOT_EQUALS);
    let fits = pairs(left, right).any(|(left, right)| comparable(equality, left, right));
    let null = |shape: &Shape| equality && *shape == Shape::Null;
    let sure = certain(left) && certain(right) || null(left) || null(right);
    let vague = (clock(left) || clock(right)) && !sure;
    if !fits || vague {
        return Err(mismatch(operator, left, right));
    }
    texts_of_times(operator, left, right)
}

fn comparable(equality: bool, left: &Shape, right: &Shape) -> bool {
    use Shape::{Any, Bool, Double, Duration, Int, Null, String, Time, Union};
    match (left, right) {
        (Any, Time | Duration) | (Time | Duration, Any) => false,
        (Any, _) | (_, Any) => true,
        (Int | Double, Int | Double) => true,
        (String(_), String(_)) | (Time, Time) | (Duration, Duration) => true,
        (Bool, Bool) | (Null, Null) => equality,
        (Shape::List(left), Shape::List(right)) => {
            equality
                && (pairs(left, right).any(|(left, right)| comparable(true, left, right))
                    || [left, right]
                        .iter()
                        .any(|shape| matches!(&***shape, Union(none) if none.is_empty())))
        }
        _ => false,
    }
}

/// Date-times must be compared as times: texts of different offsets do not sort by time.
fn texts_of_times(operator: &str, left: &Shape, right: &Shape) -> Result<(), Mismatch> {
    let formats = (format(left), format(right));
    let ordering = !matches!(operator, cel::EQUALS | cel::NOT_EQUALS);
    let wrong = match formats {
        (Some(Format::DateTime), Some(_)) | (Some(_), Some(Format::DateTime)) => true,
        (Some(Format::DateTime), None) | (None, Some(Format::DateTime)) => ordering,
        _ => false,
    };
    if !wrong {
        return Ok(());
    }
    let help = "compare times: `time(…)` around each side, or `date(…)` for whole days";
    Err((
        format!("`{}` would compare the texts of times, not the times", symbol(operator)),
        Some(help.to_owned()),
    ))
}

fn format(shape: &Shape) -> Option<Format> {
    shape.kinds().iter().find_map(|shape| match shape {
        Shape::String(text) => text.format,
        _ => None,
    })
}

fn pairs<'s>(left: &'s Shape, right: &'s Shape) -> impl Iterator<Item = (&'s Shape, &'s Shape)> {
    let right = right.kinds();
    left.kinds().iter().flat_map(move |left| right.iter().map(move |right| (left, right)))
}

fn clock(shape: &Shape) -> bool {
    let is_clock = |shape: &Shape| matches!(shape, Shape::Time | Shape::Duration);
    shape.kinds().iter().any(is_clock)
}

/// Whether the shape is one kind and known.
fn certain(shape: &Shape) -> bool {
    shape.kinds().len() == 1 && *shape != Shape::Any
}

fn mismatch(operator: &str, left: &Shape, right: &Shape) -> Mismatch {
    let has = |wanted: fn(&Shape) -> bool| {
        left.kinds().iter().any(wanted) || right.kinds().iter().any(wanted)
    };
    let time = has(|shape| *shape == Shape::Time);
    let text = has(|shape| matches!(shape, Shape::String(_)));
    let whole = has(|shape| *shape == Shape::Int);
    let help = if time && (text || has(|shape| *shape == Shape::Any)) {
        Some("read the text as a time with `time(…)`")
    } else if clock(left) && clock(right) && operator == cel::ADD && time {
        Some("two times have a difference, no sum")
    } else if (clock(left) || clock(right)) && !(clock(left) && clock(right)) {
        Some("say what the number counts: `days(…)` or `hours(…)`")
    } else if has(|shape| *shape == Shape::Double) && whole {
        Some("write the number with a fraction, as in `1.0`, or convert it with `double(…)`")
    } else if text && whole {
        Some("convert one side with `int(…)` or `string(…)`")
    } else {
        None
    };
    let verb = match operator {
        cel::EQUALS
        | cel::NOT_EQUALS
        | cel::LESS
        | cel::LESS_EQUALS
        | cel::GREATER
        | cel::GREATER_EQUALS => "compare",
        _ => "take",
    };
    let message = format!("`{}` cannot {verb} {left} and {right}", symbol(operator));
    (message, help.map(ToOwned::to_owned))
}

/// How an operator is written.
pub(super) fn symbol(operator: &str) -> &str {
    match operator {
        cel::IN => "in",
        cel::CONDITIONAL => "? :",
        other => other.trim_matches('_'),
    }
}
