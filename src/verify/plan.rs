//! Which artifact serves which requirement, decided from names alone before anything is read.

use jiff::civil::Date;
use rayon::prelude::*;

use crate::catalog::{Catalog, Control, Requirement, Slot};
use crate::evidence::{Inventory, MANIFEST_SUFFIX};

/// One use of an artifact: a requirement of a control, by the alternative that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Use {
    /// Index of the control.
    pub control: usize,
    /// Index of the requirement in it.
    pub requirement: usize,
    /// Index of the alternative in it.
    pub slot: usize,
}

/// The files of one requirement.
#[derive(Debug, Clone, Default)]
pub(super) struct Chosen {
    /// Index of the alternative.
    pub slot: usize,
    /// Indexes of the files, in order of their path.
    pub entries: Vec<usize>,
}

/// The plan of a run.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// For each file of the inventory, its uses.
    pub uses: Vec<Vec<Use>>,
    /// For each control, for each requirement, its files.
    pub chosen: Vec<Vec<Chosen>>,
}

impl Plan {
    /// Plans a run over the controls that `wanted` names.
    #[must_use]
    pub(super) fn new(
        catalog: &Catalog,
        inventory: &Inventory,
        wanted: &(dyn Fn(&Control) -> bool + Sync),
        as_of: Date,
    ) -> Self {
        let chosen = |control: &Control| -> Vec<Chosen> {
            let active = !control.is_excluded(as_of) && wanted(control);
            let chosen = control.requirements.iter().map(|requirement| {
                if active { choose(requirement, inventory) } else { Chosen::default() }
            });
            chosen.collect()
        };
        let chosen: Vec<_> = catalog.controls.par_iter().map(chosen).collect();
        let mut uses = vec![Vec::new(); inventory.entries().len()];
        for (control, chosen) in chosen.iter().enumerate() {
            for (requirement, chosen) in chosen.iter().enumerate() {
                for &entry in &chosen.entries {
                    uses[entry].push(Use { control, requirement, slot: chosen.slot });
                }
            }
        }
        Self { uses, chosen }
    }
}

/// The first alternative that a file matches.
fn choose(requirement: &Requirement, inventory: &Inventory) -> Chosen {
    let mut chosen = Chosen::default();
    for (slot, alternative) in requirement.slots.iter().enumerate() {
        chosen = Chosen { slot, entries: entries(alternative, inventory) };
        if !chosen.entries.is_empty() {
            return chosen;
        }
    }
    Chosen { slot: 0, ..chosen }
}

/// The files that `slot` matches.
pub(crate) fn entries(slot: &Slot, inventory: &Inventory) -> Vec<usize> {
    let mut found = Vec::new();
    for pattern in &slot.patterns {
        let from =
            inventory.entries().partition_point(|entry| entry.path.as_str() < pattern.prefix());
        for (offset, entry) in inventory.beneath(pattern.prefix()).iter().enumerate() {
            if !entry.path.ends_with(MANIFEST_SUFFIX) && pattern.matches(&entry.path) {
                found.push(from + offset);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
