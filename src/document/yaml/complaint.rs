//! The YAML parser's complaints, in words that help.

/// The parser's complaint in words that say what to look for.
pub(super) fn explain(info: &str) -> String {
    let known = [
        ("unexpected end of stream", "this quote is never closed"),
        ("found unexpected document indicator", "this quote is never closed before `---` or `...`"),
        (
            "mapping values are not allowed",
            "a `: ` is not allowed here: quote the value, or check the indentation",
        ),
        ("did not find expected ',' or ']'", "a `,` or the closing `]` is missing"),
        ("expected ',' or ']'", "a `,` or the closing `]` is missing"),
        ("did not find expected ',' or '}'", "a `,` or the closing `}` is missing"),
        ("unknown anchor", "this alias names an anchor that is not defined before it"),
        (
            "simple key expect",
            "a `: ` is missing after this key, or the line is not indented as it should be",
        ),
        ("did not find expected key", "a key is expected here: check the indentation"),
        ("did not find expected '-' indicator", "a `- ` is expected here: check the indentation"),
        (
            "did not find expected <document start>",
            "the document ends before this: check the indentation",
        ),
        ("invalid trailing content after double-quoted", "nothing may follow a closing quote"),
        ("misplaced bracket", "this bracket closes nothing"),
    ];
    let plainer = known.iter().find(|(part, _)| info.contains(part));
    plainer.map_or_else(|| info.to_owned(), |(_, message)| (*message).to_owned())
}
