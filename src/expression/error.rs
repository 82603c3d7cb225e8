//! What is wrong with an expression, found when it is compiled.

use std::ops::Range;

/// One mistake in an expression, a template or a field path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// First byte, counted in the source of the expression.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl ExpressionError {
    pub(super) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { start: range.start, end: range.end, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = self.help.or(help);
        self
    }
}
