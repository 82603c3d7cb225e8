//! The checker's side of functions: their arguments, their patterns and their misspellings.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};

use super::ExpressionError;
use super::check::{Checker, here};
use super::functions::{self, MACROS, MATCHES, Pattern, SIGNATURES, Signature, Wants};
use super::shape::Shape;
use crate::schema::suggest::nearest;

impl Checker<'_> {
    /// Checks a call of a function or a method and makes it ready to run.
    pub(super) fn function(&mut self, call: &mut CallExpr) -> Result<Shape, ExpressionError> {
        let target = call.target.as_deref_mut();
        let method = target.is_some();
        let named = |signature: &&Signature| signature.name == call.func_name;
        let fits = |signature: &&Signature| signature.method == method;
        let found = SIGNATURES.iter().filter(named).find(fits);
        let Some(signature) = found else {
            return Err(unknown_function(&call.func_name, method));
        };
        let arguments: Vec<&mut IdedExpr> = target.into_iter().chain(&mut call.args).collect();
        if arguments.len() != signature.takes.len() {
            let message = format!(
                "`{}` takes {} argument{}, not {}",
                signature.name,
                signature.takes.len() - usize::from(method),
                if signature.takes.len() - usize::from(method) == 1 { "" } else { "s" },
                arguments.len() - usize::from(method),
            );
            return Err(here(message).help(format!("for example `{}`", signature.example)));
        }
        let mut shapes = Vec::new();
        for (argument, wants) in arguments.into_iter().zip(signature.takes) {
            shapes.push(self.argument(signature.name, argument, *wants)?);
        }
        if let Some(target) = call.target.take_if(|_| signature.name == "matches") {
            call.args.insert(0, *target);
        }
        if signature.name == "matches" {
            MATCHES.clone_into(&mut call.func_name);
        }
        Ok(functions::result(signature.name, &shapes))
    }

    fn argument(
        &mut self,
        function: &str,
        node: &mut IdedExpr,
        wants: Wants,
    ) -> Result<Shape, ExpressionError> {
        if matches!(wants, Wants::Pattern) {
            return self.pattern(node);
        }
        let id = node.id;
        let shape = self.infer(node);
        if !wants.accepts(&shape) {
            let message = format!("`{function}` takes {}, not {shape}", wants.words());
            return Err(ExpressionError::new(self.places.of(id), message));
        }
        Ok(shape)
    }

    fn pattern(&mut self, node: &mut IdedExpr) -> Result<Shape, ExpressionError> {
        let range = || self.places.of(node.id);
        let Expr::Literal(LiteralValue::String(text)) = &node.expr else {
            let message = "the pattern of `matches` must be written out";
            return Err(ExpressionError::new(range(), message).help(Wants::Pattern.words()));
        };
        let pattern = Pattern::new(text.inner()).map_err(|reason| {
            ExpressionError::new(range(), format!("the pattern is no regular expression: {reason}"))
        })?;
        node.expr = Expr::Ident(format!("@{}", self.patterns.len()));
        self.patterns.push(pattern);
        Ok(Shape::TEXT)
    }
}

fn unknown_function(name: &str, method: bool) -> ExpressionError {
    if let Some((name, example)) = MACROS.iter().find(|(known, _)| *known == name) {
        return here(format!("`{name}` is not written like this"))
            .help(format!("for example `{example}`"));
    }
    if let Some(other) = SIGNATURES.iter().find(|signature| signature.name == name) {
        return here(format!("`{name}` is not written like this"))
            .help(format!("for example `{}`", other.example));
    }
    let kind = if method { "method" } else { "function" };
    let names = || {
        let loops = MACROS.iter().map(|(name, _)| *name);
        SIGNATURES.iter().map(|signature| signature.name).chain(loops)
    };
    let help = nearest(name, names()).map_or_else(
        || {
            let mut all: Vec<&str> = names().collect();
            all.sort_unstable();
            all.dedup();
            format!("there are: {}", all.join(", "))
        },
        |near| format!("did you mean `{near}`?"),
    );
    here(format!("there is no {kind} `{name}`")).help(help)
}
