//! A value in a document, with its place.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use super::arena::{Arena, Kind, Slot};
use crate::model::Span;

/// A handle on one value: cheap to copy, borrowed from its document.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    arena: &'a Arena,
    text: &'a str,
    at: u32,
}

impl<'a> Node<'a> {
    #[inline]
    pub(super) fn new(arena: &'a Arena, text: &'a str, at: u32) -> Self {
        Self { arena, text, at }
    }

    /// What the value is.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> Kind {
        self.arena.slots[self.at as usize].kind
    }

    /// The bytes of the value in its text, quotes and brackets included.
    #[must_use]
    pub fn span(&self) -> Span {
        let slot = &self.arena.slots[self.at as usize];
        Span::new(u64::from(slot.start), u64::from(slot.end))
    }

    /// The text the document was read from.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The number of the value's slot: its identity within the document.
    #[must_use]
    pub fn slot(&self) -> usize {
        self.at as usize
    }

    pub(super) fn arena(&self) -> &'a Arena {
        self.arena
    }

    #[inline]
    fn content(&self) -> &'a str {
        let slot = &self.arena.slots[self.at as usize];
        let range = slot.from as usize..slot.to as usize;
        let from = if slot.decoded { &self.arena.decoded } else { self.text };
        from.get(range).unwrap_or_default()
    }

    /// The content of a string.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> Option<&'a str> {
        (self.kind() == Kind::String).then(|| self.content())
    }

    /// A boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        (self.kind() == Kind::Boolean).then(|| self.arena.slots[self.at as usize].from == 1)
    }

    /// The literal of a number, in JSON syntax.
    #[must_use]
    pub fn as_literal(&self) -> Option<&'a str> {
        (self.kind() == Kind::Number).then(|| self.content())
    }

    /// A number that is written as, or equals, a whole number in the range of `i64`.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        let literal = self.as_literal()?;
        literal.parse().ok().or_else(|| {
            let value: f64 = literal.parse().ok()?;
            (value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0).then_some(value as i64)
        })
    }

    /// A number.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.as_literal()?.parse().ok()
    }

    /// Whether the value is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    /// How many elements or members a container has; zero for a scalar.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.kind() {
            Kind::Array | Kind::Object => self.arena.slots[self.at as usize].from as usize,
            _ => 0,
        }
    }

    /// How many values (keys counted) it holds, itself among them.
    #[must_use]
    pub fn size(&self) -> usize {
        (self.arena.after(self.at) - self.at) as usize
    }

    /// Whether the value is a scalar or holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements of an array; nothing for any other value.
    #[must_use]
    pub fn elements(&self) -> Elements<'a> {
        Elements(self.children(Kind::Array))
    }

    /// The members of an object as key and value; nothing for any other value.
    #[must_use]
    pub fn members(&self) -> Members<'a> {
        Members(self.children(Kind::Object))
    }

    fn children(&self, kind: Kind) -> Children<'a> {
        let here = self.kind() == kind;
        let next = self.at + 1;
        let until = if here { self.arena.after(self.at) } else { next };
        Children { arena: self.arena, text: self.text, next, until }
    }

    /// The member `key` of an object.
    #[must_use]
    #[inline]
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.slot_of(key).map(|at| Node::new(self.arena, self.text, at + 1))
    }

    /// The member `key` of an object, with the node of the key itself.
    #[must_use]
    #[inline]
    pub fn member(&self, key: &str) -> Option<(Node<'a>, Node<'a>)> {
        let node = |at| Node::new(self.arena, self.text, at);
        self.slot_of(key).map(|at| (node(at), node(at + 1)))
    }

    /// The slot of the key `key` of an object.
    fn slot_of(&self, key: &str) -> Option<u32> {
        let own = &self.arena.slots[self.at as usize];
        if own.kind != Kind::Object {
            return None;
        }
        let (key, last) = (key.as_bytes(), key.as_bytes().last());
        let is_key = |slot: &Slot| {
            // Most keys of this length are told apart by their ends.
            (slot.to - slot.from) as usize == key.len() && {
                let content = self.arena.content_of(self.text, slot);
                content.last() == last && content == key
            }
        };
        let first = self.at + 1;
        let slots = self.arena.slots.get(first as usize..own.to as usize)?;
        if slots.len() == own.from as usize * 2 {
            // No member holds others.
            let (pairs, _) = slots.as_chunks::<2>();
            let at = pairs.iter().position(|[name, _]| is_key(name))?;
            return Some(first + 2 * at as u32);
        }
        let mut at = first;
        while !is_key(slots.get((at - first) as usize)?) {
            at = self.arena.after(at + 1);
        }
        Some(at)
    }

    /// Element `index` of an array.
    #[must_use]
    pub fn element(&self, index: usize) -> Option<Node<'a>> {
        self.elements().nth(index)
    }

    /// The value a JSON Pointer (RFC 6901) names beneath this one; `""` is this one.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<Node<'a>> {
        if pointer.is_empty() {
            return Some(*self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(*self, |node, token| {
            let token = match token.contains('~') {
                true => Cow::Owned(token.replace("~1", "/").replace("~0", "~")),
                false => Cow::Borrowed(token),
            };
            match node.kind() {
                Kind::Object => node.get(&token),
                Kind::Array => node.element(array_index(&token)?),
                _ => None,
            }
        })
    }

    /// The JSON Pointer of this value in its document.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        let Some(mut node) = self.arena.root(self.text) else {
            return path;
        };
        while node.at != self.at {
            let inside =
                |child: &Node<'a>| child.at <= self.at && self.at < self.arena.after(child.at);
            match node.kind() {
                Kind::Object => {
                    // The key of a member stands for the member.
                    let Some((key, value)) =
                        node.members().find(|(key, value)| key.at == self.at || inside(value))
                    else {
                        return path;
                    };
                    path.push('/');
                    path.push_str(&key.content().replace('~', "~0").replace('/', "~1"));
                    if key.at == self.at {
                        return path;
                    }
                    node = value;
                }
                Kind::Array => {
                    let Some((index, child)) =
                        node.elements().enumerate().find(|(_, child)| inside(child))
                    else {
                        return path;
                    };
                    path.push('/');
                    path.push_str(&index.to_string());
                    node = child;
                }
                _ => return path,
            }
        }
        path
    }

    /// The value as a tree of its own, places lost. For cold paths.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::Boolean => Value::Bool(self.as_bool().unwrap_or_default()),
            Kind::Number => serde_json::from_str(self.content()).unwrap_or(Value::Null),
            Kind::String => Value::String(self.content().to_owned()),
            Kind::Array => self.elements().map(|element| element.to_value()).collect(),
            Kind::Object => {
                // One by one: most objects are small, and sorting them first costs more.
                let mut members = Map::new();
                for (key, value) in self.members() {
                    members.insert(key.content().to_owned(), value.to_value());
                }
                Value::Object(members)
            }
        }
    }
}

/// The index a token of a JSON Pointer names: digits alone, no leading zero.
fn array_index(token: &str) -> Option<usize> {
    let plain = token == "0" || !token.starts_with(['0', '+']);
    plain.then(|| token.parse().ok())?
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} @ {}..{}", self.to_value(), self.span().start, self.span().end)
    }
}

#[derive(Debug, Clone)]
struct Children<'a> {
    arena: &'a Arena,
    text: &'a str,
    next: u32,
    until: u32,
}

impl<'a> Iterator for Children<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        if self.next >= self.until {
            return None;
        }
        let node = Node::new(self.arena, self.text, self.next);
        self.next = self.arena.after(self.next);
        Some(node)
    }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'a>(Children<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        self.0.next()
    }
}

/// The members of an object, key and value.
#[derive(Debug, Clone)]
pub struct Members<'a>(Children<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (Node<'a>, Node<'a>);

    #[inline]
    fn next(&mut self) -> Option<(Node<'a>, Node<'a>)> {
        let Children { arena, text, next, until } = self.0;
        // A key holds no other values, so that its own follows it.
        let value = next + 1;
        if value >= until {
            return None;
        }
        self.0.next = arena.after(value);
        Some((Node::new(arena, text, next), Node::new(arena, text, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{JsonOptions, read_json};
    use super::*;

    #[test]
    fn a_pointer_names_an_element_by_plain_digits() {
        let text = r#"{"a/b": [10, 11]}"#;
        let mut arena = Arena::new();
        assert_eq!(read_json(text, &mut arena, JsonOptions::default()), []);
        let at = |pointer| arena.root(text)?.pointer(pointer)?.as_i64();
        assert_eq!(at("/a~1b/0"), Some(10));
        assert_eq!(at("/a~1b/1"), Some(11));
        for pointer in ["/a~1b/01", "/a~1b/+1", "/a~1b/-1", "/a~1b/2", "/a~1b/"] {
            assert_eq!(at(pointer), None, "{pointer}");
        }
    }
}
