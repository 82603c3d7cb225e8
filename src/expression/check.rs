//! The type checker: every name, field and operand of an expression, before any record is read.
//!
//! While it infers shapes it rewrites the tree for running: a path such as `this.change.approver`
//! becomes one variable that is looked up in the document directly, a pattern becomes its compiled
//! form, days added to a time become days of the calendar, and operands of `==`, `!=` and `in` that may be `null` are guarded.

use cel::common::ast::operators as cel_names;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr};

use super::ExpressionError;
use super::calendar::shifted;
use super::evaluate::number;
use super::functions::{AMONG, EQUAL, PRESENT, Pattern, SAME, UNEQUAL};
use super::operators::{arithmetic, comparison, symbol};
use super::scope::{Path, Scope, Variable, field_of};
use super::shape::Shape;
use super::source::{Places, children};
use crate::schema::suggest::did_you_mean;

/// A path an expression reads.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) path: Path,
    /// Whether it stands in `has(…)`: only asked for, not read.
    pub(super) asked: bool,
}

/// The element of a loop, or what a loop gathers.
struct Local {
    name: String,
    shape: Shape,
    /// Whether it is an element of a list of the rule file.
    written: bool,
}

pub(super) struct Checker<'s> {
    scope: &'s Scope,
    pub(super) places: &'s Places,
    locals: Vec<Local>,
    pub(super) reads: Vec<Read>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) errors: Vec<ExpressionError>,
}

impl<'s> Checker<'s> {
    pub(super) fn new(scope: &'s Scope, places: &'s Places) -> Self {
        Self {
            scope,
            places,
            locals: Vec::new(),
            reads: Vec::new(),
            patterns: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// The shape of `node`, which is made ready to run. Mistakes are kept and count as any value.
    pub(super) fn infer(&mut self, node: &mut IdedExpr) -> Shape {
        let id = node.id;
        match self.shape(node) {
            Ok(shape) => shape,
            Err(mut error) => {
                if error.start == usize::MAX {
                    let range = self.places.of(id);
                    (error.start, error.end) = (range.start, range.end);
                }
                self.errors.push(error);
                Shape::Any
            }
        }
    }

    fn shape(&mut self, node: &mut IdedExpr) -> Result<Shape, ExpressionError> {
        index_as_field(node);
        match &mut node.expr {
            Expr::Literal(literal) => literal_shape(literal),
            Expr::Ident(_) | Expr::Select(_) => self.place(node),
            Expr::Call(_) => self.call(node),
            Expr::List(list) => {
                let shapes = list.elements.iter_mut().map(|element| self.infer(element));
                let element = shapes.fold(Shape::NEVER, Shape::join);
                Ok(Shape::list(element))
            }
            Expr::Comprehension(loops) => self.comprehension(loops),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err(here("conditions build no objects").help("read fields with `this.field`"))
            }
        }
    }

    /// A variable, a field, or `has` of one.
    fn place(&mut self, node: &mut IdedExpr) -> Result<Shape, ExpressionError> {
        let mut fields = Vec::new();
        let mut base = &*node;
        let mut asked = false;
        while let Expr::Select(select) = &base.expr {
            if select.test && !fields.is_empty() {
                break;
            }
            asked |= select.test;
            fields.push((select.field.clone(), base.id));
            base = &select.operand;
        }
        fields.reverse();
        match &base.expr {
            Expr::Ident(name) if self.local(name).is_none() => {
                let places = self.places;
                let variable = self.scope.variable(name, || places.of(base.id))?;
                let names = fields.iter().map(|(name, _)| name.clone()).collect();
                let at = |index: usize| places.field(fields[index].1, &fields[index].0);
                let path = self.scope.path(variable, names, at)?;
                let shape = if asked { Shape::Bool } else { path.shape.clone() };
                node.expr = Expr::Ident(format!("#{}", self.reads.len()));
                self.reads.push(Read { path, asked });
                Ok(shape)
            }
            Expr::Ident(name) if fields.is_empty() => {
                Ok(self.local(name).cloned().unwrap_or(Shape::Any))
            }
            _ => self.field_of_value(node),
        }
    }

    /// A field of a value that is no path: of a loop's element, of a function's result.
    fn field_of_value(&mut self, node: &mut IdedExpr) -> Result<Shape, ExpressionError> {
        let id = node.id;
        let Expr::Select(select) = &mut node.expr else {
            return Ok(Shape::Any);
        };
        let owner = self.infer(&mut select.operand);
        let called = || match &select.operand.expr {
            Expr::Ident(name) if !name.starts_with('#') => format!("`{name}`"),
            _ => "this value".to_owned(),
        };
        let at = || self.places.field(id, &select.field);
        let (shape, _) = field_of(&owner, &select.field, called, at)?;
        Ok(if select.test { Shape::Bool } else { shape.clone() })
    }

    fn local(&self, name: &str) -> Option<&Shape> {
        let found = self.locals.iter().rev().find(|local| local.name == name);
        found.map(|local| &local.shape)
    }

    /// Whether `node`, which was made ready to run, says only what the rule file says: literals,
    /// parameters and what is made of them.
    fn is_written(&self, node: &IdedExpr) -> bool {
        let Expr::Ident(name) = &node.expr else {
            return children(node).into_iter().all(|child| self.is_written(child));
        };
        match number(name, '#').and_then(|at| self.reads.get(at)) {
            Some(read) => read.path.variable == Variable::Params,
            None => self.locals.iter().all(|local| local.written || local.name != *name),
        }
    }

    fn call(&mut self, node: &mut IdedExpr) -> Result<Shape, ExpressionError> {
        let Expr::Call(call) = &mut node.expr else {
            return Ok(Shape::Any);
        };
        let operator = call.func_name.as_str();
        match (operator, call.args.as_mut_slice()) {
            (cel_names::LOGICAL_AND | cel_names::LOGICAL_OR, [left, right]) => {
                self.boolean(left, operator);
                self.boolean(right, operator);
                Ok(Shape::Bool)
            }
            (cel_names::LOGICAL_NOT, [value]) => {
                self.boolean(value, operator);
                Ok(Shape::Bool)
            }
            (cel_names::NOT_STRICTLY_FALSE, [value]) => Ok(self.infer(value)),
            (cel_names::NEGATE, [value]) => match self.infer(value) {
                shape @ (Shape::Any | Shape::Int | Shape::Double | Shape::Duration) => Ok(shape),
                shape => Err(here(format!("`-` cannot negate {shape}"))),
            },
            (cel_names::CONDITIONAL, [condition, yes, no]) => {
                self.boolean(condition, operator);
                Ok(self.infer(yes).join(self.infer(no)))
            }
            (cel_names::IN, [value, list]) => {
                if let Some(own) = self.membership(value, list)? {
                    own.clone_into(&mut call.func_name);
                }
                Ok(Shape::Bool)
            }
            (cel_names::INDEX, [list, index]) => self.index(list, index),
            (
                cel_names::EQUALS
                | cel_names::NOT_EQUALS
                | cel_names::LESS
                | cel_names::LESS_EQUALS
                | cel_names::GREATER
                | cel_names::GREATER_EQUALS,
                [left, right],
            ) => {
                if let Some(strict) = self.compare(operator, left, right)? {
                    strict.clone_into(&mut call.func_name);
                }
                Ok(Shape::Bool)
            }
            (
                cel_names::ADD
                | cel_names::SUBSTRACT
                | cel_names::MULTIPLY
                | cel_names::DIVIDE
                | cel_names::MODULO,
                [left, right],
            ) => {
                let shapes = (self.infer(left), self.infer(right));
                let result = arithmetic(operator, &shapes.0, &shapes.1).map_err(mismatch)?;
                let (time, duration) =
                    if shapes.0 == Shape::Time { (left, right) } else { (right, left) };
                if result == Shape::Time
                    && let Some(shifted) = shifted(operator, time, duration)
                {
                    node.expr = shifted;
                }
                Ok(result)
            }
            _ => self.function(call),
        }
    }

    fn boolean(&mut self, node: &mut IdedExpr, operator: &str) {
        let id = node.id;
        let shape = self.infer(node);
        let fits = |shape: &Shape| matches!(shape, Shape::Bool | Shape::Any);
        if !shape.kinds().iter().any(fits) {
            let message = format!("`{}` takes true or false, not {shape}", symbol(operator));
            self.errors.push(ExpressionError::new(self.places.of(id), message));
        }
    }

    /// Checks a comparison; returns the function to compare with where the kinds of the operands
    /// are only known when the record is read.
    fn compare(
        &mut self,
        operator: &str,
        left: &mut IdedExpr,
        right: &mut IdedExpr,
    ) -> Result<Option<&'static str>, ExpressionError> {
        let shapes = (self.infer(left), self.infer(right));
        comparison(operator, &shapes.0, &shapes.1).map_err(mismatch)?;
        self.known_value(left, &shapes.1);
        self.known_value(right, &shapes.0);
        let vague = shapes.0.may_be_null() || shapes.1.may_be_null();
        let strict = vague && !is_null(left) && !is_null(right);
        // Two texts of the evidence that only look the same are neither equal nor two.
        let texts = may_be_text(&shapes.0) && may_be_text(&shapes.1);
        let literal = |node: &IdedExpr| matches!(node.expr, Expr::Literal(_));
        Ok(match operator {
            cel_names::NOT_EQUALS if texts && !literal(left) && !literal(right) => Some(UNEQUAL),
            cel_names::EQUALS if texts && !self.is_written(left) && !self.is_written(right) => {
                Some(SAME)
            }
            cel_names::EQUALS if strict => Some(EQUAL),
            cel_names::NOT_EQUALS if strict => Some(UNEQUAL),
            _ => None,
        })
    }

    /// Checks an `in`; returns the function to look with where both sides are texts of the evidence.
    fn membership(
        &mut self,
        value: &mut IdedExpr,
        list: &mut IdedExpr,
    ) -> Result<Option<&'static str>, ExpressionError> {
        let (shape, container) = (self.infer(value), self.infer(list));
        if let Some(element) = container.element() {
            if *element != Shape::NEVER {
                comparison(cel_names::EQUALS, &shape, element).map_err(mismatch)?;
            }
            self.known_value(value, element);
        } else if container.fields().is_none() {
            let message = format!("`in` looks into a list, not into {container}");
            return Err(here(message).help("for a part of a text write `text.contains(part)`"));
        }
        let mut nulls = false;
        if let Expr::List(written) = &list.expr {
            nulls = written.elements.iter().any(is_null);
            for element in &written.elements {
                self.known_value(element, &shape);
            }
        }
        if !nulls && !is_null(value) {
            guard(value, &shape);
        }
        let texts = may_be_text(&shape) && container.element().is_some_and(may_be_text);
        Ok((texts && !self.is_written(value) && !self.is_written(list)).then_some(AMONG))
    }

    /// A written text must be one the schema allows: otherwise nothing ever matches it.
    fn known_value(&mut self, node: &IdedExpr, against: &Shape) {
        let Expr::Literal(LiteralValue::String(text)) = &node.expr else {
            return;
        };
        let [values] = against.kinds().iter().filter_map(values_of).collect::<Vec<_>>()[..] else {
            return;
        };
        if against.kinds().contains(&Shape::Any) || values.iter().any(|value| value == text.inner())
        {
            return;
        }
        let names = || values.iter().map(String::as_str);
        let help = did_you_mean(text.inner(), names()).unwrap_or_else(|| {
            format!("the schema allows: {}", names().collect::<Vec<_>>().join(", "))
        });
        let message = format!("the schema does not allow the value `{}`", text.inner());
        let range = self.places.of(node.id);
        self.errors.push(ExpressionError::new(range, message).help(help));
    }

    fn index(
        &mut self,
        list: &mut IdedExpr,
        index: &mut IdedExpr,
    ) -> Result<Shape, ExpressionError> {
        let (shape, at) = (self.infer(list), self.infer(index));
        let Some(element) = shape.element() else {
            return match shape.fields() {
                Some(_)
                    if at.kinds().iter().any(|at| matches!(at, Shape::String(_) | Shape::Any)) =>
                {
                    Ok(Shape::Any)
                }
                _ => Err(here(format!("`[{at}]` cannot look into {shape}"))),
            };
        };
        if !at.kinds().iter().any(|at| matches!(at, Shape::Int | Shape::Any)) {
            return Err(here(format!("a list is indexed by a whole number, not by {at}")));
        }
        Ok(element.clone())
    }

    fn comprehension(&mut self, loops: &mut ComprehensionExpr) -> Result<Shape, ExpressionError> {
        let range = self.infer(&mut loops.iter_range);
        let Some(element) = range.element().cloned() else {
            let message = format!("a loop runs over a list, not over {range}");
            let place = self.places.of(loops.iter_range.id);
            return Err(ExpressionError::new(place, message));
        };
        if Scope::is_variable(&loops.iter_var) || self.local(&loops.iter_var).is_some() {
            let message = format!("`{}` already means something else here", loops.iter_var);
            return Err(here(message).help("choose another name for the element"));
        }
        let start = self.infer(&mut loops.accu_init);
        let written = self.is_written(&loops.iter_range);
        let local = |name: &str, shape, written| Local { name: name.to_owned(), shape, written };
        self.locals.push(local(&loops.iter_var, element, written));
        self.locals.push(local(&loops.accu_var, start.clone(), true));
        self.infer(&mut loops.loop_cond);
        let step = self.infer(&mut loops.loop_step);
        self.locals.pop();
        self.locals.push(local(&loops.accu_var, start.join(step), true));
        let result = self.infer(&mut loops.result);
        self.locals.truncate(self.locals.len() - 2);
        Ok(result)
    }
}

/// An error at the node that is being looked at.
pub(super) fn here(message: impl Into<String>) -> ExpressionError {
    ExpressionError::new(usize::MAX..usize::MAX, message)
}

fn mismatch((message, help): (String, Option<String>)) -> ExpressionError {
    here(message).maybe_help(help)
}

fn values_of(shape: &Shape) -> Option<&Vec<String>> {
    match shape {
        Shape::String(text) => text.values.as_deref(),
        _ => None,
    }
}

fn may_be_text(shape: &Shape) -> bool {
    shape.kinds().iter().any(|one| matches!(one, Shape::String(_) | Shape::Any))
}

fn is_null(node: &IdedExpr) -> bool {
    matches!(node.expr, Expr::Literal(LiteralValue::Null))
}

/// `this['cost-centre']` means the field `this.cost-centre`, which cannot be written.
fn index_as_field(node: &mut IdedExpr) {
    let Expr::Call(call) = &mut node.expr else {
        return;
    };
    if call.func_name != cel_names::INDEX {
        return;
    }
    let [operand, index] = call.args.as_mut_slice() else {
        return;
    };
    let Expr::Literal(LiteralValue::String(field)) = &index.expr else {
        return;
    };
    index_as_field(operand);
    node.expr = Expr::Select(SelectExpr {
        field: field.inner().to_owned(),
        operand: Box::new(std::mem::take(operand)),
        test: false,
    });
}

/// Makes an operand that may be `null` an error when it is.
fn guard(node: &mut IdedExpr, shape: &Shape) {
    if shape.may_be_null() {
        let inner = std::mem::take(node);
        node.id = inner.id;
        node.expr =
            Expr::Call(CallExpr { func_name: PRESENT.to_owned(), target: None, args: vec![inner] });
    }
}

fn literal_shape(literal: &LiteralValue) -> Result<Shape, ExpressionError> {
    match literal {
        LiteralValue::Boolean(_) => Ok(Shape::Bool),
        LiteralValue::Double(_) => Ok(Shape::Double),
        LiteralValue::Int(_) => Ok(Shape::Int),
        LiteralValue::Null => Ok(Shape::Null),
        LiteralValue::String(_) => Ok(Shape::TEXT),
        LiteralValue::UInt(_) => {
            Err(here("there are no unsigned numbers here").help("write the number without the `u`"))
        }
        LiteralValue::Bytes(_) => {
            Err(here("there are no byte strings here").help("write the text without the `b`"))
        }
    }
}
