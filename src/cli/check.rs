//! `tickmark check`: what single files alone can show, for a pre-commit hook.

use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::path::{Component, Path, PathBuf};

use super::args::CheckArgs;
use super::settings::as_of;
use super::{Exit, Failure, files};
use crate::evidence::{Directory, Entry, FOLDER_MANIFEST, Inventory, MANIFEST_SUFFIX, illustrate};
use crate::render::{Style, human};
use crate::verify::{check, prepare};

pub(super) fn run(args: &CheckArgs, style: &Style) -> Result<Exit, Failure> {
    let root = match &args.root {
        Some(root) => files::root(root)?.to_owned(),
        None => above(&args.files)?,
    };
    let inventory = inventory(&root, &args.files)?;
    let paths: Vec<&str> = inventory.entries().iter().map(|entry| entry.path.as_str()).collect();
    let load = || files::catalog_for(&root, args.pack.as_deref(), &paths);
    // The process ends with the command: taking the catalog apart value by value is in vain.
    let catalog = ManuallyDrop::new(rayon::join(load, prepare).0?);
    let as_of = as_of(args.as_of.as_deref(), &catalog.engagement.zone)?;
    let store = Directory::new(&root);
    let checked = check(&catalog, &inventory, &store, as_of).map_err(Failure::Policy)?;
    let (covered, mut findings): (Vec<_>, Vec<_>) =
        checked.findings.into_iter().partition(|finding| finding.excepted_by.is_some());
    illustrate(&mut findings, &store);
    let mut out = io::stdout().lock();
    human::render_findings("What to fix", &findings, style, &mut out)?;
    human::render_covered(&covered, &mut out)?;
    for path in &checked.unread {
        writeln!(out, "{path}: no requirement reads this file")?;
    }
    let fails = findings.iter().any(crate::model::Finding::blocks);
    Ok(if fails { Exit::Unmet } else { Exit::Passes })
}

/// The nearest folder that holds an engagement: above the current one, else above the first file.
fn above(files: &[PathBuf]) -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()?;
    let file = files.first().and_then(|file| file.canonicalize().ok());
    let folders = here.ancestors().chain(file.iter().flat_map(|file| file.ancestors()));
    let root = { folders }.find(|folder| folder.join("tickmark.yaml").is_file());
    root.map(Path::to_owned).ok_or_else(|| {
        let message = "there is no `tickmark.yaml` here or above, nor above the files";
        Failure::plain(message, "name the root with `--root`")
    })
}

/// The named files with their manifests; a manifest stands for what it describes.
fn inventory(root: &Path, files: &[PathBuf]) -> Result<Inventory, Failure> {
    let mut paths = Vec::new();
    for file in files {
        let path = beneath(root, file)?;
        let (folder, name) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
        let mut wanted = vec![path.clone(), format!("{folder}{FOLDER_MANIFEST}")];
        if name == FOLDER_MANIFEST {
            wanted.extend(beside(root, folder)?);
        } else {
            let artifact = path.strip_suffix(MANIFEST_SUFFIX).unwrap_or(&path);
            wanted.extend([artifact.to_owned(), format!("{artifact}{MANIFEST_SUFFIX}")]);
        }
        for path in wanted {
            if root.join(&path).symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
                paths.push(path);
            } else if root.join(&path).symlink_metadata().is_ok() {
                let message = format!("`{path}` is not a regular file");
                return Err(Failure::plain(message, "links and devices are not evidence"));
            }
        }
    }
    paths.sort();
    paths.dedup();
    Ok(Inventory::new(paths.into_iter().map(|path| Entry { path }).collect()))
}

/// The files of a folder, which its manifest stands for.
fn beside(root: &Path, folder: &str) -> Result<Vec<String>, Failure> {
    let mut paths = Vec::new();
    for entry in root.join(folder).read_dir()? {
        let entry = entry?;
        if let (true, Some(name)) = (entry.file_type()?.is_file(), entry.file_name().to_str()) {
            paths.push(format!("{folder}{name}"));
        }
    }
    Ok(paths)
}

/// The path of `file` relative to `root`.
fn beneath(root: &Path, file: &Path) -> Result<String, Failure> {
    let outside = || {
        let message = format!("`{}` is not a file beneath `{}`", file.display(), root.display());
        Failure::plain(message, "name files of the evidence repository")
    };
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().map_err(|_| outside())?;
    let root = root.canonicalize().map_err(|_| outside())?;
    let full = folder.join(file.file_name().ok_or_else(outside)?);
    if full.symlink_metadata().is_err() {
        return Err(outside());
    }
    let relative = full.strip_prefix(&root).map_err(|_| outside())?;
    let parts: Option<Vec<&str>> = relative
        .components()
        .map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    parts.map(|parts| parts.join("/")).ok_or_else(outside)
}
