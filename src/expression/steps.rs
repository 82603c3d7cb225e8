//! How many steps an expression takes on one record, told before the interpreter begins: nested
//! loops over long lists would take it minutes.

use std::cell::Cell;

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, operators};
use cel::common::types::CelList;

use super::bindings::Bindings;
use super::evaluate::{Expression, number};
use super::scope::Variable;
use super::source::{children, each_child};
use super::value::ELEMENTS;
use crate::document::{Kind, Node};

/// Most steps an expression takes on one record: two lists of 2,000 elements, each looked up in the
/// other, and a second of the interpreter. Every operation is a step, and every element of a list
/// that is read.
pub(super) const STEPS: u64 = 5_000_000;

/// What is said of an expression that takes more.
pub(super) const TOO_MANY: &str = "the expression takes more steps than are allowed";

/// Whether `tree` takes more than [`STEPS`] where each loop runs to its end.
pub(super) fn exceed(tree: &IdedExpr, expression: &Expression, bindings: &Bindings<'_>) -> bool {
    let count = Count { expression, bindings, steps: Cell::new(0) };
    count.walk(tree, None);
    count.is_over()
}

/// The element of a loop, and those of the loops around it.
struct Local<'l, 'a> {
    name: &'l str,
    /// `None` for a value that is in no document, which is no list.
    node: Option<Node<'a>>,
    around: Around<'l, 'a>,
}

type Around<'l, 'a> = Option<&'l Local<'l, 'a>>;

struct Count<'c, 'a> {
    expression: &'c Expression,
    bindings: &'c Bindings<'a>,
    steps: Cell<u64>,
}

impl<'a> Count<'_, 'a> {
    fn is_over(&self) -> bool {
        self.steps.get() > STEPS
    }

    fn add(&self, steps: usize) {
        self.steps.set(self.steps.get().saturating_add(steps as u64));
    }

    fn walk(&self, tree: &IdedExpr, around: Around<'_, 'a>) {
        self.add(1);
        if self.is_over() {
            return;
        }
        if let Expr::Comprehension(loops) = &tree.expr {
            self.walk(&loops.iter_range, around);
            return self.each(&loops.iter_range, around, &mut |node| {
                let local = Local { name: &loops.iter_var, node, around };
                self.walk(&loops.loop_step, Some(&local));
            });
        }
        if matches!(tree.expr, Expr::Ident(_) | Expr::Select(_)) {
            let list = self.node(tree, around).map_or(0, length);
            self.add(list + self.parameter(tree).map_or(0, <[_]>::len));
        }
        each_child(tree, |child| self.walk(child, around));
    }

    /// Shows the elements of the list that `tree` makes to `see`.
    fn each(&self, tree: &IdedExpr, around: Around<'_, 'a>, see: &mut dyn FnMut(Option<Node<'a>>)) {
        match &tree.expr {
            Expr::Comprehension(loops) => {
                let Some(item) = item(loops) else { return };
                self.each(&loops.iter_range, around, &mut |node| {
                    let local = Local { name: &loops.iter_var, node, around };
                    see(self.node(item, Some(&local)));
                });
            }
            Expr::List(list) => {
                list.elements.iter().for_each(|element| see(self.node(element, around)));
            }
            Expr::Call(call) if call.func_name != operators::INDEX => {
                each_child(tree, |child| self.each(child, around, see));
            }
            _ => {
                let list = self.node(tree, around).filter(|list| length(*list) > 0);
                let elements = list.into_iter().flat_map(|list| list.elements());
                elements.take_while(|_| !self.is_over()).for_each(|element| see(Some(element)));
                self.parameter(tree).unwrap_or_default().iter().for_each(|_| see(None));
            }
        }
    }

    /// The value of `tree`, where it is one of a document; of several that it may be, the longest.
    fn node(&self, tree: &IdedExpr, around: Around<'_, 'a>) -> Option<Node<'a>> {
        match &tree.expr {
            Expr::Ident(name) => match number(name, '#') {
                Some(at) => self.expression.node(at, self.bindings),
                None => {
                    let mut locals = std::iter::successors(around, |local| local.around);
                    locals.find(|local| local.name == name)?.node
                }
            },
            Expr::Select(select) if !select.test => {
                self.node(&select.operand, around)?.get(&select.field)
            }
            Expr::Call(call) if call.func_name == operators::INDEX => {
                let mut longest: Option<Node<'a>> = None;
                self.each(call.args.first()?, around, &mut |node| {
                    longest = longest.into_iter().chain(node).max_by_key(|node| length(*node));
                });
                longest
            }
            Expr::Call(_) => {
                let nodes = children(tree).into_iter().filter_map(|child| self.node(child, around));
                nodes.max_by_key(|node| length(*node))
            }
            Expr::Comprehension(loops) => self.node(&loops.iter_range, around),
            _ => None,
        }
    }

    /// The elements of the list of a parameter that `tree` reads.
    fn parameter(&self, tree: &IdedExpr) -> Option<&[Box<dyn cel::common::value::Val>]> {
        let Expr::Ident(name) = &tree.expr else { return None };
        let path = &self.expression.reads.get(number(name, '#')?)?.path;
        let name = path.fields.first().filter(|_| path.variable == Variable::Params)?;
        self.bindings.params.get(name)?.downcast_ref::<CelList<'_>>().map(CelList::inner)
    }
}

/// What `map` or `filter` adds to its list for an element; `None` for a loop with one answer.
fn item(loops: &ComprehensionExpr) -> Option<&IdedExpr> {
    let Expr::Call(step) = &loops.loop_step.expr else { return None };
    let added = match (step.func_name.as_str(), &step.args[..]) {
        (operators::CONDITIONAL, [_, added, _]) => added,
        _ => &loops.loop_step,
    };
    let Expr::Call(added) = &added.expr else { return None };
    let [_, added] = &added.args[..] else { return None };
    let Expr::List(list) = &added.expr else { return None };
    list.elements.first()
}

/// How many elements an expression reads of `node`: none of a list that is too long.
fn length(node: Node<'_>) -> usize {
    if node.kind() == Kind::Array && node.len() <= ELEMENTS { node.len() } else { 0 }
}
