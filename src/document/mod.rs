//! One spanned document whatever the format: bytes in, a [`Document`] or reading faults out.
//!
//! This room never touches the file system. Every reader fills the same [`Arena`]; schemas,
//! conditions and findings only ever see a [`Node`].

mod arena;
mod de;
mod fault;
mod instance;
mod node;
#[cfg(test)]
pub(crate) mod testing;

pub use arena::{Arena, Kind, Open};
pub use de::{DeError, Located, from_node};
pub use fault::{Fault, FaultKind};
pub use instance::Spanned;
pub use node::{Elements, Members, Node};

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
