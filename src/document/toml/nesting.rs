//! How deep a TOML text nests, seen before it is parsed.
//!
//! The parser bounds the brackets and the dots of one key, not their product: `a.b = { c.d = { …`
//! builds tables thousands deep, and dropping those overflows the stack.

use super::super::{Fault, FaultKind, reading};
use crate::model::Span;

/// An open bracket.
struct Bracket {
    close: u8,
    at: usize,
    /// How deep the values in it lie.
    depth: usize,
}

/// The fault of a text whose dots and brackets nest deeper than the limit of all readers.
pub(super) fn too_deep(text: &str) -> Option<Fault> {
    let bytes = text.as_bytes();
    let mut brackets: Vec<Bracket> = Vec::new();
    let (mut at, mut depth) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        let base = brackets.last().map_or(0, |bracket| bracket.depth);
        match byte {
            b'#' => at += comment(&bytes[at..]) - 1,
            b'"' | b'\'' => at += string(&bytes[at..], byte) - 1,
            b'.' => depth += 1,
            b',' => depth = base,
            b'\n' if brackets.is_empty() => depth = 0,
            b'[' | b'{' => {
                depth += 1;
                let close = byte + 2;
                brackets.push(Bracket { close, at, depth });
            }
            _ if brackets.last().is_some_and(|last| last.close == byte) => {
                depth = base;
                brackets.pop();
            }
            _ => {}
        }
        if depth > reading::DEPTH {
            return Some(fault(at, brackets.first()));
        }
        at += 1;
    }
    None
}

fn fault(at: usize, outermost: Option<&Bracket>) -> Fault {
    let limit = reading::DEPTH;
    let message =
        format!("values nest deeper than {limit} levels here, or a bracket above is never closed");
    let place = |at| Span::new(at as u64, at as u64 + 1);
    let fault = Fault::new(FaultKind::Limit, place(at), message);
    match outermost {
        Some(bracket) => fault.with_related(place(bracket.at), "the outermost open bracket"),
        None => fault,
    }
}

/// The length of the comment that begins `rest`, without the end of its line.
fn comment(rest: &[u8]) -> usize {
    let end = rest.iter().position(|&byte| byte == b'\n');
    end.unwrap_or(rest.len())
}

/// The length of the string that begins `rest`, quotes included; a string on one line ends there.
fn string(rest: &[u8], quote: u8) -> usize {
    let long = rest.starts_with(&[quote; 3]);
    let mut at = if long { 3 } else { 1 };
    while at < rest.len() {
        match rest[at] {
            b'\\' if quote == b'"' => at += 1,
            b'\n' if !long => return at,
            byte if byte == quote && !long => return at + 1,
            byte if byte == quote && rest[at..].starts_with(&[quote; 3]) => return at + 3,
            _ => {}
        }
        at += 1;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_brackets_add_up() {
        let dots = |count: usize| vec!["a"; count + 1].join(".");
        for (text, deep) in [
            (format!("[{}]\n", dots(127)), false),
            (format!("[{}]\n", dots(128)), true),
            (format!("{} = {{{} = 1}}\n", dots(60), dots(60)), false),
            (format!("{0} = {{{0} = [{{{0} = 1}}]}}", dots(60)), true),
            ("a.b = 1.5\n".repeat(1000), false),
            (format!("a = [{}]", "1.5, ".repeat(1000)), false),
            (format!("a = \"{0}\"\n# {0}\n", dots(300)), false),
            (format!("a = \"\"\"\n{0}\"\"\"\nb = '''{0}'''", dots(300)), false),
            (format!("a = \"open\n{} = 1", dots(300)), true),
            (format!("a = \"\\\"\"\n{} = 1", dots(300)), true),
            (format!("a = [1\n{}", "b = 1.0\n".repeat(200)), true),
        ] {
            assert_eq!(too_deep(&text).is_some(), deep, "{}", &text[..10]);
        }
        let fault = too_deep(&format!("a = [1\n{}", "b = 1.0\n".repeat(200))).expect("deep");
        assert_eq!(fault.related.expect("the bracket").0, Span::new(4, 5));
    }
}
