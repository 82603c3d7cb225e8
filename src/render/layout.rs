//! Columns, wrapping and shortening of text that is already clean.

/// Columns that `c` takes on a terminal. East Asian wide characters and emoji take two.
pub(super) fn char_columns(c: char) -> usize {
    match u32::from(c) {
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Columns that `text` takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

/// `text` with spaces after it up to `width` columns.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// The beginning of `text` in at most `width` columns, with `ellipsis` where it was cut.
pub(super) fn shorten(text: &str, width: usize, ellipsis: &str) -> String {
    if text.len() <= width || columns(text) <= width {
        return text.to_owned();
    }
    let end = fitting(text, width.saturating_sub(columns(ellipsis)));
    format!("{}{ellipsis}", text.get(..end).unwrap_or_default().trim_end())
}

/// The end of `text` in at most `width` columns, for paths, whose end says most.
pub(super) fn shorten_start(text: &str, width: usize, ellipsis: &str) -> String {
    if text.len() <= width || columns(text) <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(columns(ellipsis));
    let mut start = text.len();
    for (at, c) in text.char_indices().rev() {
        let Some(left) = room.checked_sub(char_columns(c)) else { break };
        (room, start) = (left, at);
    }
    format!("{ellipsis}{}", text.get(start..).unwrap_or_default())
}

/// `text` in lines of at most `width` columns, broken at spaces, and within a word only where the
/// word alone is too long.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        if !line.is_empty() {
            if columns(&line) + 1 + columns(word) <= width {
                line.push(' ');
            } else {
                lines.push(std::mem::take(&mut line));
            }
        }
        while columns(word) > width {
            let (head, tail) = word.split_at(fitting(word, width));
            lines.push(head.to_owned());
            word = tail;
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The byte at which the first `width` columns of `text` end.
fn fitting(text: &str, width: usize) -> usize {
    let mut room = width;
    for (at, c) in text.char_indices() {
        match room.checked_sub(char_columns(c)) {
            Some(left) => room = left,
            None => return at,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a abcdefgh b", 4), ["a", "abcd", "efgh", "b"]);
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(shorten("東京都庁", 5, "…"), "東京…");
        assert_eq!(shorten_start("evidence/東京.csv", 10, "..."), "...京.csv");
        assert_eq!(pad("東", 4), "東  ");
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_no_word_is_lost(text in "[ a-c東é]{0,80}", width in 2_usize..30) {
            let lines = wrap(&text, width);
            prop_assert!(lines.iter().all(|line| columns(line) <= width));
            prop_assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
            prop_assert!(columns(&shorten(&text, width.max(3), "...")) <= width.max(3));
        }
    }
}
