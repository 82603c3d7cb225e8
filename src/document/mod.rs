//! One spanned document whatever the format: bytes in, a [`Document`] or reading faults out.
//!
//! This room never touches the file system. Every reader fills the same [`Arena`]; schemas,
//! conditions and findings only ever see a [`Node`].

mod arena;
mod compressed;
mod csv;
mod de;
mod encoding;
mod fault;
mod format;
mod instance;
mod json;
mod junit;
mod lines;
mod literal;
mod markdown;
mod node;
mod number;
mod reading;
mod select;
#[cfg(test)]
pub(crate) mod testing;
mod toml;
mod yaml;

pub use arena::{Arena, Kind, Open};
pub use compressed::{Compression, Limits, decompressing};
pub use csv::{CellType, CsvReader, CsvRow};
pub use de::{DeError, Located, from_node};
pub(crate) use encoding::decode_or_return;
pub use encoding::{Decoded, decode};
pub use fault::{Fault, FaultKind, fault_of};
pub(crate) use format::read_or_return;
pub use format::{Format, read_policy, read_text};
pub use instance::{Spanned, bounded};
pub use json::{JsonOptions, read_json};
pub use junit::read_junit;
pub use lines::{Block, Blocks, Line, Lines};
pub use markdown::read_markdown;
pub use node::{Elements, Members, Node};
pub use select::{Selected, Selector, Step};
pub use toml::read_toml;
pub use yaml::read_yaml;

/// A whole document: the text it was read from and the values in it.
#[derive(Debug, Clone)]
pub struct Document {
    text: String,
    arena: Arena,
}

impl Document {
    /// A document of `text` whose values are in `arena`.
    ///
    /// Returns `None` when the arena is empty: a document always has a root.
    #[must_use]
    pub fn new(text: String, arena: Arena) -> Option<Self> {
        (!arena.is_empty()).then_some(Self { text, arena })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node::new(&self.arena, &self.text, 0)
    }
}
