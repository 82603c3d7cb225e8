//! Reads the policy of a repository: engagement, exceptions, and the packs it names.

use std::fs;
use std::io;
use std::path::Path;

use super::Failure;
use crate::catalog::{Catalog, File, Files, load, load_part, pack};
use crate::document::{Document, read_policy};
use crate::evidence::Inventory;

/// Loads the catalog of the repository at `root`; the folder `pack` stands for the built-in pack.
pub(super) fn catalog(root: &Path, pack: Option<&Path>) -> Result<Catalog, Failure> {
    load(&policy(root, pack)?).map_err(Failure::Policy)
}

/// Loads as much of the catalog as judging the files at `paths` needs. Where that much is not right
/// by itself, all of it decides.
pub(super) fn catalog_for(
    root: &Path,
    pack: Option<&Path>,
    paths: &[&str],
) -> Result<Catalog, Failure> {
    let files = policy(root, pack)?;
    load_part(&files.needed_for(paths)).or_else(|_| load(&files)).map_err(Failure::Policy)
}

/// The files of the policy of the repository at `root`.
pub(super) fn policy(root: &Path, pack: Option<&Path>) -> Result<Files, Failure> {
    let (controls, schemas, checklist) = match pack {
        Some(folder) => {
            let (controls, schemas) = pack_in(folder)?;
            (controls, schemas, read(folder, CHECKLIST)?)
        }
        None => (pack::controls(), pack::kinds(), Some(pack::checklist())),
    };
    let mut files = Files {
        engagement: read(root, "tickmark.yaml")?,
        exceptions: read(root, "exceptions.yaml")?,
        checklists: read(root, CHECKLIST)?.into_iter().collect(),
        controls: Vec::new(),
        schemas,
    };
    if files.engagement.as_ref().is_some_and(names_pack) {
        files.controls = controls;
        files.checklists.splice(..0, checklist);
    }
    files.controls.extend(rule_files(root)?);
    files.schemas.extend(folder(root, "schemas", ".json")?);
    Ok(files)
}

/// Whether the engagement names the built-in pack; what is wrong with it is told when all is loaded.
fn names_pack(engagement: &File) -> bool {
    let (document, _) = read_policy(&engagement.path, engagement.bytes.clone());
    let names = |document: Document| {
        let packs = document.root().get("packs");
        packs.is_some_and(|packs| packs.elements().any(|pack| pack.as_str() == Some(PACK)))
    };
    document.is_some_and(names)
}

/// Loads the catalog of `root`, or the built-in pack where no repository is there.
pub(super) fn catalog_or_default(root: &Path, pack: Option<&Path>) -> Result<Catalog, Failure> {
    if root.join("tickmark.yaml").is_file() {
        return catalog(root, pack);
    }
    let (controls, schemas) = match pack {
        Some(folder) => pack_in(folder)?,
        None => (pack::controls(), pack::kinds()),
    };
    let engagement = "organisation: nobody yet\nwindow: { start: 2026-01-01, end: 2026-12-31 }\n\
                      time_zone: UTC\npacks: [soc2-ai]\n";
    let engagement =
        File { path: "tickmark.yaml".to_owned(), bytes: engagement.as_bytes().to_vec() };
    let checklists = vec![pack::checklist()];
    load(&Files { engagement: Some(engagement), exceptions: None, checklists, controls, schemas })
        .map_err(Failure::Policy)
}

/// Rule files and kinds of the folder `root`: `controls/`, and `schemas/kinds/` or `schemas/`.
pub(super) fn pack_in(root: &Path) -> Result<(Vec<File>, Vec<File>), Failure> {
    let kinds = if root.join("schemas/kinds").is_dir() { "schemas/kinds" } else { "schemas" };
    let controls = rule_files(root)?;
    if controls.is_empty() {
        let message = format!("there is no rule file in `{}`", root.join("controls").display());
        return Err(Failure::plain(message, "name a folder that holds `controls/` and `schemas/`"));
    }
    Ok((controls, folder(root, kinds, ".json")?))
}

/// The rule files beneath `controls/`; what tests them is none.
fn rule_files(root: &Path) -> Result<Vec<File>, Failure> {
    let mut files = folder(root, "controls", ".yaml")?;
    files.retain(|file| !file.path.ends_with(TEST_ENDING) && file.path != CHECKLIST);
    Ok(files)
}

/// The name of the built-in pack.
const PACK: &str = "soc2-ai";

/// The items a folder of rule files answers.
const CHECKLIST: &str = "controls/checklist.yaml";

/// Ending of a file that holds the fixtures of a control.
pub(super) const TEST_ENDING: &str = ".test.yaml";

fn read(root: &Path, name: &str) -> Result<Option<File>, Failure> {
    match fs::read(root.join(name)) {
        Ok(bytes) => Ok(Some(File { path: name.to_owned(), bytes })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(name, &error)),
    }
}

/// The files of the repository's own pack.
pub(super) fn folder(root: &Path, name: &str, ending: &str) -> Result<Vec<File>, Failure> {
    if !root.join(name).is_dir() {
        return Ok(Vec::new());
    }
    let inventory = Inventory::walk(&root.join(name));
    if let Some(obstacle) = inventory.obstacles().first() {
        let message = format!("`{name}/{}` cannot be read: {}", obstacle.path, obstacle.detail);
        return Err(Failure::plain(message, "rule files and schemas are regular files"));
    }
    let mut files = Vec::new();
    for entry in inventory.entries().iter().filter(|entry| entry.path.ends_with(ending)) {
        let path = format!("{name}/{}", entry.path);
        let bytes = fs::read(root.join(&path)).map_err(|error| unreadable(&path, &error))?;
        files.push(File { path, bytes });
    }
    Ok(files)
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    Failure::plain(format!("`{name}` cannot be read: {error}"), "make it readable and run again")
}

/// A root that is a folder.
pub(super) fn root(path: &Path) -> Result<&Path, Failure> {
    if path.is_dir() {
        return Ok(path);
    }
    let message = format!("`{}` is not a folder", path.display());
    Err(Failure::plain(
        message,
        "name the root of the evidence repository: the folder of `tickmark.yaml`",
    ))
}
