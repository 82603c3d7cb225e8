//! How much work a schema can be: one that refers to another twice, which refers to a third twice,
//! asks the last one as often as there are ways to it.

use std::collections::BTreeMap;

use super::scope::Scope;

/// How many ways there may be from a schema to those that apply to the same value. Every value may
/// have to go all of them.
pub(super) const MOST_BESIDE: u64 = 10_000;
/// How many schemas there may be when each reference is replaced by what it refers to. A validator
/// is made of all of them.
pub(super) const MOST_WITHIN: u64 = 2_000_000;

/// Counts ways from schema to schema; a way that leads back to where it came from ends there.
pub(super) struct Ways<F> {
    next: F,
    known: BTreeMap<usize, Option<u64>>,
}

impl<'r, F: Fn(&Scope<'r>) -> Vec<Scope<'r>>> Ways<F> {
    /// Ways along `next`.
    pub(super) fn along(next: F) -> Self {
        Self { next, known: BTreeMap::new() }
    }

    /// How many schemas are met from `start` on, each as often as there are ways to it.
    pub(super) fn from(&mut self, start: &Scope<'r>) -> u64 {
        if let Some(Some(many)) = self.known.get(&start.address()) {
            return *many;
        }
        let mut path = vec![(start.address(), (self.next)(start), 1_u64)];
        self.known.insert(start.address(), None);
        loop {
            let Some((address, rest, many)) = path.last_mut() else { return 0 };
            let Some(scope) = rest.pop() else {
                let (address, many) = (*address, *many);
                self.known.insert(address, Some(many));
                path.pop();
                let Some((_, _, above)) = path.last_mut() else { return many };
                *above = above.saturating_add(many);
                continue;
            };
            match self.known.get(&scope.address()) {
                Some(known) => *many = many.saturating_add(known.unwrap_or(1)),
                None => {
                    self.known.insert(scope.address(), None);
                    let next = (self.next)(&scope);
                    path.push((scope.address(), next, 1));
                }
            }
        }
    }
}
