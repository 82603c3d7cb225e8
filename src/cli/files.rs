//! Reads the policy of a repository: engagement, exceptions, and the packs it names.

use std::fs;
use std::io;
use std::path::Path;

use super::Failure;
use crate::catalog::{Catalog, File, Files, load, pack};
use crate::evidence::Inventory;

/// Loads the catalog of the repository at `root`.
pub(super) fn catalog(root: &Path) -> Result<Catalog, Failure> {
    load(&policy(root)?).map_err(Failure::Policy)
}

/// Loads as much of the catalog as judging the files at `paths` needs. Where that much is not right
/// by itself, all of it decides.
pub(super) fn catalog_for(root: &Path, paths: &[&str]) -> Result<Catalog, Failure> {
    let files = policy(root)?;
    load(&files.needed_for(paths)).or_else(|_| load(&files)).map_err(Failure::Policy)
}

fn policy(root: &Path) -> Result<Files, Failure> {
    let mut files = Files {
        engagement: read(root, "tickmark.yaml")?,
        exceptions: read(root, "exceptions.yaml")?,
        controls: Vec::new(),
        schemas: pack::kinds(),
    };
    // The packs are named in the engagement; whether it is right is told when all is loaded.
    let names_pack = files.engagement.as_ref().is_some_and(|file| {
        String::from_utf8_lossy(&file.bytes).lines().any(|line| {
            let line = line.split('#').next().unwrap_or_default();
            line.contains("soc2-ai")
        })
    });
    if names_pack {
        files.controls = pack::controls();
    }
    files.controls.extend(folder(root, "controls", ".yaml")?);
    files.schemas.extend(folder(root, "schemas", ".json")?);
    Ok(files)
}

fn read(root: &Path, name: &str) -> Result<Option<File>, Failure> {
    match fs::read(root.join(name)) {
        Ok(bytes) => Ok(Some(File { path: name.to_owned(), bytes })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(name, &error)),
    }
}

/// The files of the repository's own pack.
fn folder(root: &Path, name: &str, ending: &str) -> Result<Vec<File>, Failure> {
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
