//! Aliases: the value they name, copied within a budget.

use super::super::{Fault, FaultKind, Kind, reading};
use super::Reader;
use crate::model::Span;
use saphyr_parser::Span as Marks;

/// How many values aliases may add to one document.
const COPIES: usize = 100_000;

impl Reader<'_> {
    pub(super) fn alias(&mut self, anchor: usize, marks: Marks) -> Result<(), Fault> {
        let span = self.layout.alias(marks);
        let Some(slot) = self.anchors.get(anchor).copied().flatten() else {
            let message = "this alias stands inside the value it names, which would never end";
            return Err(Fault::new(FaultKind::Unsupported, span, message));
        };
        let key = self.frames.last().is_some_and(|frame| frame.key);
        if key {
            self.alias_key(slot, span)?;
        } else {
            // Looked at first, so that the copy that breaks the budget is never made.
            let added = self.arena.after(slot as u32) as usize - slot;
            self.copied += added;
            if self.copied > COPIES {
                let message = format!("aliases expand to more than {COPIES} values");
                return Err(Fault::new(FaultKind::Limit, span, message));
            }
            self.check_copied_depth(slot, span)?;
            self.arena.copy(slot);
        }
        self.added(span.end as usize);
        Ok(())
    }

    fn alias_key(&mut self, slot: usize, span: Span) -> Result<(), Fault> {
        let node = self.arena.node(self.text, slot);
        let name = node.and_then(|node| match node.kind() {
            Kind::Null => Some(node.span().slice(self.text).to_owned()),
            Kind::Boolean => node.as_bool().map(|value| value.to_string()),
            Kind::Number => node.as_literal().map(str::to_owned),
            Kind::String => node.as_str().map(str::to_owned),
            Kind::Array | Kind::Object => None,
        });
        let Some(name) = name else {
            let message = "a key must be a scalar, and this alias names a mapping or a sequence";
            return Err(Fault::new(FaultKind::Unsupported, span, message));
        };
        self.arena.decoded_string(span, &name);
        Ok(())
    }

    /// Copies nest as deep as where they are put plus what they hold.
    fn check_copied_depth(&self, slot: usize, span: Span) -> Result<(), Fault> {
        let mut ends: Vec<u32> = Vec::new();
        for at in slot as u32..self.arena.after(slot as u32) {
            while ends.last().is_some_and(|&end| end <= at) {
                ends.pop();
            }
            if matches!(self.arena.slots[at as usize].kind, Kind::Array | Kind::Object) {
                ends.push(self.arena.after(at));
                if self.frames.len() + ends.len() > reading::DEPTH {
                    return Err(reading::too_deep(span));
                }
            }
        }
        Ok(())
    }
}
