//! What within a value decided: the element of a list at which a loop failed, the part of a text
//! that a pattern found.

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::common::types::{CelBool, CelList};
use cel::common::value::Val;
use cel::{Context, Value};

use super::bindings::Bindings;
use super::evaluate::{Expression, number};
use super::functions::MATCHES;
use crate::document::Node;
use crate::model::Span;

/// The value that decided within the read of that number.
pub(super) struct Decisive<'a> {
    pub(super) read: usize,
    /// The element, where it is one of a list.
    pub(super) node: Node<'a>,
    /// The bytes.
    pub(super) span: Span,
}

/// Looks for what decided in one record.
pub(super) struct Search<'s, 'a> {
    pub(super) expression: &'s Expression,
    pub(super) bindings: &'s Bindings<'a>,
    pub(super) context: &'s Context<'s, 's>,
}

impl<'a> Search<'_, 'a> {
    /// What makes `tree` be `wanted`, where a loop or a pattern does.
    pub(super) fn within(&self, tree: &IdedExpr, wanted: bool) -> Option<Decisive<'a>> {
        match &tree.expr {
            Expr::Comprehension(loops) => self.element(loops, wanted),
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                (operators::LOGICAL_NOT, [value]) => self.within(value, !wanted),
                (operators::LOGICAL_AND | operators::LOGICAL_OR, operands) => {
                    let decides = |one: &&IdedExpr| self.is(one, self.context) == Some(wanted);
                    operands.iter().filter(decides).find_map(|one| self.within(one, wanted))
                }
                (operators::CONDITIONAL, [condition, yes, no]) => {
                    let chosen = if self.is(condition, self.context)? { yes } else { no };
                    self.within(chosen, wanted)
                }
                (MATCHES, [text, pattern]) if wanted => self.found(text, pattern),
                _ => None,
            },
            _ => None,
        }
    }

    fn is(&self, tree: &IdedExpr, context: &Context<'_, '_>) -> Option<bool> {
        let value = Value::resolve_val(tree, context).ok()?;
        value.downcast_ref::<CelBool>().map(|truth| *truth.inner())
    }

    /// The first element that makes `all` false, or `exists` true.
    fn element(&self, loops: &ComprehensionExpr, wanted: bool) -> Option<Decisive<'a>> {
        let Expr::Literal(LiteralValue::Boolean(start)) = &loops.accu_init.expr else {
            return None;
        };
        let start = *start.inner();
        if start == wanted {
            return None;
        }
        let (read, list) = self.read(&loops.iter_range)?;
        let values = Value::resolve_val(&loops.iter_range, self.context).ok()?;
        let values = values.downcast_ref::<CelList<'_>>()?.inner().iter();
        let decides = |value: &dyn Val| {
            let mut inner = self.context.new_inner_scope();
            inner.add_variable_as_val(&loops.accu_var, Box::new(CelBool::from(start)));
            inner.add_variable_as_val(&loops.iter_var, value.clone_as_boxed());
            self.is(&loops.loop_step, &inner) == Some(wanted)
        };
        let mut elements = values.zip(list.elements());
        let (_, node) = elements.find(|(value, _)| decides(value.as_ref()))?;
        Some(Decisive { read, node, span: node.span() })
    }

    /// What the pattern found in a text of several lines that is spelled out in the document.
    fn found(&self, text: &IdedExpr, pattern: &IdedExpr) -> Option<Decisive<'a>> {
        let (read, node) = self.read(text)?;
        let Expr::Ident(name) = &pattern.expr else { return None };
        let pattern = self.expression.pattern(number(name, '@')?)?;
        let found = pattern.find(node.as_str()?)?;
        if !node.as_str()?.contains('\n') {
            return Some(Decisive { read, node, span: node.span() });
        }
        let spelled = node.span().slice(node.text());
        let offset = node.span().start + spelled.find(node.as_str()?)? as u64;
        let (start, end) = (found.start() as u64, found.end() as u64);
        Some(Decisive { read, node, span: Span::new(start, end).offset(offset) })
    }

    fn read(&self, tree: &IdedExpr) -> Option<(usize, Node<'a>)> {
        let Expr::Ident(name) = &tree.expr else { return None };
        let at = number(name, '#')?;
        Some((at, self.expression.node(at, self.bindings)?))
    }
}
