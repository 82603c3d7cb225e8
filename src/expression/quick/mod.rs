//! The quick way to run an expression: without the values, contexts and copies of the interpreter.
//!
//! A checked expression is lowered to [`Op`]s once. They run on the document's own nodes and answer
//! only where nothing is out of the ordinary: where a field is absent, a kind is not the expected one
//! or a number overflows there is no answer, and the interpreter decides and says why. So the quick
//! way can be slower than hoped for, but says nothing that the interpreter would not say.

mod run;
mod value;

use cel::common::ast::operators as cel_names;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue};

pub(super) use run::{computed, truth};
pub(super) use value::{Value, given};

use super::check::Read;
use super::evaluate::number;
use super::functions::{AMONG, EQUAL, MATCHES, PRESENT, SAME, SHIFT, UNEQUAL};
use super::scope::Variable;

/// One step. Operands come first.
#[derive(Debug)]
pub(super) enum Op {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Box<str>),
    /// A value of a document that the expression reads, by the number of the read.
    Read(usize),
    /// Whether there is such a value.
    Asked(usize),
    /// A parameter, by the number of the read.
    Param(usize),
    /// A time of the run.
    Run(Time),
    /// The element of a loop, counted from the innermost.
    Element(usize),
    Field {
        of: Box<Op>,
        name: Box<str>,
        asked: bool,
    },
    And(Box<[Op; 2]>),
    Or(Box<[Op; 2]>),
    Not(Box<Op>),
    If(Box<[Op; 3]>),
    Order(Order, Box<[Op; 2]>),
    /// The order of whole numbers, which times and durations are too.
    WholeOrder(Order, Box<[Op; 2]>),
    Equal(Equality, Box<[Op; 2]>),
    In {
        /// Whether an element that only looks the same is no answer.
        alike: bool,
        sides: Box<[Op; 2]>,
    },
    Arithmetic(Arithmetic, Box<[Op; 2]>),
    Negate(Box<Op>),
    List(Vec<Op>),
    /// An element of a list, counted from zero.
    Index(Box<Op>, usize),
    /// A value that is not `null`.
    Present(Box<Op>),
    Call(Function, Vec<Op>),
    /// Whether a text matches a pattern of the expression, by number.
    Matches(Box<Op>, usize),
    Fold(Fold, Box<[Op; 2]>),
    Collect {
        over: Box<Op>,
        guard: Option<Box<Op>>,
        item: Box<Op>,
    },
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Time {
    Start,
    End,
    AsOf,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Equality {
    /// The answer when they are equal.
    wanted: bool,
    /// Whether only values of one kind may be asked.
    strict: bool,
    /// Whether texts that only look the same are no answer.
    alike: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Function {
    Time,
    Date,
    Days,
    Hours,
    Shift,
    Lower,
    Distinct,
    Size,
    String,
    Int,
    Double,
    StartsWith,
    EndsWith,
    Contains,
}

/// A loop that ends in one answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fold {
    All,
    Exists,
    ExistsOne,
}

/// The steps of a checked expression that reads `reads`; `None` where only the interpreter knows the
/// way.
pub(super) fn lower(tree: &IdedExpr, reads: &[Read]) -> Option<Op> {
    Lowering { reads, elements: Vec::new() }.op(tree)
}

struct Lowering<'t> {
    reads: &'t [Read],
    /// Names of the elements of the loops around, outermost first.
    elements: Vec<&'t str>,
}

impl<'t> Lowering<'t> {
    fn op(&mut self, tree: &'t IdedExpr) -> Option<Op> {
        Some(match &tree.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Null => Op::Null,
                LiteralValue::Boolean(value) => Op::Bool(*value.inner()),
                LiteralValue::Int(value) => Op::Int(*value.inner()),
                LiteralValue::Double(value) => Op::Double(*value.inner()),
                LiteralValue::String(text) => Op::Text(text.inner().into()),
                LiteralValue::UInt(_) | LiteralValue::Bytes(_) => return None,
            },
            Expr::Ident(name) => match number(name, '#') {
                Some(at) => read(self.reads.get(at)?, at),
                None => Op::Element(self.elements.iter().rev().position(|own| own == name)?),
            },
            Expr::Select(select) => Op::Field {
                of: Box::new(self.op(&select.operand)?),
                name: select.field.as_str().into(),
                asked: select.test,
            },
            Expr::List(list) if list.optional_indices.is_empty() => {
                let elements = list.elements.iter().map(|element| self.op(element));
                Op::List(elements.collect::<Option<_>>()?)
            }
            Expr::Call(call) => self.call(call)?,
            Expr::Comprehension(loops) => self.comprehension(loops)?,
            Expr::List(_) | Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => return None,
        })
    }

    fn call(&mut self, call: &'t CallExpr) -> Option<Op> {
        if call.func_name == MATCHES {
            let [text, pattern] = &call.args[..] else { return None };
            let Expr::Ident(pattern) = &pattern.expr else { return None };
            return Some(Op::Matches(Box::new(self.op(text)?), number(pattern, '@')?));
        }
        if let (cel_names::INDEX, [of, index]) = (call.func_name.as_str(), &call.args[..]) {
            let Expr::Literal(index) = &index.expr else { return None };
            let of = Box::new(self.op(of)?);
            return match index {
                LiteralValue::Int(index) => {
                    Some(Op::Index(of, usize::try_from(*index.inner()).ok()?))
                }
                LiteralValue::String(name) => {
                    Some(Op::Field { of, name: name.inner().into(), asked: false })
                }
                _ => None,
            };
        }
        let operands = call.target.as_deref().into_iter().chain(&call.args);
        let operands: Vec<Op> = operands.map(|operand| self.op(operand)).collect::<Option<_>>()?;
        match <[Op; 1]>::try_from(operands) {
            Ok([operand]) => unary(&call.func_name, operand),
            Err(operands) => match <[Op; 2]>::try_from(operands) {
                Ok(operands) => binary(&call.func_name, operands),
                Err(operands) => {
                    let operands = <[Op; 3]>::try_from(operands).ok()?;
                    (call.func_name == cel_names::CONDITIONAL).then(|| Op::If(Box::new(operands)))
                }
            },
        }
    }

    /// The loops that `all`, `exists`, `exists_one`, `map` and `filter` become.
    fn comprehension(&mut self, loops: &'t ComprehensionExpr) -> Option<Op> {
        let over = self.op(&loops.iter_range)?;
        let is_result =
            |tree: &IdedExpr| matches!(&tree.expr, Expr::Ident(name) if *name == loops.accu_var);
        let Expr::Call(step) = &loops.loop_step.expr else { return None };
        self.elements.push(&loops.iter_var);
        let op = match (step.func_name.as_str(), &step.args[..]) {
            (cel_names::LOGICAL_AND, [result, body]) if is_result(result) => {
                Some(Op::Fold(Fold::All, Box::new([over, self.op(body)?])))
            }
            (cel_names::LOGICAL_OR, [result, body]) if is_result(result) => {
                Some(Op::Fold(Fold::Exists, Box::new([over, self.op(body)?])))
            }
            (cel_names::ADD, [result, added]) if is_result(result) => {
                self.collect(over, None, added)
            }
            (cel_names::CONDITIONAL, [guard, added, result]) if is_result(result) => {
                match &added.expr {
                    Expr::Call(call) if call.func_name == cel_names::ADD => match &call.args[..] {
                        [result, added] if is_result(result) => match &added.expr {
                            Expr::List(_) => self.collect(over, Some(guard), added),
                            _ => Some(Op::Fold(Fold::ExistsOne, Box::new([over, self.op(guard)?]))),
                        },
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        };
        self.elements.pop();
        op
    }

    fn collect(
        &mut self,
        over: Op,
        guard: Option<&'t IdedExpr>,
        added: &'t IdedExpr,
    ) -> Option<Op> {
        let Expr::List(list) = &added.expr else { return None };
        let [item] = &list.elements[..] else { return None };
        let guard = match guard {
            Some(guard) => Some(Box::new(self.op(guard)?)),
            None => None,
        };
        Some(Op::Collect { over: Box::new(over), guard, item: Box::new(self.op(item)?) })
    }
}

/// What is read as number `at`.
fn read(read: &Read, at: usize) -> Op {
    match (read.path.variable, &read.path.fields[..]) {
        _ if read.asked => Op::Asked(at),
        (Variable::Params, [_]) => Op::Param(at),
        (Variable::Window, [end]) => Op::Run(if end == "start" { Time::Start } else { Time::End }),
        (Variable::AsOf, []) => Op::Run(Time::AsOf),
        _ => Op::Read(at),
    }
}

fn unary(name: &str, operand: Op) -> Option<Op> {
    let function = match name {
        cel_names::LOGICAL_NOT => return Some(Op::Not(Box::new(operand))),
        cel_names::NEGATE => return Some(Op::Negate(Box::new(operand))),
        PRESENT => return Some(Op::Present(Box::new(operand))),
        "time" => Function::Time,
        "date" => Function::Date,
        "days" => Function::Days,
        "hours" => Function::Hours,
        "lower" => Function::Lower,
        "distinct" => Function::Distinct,
        "size" => Function::Size,
        "string" => Function::String,
        "int" => Function::Int,
        "double" => Function::Double,
        _ => return None,
    };
    Some(Op::Call(function, vec![operand]))
}

fn binary(name: &str, operands: [Op; 2]) -> Option<Op> {
    let equal =
        |wanted, strict, alike| move |sides| Op::Equal(Equality { wanted, strict, alike }, sides);
    let order = |order| {
        move |sides: Box<[Op; 2]>| match sides.iter().all(is_whole) {
            true => Op::WholeOrder(order, sides),
            false => Op::Order(order, sides),
        }
    };
    let sides = Box::new(operands);
    Some(match name {
        cel_names::LOGICAL_AND => Op::And(sides),
        cel_names::LOGICAL_OR => Op::Or(sides),
        cel_names::EQUALS => equal(true, false, false)(sides),
        cel_names::NOT_EQUALS => equal(false, false, false)(sides),
        EQUAL => equal(true, true, false)(sides),
        SAME => equal(true, true, true)(sides),
        UNEQUAL => equal(false, true, true)(sides),
        cel_names::LESS => order(Order::Less)(sides),
        cel_names::LESS_EQUALS => order(Order::LessOrEqual)(sides),
        cel_names::GREATER => order(Order::Greater)(sides),
        cel_names::GREATER_EQUALS => order(Order::GreaterOrEqual)(sides),
        cel_names::IN => Op::In { alike: false, sides },
        AMONG => Op::In { alike: true, sides },
        cel_names::ADD => Op::Arithmetic(Arithmetic::Add, sides),
        cel_names::SUBSTRACT => Op::Arithmetic(Arithmetic::Subtract, sides),
        cel_names::MULTIPLY => Op::Arithmetic(Arithmetic::Multiply, sides),
        cel_names::DIVIDE => Op::Arithmetic(Arithmetic::Divide, sides),
        cel_names::MODULO => Op::Arithmetic(Arithmetic::Remainder, sides),
        SHIFT => Op::Call(Function::Shift, (*sides).into()),
        "startsWith" => Op::Call(Function::StartsWith, (*sides).into()),
        "endsWith" => Op::Call(Function::EndsWith, (*sides).into()),
        "contains" => Op::Call(Function::Contains, (*sides).into()),
        _ => return None,
    })
}

/// Whether `op` makes a whole number wherever it makes anything.
fn is_whole(op: &Op) -> bool {
    match op {
        Op::Int(_) | Op::Run(_) => true,
        Op::Call(function, _) => matches!(
            function,
            Function::Time | Function::Date | Function::Days | Function::Hours | Function::Shift
        ),
        Op::Negate(operand) => is_whole(operand),
        Op::Arithmetic(_, sides) => sides.iter().all(is_whole),
        _ => false,
    }
}
