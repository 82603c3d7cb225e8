//! Conditions and values of rule files in CEL.
//!
//! An expression is compiled once, when rule files load: every name, field and type is checked
//! against the [`Shape`]s of its [`Scope`] then, so that nothing is left to fail at row 900,000 but
//! the evidence itself. It is evaluated per record on [`crate::document::Node`]s, reading only the
//! fields it names.
//!
//! The language is [CEL](https://github.com/google/cel-spec) with departures that fail closed:
//! - a field that is absent is an error under every operator; ask with `has(this.field)`;
//! - `==` and `!=` compare values of one kind only, also where the schema does not tell the kinds:
//!   `null` compares with nothing but a written `null`, because two absences are no agreement;
//! - two texts of the evidence that differ only in how they are spelled (case, spaces, letters that
//!   look alike) are neither equal nor different: `==`, `!=` and `in` between them and `distinct` of
//!   them are errors, so that nobody is two persons; what the rule file writes out stays exact;
//! - times and durations never mix with numbers or text, though all three are numbers at run time;
//! - what takes more steps on one record than are allowed is an error, never true;
//! - a text that the schema's `enum` does not list is a mistake of the rule.

mod bindings;
mod calendar;
mod calls;
mod check;
mod decisive;
mod error;
mod evaluate;
mod explain;
mod functions;
mod operators;
mod path;
mod quick;
mod schema;
mod scope;
mod shape;
mod source;
mod steps;
mod syntax;
mod template;
mod value;

pub use bindings::{Bindings, Known, Params};
pub use error::ExpressionError;
pub use evaluate::{
    Computed, Culprit, Expression, Outcome, Reading, compile_condition, compile_value,
};
pub use functions::{Moments, Runtime};
pub use path::FieldPath;
pub use scope::{Scope, Variable};
pub use shape::{Field, Fields, Format, Shape, Text};
pub use template::{Template, compile_template};

#[cfg(test)]
mod tests;
