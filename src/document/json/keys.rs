//! Finds the keys that stand twice in an object.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::super::arena::Arena;
use super::super::fault::{Fault, FaultKind, excerpt};
use super::super::node::Node;
use super::MAX_FAULTS;

/// Up to this many keys are compared each with each.
const FEW: usize = 16;

/// The keys of one object as they are read: a signature and the slot of each of the first few.
#[derive(Default)]
pub(super) struct Keys {
    signatures: [u64; FEW],
    slots: [u32; FEW],
    len: usize,
    /// One bit for each signature that stood so far, shared by one in sixty-four.
    seen: u64,
    /// The keys whose bit was taken when they came: only they can stand twice.
    suspects: u32,
}

impl Keys {
    /// Notes the key that was just read into `slot`.
    #[inline]
    pub(super) fn push(&mut self, arena: &Arena, text: &str, slot: usize) {
        if self.len < FEW {
            let signature = signature(arena.content(text, slot));
            let bit = 1 << (signature.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58);
            self.suspects |= u32::from(self.seen & bit != 0) << self.len;
            self.seen |= bit;
            self.signatures[self.len] = signature;
            self.slots[self.len] = slot as u32;
        }
        self.len += 1;
    }

    /// How many keys the object has.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds a fault for each key that stood before in the object at slot `object`, up to
    /// [`MAX_FAULTS`] in all.
    pub(super) fn report(&self, arena: &Arena, text: &str, object: usize, faults: &mut Vec<Fault>) {
        let room = MAX_FAULTS - faults.len().min(MAX_FAULTS);
        if self.len > FEW {
            faults.extend(among_many(arena, text, object).take(room));
        } else if self.suspects != 0 {
            faults.extend(self.among_few(arena, text).take(room));
        }
    }

    fn among_few<'a>(&self, arena: &'a Arena, text: &'a str) -> impl Iterator<Item = Fault> {
        let node = move |at: usize| Node::new(arena, text, self.slots[at]);
        let equal = move |first: usize, later: usize| {
            self.signatures[first] == self.signatures[later]
                && node(first).as_str() == node(later).as_str()
        };
        let suspects = (1..self.len).filter(|later| self.suspects >> later & 1 == 1);
        suspects.filter_map(move |later| {
            let first = (0..later).find(|&first| equal(first, later))?;
            Some(twice(node(first), node(later)))
        })
    }
}

/// The same for an object of any size, in linear time whatever its keys.
fn among_many<'a>(
    arena: &'a Arena,
    text: &'a str,
    object: usize,
) -> impl Iterator<Item = Fault> + 'a {
    let mut seen: HashMap<&str, Node<'a>> = HashMap::new();
    // The object is not closed yet, so its members are walked by hand.
    let mut next = object as u32 + 1;
    std::iter::from_fn(move || {
        while (next as usize) < arena.len() {
            let node = Node::new(arena, text, next);
            next = arena.after(next + 1);
            match seen.entry(node.as_str().unwrap_or_default()) {
                Entry::Occupied(first) => return Some(twice(*first.get(), node)),
                Entry::Vacant(free) => {
                    free.insert(node);
                }
            }
        }
        None
    })
}

fn twice(first: Node<'_>, later: Node<'_>) -> Fault {
    let name = excerpt(later.as_str().unwrap_or_default());
    let message = format!("the key `{name}` stands twice in one object");
    Fault::new(FaultKind::DuplicateKey, later.span(), message)
        .with_related(first.span(), format!("`{name}` stands here first"))
}

/// Tells most keys apart by their ends and length; equal keys have equal signatures.
fn signature(key: &[u8]) -> u64 {
    match (key.first_chunk(), key.last_chunk()) {
        (Some(head), Some(tail)) => {
            let (head, tail) = (u64::from_le_bytes(*head), u64::from_le_bytes(*tail));
            head.rotate_left(29) ^ tail ^ key.len() as u64
        }
        _ => key.iter().fold(key.len() as u64, |sum, &byte| sum << 8 | u64::from(byte)),
    }
}
