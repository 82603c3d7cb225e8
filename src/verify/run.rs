//! A run: what it needs beside the evidence is made once, and what one run learned of the files may
//! serve another one in which few of them are others.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::facts::ArtifactFacts;
use super::{
    Question, disclose, evaluate, gather, judge, nothing_left, obstacles, one, orphans, plan,
    program, rollup, unused,
};
use crate::catalog::{Catalog, Problem, generated};
use crate::evidence::{
    FOLDER_MANIFEST, Inventory, MANIFEST_SUFFIX, Store, folder_schema, manifest_schema,
};
use crate::report::Report;
use crate::schema::Schema;

/// Runs over one catalog that are asked the same question.
pub(crate) struct Run<'a> {
    catalog: &'a Catalog,
    question: &'a Question<'a>,
    env: evaluate::Env,
    schemas: &'static ManifestSchemas,
}

/// What an earlier run learned of each file, and which files are others now.
pub(crate) struct Earlier<'e> {
    /// What it learned.
    pub(crate) facts: &'e Learned,
    /// Paths of the files that are others, in an inventory of the same paths.
    pub(crate) changed: &'e [&'e str],
}

/// What a run learned of each file of its inventory.
pub(crate) struct Learned(Vec<Option<Arc<ArtifactFacts>>>);

impl Earlier<'_> {
    /// What is still true of file number `entry` at `path`: everything, where neither it nor its
    /// manifest is another. The manifest of a folder says something of every file in it.
    fn still(&self, entry: usize, path: &str) -> Option<&Arc<ArtifactFacts>> {
        let concerns = |changed: &&str| {
            *changed == path
                || changed.strip_suffix(MANIFEST_SUFFIX) == Some(path)
                || changed.ends_with(FOLDER_MANIFEST)
        };
        let facts = self.facts.0.get(entry)?.as_ref();
        facts.filter(|_| !self.changed.iter().any(concerns))
    }
}

impl<'a> Run<'a> {
    /// A run over `catalog`.
    ///
    /// # Errors
    /// When a schema of tickmark itself cannot be compiled.
    pub(crate) fn new(
        catalog: &'a Catalog,
        question: &'a Question<'a>,
    ) -> Result<Self, Vec<Problem>> {
        let env = evaluate::Env::new(catalog, question.as_of);
        Ok(Self { catalog, question, env, schemas: ManifestSchemas::get()? })
    }

    /// Judges the files of `inventory`, taking from an earlier run what is still true.
    pub(crate) fn judge(
        &self,
        inventory: &Inventory,
        store: &dyn Store,
        earlier: Option<&Earlier<'_>>,
    ) -> (Report, Learned) {
        let (catalog, question) = (self.catalog, self.question);
        let folders = gather::Folders::read(inventory, store, &self.schemas.folder);
        let plan = plan::Plan::new(catalog, inventory, question.wanted, question.as_of);
        let programs = program::Programs::new(catalog, &plan);
        let gatherer = gather::Gatherer {
            catalog,
            programs: &programs,
            inventory,
            store,
            env: &self.env,
            manifests: &self.schemas.manifest,
            folders: &folders,
            as_of: question.as_of,
            sampling: false,
        };
        let many = plan.uses.iter().filter(|uses| !uses.is_empty()).count();
        let done = std::sync::atomic::AtomicUsize::new(0);
        let learned = plan.uses.par_iter().enumerate().map(|(entry, uses)| {
            if uses.is_empty() {
                return None;
            }
            let path = inventory.entries()[entry].path.as_str();
            if let Some(facts) = earlier.and_then(|earlier| earlier.still(entry, path)) {
                return Some(Arc::clone(facts));
            }
            let facts = gatherer.artifact(entry, uses);
            let now = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            (question.progress)(now, many);
            Some(Arc::new(facts))
        });
        let learned = Learned(learned.collect());
        let report = self.report(inventory, &folders, &plan, &learned);
        (report, learned)
    }

    fn report(
        &self,
        inventory: &Inventory,
        folders: &gather::Folders,
        plan: &plan::Plan,
        learned: &Learned,
    ) -> Report {
        let (catalog, as_of) = (self.catalog, self.question.as_of);
        let facts = learned.0.as_slice();
        let judge = judge::Judge { catalog, inventory, plan, facts, as_of };
        let digest = |path: &str| {
            let entries = inventory.entries();
            let at = entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()?;
            facts[at].as_ref().map(|facts| facts.sha256.clone())
        };
        let mut findings = obstacles(inventory);
        findings.extend(orphans(inventory));
        findings.extend(folders.faults());
        findings.extend(folders.orphans(inventory));
        findings.extend(nothing_left(catalog, as_of));
        let mut omitted = BTreeMap::new();
        let mut controls = Vec::new();
        let judged: Vec<_> = catalog
            .controls
            .par_iter()
            .enumerate()
            .filter(|(_, control)| (self.question.wanted)(control))
            .map(|(at, _)| one(&judge, at, &digest))
            .collect();
        for (report, found, left) in judged {
            findings.extend(found);
            for (check, many) in left {
                *omitted.entry((report.id.clone(), check)).or_default() += many;
            }
            controls.push(report);
        }
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
        findings.dedup();
        let window = catalog.engagement.window;
        let omitted = omitted.into_iter().map(|((control, check), many)| (control, check, many));
        Report {
            organisation: catalog.engagement.organisation.clone(),
            window: (window.from().to_string(), window.to().to_string()),
            time_zone: catalog.engagement.zone.name().to_owned(),
            categories: catalog.engagement.categories.clone(),
            as_of: as_of.to_string(),
            strict: self.question.strict,
            items: rollup::items(catalog, &controls),
            criteria: rollup::criteria(catalog, &controls),
            register: disclose::register(catalog, &controls),
            controls,
            findings,
            omitted: omitted.collect(),
            files: inventory.entries().len() as u64,
            unused: unused(inventory, plan),
        }
    }
}

/// The schemas of manifests, which every run needs.
pub(super) struct ManifestSchemas {
    pub(super) manifest: Schema,
    pub(super) folder: Schema,
}

impl ManifestSchemas {
    /// The schemas, compiled once.
    pub(super) fn get() -> Result<&'static Self, Vec<Problem>> {
        static SCHEMAS: OnceLock<Result<ManifestSchemas, Vec<Problem>>> = OnceLock::new();
        let compiled = SCHEMAS.get_or_init(|| {
            let manifest = generated("manifest", manifest_schema())?;
            Ok(Self { manifest, folder: generated("folder", folder_schema())? })
        });
        compiled.as_ref().map_err(Clone::clone)
    }
}
