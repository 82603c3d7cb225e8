//! JUnit XML as one flat document: the suites, every test case with its status, and our own count.
//!
//! There is no standard, only what test runners write; this reads the common core and fails closed:
//! a test case passes only when nothing in it says otherwise. DTDs and entities are refused.

mod outcome;
#[cfg(test)]
mod tests;
mod write;

use roxmltree::{Document, Error, Node, ParsingOptions};

use self::write::Writer;
use super::{Arena, Fault, FaultKind, reading};
use crate::model::Span;

/// How many XML nodes one file may have.
const NODES: u32 = 4_000_000;

/// Reads a JUnit XML file into `arena` and returns every fault. Unless there is one, the arena
/// holds an object:
///
/// - `name`, `tests`, `failures`, `errors`, `skipped`, `time`, `timestamp` as the root declares
///   them, each only where it does, and `own_failures` where failures or errors stand in no suite;
/// - `suites`: every suite in the order of the file, nested ones too, with `name`, `tests`,
///   `failures`, `errors`, `skipped`, `time`, `timestamp`, `hostname`, `properties` where declared,
///   and `own_failures` where failures or errors stand in the suite outside a test case;
/// - `testcases`: `suite`, `classname`, `name`, `status` (`passed`, `failed`, `error`, `skipped`, or
///   what the runner wrote when that is none we know), `time`, `message`, `file`, `line`, `flaky`;
/// - `counted`: `tests`, `passed`, `failed`, `errors`, `skipped`, counted in `testcases`.
///
/// Declared counts are numbers when they are written as numbers, and strings otherwise. The spans
/// are those of attribute values, or of the start tag that says so; they do not nest.
#[must_use]
pub fn read_junit(text: &str, arena: &mut Arena) -> Vec<Fault> {
    arena.clear();
    if let Some(fault) = reading::too_long(text) {
        return vec![fault];
    }
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        let message = "there is no XML here";
        return vec![Fault::new(FaultKind::Empty, Span::default(), message)];
    }
    let options = ParsingOptions { nodes_limit: NODES, ..ParsingOptions::default() };
    let document = match Document::parse_with_options(text, options) {
        Ok(document) => document,
        Err(error) => return vec![fault(&error, text)],
    };
    match Report::collect(document.root_element(), text) {
        Ok(report) => {
            let faults = Writer::new(text, arena).write(&report);
            reading::finish(faults, arena)
        }
        Err(fault) => vec![fault],
    }
}

/// The elements of a report that matter.
struct Report<'a, 'i> {
    root: Node<'a, 'i>,
    suites: Vec<Suite<'a, 'i>>,
    cases: Vec<Case<'a, 'i>>,
    /// Failures and errors in no suite.
    own_failures: usize,
}

struct Suite<'a, 'i> {
    node: Node<'a, 'i>,
    /// Failures and errors outside a test case.
    own_failures: usize,
}

struct Case<'a, 'i> {
    node: Node<'a, 'i>,
    /// The innermost suite around it, as an index.
    suite: Option<usize>,
}

impl<'a, 'i> Report<'a, 'i> {
    fn collect(root: Node<'a, 'i>, text: &str) -> Result<Self, Fault> {
        if !matches!(root.tag_name().name(), "testsuites" | "testsuite") {
            let message = format!(
                "the root element is `{}`; JUnit XML has `testsuites` or `testsuite`",
                root.tag_name().name()
            );
            return Err(Fault::new(FaultKind::Syntax, start_tag(root, text), message));
        }
        let (suites, cases) = (Vec::new(), Vec::new());
        let own_failures = 0;
        let mut report = Self { root, suites, cases, own_failures };
        // Not recursive: a hostile file nests as deep as it likes.
        let mut rest = vec![(root, 1, None, false)];
        while let Some((node, depth, mut suite, mut in_case)) = rest.pop() {
            if depth > reading::DEPTH {
                return Err(reading::too_deep(start_tag(node, text)));
            }
            match node.tag_name().name() {
                "testsuite" => {
                    suite = Some(report.suites.len());
                    report.suites.push(Suite { node, own_failures: 0 });
                }
                "testcase" => {
                    in_case = true;
                    report.cases.push(Case { node, suite });
                }
                "failure" | "error" if !in_case => {
                    let suite = suite.and_then(|at| report.suites.get_mut(at));
                    match suite {
                        Some(suite) => suite.own_failures += 1,
                        None => report.own_failures += 1,
                    }
                }
                _ => {}
            }
            let children = node.children().filter(Node::is_element).rev();
            rest.extend(children.map(|child| (child, depth + 1, suite, in_case)));
        }
        Ok(report)
    }
}

/// The start tag of an element.
fn start_tag(node: Node<'_, '_>, text: &str) -> Span {
    let range = node.range();
    let after = node.attributes().map(|attribute| attribute.range().end).max();
    let from = after.unwrap_or(range.start);
    let close = text.get(from..range.end).and_then(|rest| rest.find('>'));
    let end = close.map_or(range.end, |at| from + at + 1);
    Span::new(range.start as u64, end as u64)
}

fn fault(error: &Error, text: &str) -> Fault {
    let end = Span::new(text.len() as u64, text.len() as u64);
    match error {
        Error::DtdDetected => {
            let at = text.find("<!DOCTYPE").unwrap_or_default() as u64;
            let message =
                "a document type (DTD) is refused: it can pull in other content; remove it";
            Fault::new(FaultKind::Unsupported, Span::new(at, at), message)
        }
        Error::UnknownEntityReference(name, _) => {
            let message = format!("the entity `&{name};` is refused; write the character itself");
            Fault::new(FaultKind::Unsupported, place(error, text), message)
        }
        Error::NodesLimitReached
        | Error::AttributesLimitReached
        | Error::NamespacesLimitReached => {
            let message = format!("the XML is too large: {error} (at most {NODES} nodes)");
            Fault::new(FaultKind::Limit, Span::default(), message)
        }
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream => {
            let message = "the XML ends here before its elements are closed: the file is cut short";
            Fault::new(FaultKind::Syntax, end, message)
        }
        Error::NoRootNode => {
            Fault::new(FaultKind::Syntax, Span::default(), "there is no XML element here")
        }
        _ => {
            let message = error.to_string().replace(&format!(" at {}", error.pos()), "");
            let message = format!("this is not well-formed XML: {message}");
            Fault::new(FaultKind::Syntax, place(error, text), message)
        }
    }
}

/// The character at the parser's position, which counts lines and characters from one.
fn place(error: &Error, text: &str) -> Span {
    let position = error.pos();
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut lines = text.split_inclusive('\n');
    let skipped: usize =
        lines.by_ref().take(position.row.saturating_sub(1) as usize).map(str::len).sum();
    let line = lines.next().unwrap_or_default();
    let column = position.col.saturating_sub(1) as usize;
    let within = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    let at = (skipped + within).max(mark);
    let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Span::new(at as u64, (at + width) as u64)
}
