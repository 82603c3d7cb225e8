//! Cleans untrusted text for a terminal or a build log: what would move the cursor, reorder or hide
//! text, or speak to the build server becomes a visible escape.

use std::borrow::Cow;

use crate::model::is_hidden;

/// `text` on one line and safe to print anywhere in a line.
///
/// Besides hidden characters this breaks `::`, which at the start of a line (where wrapping may put
/// it) is a workflow command of GitHub, and `##[` and `##vso[`, which are commands anywhere.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut previous = None;
    for (at, c) in text.char_indices() {
        if matches!(c, ' '..='~') && !matches!(c, ':' | '#') {
            out.push(c);
        } else if c == ':' && previous == Some(':') {
            out.push_str("\\x3a");
        } else {
            out.push_str(&shown(previous, c, text.get(at..).unwrap_or_default()));
        }
        previous = Some(c);
    }
    out
}

/// What stands for `c` in a line of source behind a gutter; `rest` begins with `c`.
pub(super) fn shown(previous: Option<char>, c: char, rest: &str) -> Cow<'static, str> {
    let command = c == '#'
        && previous == Some('#')
        && ["#[", "#vso["].iter().any(|start| rest.starts_with(start));
    match c {
        '\n' => Cow::Borrowed("\\n"),
        '\r' => Cow::Borrowed("\\r"),
        '\t' => Cow::Borrowed("\\t"),
        _ if command || (hidden(c) && u32::from(c) < 0x100) => {
            Cow::Owned(format!("\\x{:02x}", u32::from(c)))
        }
        _ if hidden(c) => Cow::Owned(format!("\\u{{{:x}}}", u32::from(c))),
        _ => Cow::Owned(c.to_string()),
    }
}

/// Whether `c` is a control, reorders text, ends a line or draws nothing.
#[inline]
pub(crate) fn hidden(c: char) -> bool {
    c.is_control() || is_hidden(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_hides_becomes_visible() {
        assert_eq!(clean("a\u{1b}[31mb\r\n"), "a\\x1b[31mb\\r\\n");
        assert_eq!(clean("\u{202e}x\u{9b}\u{7f}\u{200b}"), "\\u{202e}x\\x9b\\x7f\\u{200b}");
    }

    #[test]
    fn commands_of_build_servers_are_broken() {
        assert_eq!(clean("::error::no"), ":\\x3aerror:\\x3ano");
        assert_eq!(clean("##[group] ##vso[x]"), "#\\x23[group] #\\x23vso[x]");
        assert_eq!(clean("## Heading, a: b"), "## Heading, a: b");
    }

    #[test]
    fn plain_text_of_any_script_stays() {
        assert_eq!(clean("Zürich 東京 \\ ok"), "Zürich 東京 \\ ok");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            let out = clean(&text);
            prop_assert!(!out.chars().any(hidden));
            prop_assert!(!out.contains("::") && !out.contains("##[") && !out.contains("##vso["));
        }
    }

    #[test]
    fn every_bidi_and_control_character_is_escaped() {
        for c in ('\u{0}'..='\u{1f}')
            .chain('\u{7f}'..='\u{9f}')
            .chain('\u{202a}'..='\u{202e}')
            .chain('\u{2066}'..='\u{2069}')
        {
            let out = clean(&c.to_string());
            assert!(out.is_ascii() && out.starts_with('\\'), "{out}");
        }
    }
}
