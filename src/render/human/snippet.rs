//! Snippets: the cropped and cleaned source lines around a label, in the shape miette reads.
//!
//! miette passes escape bytes through, prints lines whole and panics on a mark far to the right, so
//! nothing reaches it that was not cleaned and cropped here.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::{
    model::{Excerpt, Label, LineColumn},
    render::{
        Style, clean,
        clean::shown,
        layout::{columns, shorten_start, wrap},
    },
};

/// Lines of context before and after the marked line.
const CONTEXT: usize = 2;
/// Lines that the text of one label may take.
const LABEL_LINES: usize = 4;

/// The lines around one label, or around several of the same line.
#[derive(Debug)]
struct Snippet {
    /// The path, as the header shows it.
    name: String,
    /// Clean lines, each with its line feed.
    text: String,
    /// Number of the first of them.
    first_line: u64,
    /// Where the first label really stands in its file.
    start: LineColumn,
    /// The path and the excerpt as they came, to know another label of the same text by.
    origin: (String, Excerpt),
    /// The marked line.
    marked: Cropped,
    /// Where the marked line begins in the combined text.
    offset: usize,
}

/// The snippets of one finding, one after the other, as a single source text. Spans that cross from
/// one snippet to the next cannot be read, which is how miette learns to frame them apart.
#[derive(Debug, Default)]
pub(super) struct Sources {
    snippets: Vec<Snippet>,
    labels: Vec<LabeledSpan>,
}

impl Sources {
    /// Adds the text around `label`; `false` where it has none to show.
    pub(super) fn add(&mut self, label: &Label, style: &Style) -> bool {
        let Some(excerpt) = label.excerpt.as_ref().filter(|excerpt| !excerpt.text.is_empty())
        else {
            return false;
        };
        if !self.join(label, excerpt, style) {
            let base = self.snippets.iter().map(|snippet| snippet.text.len()).sum();
            let snippet = Snippet::new(label, excerpt, base, style);
            let mark = snippet.marked.mark;
            self.mark(label, mark, snippet.offset, &snippet.marked, style);
            self.snippets.push(snippet);
        }
        true
    }

    /// Draws `label` into the last snippet, where that shows the same line and the marks do not
    /// overlap.
    fn join(&mut self, label: &Label, excerpt: &Excerpt, style: &Style) -> bool {
        let Some(last) = self.snippets.pop() else { return false };
        let mark = last.mark_of(label, excerpt).filter(|mark| {
            let (start, end) = (last.offset + mark.0, last.offset + mark.1);
            start < end
                && self
                    .labels
                    .iter()
                    .all(|it| end <= it.offset() || it.offset() + it.len() <= start)
        });
        if let Some(mark) = mark {
            self.mark(label, mark, last.offset, &last.marked, style);
        }
        self.snippets.push(last);
        mark.is_some()
    }

    fn mark(
        &mut self,
        label: &Label,
        (start, end): (usize, usize),
        offset: usize,
        line: &Cropped,
        style: &Style,
    ) {
        let indent = columns(line.text.get(..start).unwrap_or_default());
        let words = label_text(&label.text, room(style, label).saturating_sub(indent), style);
        let span = (offset + start, end - start);
        self.labels.push(if self.snippets.iter().any(|it| it.offset == offset) {
            LabeledSpan::new_with_span(words, span)
        } else {
            LabeledSpan::new_primary_with_span(words, span)
        });
    }

    /// The marks, in the combined text.
    pub(super) fn labels(&self) -> &[LabeledSpan] {
        &self.labels
    }
}

impl Snippet {
    fn new(label: &Label, excerpt: &Excerpt, base: usize, style: &Style) -> Self {
        let (from, to) = clamp(&excerpt.text, excerpt.mark);
        let before = excerpt.text.get(..from).unwrap_or_default();
        let number = before.matches('\n').count();
        let begin = line_start(before);
        let first = number.saturating_sub(CONTEXT);
        let room = room(style, label);
        let crop = |at: usize, line: &str, mark| {
            let line = line.strip_suffix('\r').unwrap_or(line);
            Cropped::new(line, mark, room, at == 0 && excerpt.first_column > 1, style)
        };

        let mut lines = excerpt.text.split('\n').enumerate().skip(first);
        let mut text = String::new();
        for (at, line) in lines.by_ref().take(number - first) {
            text.push_str(&crop(at, line, (0, 0)).text);
            text.push('\n');
        }
        let (at, line) = lines.next().unwrap_or_default();
        let marked = crop(at, line, (from - begin, to - begin));
        let offset = base + text.len();
        text.push_str(&marked.text);
        text.push('\n');
        // An empty line after the mark says nothing, and the last one may not exist.
        for (at, line) in lines.take(CONTEXT).take_while(|(_, line)| !line.trim().is_empty()) {
            text.push_str(&crop(at, line, (0, 0)).text);
            text.push('\n');
        }
        Self {
            name: shorten_start(&clean(&label.place.path), style.columns(), style.ellipsis()),
            text,
            first_line: excerpt.first_line.saturating_add(first as u64),
            start: label.place.start,
            origin: (label.place.path.clone(), excerpt.clone()),
            marked,
            offset,
        }
    }

    /// Where `label` stands in the marked line as shown, if all of it is shown there.
    fn mark_of(&self, label: &Label, excerpt: &Excerpt) -> Option<(usize, usize)> {
        let (path, origin) = &self.origin;
        let same = *path == label.place.path
            && origin.first_line == excerpt.first_line
            && origin.first_column == excerpt.first_column
            && origin.text == excerpt.text;
        let (from, to) = clamp(&excerpt.text, excerpt.mark);
        let begin = |mark: usize| line_start(excerpt.text.get(..mark).unwrap_or_default());
        let line = begin(clamp(&excerpt.text, origin.mark).0);
        if !same || begin(from) != line {
            return None;
        }
        Some((self.marked.shown_at(from - line)?, self.marked.shown_at(to - line)?))
    }
}

impl SourceCode for Sources {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let mut base = 0;
        for snippet in &self.snippets {
            let end = base + snippet.text.len();
            if (base..end).contains(&span.offset()) && span.offset() + span.len() <= end {
                // Without context miette only asks where the label stands, for the header.
                let (line, column) = if before + after == 0 {
                    (snippet.start.line, snippet.start.column)
                } else {
                    (snippet.first_line, 1)
                };
                return Ok(Box::new(MietteSpanContents::new_named(
                    snippet.name.clone(),
                    snippet.text.as_bytes(),
                    (base, snippet.text.len()).into(),
                    from_zero(line),
                    from_zero(column),
                    snippet.text.matches('\n').count(),
                )));
            }
            base = end;
        }
        Err(MietteError::OutOfBounds)
    }
}

/// One line, cropped around its mark and cleaned.
#[derive(Debug)]
struct Cropped {
    text: String,
    mark: (usize, usize),
    /// Of each character that is shown, and of the end: its byte in the source and in `text`.
    bytes: Vec<(usize, usize)>,
}

impl Cropped {
    /// `line` in about `room` columns; `cut` says that its beginning is already missing.
    fn new(line: &str, mark: (usize, usize), room: usize, cut: bool, style: &Style) -> Self {
        let mark = (mark.0.min(line.len()), mark.1.min(line.len()));
        let first = first_shown(line, mark.0, room * 2 / 3);
        let mut text = String::new();
        if cut || first > 0 {
            text.push_str(style.ellipsis());
        }
        let mut room = room.saturating_sub(columns(&text) + columns(style.ellipsis()));
        let mut bytes = Vec::new();
        let mut previous = None;
        let mut rest = line.get(first..).unwrap_or_default();
        while let Some(c) = rest.chars().next() {
            bytes.push((line.len() - rest.len(), text.len()));
            let piece = piece(previous, c, rest);
            let Some(left) = room.checked_sub(columns(&piece)) else { break };
            room = left;
            text.push_str(&piece);
            previous = Some(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        let end = text.len();
        if rest.is_empty() {
            bytes.push((line.len(), end));
        } else {
            text.push_str(style.ellipsis());
        }
        let mut cropped = Self { text, mark: (end, end), bytes };
        // What the mark covers beyond the shown part is not marked.
        let start = cropped.shown_at(mark.0).unwrap_or(end);
        cropped.mark = (start, cropped.shown_at(mark.1).unwrap_or(end).max(start));
        cropped
    }

    /// The byte in the shown text of byte `at` of the source line.
    fn shown_at(&self, at: usize) -> Option<usize> {
        let found = self.bytes.binary_search_by_key(&at, |(source, _)| *source).ok()?;
        self.bytes.get(found).map(|(_, shown)| *shown)
    }
}

/// The first byte of `line` to show, so that about `room` columns stand before byte `mark`.
fn first_shown(line: &str, mark: usize, room: usize) -> usize {
    let mut room = room;
    let mut first = mark;
    for (at, c) in line.get(..mark).unwrap_or_default().char_indices().rev() {
        let Some(left) = room.checked_sub(columns(&piece(None, c, ""))) else { break };
        (room, first) = (left, at);
    }
    first
}

/// A character of source as it is shown. Tabs are widened here, so that marks stay aligned.
fn piece(previous: Option<char>, c: char, rest: &str) -> String {
    if c == '\t' { "    ".to_owned() } else { shown(previous, c, rest).into_owned() }
}

/// The words of a label in the room that is left at its mark, which miette does not wrap.
fn label_text(text: &str, room: usize, style: &Style) -> Option<String> {
    let mut lines = wrap(&clean(text), room.max(40));
    if lines.len() > LABEL_LINES {
        lines.truncate(LABEL_LINES);
        lines.push(style.ellipsis().to_owned());
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// `mark` moved into `text`, onto character boundaries and onto the line where it begins.
fn clamp(text: &str, mark: (usize, usize)) -> (usize, usize) {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let from = floor(mark.0);
    let to = floor(mark.1).max(from);
    let line = text.get(from..to).unwrap_or_default();
    (from, from + line.find('\n').unwrap_or(line.len()))
}

/// The byte at which the last line of `before` begins.
fn line_start(before: &str) -> usize {
    before.rfind('\n').map_or(0, |at| at + 1)
}

/// Columns for source text: what the line numbers and the frame leave.
fn room(style: &Style, label: &Label) -> usize {
    let last = label.excerpt.as_ref().map_or(0, |it| it.first_line.saturating_add(4));
    style.columns().saturating_sub(last.to_string().len() + 6)
}

/// A number from one as a number from zero, kept small enough for miette to add to it.
fn from_zero(number: u64) -> usize {
    u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX) as usize
}
