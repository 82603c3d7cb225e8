//! Records within a document: a JSON Pointer in which `*` stands for every element on the way.

use super::{Kind, Node};

/// Where the records of a document lie. `""` is the document itself; a pointer to an array means
/// its elements.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    steps: Vec<Step>,
}

/// One step of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A member of an object, or an element by its number.
    Member(String),
    /// Every element of an array, or every value of an object.
    Every,
}

/// A record and the object that encloses it.
#[derive(Debug, Clone, Copy)]
pub struct Selected<'a> {
    /// The record.
    pub this: Node<'a>,
    /// The nearest object around it; the document where there is none.
    pub parent: Node<'a>,
}

impl Selector {
    /// Reads a pointer.
    ///
    /// # Errors
    /// When it is neither empty nor begins with `/`.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(format!("`{text}` is not a JSON Pointer: it begins with `/`"));
        };
        let step = |token: &str| match token {
            "*" => Step::Every,
            _ => Step::Member(token.replace("~1", "/").replace("~0", "~")),
        };
        Ok(Self { steps: rest.split('/').map(step).collect() })
    }

    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The records in `root`, in document order.
    #[must_use]
    pub fn select<'a>(&self, root: Node<'a>) -> Vec<Selected<'a>> {
        let mut found = Vec::new();
        self.walk(root, root, 0, &mut found);
        found
    }

    fn walk<'a>(&self, node: Node<'a>, parent: Node<'a>, at: usize, found: &mut Vec<Selected<'a>>) {
        let inner = if node.kind() == Kind::Object { node } else { parent };
        match self.steps.get(at) {
            None if node.kind() == Kind::Array && at > 0 => {
                found.extend(node.elements().map(|this| Selected { this, parent }));
            }
            None => found.push(Selected { this: node, parent }),
            Some(Step::Member(name)) => {
                let child = match node.kind() {
                    Kind::Array => name.parse().ok().and_then(|index| node.element(index)),
                    _ => node.get(name),
                };
                if let Some(child) = child {
                    self.walk(child, inner, at + 1, found);
                }
            }
            Some(Step::Every) => {
                for child in node.elements() {
                    self.walk(child, inner, at + 1, found);
                }
                for (_, child) in node.members() {
                    self.walk(child, inner, at + 1, found);
                }
            }
        }
    }
}
