//! Errors of a run in words for people. Values of the evidence are quoted only where no secret is
//! read.

use cel::{ExecutionError, Value};

use super::bindings::Bindings;
use super::check::Read;
use super::evaluate::{Conjunct, Expression, number};
use super::functions::{IS_NULL, kind_words};
use super::operators::symbol;
use super::template::clean;

/// Longest message of a function, in characters.
const MESSAGE: usize = 200;

impl Expression {
    /// An error of the interpreter in words for people.
    pub(super) fn explain(
        &self,
        error: &ExecutionError,
        conjunct: &Conjunct,
        bindings: &Bindings<'_>,
    ) -> String {
        match error {
            ExecutionError::UndeclaredReference(name) => {
                let read = number(name, '#').and_then(|at| self.reads.get(at));
                read.map_or_else(|| format!("`{name}` is unknown"), |read| reason(read, bindings))
            }
            ExecutionError::NoSuchKey(name) => format!("`{name}` is absent"),
            ExecutionError::FunctionError { message, .. } if message == IS_NULL => {
                self.null_reading(conjunct, bindings)
            }
            // What a function says may quote its argument.
            ExecutionError::FunctionError { function, message } => {
                let reads = conjunct.reads.iter().filter_map(|at| self.reads.get(*at));
                let mut secret = reads.filter(|read| read.path.sensitive && !read.asked);
                match secret.next().and_then(|read| read.path.fields.last()) {
                    Some(name) => {
                        let function = function.trim_start_matches('@');
                        format!("the value of `{name}`, a secret, does not suit `{function}`")
                    }
                    _ => clean(message, MESSAGE),
                }
            }
            ExecutionError::UnsupportedBinaryOperator(operator, left, right) => {
                let operator = match *operator {
                    "add" => "+",
                    "sub" => "-",
                    "mul" => "*",
                    "div" => "/",
                    "rem" => "%",
                    other => other,
                };
                let (left, right) = (value_words(left), value_words(right));
                format!("`{operator}` cannot take {left} and {right}")
            }
            ExecutionError::Overflow(..) => "the number grows beyond 64 bits".to_owned(),
            ExecutionError::NoSuchOverload(overload) => {
                let types: Vec<&str> =
                    overload.argument_types().iter().map(|name| kind_words(name)).collect();
                let function = symbol(overload.function());
                format!("`{function}` cannot take {}", types.join(" and "))
            }
            ExecutionError::IndexOutOfBounds(_) => {
                "the list has no element at this index".to_owned()
            }
            ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
                "the divisor is zero".to_owned()
            }
            ExecutionError::UnexpectedType { got, want } => {
                format!("{} stands where {} is needed", kind_words(got), kind_words(want))
            }
            _ => "this cannot be computed".to_owned(),
        }
    }

    fn null_reading(&self, conjunct: &Conjunct, bindings: &Bindings<'_>) -> String {
        let mut reads = conjunct.reads.iter().filter_map(|at| self.reads.get(*at));
        let null = reads.find(|read| {
            let node = bindings.node(&read.path, &read.path.fields);
            node.is_ok_and(|node| node.is_null())
        });
        let name = null.and_then(|read| read.path.fields.last());
        name.map_or_else(
            || "one of the compared values is null".to_owned(),
            |name| format!("`{name}` is null"),
        )
    }
}

/// Why a read gave nothing.
fn reason(read: &Read, bindings: &Bindings<'_>) -> String {
    let result = if read.asked {
        bindings.has(&read.path).map(drop)
    } else {
        bindings.read(&read.path).map(drop)
    };
    result.err().unwrap_or_else(|| format!("`{}` cannot be read", read.path))
}

fn value_words(value: &Value) -> &'static str {
    match value {
        Value::List(_) => "a list",
        Value::Map(_) => "an object",
        Value::Int(_) | Value::UInt(_) => "a whole number",
        Value::Float(_) => "a number with a fraction",
        Value::String(_) => "a string",
        Value::Bool(_) => "true or false",
        Value::Null => "null",
        _ => "another value",
    }
}
