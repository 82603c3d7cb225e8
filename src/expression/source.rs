//! The text of an expression: parsing it within limits, and the place of every part of it.
//!
//! There are two parsers of the same grammar. The quick one reads nearly every expression, and
//! tells neither places nor, in plain words, what is wrong. The thorough one is asked when the quick
//! one refuses, and for places once one is needed. It recurses about 100 KiB deep per bracket in an
//! unoptimised build and gives one token per node as its place. So brackets are counted before it
//! sees the text, it runs on a thread with room for them, and whole ranges are put together here.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use cel::common::ast::{EntryExpr, Expr, IdedExpr, SourceInfo};
use cel::parser::{Parser, PrattParser};

use super::ExpressionError;
use super::syntax::syntax_error;

/// Longest expression in bytes.
const LENGTH: usize = 2_000;
/// Deepest nesting, of brackets and of the syntax tree.
const DEPTH: usize = 32;
/// Deepest nesting of `all`, `exists`, `exists_one`, `map` and `filter`.
const COMPREHENSIONS: usize = 2;
/// Most words and marks that the quick parser is given: it and what walks its tree recurse on the
/// stack of the caller.
const QUICK: usize = 300;
const STACK: usize = 64 << 20;

/// A parsed expression.
pub(super) struct Parsed {
    pub(super) root: IdedExpr,
    pub(super) places: Places,
}

/// The bytes of every node of a syntax tree, found when one is asked for.
#[derive(Debug)]
pub(super) struct Places {
    source: String,
    ranges: OnceLock<Ranges>,
}

/// Bytes by the number of the node; both parsers number alike.
type Ranges = BTreeMap<u64, Range<usize>>;

impl Places {
    /// The bytes of node `id`; the whole expression when it is not known.
    pub(super) fn of(&self, id: u64) -> Range<usize> {
        let ranges = self
            .ranges
            .get_or_init(|| thorough(&self.source).map(|(_, ranges)| ranges).unwrap_or_default());
        ranges.get(&id).cloned().unwrap_or(0..self.source.len())
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
    let quick = if count(source)?.is_plain { quick(source) } else { None };
    let (root, ranges) = match quick {
        Some(root) => (root, OnceLock::new()),
        None => thorough(source).map(|(root, ranges)| (root, OnceLock::from(ranges)))?,
    };
    within_limits(&root, source.len())?;
    Ok(Parsed { root, places: Places { source: source.to_owned(), ranges } })
}

/// Parses on the stack of the caller; `None` where the thorough parser must say what is wrong.
fn quick(source: &str) -> Option<IdedExpr> {
    std::panic::catch_unwind(|| PrattParser::new().parse(source)).ok()?.ok()
}

type Placed = Result<(IdedExpr, Ranges), Vec<ExpressionError>>;

/// Parses with places and with errors in plain words, on a thread of its own.
fn thorough(source: &str) -> Placed {
    let whole = 0..source.len();
    let brackets = count(source)?.brackets;
    let owned = source.to_owned();
    let thread =
        std::thread::Builder::new().stack_size(STACK).spawn(move || placed(&owned, &brackets));
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

fn placed(source: &str, brackets: &[Range<usize>]) -> Placed {
    let (root, info) = Parser::new().parse_with_source_info(source).map_err(|errors| {
        let mut errors: Vec<_> =
            errors.errors.iter().map(|error| syntax_error(source, error.pos, &error.msg)).collect();
        // One slip makes the parser stumble on; the first message is the true one.
        errors.truncate(1);
        errors
    })?;
    // Asked here too, where the stack has room: what is too deep never leaves this thread.
    within_limits(&root, source.len())?;
    let mut ranges = Ranges::new();
    measure(&root, &info, brackets, &mut ranges);
    Ok((root, ranges))
}

fn within_limits(root: &IdedExpr, length: usize) -> Result<(), Vec<ExpressionError>> {
    let (depth, comprehensions) = depth(root);
    let message = if depth > DEPTH {
        format!("the expression nests {depth} deep; {DEPTH} are allowed")
    } else if comprehensions > COMPREHENSIONS {
        format!("loops nest {comprehensions} deep; {COMPREHENSIONS} are allowed")
    } else {
        return Ok(());
    };
    Err(vec![ExpressionError::new(0..length, message).help("split it into several checks")])
}

/// What is counted before anything is parsed.
struct Counted {
    /// The pairs of brackets outside string literals.
    brackets: Vec<Range<usize>>,
    /// Whether the quick parser may read it: it is not long, has no comments, and no sign follows
    /// a sign, where the parsers differ (`-!a` is no expression to the thorough one).
    is_plain: bool,
}

/// Counts what stands outside string literals, or tells the place where brackets nest too deep.
fn count(source: &str) -> Result<Counted, Vec<ExpressionError>> {
    let mut counted = Counted { brackets: Vec::new(), is_plain: true };
    let mut tokens = 0;
    let mut in_word = false;
    let mut last = ' ';
    let mut open = Vec::new();
    let mut after = 0;
    for (at, character) in source.char_indices() {
        if at < after {
            continue;
        }
        let goes_on = in_word;
        in_word = is_word(character);
        if in_word || character.is_whitespace() {
            tokens += usize::from(in_word && !goes_on);
            last = if in_word { character } else { last };
            continue;
        }
        tokens += 1;
        counted.is_plain &= !(matches!(character, '!' | '-') && matches!(last, '!' | '-'));
        last = character;
        match character {
            '(' | '[' | '{' => open.push(at),
            ')' | ']' | '}' => {
                counted.brackets.extend(open.pop().map(|start| start..at + 1));
            }
            '"' | '\'' => {
                let raw = source[..at].ends_with(['r', 'R']);
                after = at + quoted(&source[at..], raw);
            }
            '/' if source[at..].starts_with("//") => {
                after = source[at..].find('\n').map_or(source.len(), |length| at + length);
                counted.is_plain = false;
            }
            _ => {}
        }
        if open.len() > DEPTH {
            let message = format!("brackets nest more than {DEPTH} deep");
            return Err(vec![
                ExpressionError::new(at..at + 1, message)
                    .help("split the expression into several checks"),
            ]);
        }
    }
    counted.is_plain &= tokens <= QUICK;
    Ok(counted)
}

fn is_word(character: char) -> bool {
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => true,
        _ => !character.is_ascii() && character.is_alphanumeric(),
    }
}

/// The length of the string literal that `rest` begins with; an unclosed one counts as its quote,
/// so that brackets after it are still counted.
fn quoted(rest: &str, raw: bool) -> usize {
    let triple = if rest.starts_with('"') { "\"\"\"" } else { "'''" };
    let fence = if rest.starts_with(triple) { triple } else { &triple[..1] };
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
    ranges: &mut Ranges,
) -> Range<usize> {
    let mut range = token(info, expression.id);
    let mut cover = |part: Range<usize>| {
        let own = range.get_or_insert_with(|| part.clone());
        *own = own.start.min(part.start)..own.end.max(part.end);
    };
    for child in children(expression) {
        cover(measure(child, info, brackets, ranges));
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
    ranges.insert(expression.id, range.clone());
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
    let mut children = Vec::new();
    each_child(expression, |child| children.push(child));
    children
}

/// Shows the direct parts of an expression to `see`, in order.
pub(super) fn each_child<'e>(expression: &'e IdedExpr, mut see: impl FnMut(&'e IdedExpr)) {
    let entries = match &expression.expr {
        Expr::Call(call) => {
            return call.target.as_deref().into_iter().chain(&call.args).for_each(see);
        }
        Expr::Comprehension(loops) => {
            let (range, start) = (&loops.iter_range, &loops.accu_init);
            let (condition, step) = (&loops.loop_cond, &loops.loop_step);
            return [range, start, condition, step, &loops.result].into_iter().for_each(see);
        }
        Expr::List(list) => return list.elements.iter().for_each(see),
        Expr::Select(select) => return see(&select.operand),
        Expr::Map(map) => &map.entries,
        Expr::Struct(fields) => &fields.entries,
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => return,
    };
    entries.iter().flat_map(|entry| entry_parts(&entry.expr)).for_each(see);
}

fn entry_parts(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

/// How deep an expression nests, and how deep its loops do.
fn depth(expression: &IdedExpr) -> (usize, usize) {
    let (mut nodes, mut loops) = (0, 0);
    each_child(expression, |child| {
        let below = depth(child);
        (nodes, loops) = (nodes.max(below.0), loops.max(below.1));
    });
    let own = usize::from(matches!(expression.expr, Expr::Comprehension(_)));
    (nodes + 1, loops + own)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::{collection, sample};

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

    /// Both parsers must read an expression alike, or what is compiled is not what is explained.
    fn agree(source: &str) {
        if source.len() > LENGTH || !count(source).is_ok_and(|counted| counted.is_plain) {
            return;
        }
        if let Some(root) = quick(source) {
            match thorough(source) {
                Ok((other, _)) => assert_eq!(root, other, "{source:?}"),
                Err(errors) => {
                    let limit = within_limits(&root, source.len()).is_err();
                    assert!(limit, "{source:?} is read, though: {errors:?}");
                }
            }
        }
    }

    #[test]
    fn both_parsers_read_the_built_in_pack_alike() {
        fn walk(value: &serde_json::Value) {
            match value {
                serde_json::Value::String(text) => agree(text),
                serde_json::Value::Array(elements) => elements.iter().for_each(walk),
                serde_json::Value::Object(members) => members.values().for_each(walk),
                _ => {}
            }
        }
        for file in
            crate::catalog::pack::controls().into_iter().chain(crate::catalog::pack::kinds())
        {
            let (document, _) = crate::document::read_policy(&file.path, file.bytes);
            walk(&document.unwrap().root().to_value());
        }
    }

    /// An expression of the grammar, with few brackets, so that precedence decides.
    fn expressions() -> impl Strategy<Value = String> {
        let leaves = sample::select(&["this.a", "b", "true", "null", "1", "2.5", "'x'", "0x1F"]);
        leaves.prop_map(ToOwned::to_owned).prop_recursive(4, 24, 3, |inner| {
            let operators = sample::select(&[
                "+", "-", "*", "/", "%", "&&", "||", "==", "!=", "<", "<=", ">", ">=", "in", "&&",
            ]);
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                4 => (inner.clone(), operators, inner.clone())
                    .prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
                1 => inner.clone().prop_map(|a| format!("!{a}")),
                1 => inner.clone().prop_map(|a| format!("-{a}")),
                1 => inner.clone().prop_map(|a| format!("({a})")),
                1 => inner.clone().prop_map(|a| format!("has({a}.c)")),
                1 => pair.clone().prop_map(|(a, b)| format!("{a}.all(x, {b})")),
                1 => pair.clone().prop_map(|(a, b)| format!("({a}).exists_one(x, {b}).f({b})")),
                1 => pair.clone().prop_map(|(a, b)| format!("{a}.map(x, {b})[{a}].c")),
                1 => pair.clone().prop_map(|(a, b)| format!("[{a}, {b}].filter(x, {a})")),
                1 => (pair, inner).prop_map(|((a, b), c)| format!("{a} ? {b} : {c}")),
            ]
        })
    }

    proptest! {
        #[test]
        fn both_parsers_read_any_expression_alike(source in expressions()) {
            agree(&source);
        }

        #[test]
        fn both_parsers_read_any_row_of_tokens_alike(
            tokens in collection::vec(sample::select(TOKENS), 0..14),
        ) {
            agree(&tokens.concat());
            agree(&tokens.join(" "));
        }
    }

    const TOKENS: &[&str] = &[
        "this",
        "a",
        "b.c",
        "a",
        "size",
        "has",
        "all",
        "exists",
        "exists_one",
        "map",
        "filter",
        ".",
        ".",
        "(",
        ")",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "?",
        "!",
        "-",
        "-",
        "+",
        "*",
        "/",
        "%",
        "&&",
        "||",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "in",
        "true",
        "false",
        "null",
        "1",
        "0",
        "0x1F",
        "1u",
        "1.5",
        ".5",
        "1.",
        "1e3",
        "9223372036854775808",
        "'x'",
        "\"y\"",
        "'''z'''",
        r"r'\d'",
        "b'q'",
        r"'\n'",
        r"'\q'",
        r"'\u00e9'",
        "'é'",
        "é",
        "as",
        "if",
        "import",
        "//",
        "\n",
        "\t",
        "`a`",
        "=",
        "&",
        "|",
        "matches",
        "duration",
        "timestamp",
        "_",
        "__result__",
    ];
}
