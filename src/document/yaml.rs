//! YAML 1.2 with the core schema, read from the events of [`saphyr_parser`].
//!
//! One document a file, scalar keys only, aliases expanded within a budget. The parser counts
//! characters and leaves some places vague; [`Layout`] finds the exact bytes.

mod alias;
mod complaint;
mod layout;
mod quick;
mod scalar;
mod tag;
#[cfg(test)]
mod tests;

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as Marks, Tag};

use self::layout::Layout;
use self::scalar::{Meaning, ambiguity, plain};
use super::{Arena, Fault, FaultKind, Kind, Open, reading};
use crate::model::Span;

/// Reads the YAML document in `range` of `text` into `arena` and returns every fault; spans count
/// in the whole text. Unless a fault is more than a warning, the arena holds the document.
#[must_use]
pub fn read_yaml(text: &str, range: Range<usize>, arena: &mut Arena) -> Vec<Fault> {
    arena.clear();
    if let Some(fault) = reading::too_long(text) {
        return vec![fault];
    }
    if quick::read(text, range.clone(), arena) {
        return Vec::new();
    }
    thorough(text, range, arena)
}

/// As [`read_yaml`], of any text.
fn thorough(text: &str, range: Range<usize>, arena: &mut Arena) -> Vec<Fault> {
    let mut reader = Reader::new(text, range, arena);
    if let Err(fault) = reader.read() {
        reader.faults.push(fault);
    }
    let faults = reader.faults;
    reading::finish(faults, arena)
}

/// A container that is being read.
struct Frame {
    open: Open,
    slot: usize,
    kind: Kind,
    /// Whether it is written with brackets.
    flow: bool,
    anchor: usize,
    entries: usize,
    /// Whether the next node is a key.
    key: bool,
    end: usize,
}

struct Reader<'a> {
    text: &'a str,
    layout: Layout<'a>,
    arena: &'a mut Arena,
    faults: Vec<Fault>,
    frames: Vec<Frame>,
    /// The slot of each anchored value by the number of its anchor; `None` while it is being read.
    anchors: Vec<Option<usize>>,
    copied: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, range: Range<usize>, arena: &'a mut Arena) -> Self {
        Self {
            text,
            layout: Layout::new(text, range),
            arena,
            faults: Vec::new(),
            frames: Vec::new(),
            anchors: Vec::new(),
            copied: 0,
        }
    }

    fn read(&mut self) -> Result<(), Fault> {
        let mut documents = 0;
        for event in Parser::new_from_str(self.layout.part()) {
            let (event, marks) = event.map_err(|error| self.syntax(&error))?;
            if matches!(event, Event::DocumentStart(_)) {
                documents += 1;
                self.document_start(documents, marks)?;
            } else {
                self.node(event, marks)?;
            }
        }
        // A stream without a document, and a document without a node, hold a null.
        if documents == 0 {
            let span = Span::default().offset(self.layout.start() as u64);
            self.arena.null(span);
        }
        Ok(())
    }

    fn document_start(&mut self, count: usize, marks: Marks) -> Result<(), Fault> {
        let span = self.layout.span(marks);
        if count > 1 {
            let message = "a second YAML document begins here; give each document its own file";
            let span = self.layout.character(marks.start.index());
            return Err(Fault::new(FaultKind::Unsupported, span, message));
        }
        if self.text.get(span.start as usize..).is_some_and(|rest| rest.starts_with("---")) {
            self.layout.advance_to(span.start as usize + 3);
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'_>, marks: Marks) -> Result<(), Fault> {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                self.enter_entry();
                self.scalar(&value, style, anchor, tag.as_deref(), marks)
            }
            Event::Alias(anchor) => {
                self.enter_entry();
                self.alias(anchor, marks)
            }
            Event::SequenceStart(anchor, tag) => {
                self.container(Kind::Array, anchor, tag.as_deref(), marks)
            }
            Event::MappingStart(anchor, tag) => {
                self.container(Kind::Object, anchor, tag.as_deref(), marks)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.close(marks);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Steps over the dash of the entry that begins.
    fn enter_entry(&mut self) {
        if let Some(frame) = self.frames.last()
            && frame.kind == Kind::Array
            && !frame.flow
            && let Some(dash) = self.layout.dash()
        {
            self.layout.advance_to(dash + 1);
        }
    }

    fn container(
        &mut self,
        kind: Kind,
        anchor: usize,
        tag: Option<&Tag>,
        marks: Marks,
    ) -> Result<(), Fault> {
        self.enter_entry();
        let (start, flow) = self.layout.container(kind, marks, anchor > 0 || tag.is_some());
        let span = Span::new(start as u64, start as u64);
        if self.frames.last().is_some_and(|frame| frame.key) {
            let message = "a key must be a scalar: a mapping or a sequence cannot be one";
            return Err(Fault::new(FaultKind::Unsupported, span, message));
        }
        if self.frames.len() >= reading::DEPTH {
            return Err(reading::too_deep(span));
        }
        let expected = if kind == Kind::Array { "seq" } else { "map" };
        if let Some(tag) = tag
            && tag::core(tag).as_deref() != Some(expected)
        {
            self.faults.push(tag::wrong(tag, span));
        }
        if anchor > 0 {
            self.set_anchor(anchor, None);
        }
        let slot = self.arena.len();
        if flow {
            self.layout.advance_to(start + 1);
        }
        self.frames.push(Frame {
            open: self.arena.open(kind, start),
            slot,
            kind,
            flow,
            anchor,
            entries: 0,
            key: kind == Kind::Object,
            end: self.layout.cursor().max(start),
        });
        Ok(())
    }

    fn close(&mut self, marks: Marks) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let end = if frame.flow { self.layout.span(marks).start as usize + 1 } else { frame.end };
        self.arena.close(frame.open, end, frame.entries);
        if frame.kind == Kind::Object
            && let Some(object) = self.arena.node(self.text, frame.slot)
        {
            reading::duplicate_keys(object, &mut self.faults);
        }
        if frame.anchor > 0 {
            self.set_anchor(frame.anchor, Some(frame.slot));
        }
        self.layout.advance_to(end);
        self.added(end);
    }

    /// Counts the node that was added to the innermost container.
    fn added(&mut self, end: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.end = frame.end.max(end);
            match (frame.kind, frame.key) {
                (Kind::Object, true) => frame.key = false,
                (kind, _) => {
                    frame.key = kind == Kind::Object;
                    frame.entries += 1;
                }
            }
        }
    }

    fn set_anchor(&mut self, anchor: usize, slot: Option<usize>) {
        if self.anchors.len() <= anchor {
            self.anchors.resize(anchor + 1, None);
        }
        self.anchors[anchor] = slot;
    }

    fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        marks: Marks,
    ) -> Result<(), Fault> {
        let properties = anchor > 0 || tag.is_some();
        let value = self.layout.without_added_break(value, style, marks);
        let (span, content) = self.layout.scalar(value, style, marks, properties);
        let key = self.frames.last().is_some_and(|frame| frame.key);
        if anchor > 0 {
            self.set_anchor(anchor, Some(self.arena.len()));
        }
        let is_plain = style == ScalarStyle::Plain;
        if is_plain && tag.is_none() {
            self.faults.extend(ambiguity(value, key, span));
        }
        if key && value.is_empty() && is_plain && !properties {
            let message = "a key is missing before this `:`";
            self.faults.push(Fault::new(FaultKind::Syntax, span, message));
        }
        let meaning = match tag {
            None if is_plain && !key => plain(value),
            None => Meaning::String,
            Some(tag) => tag::meaning(tag, value, span).unwrap_or_else(|fault| {
                self.faults.push(fault);
                Meaning::String
            }),
        };
        let meaning = if key { Meaning::String } else { meaning };
        self.add(meaning, value, span, content);
        self.added(span.end as usize);
        Ok(())
    }

    fn add(&mut self, meaning: Meaning, value: &str, span: Span, content: Span) {
        match meaning {
            Meaning::Null => self.arena.null(span),
            Meaning::Boolean(value) => self.arena.boolean(span, value),
            Meaning::Number(json) if json == span.slice(self.text) => self.arena.number(span),
            Meaning::Number(json) => self.arena.decoded_number(span, &json),
            Meaning::Lossy(why) => {
                let message = format!("`{value}` cannot be kept as a number: {why}");
                self.faults.push(Fault::new(FaultKind::LossyNumber, span, message));
                self.arena.null(span);
            }
            Meaning::String if content.slice(self.text) == value => {
                self.arena.string(span, content);
            }
            Meaning::String => self.arena.decoded_string(span, value),
        }
    }

    fn syntax(&self, error: &ScanError) -> Fault {
        let span = self.layout.character(error.marker().index());
        if error.info().contains("recursion limit") {
            return reading::too_deep(span);
        }
        Fault::new(FaultKind::Syntax, span, complaint::explain(error.info()))
    }
}
