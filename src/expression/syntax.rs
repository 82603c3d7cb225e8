//! Syntax errors of the parser in plain words, at their place.

use super::ExpressionError;

/// A message of the parser in words for people, at its place.
pub(super) fn syntax_error(
    source: &str,
    (line, column): (isize, isize),
    message: &str,
) -> ExpressionError {
    let syntax = message.strip_prefix("Syntax error: ");
    let line_start = usize::try_from(line - 1).unwrap_or(0);
    let line_start: usize = source.split_inclusive('\n').take(line_start).map(str::len).sum();
    let column = usize::try_from(column - 1).unwrap_or(0);
    let rest = &source[line_start..];
    // The grammar counts characters; what is checked after it counts bytes.
    let inside = match syntax {
        Some(_) => rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at),
        None => column.min(rest.len()),
    };
    let mut start = line_start + inside;
    while !source.is_char_boundary(start) {
        start -= 1;
    }
    let message = syntax.unwrap_or(message);
    let input = message
        .split_once("input '")
        .and_then(|(_, after)| after.split_once('\''))
        .map_or("", |(input, _)| input);
    let first = source[start..].chars().next();
    let end = start + first.map_or(0, char::len_utf8).max(input_length(source, start, input));
    let error = |text: String| ExpressionError::new(start..end, text);
    match first {
        None => error("the expression ends too early".to_owned())
            .help("something is missing after the last word"),
        Some('=') if message.starts_with("token recognition") => {
            error("a single `=` is no comparison".to_owned()).help("write `==`")
        }
        Some(quote @ ('\'' | '"')) if message.starts_with("token recognition") => {
            error("this string is not closed, or holds an escape that does not exist".to_owned())
                .help(format!(
                    "close it with {quote} on the same line; write a backslash as `\\\\`"
                ))
        }
        Some(_) if message.starts_with("token recognition") => {
            error(format!("`{}` has no meaning here", &source[start..end]))
                .help("names are written in ASCII; text stands in quotes")
        }
        Some(_) if message.contains("has() macro") => {
            error("`has` takes a field, as in `has(this.approver)`".to_owned())
        }
        Some(_) if message.contains("simple name") => error(
            "the first argument names the element, as in `this.items.all(item, …)`".to_owned(),
        ),
        Some(_) if matches!(&source[start..end], "and" | "or" | "not") => {
            error(format!("`{}` is no operator", &source[start..end]))
                .help("write `&&`, `||` or `!`")
        }
        Some(_) if syntax.is_some() => {
            error(format!("`{}` is not expected here", &source[start..end]))
        }
        Some(_) => error(message.to_owned()),
    }
}

fn input_length(source: &str, start: usize, input: &str) -> usize {
    if source[start..].starts_with(input) { input.len() } else { 0 }
}
