//! The arena behind every document: values in the order of the text, each with its byte span.
//!
//! Slots lie in pre-order: a container is followed by its descendants, an object by key and value
//! in turn. Contents are borrowed from the text; only what the text does not spell out (escapes,
//! folded scalars) is kept in a side buffer. Nothing here is specific to a format.

use super::Node;
use crate::model::Span;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number, kept as a decimal literal in JSON syntax.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object: keys and values alternate.
    Object,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) kind: Kind,
    /// Whether `from..to` counts in the side buffer rather than in the text.
    pub(super) decoded: bool,
    /// Source bytes of the value, quotes and brackets included.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Scalars: the content. Containers: `from` is the number of entries, `to` the first slot
    /// after the last descendant.
    pub(super) from: u32,
    pub(super) to: u32,
}

/// A container that has been opened and not yet closed.
#[derive(Debug)]
#[must_use = "a container that is never closed spans nothing"]
pub struct Open(u32);

/// Values and their places, without the text they borrow from.
///
/// A reader clears and fills one arena over and over; texts longer than 4 GiB are refused by the
/// readers before they come here.
#[derive(Debug, Default, Clone)]
pub struct Arena {
    pub(super) slots: Vec<Slot>,
    pub(super) decoded: String,
}

impl Arena {
    /// An empty arena.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets every value and keeps the memory.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.decoded.clear();
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// How many values (keys counted) the arena holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// The first value, over the `text` it was read from; `None` when nothing was read.
    #[must_use]
    pub fn root<'a>(&'a self, text: &'a str) -> Option<Node<'a>> {
        self.node(text, 0)
    }

    pub(super) fn node<'a>(&'a self, text: &'a str, at: usize) -> Option<Node<'a>> {
        (at < self.slots.len()).then(|| Node::new(self, text, at as u32))
    }

    /// Begins an object or an array at byte `start`.
    #[inline]
    pub fn open(&mut self, kind: Kind, start: usize) -> Open {
        debug_assert!(matches!(kind, Kind::Array | Kind::Object));
        let at = self.slots.len() as u32;
        self.push(kind, Span::new(start as u64, start as u64), false, 0, 0);
        Open(at)
    }

    /// Ends a container at byte `end`; `entries` are its elements, or its key and value pairs.
    #[inline]
    pub fn close(&mut self, open: Open, end: usize, entries: usize) {
        let next = self.slots.len() as u32;
        let slot = &mut self.slots[open.0 as usize];
        slot.end = end as u32;
        slot.from = entries as u32;
        slot.to = next;
    }

    /// Opens the first value again when it is an object, so that members can follow its own, and
    /// says how many it has. Only while nothing follows it.
    pub fn reopen_root(&mut self) -> Option<(Open, usize)> {
        let root = self.slots.first()?;
        let entries = root.from as usize;
        (root.kind == Kind::Object).then_some((Open(0), entries))
    }

    /// Adds `null`.
    #[inline]
    pub fn null(&mut self, span: Span) {
        self.push(Kind::Null, span, false, 0, 0);
    }

    /// Adds `true` or `false`.
    #[inline]
    pub fn boolean(&mut self, span: Span, value: bool) {
        self.push(Kind::Boolean, span, false, u32::from(value), 0);
    }

    /// Adds a string (or an object's key) whose content stands in the text at `content`.
    #[inline]
    pub fn string(&mut self, span: Span, content: Span) {
        self.push(Kind::String, span, false, content.start as u32, content.end as u32);
    }

    /// Adds a string (or an object's key) whose content the text does not spell out.
    pub fn decoded_string(&mut self, span: Span, content: &str) {
        let (from, to) = self.keep(content);
        self.push(Kind::String, span, true, from, to);
    }

    /// Adds a number whose literal stands in the text at `span`, in JSON syntax.
    #[inline]
    pub fn number(&mut self, span: Span) {
        self.push(Kind::Number, span, false, span.start as u32, span.end as u32);
    }

    /// Adds a number that the text spells otherwise; `literal` is the same number in JSON syntax.
    pub fn decoded_number(&mut self, span: Span, literal: &str) {
        let (from, to) = self.keep(literal);
        self.push(Kind::Number, span, true, from, to);
    }

    /// Adds a copy of the value at slot `at` and of all it holds, places included, and returns how
    /// many slots that took. For aliases; `at` must be a value that was closed.
    pub fn copy(&mut self, at: usize) -> usize {
        let until = self.after(at as u32) as usize;
        let shift = (self.slots.len() - at) as u32;
        for from in at..until {
            let mut slot = self.slots[from];
            if matches!(slot.kind, Kind::Array | Kind::Object) {
                slot.to += shift;
            }
            self.slots.push(slot);
        }
        until - at
    }

    /// The slot after the value at `at` and all it holds.
    #[inline]
    pub(super) fn after(&self, at: u32) -> u32 {
        let slot = &self.slots[at as usize];
        match slot.kind {
            Kind::Array | Kind::Object => slot.to,
            _ => at + 1,
        }
    }

    /// The content of the scalar at `at`.
    #[inline]
    pub(super) fn content<'a>(&'a self, text: &'a str, at: usize) -> &'a [u8] {
        self.content_of(text, &self.slots[at])
    }

    /// The content of the scalar that `slot` holds.
    #[inline]
    pub(super) fn content_of<'a>(&'a self, text: &'a str, slot: &Slot) -> &'a [u8] {
        let from = if slot.decoded { &self.decoded } else { text };
        from.as_bytes().get(slot.from as usize..slot.to as usize).unwrap_or_default()
    }

    fn keep(&mut self, content: &str) -> (u32, u32) {
        let from = self.decoded.len() as u32;
        self.decoded.push_str(content);
        (from, self.decoded.len() as u32)
    }

    #[inline]
    fn push(&mut self, kind: Kind, span: Span, decoded: bool, from: u32, to: u32) {
        let (start, end) = (span.start as u32, span.end as u32);
        self.slots.push(Slot { kind, decoded, start, end, from, to });
    }
}
