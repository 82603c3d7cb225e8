//! JSON lines: the blocks of a log are judged side by side and put together in their order.

use std::io::{self, Read};
use std::sync::{Mutex, TryLockError};

use rayon::prelude::*;

use super::Reading;
use crate::catalog::Kind;
use crate::document::{Arena, Block, Blocks, read_json};
use crate::model::{Code, LineColumn};
use crate::verify::facts::ArtifactFacts;
use crate::verify::locate::Locator;

/// How many blocks of one log are held at a time at most, beside as many that are being read.
const SIDE_BY_SIDE: usize = 8;

/// One log at a time is judged in blocks side by side: whoever waits for a block may be handed
/// another log meanwhile, which must not hold blocks of its own in turn.
static ALONE: Mutex<()> = Mutex::new(());

/// As many blocks as were asked for, or those before the end or the error.
fn some<R: Read>(blocks: &mut Blocks<R>, many: usize) -> (Vec<Block>, io::Result<()>) {
    let mut some = Vec::new();
    for block in blocks.take(many) {
        match block {
            Ok(block) => some.push(block),
            Err(error) => return (some, Err(error)),
        }
    }
    (some, Ok(()))
}

impl<'a> Reading<'_, 'a> {
    pub(super) fn lines(&mut self, reader: Box<dyn Read + Send + '_>) -> io::Result<()> {
        let kinds = self.kinds();
        let mut blocks = Blocks::new(reader);
        let (mut batch, mut end) = some(&mut blocks, 1);
        let mut alone = None;
        while !batch.is_empty() {
            alone = alone.or_else(|| match ALONE.try_lock() {
                Ok(lock) => Some(lock),
                Err(TryLockError::Poisoned(lock)) => Some(lock.into_inner()),
                Err(TryLockError::WouldBlock) => None,
            });
            let (next, judged) = if alone.is_some() {
                let many = rayon::current_num_threads().min(SIDE_BY_SIDE);
                let judge = || batch.par_iter().map(|block| self.block(block, &kinds)).collect();
                rayon::join(|| some(&mut blocks, many), judge)
            } else {
                let judged: Vec<_> = batch.iter().map(|block| self.block(block, &kinds)).collect();
                (some(&mut blocks, 1), judged)
            };
            judged.into_iter().for_each(|facts| self.take_over(facts));
            end?;
            batch.into_iter().for_each(|block| blocks.recycle(block));
            (batch, end) = next;
        }
        end
    }

    /// What the lines of one block show, whatever the others hold.
    fn block(&self, block: &Block, kinds: &[&'a Kind]) -> ArtifactFacts {
        let manifest = self.facts.manifest.clone();
        let programs = self.gatherer.programs;
        let facts = ArtifactFacts { manifest, ..ArtifactFacts::new(self.uses, programs) };
        let mut part = Reading {
            gatherer: self.gatherer,
            path: self.path,
            entry: self.entry,
            uses: self.uses,
            manifest: self.manifest.clone(),
            attributes: None,
            facts,
            zoneless: false,
        };
        let mut arena = Arena::new();
        for line in block.lines() {
            let first = LineColumn { line: line.number, column: 1 };
            let text = match &line.text {
                Ok(text) => *text,
                Err(fault) => {
                    let locator = Locator::new(self.path, self.entry, "", line.offset, first);
                    part.faults(std::slice::from_ref(fault), &locator);
                    continue;
                }
            };
            let locator = Locator::new(self.path, self.entry, text, line.offset, first);
            let faults = read_json(text, &mut arena, Default::default());
            if part.faults(&faults, &locator)
                && let Some(node) = arena.root(text)
            {
                part.instance(node, None, kinds, &locator);
            }
        }
        part.facts
    }

    /// Adds what the next block showed to what those before it did.
    fn take_over(&mut self, next: ArtifactFacts) {
        let warned = |facts: &ArtifactFacts| {
            facts.findings.iter().any(|(_, finding)| finding.code == Code::ZonelessTime)
        };
        let again = warned(&self.facts);
        let new = next.findings.into_iter();
        let new = new.filter(|(_, finding)| !again || finding.code != Code::ZonelessTime);
        self.facts.findings.extend(new);
        self.facts.unread |= next.unread;
        self.facts.blind |= next.blind;
        for (uses, next) in self.facts.uses.iter_mut().zip(next.uses) {
            uses.append(next);
        }
        for (list, next) in self.facts.lists.iter_mut().zip(next.lists) {
            list.extend(next);
        }
    }
}
