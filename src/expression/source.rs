//! The text of an expression: parsing it within limits, and the place of every part of it.
//!
//! The parser recurses about 100 KiB deep per bracket in an unoptimised build and gives one token
//! per node as its place. So brackets are counted before it sees the text, it runs on a thread
//! with room for them, and whole ranges are put together here.

use std::collections::BTreeMap;
use std::ops::Range;

use cel::common::ast::{EntryExpr, Expr, IdedExpr, SourceInfo};
use cel::parser::Parser;

use super::ExpressionError;
use super::syntax::syntax_error;

/// Longest expression in bytes.
const LENGTH: usize = 2_000;
/// Deepest nesting, of brackets and of the syntax tree.
const DEPTH: usize = 32;
/// Deepest nesting of `all`, `exists`, `exists_one`, `map` and `filter`.
const COMPREHENSIONS: usize = 2;
const STACK: usize = 64 << 20;

/// A parsed expression.
pub(super) struct Parsed {
    pub(super) root: IdedExpr,
    pub(super) places: Places,
}

/// The bytes of every node of a syntax tree.
#[derive(Default)]
pub(super) struct Places {
    ranges: BTreeMap<u64, Range<usize>>,
    source: String,
}

impl Places {
    /// The bytes of node `id`; the whole expression when it is not known.
    pub(super) fn of(&self, id: u64) -> Range<usize> {
        self.ranges.get(&id).cloned().unwrap_or(0..self.source.len())
    }

    /// The bytes of the name of the field that node `id` selects.
    pub(super) fn field(&self, id: u64, field: &str) -> Range<usize> {
        let whole = self.of(id);
        let text = self.source.get(whole.clone()).unwrap_or_default();
        text.rfind(field).map_or(whole.clone(), |at| {
            let start = whole.start + at;
            start..start + field.len()
        })
    }
}

/// Parses `source`, or says everything that is wrong with its syntax.
pub(super) fn parse(source: &str) -> Result<Parsed, Vec<ExpressionError>> {
    let whole = 0..source.len();
    if source.len() > LENGTH {
        let message =
            format!("the expression is {} bytes long; {LENGTH} are allowed", source.len());
        return Err(vec![
            ExpressionError::new(whole, message).help("split it into several checks"),
        ]);
    }
    let brackets = brackets(source)?;
    let owned = source.to_owned();
    let thread =
        std::thread::Builder::new().stack_size(STACK).spawn(move || parse_here(&owned, &brackets));
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(parsed)) => parsed,
        // The grammar is generated code that may panic; that is a mistake we cannot place.
        Ok(Err(_)) => Err(vec![ExpressionError::new(whole, "the expression cannot be parsed")]),
        Err(error) => Err(vec![ExpressionError::new(
            whole,
            format!("the expression cannot be parsed: no thread to do it on ({error})"),
        )]),
    }
}

fn parse_here(source: &str, brackets: &[Range<usize>]) -> Result<Parsed, Vec<ExpressionError>> {
    let (root, info) = Parser::new().parse_with_source_info(source).map_err(|errors| {
        let mut errors: Vec<_> =
            errors.errors.iter().map(|error| syntax_error(source, error.pos, &error.msg)).collect();
        // One slip makes the parser stumble on; the first message is the true one.
        errors.truncate(1);
        errors
    })?;
    let mut places = Places { ranges: BTreeMap::new(), source: source.to_owned() };
    measure(&root, &info, brackets, &mut places);
    let (depth, comprehensions) = depth(&root);
    let message = if depth > DEPTH {
        format!("the expression nests {depth} deep; {DEPTH} are allowed")
    } else if comprehensions > COMPREHENSIONS {
        format!("loops nest {comprehensions} deep; {COMPREHENSIONS} are allowed")
    } else {
        return Ok(Parsed { root, places });
    };
    Err(vec![ExpressionError::new(0..source.len(), message).help("split it into several checks")])
}

/// The pairs of brackets outside string literals, or the place where they nest too deep.
fn brackets(source: &str) -> Result<Vec<Range<usize>>, Vec<ExpressionError>> {
    let mut pairs = Vec::new();
    let mut open = Vec::new();
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        let at = source.len() - rest.len();
        let mut taken = character.len_utf8();
        match character {
            '(' | '[' | '{' => open.push(at),
            ')' | ']' | '}' => pairs.extend(open.pop().map(|start| start..at + 1)),
            '"' | '\'' => {
                let raw = source[..at].ends_with(['r', 'R']);
                taken = quoted(rest, raw);
            }
            '/' if rest.starts_with("//") => taken = rest.find('\n').unwrap_or(rest.len()),
            _ => {}
        }
        if open.len() > DEPTH {
            let message = format!("brackets nest more than {DEPTH} deep");
            return Err(vec![
                ExpressionError::new(at..at + 1, message)
                    .help("split the expression into several checks"),
            ]);
        }
        rest = &rest[taken..];
    }
    Ok(pairs)
}

/// The length of the string literal that `rest` begins with; an unclosed one counts as its quote,
/// so that brackets after it are still counted.
fn quoted(rest: &str, raw: bool) -> usize {
    let quote = &rest[..1];
    let triple = quote.repeat(3);
    let fence = if rest.starts_with(&triple) { triple.as_str() } else { quote };
    let mut at = fence.len();
    while let Some(character) = rest[at..].chars().next() {
        if rest[at..].starts_with(fence) {
            return at + fence.len();
        }
        at += character.len_utf8();
        if character == '\\' && !raw {
            at += rest[at..].chars().next().map_or(0, char::len_utf8);
        }
        if character == '\n' && fence.len() == 1 {
            break;
        }
    }
    1
}

/// Records the range of every node under `expression` and returns its own.
fn measure(
    expression: &IdedExpr,
    info: &SourceInfo,
    brackets: &[Range<usize>],
    places: &mut Places,
) -> Range<usize> {
    let mut range = token(info, expression.id);
    let mut cover = |part: Range<usize>| {
        let own = range.get_or_insert_with(|| part.clone());
        *own = own.start.min(part.start)..own.end.max(part.end);
    };
    for child in children(expression) {
        cover(measure(child, info, brackets, places));
    }
    if let Expr::Select(select) = &expression.expr {
        // The token is the dot, or the bracket of `has(`; the name follows it.
        if let Some(dot) = token(info, expression.id).filter(|_| !select.test) {
            let after = &info.source[dot.end..];
            let skipped = after.len() - after.trim_start().len();
            cover(dot.start..(dot.end + skipped + select.field.len()).min(info.source.len()));
        }
    }
    let mut range = range.unwrap_or(0..info.source.len());
    close(&mut range, brackets);
    name_of_call(expression, info, &mut range);
    places.ranges.insert(expression.id, range.clone());
    range
}

fn token(info: &SourceInfo, id: u64) -> Option<Range<usize>> {
    let (start, last) = info.offset_for(id)?;
    let (start, end) = (start as usize, last as usize + 1);
    let inside = end <= info.source.len() && start < end;
    (inside && info.source.is_char_boundary(start) && info.source.is_char_boundary(end))
        .then_some(start..end)
}

/// Widens `range` until no pair of brackets is only half inside.
fn close(range: &mut Range<usize>, brackets: &[Range<usize>]) {
    loop {
        let before = range.clone();
        for pair in brackets {
            let opens = range.contains(&pair.start);
            let closes = range.contains(&(pair.end - 1));
            if opens && !closes {
                range.end = range.end.max(pair.end);
            } else if closes && !opens {
                range.start = range.start.min(pair.start);
            }
        }
        if *range == before {
            return;
        }
    }
}

/// Widens the range of `f(x)`, `has(x.y)` and `-1`, whose token is the bracket or the digits.
fn name_of_call(expression: &IdedExpr, info: &SourceInfo, range: &mut Range<usize>) {
    let before = info.source[..range.start].trim_end();
    let start = match &expression.expr {
        Expr::Call(call) if call.target.is_none() && before.ends_with(&call.func_name) => {
            before.len() - call.func_name.len()
        }
        Expr::Select(select) if select.test && before.ends_with("has") => before.len() - 3,
        Expr::Literal(_) if negative(&expression.expr) && before.ends_with('-') => before.len() - 1,
        _ => return,
    };
    range.start = start;
}

fn negative(expression: &Expr) -> bool {
    use cel::common::ast::LiteralValue;
    match expression {
        Expr::Literal(LiteralValue::Int(value)) => *value.inner() < 0,
        Expr::Literal(LiteralValue::Double(value)) => *value.inner() < 0.0,
        _ => false,
    }
}

/// The direct parts of an expression.
pub(super) fn children(expression: &IdedExpr) -> Vec<&IdedExpr> {
    match &expression.expr {
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Comprehension(loops) => vec![
            &loops.iter_range,
            &loops.accu_init,
            &loops.loop_cond,
            &loops.loop_step,
            &loops.result,
        ],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Struct(fields) => {
            fields.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).collect()
        }
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Vec::new(),
    }
}

fn entry_parts(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

/// How deep an expression nests, and how deep its loops do.
fn depth(expression: &IdedExpr) -> (usize, usize) {
    let below = children(expression).into_iter().map(depth);
    let (nodes, loops) =
        below.fold((0, 0), |deepest, (nodes, loops)| (deepest.0.max(nodes), deepest.1.max(loops)));
    let own = usize::from(matches!(expression.expr, Expr::Comprehension(_)));
    (nodes + 1, loops + own)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of every node, outermost first.
    fn parts(source: &str) -> Vec<&str> {
        fn walk<'s>(source: &'s str, node: &IdedExpr, places: &Places, into: &mut Vec<&'s str>) {
            into.push(&source[places.of(node.id)]);
            for child in children(node) {
                walk(source, child, places, into);
            }
        }
        let parsed = parse(source).unwrap();
        let mut into = Vec::new();
        walk(source, &parsed.root, &parsed.places, &mut into);
        into
    }

    fn fails(source: &str) -> (String, String) {
        let errors = parse(source).err().unwrap();
        let error = &errors[0];
        (source[error.start..error.end].to_owned(), error.message.clone())
    }

    #[test]
    fn every_part_has_its_whole_range() {
        assert_eq!(
            parts("'é' == this.a && (size(this.b) > -1 || !has(this.c.d))"),
            [
                "'é' == this.a && (size(this.b) > -1 || !has(this.c.d))",
                "'é' == this.a",
                "'é'",
                "this.a",
                "this",
                "size(this.b) > -1 || !has(this.c.d)",
                "size(this.b) > -1",
                "size(this.b)",
                "this.b",
                "this",
                "-1",
                "!has(this.c.d)",
                "has(this.c.d)",
                "this.c",
                "this",
            ]
        );
        assert_eq!(parts("(a || b) && c")[0], "(a || b) && c");
        assert_eq!(parts("(a || b) && c")[1], "a || b");
        assert_eq!(
            parts("a.f(')').g( ) == r'\\'")[..2],
            ["a.f(')').g( ) == r'\\'", "a.f(')').g( )"]
        );
        assert_eq!(parts("x.all(y, y[0] == 1)")[0], "x.all(y, y[0] == 1)");
        assert_eq!(parts("a ? b : c['d']"), ["a ? b : c['d']", "a", "b", "c['d']", "c", "'d'"]);
    }

    #[test]
    fn syntax_errors_are_placed_and_said_in_plain_words() {
        let says = |text: &str, message: &str| (text.to_owned(), message.to_owned());
        assert_eq!(fails(""), says("", "the expression ends too early"));
        assert_eq!(fails("this.a =="), says("", "the expression ends too early"));
        assert_eq!(fails("'é' == a = b"), says("=", "a single `=` is no comparison"));
        assert_eq!(fails("a and b"), says("and", "`and` is no operator"));
        assert_eq!(fails("a b"), says("b", "`b` is not expected here"));
        assert_eq!(fails("x == 'é' && )"), says(")", "`)` is not expected here"));
        assert_eq!(fails("é == 1").0, "é");
        assert!(fails("'abc").1.contains("not closed"));
        assert_eq!(
            fails("'é' == a && has(b)").1,
            "`has` takes a field, as in `has(this.approver)`"
        );
    }

    #[test]
    fn hostile_text_is_refused_and_never_panics() {
        let deep = |open: &str, close: &str, times| open.repeat(times) + "1" + &close.repeat(times);
        for source in [
            deep("(", ")", 900),
            deep("[", "]", 33),
            "(".repeat(1_999),
            "!".repeat(1_999) + "a",
            "- ".repeat(900) + "a",
            "a.".repeat(900) + "a",
            "a+".repeat(900) + "a",
            "a?b:".repeat(400) + "a",
            "a?".repeat(400) + "a" + &":b".repeat(400),
            deep("a.all(x,", ")", 3),
            "'".repeat(1_999),
            "x".repeat(2_001),
            "\u{0}\u{202e}\u{fffd}𝕏'\"`\\".to_owned(),
            "'''\n".to_owned(),
            "a.`b".to_owned(),
            "r'\\".to_owned(),
            "b'\\xff' == b''".to_owned() + &")".repeat(40),
        ] {
            for error in parse(&source).err().unwrap_or_default() {
                assert!(source.get(error.start..error.end).is_some(), "{source:?}");
            }
        }
        for source in [deep("(", ")", 33), "a+".repeat(40) + "a", deep("a.all(x,", ")", 3)] {
            assert!(parse(&source).is_err(), "{source}");
        }
        assert!(parse(&deep("(", ")", 32)).is_ok());
        assert!(parse(&deep("[", "]", 31)).is_ok());
    }
}
