//! The records a requirement is about, one by one, for whoever draws a sample of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;

use super::judge::Judge;
use super::plan::Plan;
use super::program::Programs;
use super::{evaluate, gather};
use crate::catalog::{Catalog, Control, Problem, generated};
use crate::evidence::{Inventory, Store, folder_schema, manifest_schema};

/// One record of a population.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Its key as one text: a backslash stands before a backslash, a line feed is `\n`, and where
    /// the key has several parts they are joined by `/`, with `\/` for a slash within one.
    pub key: String,
    /// The month it is of, such as `2026-03`; `undated` where nothing says.
    pub month: String,
    /// The file it stands in.
    pub path: String,
    /// Its line there.
    pub line: u64,
}

/// The records that requirement number `requirement` of `control` selects up to `as_of`, each key
/// once, in order of the key; what a newer export supersedes is left out. Empty where the
/// requirement has no population.
///
/// # Errors
/// When a schema of tickmark itself cannot be compiled.
pub fn population(
    catalog: &Catalog,
    inventory: &Inventory,
    store: &dyn Store,
    as_of: Date,
    control: usize,
    requirement: usize,
) -> Result<Vec<Member>, Vec<Problem>> {
    let manifests = generated("manifest", manifest_schema())?;
    let folders = gather::Folders::read(inventory, store, &generated("folder", folder_schema())?);
    let wanted = &catalog.controls[control];
    let plan = Plan::new(catalog, inventory, &|one: &Control| one.id == wanted.id, as_of);
    let chosen = &plan.chosen[control][requirement];
    let env = evaluate::Env::new(catalog, as_of);
    let programs = Programs::new(catalog, &plan);
    let gatherer = gather::Gatherer {
        catalog,
        programs: &programs,
        inventory,
        store,
        env: &env,
        manifests: &manifests,
        folders: &folders,
        as_of,
        sampling: true,
    };
    let read = |(entry, uses): (usize, &Vec<super::plan::Use>)| {
        chosen.entries.contains(&entry).then(|| std::sync::Arc::new(gatherer.artifact(entry, uses)))
    };
    let facts: Vec<_> = plan.uses.par_iter().enumerate().map(read).collect();
    let judge = Judge { catalog, inventory, plan: &plan, facts: &facts, as_of };
    let gathered = judge.gather(&wanted.requirements[requirement], chosen, control, requirement);
    let mut members = Vec::new();
    for (entry, _, uses) in &gathered.current {
        let path = &inventory.entries()[*entry].path;
        members.extend(uses.sampled.iter().map(|row| {
            Member {
                key: key(&row.key),
                month: row
                    .about
                    .day
                    .map_or_else(|| "undated".to_owned(), |day| day.strftime("%Y-%m").to_string()),
                path: path.clone(),
                line: row.origin.line(),
            }
        }));
    }
    members.sort();
    let mut known = BTreeSet::new();
    members.retain(|member| known.insert(member.key.clone()));
    Ok(members)
}

fn key(parts: &[Arc<str>]) -> String {
    let several = parts.len() > 1;
    let escape = |part: &str| {
        let text = part.replace('\\', "\\\\").replace('\n', "\\n");
        if several { text.replace('/', "\\/") } else { text }
    };
    parts.iter().map(|part| escape(part)).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn keys_that_differ_have_texts_that_differ() {
        let text = |parts: &[&str]| key(&parts.iter().map(|&part| part.into()).collect::<Vec<_>>());
        assert_eq!(text(&["a/b"]), "a/b");
        assert_eq!(text(&["a/b", "c"]), "a\\/b/c");
        assert_eq!(text(&["a", "b/c"]), "a/b\\/c");
        assert_eq!(text(&["a\\", "b\n"]), "a\\\\/b\\n");
    }
}
