//! Untrusted text in CSV cells, in Markdown and in references.

use super::clean;

/// A cell as RFC 4180 writes it. One that a spreadsheet would take for a formula begins with an
/// apostrophe.
pub(crate) fn csv_cell(text: &str) -> String {
    let text = clean(text);
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '\t']);
    let text = if formula { format!("'{text}") } else { text };
    if text.contains([',', '"', '\n', '\r', ';', '\'']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Text within a line or a cell of Markdown: nothing in it is markup, a link or the end of a cell.
#[must_use]
pub fn markdown_text(text: &str) -> String {
    let mut escaped = String::new();
    for c in clean(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' | '\r' => escaped.push(' '),
            // A mention or a reference would notify people.
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// A path as a relative reference of RFC 3986.
pub(crate) fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        assert_eq!(csv_cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(csv_cell("plain"), "plain");
        assert_eq!(csv_cell("a,b"), "\"a,b\"");
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(markdown_text("<b>|`x`"), "&lt;b&gt;\\|\\`x\\`");
        assert_eq!(markdown_text("@team #1"), "&#64;team &#35;1");
    }

    #[test]
    fn names_are_escaped_as_references() {
        assert_eq!(uri("evidence/a b#1.json"), "evidence/a%20b%231.json");
    }
}
