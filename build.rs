//! Embeds the built-in pack: every rule file under `controls/` and every kind under `schemas/kinds/`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    println!("cargo:rerun-if-env-changed=CARGO_MANIFEST_DIR");
    let mut code = String::new();
    for (name, folder, ending) in
        [("CONTROLS", "controls", "yaml"), ("KINDS", "schemas/kinds", "json")]
    {
        println!("cargo:rerun-if-changed={folder}");
        let mut files = Vec::new();
        list(&root.join(folder), ending, &mut files)?;
        files.sort();
        let _ = writeln!(code, "pub(crate) static {name}: &[(&str, &str)] = &[");
        for file in files {
            let relative = file.strip_prefix(&root).unwrap_or(&file).display();
            let _ = writeln!(code, "    ({:?}, include_str!({:?})),", relative.to_string(), file);
        }
        code.push_str("];\n");
    }
    let checklist = root.join("controls/checklist.yaml");
    let _ = writeln!(code, "pub(crate) static CHECKLIST: &str = include_str!({checklist:?});");
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("pack.rs"), code)
}

fn list(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, ending, files)?;
        } else if path.extension().is_some_and(|own| own == ending) && !is_aside(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// Neither the fixtures of a control nor the checklist is a rule file.
fn is_aside(path: &Path) -> bool {
    let path = path.to_string_lossy();
    path.ends_with(".test.yaml") || path.ends_with("checklist.yaml")
}
