//! Snippets: the cropped and cleaned source lines around a label, in the shape miette reads.
//!
//! miette passes escape bytes through, prints lines whole and panics on a mark far to the right, so
//! nothing reaches it that was not cleaned and cropped here.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::{
    model::{Label, LineColumn},
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

/// The lines around one label.
#[derive(Debug)]
struct Snippet {
    /// The path, as the header shows it.
    name: String,
    /// Clean lines, each with its line feed.
    text: String,
    /// Number of the first of them.
    first_line: u64,
    /// Where the label really stands in its file.
    start: LineColumn,
}

/// The snippets of one finding, one after the other, as a single source text. Spans that cross from
/// one snippet to the next cannot be read, which is how miette learns to frame them apart.
#[derive(Debug, Default)]
pub(super) struct Sources {
    snippets: Vec<Snippet>,
    labels: Vec<LabeledSpan>,
}

impl Sources {
    /// Adds the snippet of `label`; `false` where it has no text to show.
    pub(super) fn add(&mut self, label: &Label, style: &Style) -> bool {
        let Some(excerpt) = label.excerpt.as_ref().filter(|excerpt| !excerpt.text.is_empty())
        else {
            return false;
        };
        let base: usize = self.snippets.iter().map(|snippet| snippet.text.len()).sum();
        let (from, to) = clamp(&excerpt.text, excerpt.mark);
        let before = excerpt.text.get(..from).unwrap_or_default();
        let marked = before.matches('\n').count();
        let first = marked.saturating_sub(CONTEXT);
        let room = style.columns().saturating_sub(digits(excerpt.first_line) + 8);

        let mut text = String::new();
        let mut span = (0, 0);
        let mut indent = 0;
        let lines =
            excerpt.text.split('\n').enumerate().skip(first).take(marked - first + 1 + CONTEXT);
        for (number, line) in lines {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let cut = number == 0 && excerpt.first_column > 1;
            if number == marked {
                let begin = before.rfind('\n').map_or(0, |at| at + 1);
                let mark = ((from - begin).min(line.len()), (to - begin).min(line.len()));
                let cropped = Cropped::new(line, mark, room, cut, style);
                indent = columns(cropped.text.get(..cropped.mark.0).unwrap_or_default());
                span = (base + text.len() + cropped.mark.0, cropped.mark.1 - cropped.mark.0);
                text.push_str(&cropped.text);
            } else if line.is_empty() && number > marked {
                // An empty line after the mark says nothing, and the last one may not exist.
                break;
            } else {
                text.push_str(&Cropped::new(line, (0, 0), room, cut, style).text);
            }
            text.push('\n');
        }

        let words = label_text(&label.text, room.saturating_sub(indent), style);
        self.labels.push(LabeledSpan::new(words, span.0, span.1));
        self.snippets.push(Snippet {
            name: shorten_start(&clean(&label.place.path), style.columns(), style.ellipsis()),
            text,
            first_line: excerpt.first_line.saturating_add(first as u64),
            start: label.place.start,
        });
        true
    }

    /// The marks, in the combined text.
    pub(super) fn labels(&self) -> &[LabeledSpan] {
        &self.labels
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
struct Cropped {
    text: String,
    mark: (usize, usize),
}

impl Cropped {
    /// `line` in about `room` columns; `cut` says that its beginning is already missing.
    fn new(line: &str, mark: (usize, usize), room: usize, cut: bool, style: &Style) -> Self {
        // Up to two thirds of the room go to what stands before the mark.
        let mut lead = room * 2 / 3;
        let mut first = mark.0;
        for (at, c) in line.get(..mark.0).unwrap_or_default().char_indices().rev() {
            let Some(left) = lead.checked_sub(columns(&piece(None, c, ""))) else { break };
            (lead, first) = (left, at);
        }

        let mut text = String::new();
        if cut || first > 0 {
            text.push_str(style.ellipsis());
        }
        let mut room = room.saturating_sub(columns(&text) + columns(style.ellipsis()));
        let (mut start, mut end) = (None, None);
        let mut previous = None;
        for (at, c) in line.char_indices().skip_while(|(at, _)| *at < first) {
            if at >= mark.0 {
                start.get_or_insert(text.len());
            }
            if at >= mark.1 {
                end.get_or_insert(text.len());
            }
            let piece = piece(previous, c, line.get(at..).unwrap_or_default());
            let Some(left) = room.checked_sub(columns(&piece)) else {
                end.get_or_insert(text.len());
                text.push_str(style.ellipsis());
                break;
            };
            room = left;
            text.push_str(&piece);
            previous = Some(c);
        }
        let end = end.unwrap_or(text.len());
        Self { mark: (start.unwrap_or(end).min(end), end), text }
    }
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

fn digits(line: u64) -> usize {
    line.saturating_add(4).to_string().len()
}

/// A number from one as a number from zero, kept small enough for miette to add to it.
fn from_zero(number: u64) -> usize {
    u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX) as usize
}
