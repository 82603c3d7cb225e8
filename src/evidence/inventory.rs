//! The list of everything beneath the root.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use walkdir::WalkDir;

/// One regular file beneath the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path relative to the root, `/` between its parts.
    pub path: String,
}

/// What kept the walk from listing something as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Path relative to the root; undecodable bytes are shown as U+FFFD.
    pub path: String,
    /// What it is.
    pub kind: ObstacleKind,
    /// The particulars: the other name, the error of the system.
    pub detail: String,
}

/// Kinds of obstacle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObstacleKind {
    /// A folder or file could not be read.
    Unreadable,
    /// A symbolic link.
    Link,
    /// A FIFO, socket or device.
    Special,
    /// Two names that differ only by case, or a name that has another spelling in Unicode.
    Collision,
    /// Control or bidirectional characters, or bytes that are not UTF-8.
    Deceptive,
}

/// Everything beneath the root, in byte order of the path.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    entries: Vec<Entry>,
    obstacles: Vec<Obstacle>,
}

impl Inventory {
    /// An inventory of `entries`, for trees that do not lie on a disk.
    #[must_use]
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        let mut inventory = Self { entries, obstacles: Vec::new() };
        inventory.look_at_names();
        inventory
    }

    /// Walks `root`. `.git` is not evidence and is left out; nothing else is, hidden or ignored.
    #[must_use]
    pub fn walk(root: &Path) -> Self {
        let mut inventory = Self::default();
        let walk = WalkDir::new(root).follow_links(false).min_depth(1).into_iter();
        for entry in walk.filter_entry(|entry| entry.file_name() != ".git") {
            match entry {
                Ok(entry) => inventory.add(root, &entry),
                Err(error) => inventory.obstacles.push(Obstacle {
                    path: error.path().map_or_else(String::new, |path| relative(root, path).0),
                    kind: ObstacleKind::Unreadable,
                    detail: error
                        .io_error()
                        .map_or_else(|| "cannot be read".to_owned(), ToString::to_string),
                }),
            }
        }
        inventory.entries.sort_by(|a, b| a.path.cmp(&b.path));
        inventory.look_at_names();
        inventory
    }

    fn add(&mut self, root: &Path, entry: &walkdir::DirEntry) {
        let (path, lossy) = relative(root, entry.path());
        let kind = entry.file_type();
        let obstacle = if lossy {
            Some((ObstacleKind::Deceptive, "the name is not UTF-8"))
        } else if kind.is_symlink() {
            Some((ObstacleKind::Link, "links are not followed"))
        } else if !kind.is_dir() && !kind.is_file() {
            Some((ObstacleKind::Special, "only regular files are read"))
        } else {
            None
        };
        if let Some((kind, detail)) = obstacle {
            self.obstacles.push(Obstacle { path, kind, detail: detail.to_owned() });
        } else if kind.is_file() {
            self.entries.push(Entry { path });
        }
    }

    fn look_at_names(&mut self) {
        let mut folded: HashMap<Cow<'_, str>, &str> = HashMap::with_capacity(self.entries.len());
        for entry in &self.entries {
            let path = entry.path.as_str();
            if !is_plain(path) && path.chars().any(is_deceptive) {
                self.obstacles.push(Obstacle {
                    path: entry.path.clone(),
                    kind: ObstacleKind::Deceptive,
                    detail: "the name holds characters that do not show, or change its direction"
                        .to_owned(),
                });
            }
            if !path.is_ascii() && path.chars().any(is_decomposed) {
                self.obstacles.push(Obstacle {
                    path: entry.path.clone(),
                    kind: ObstacleKind::Collision,
                    detail: "the name has another spelling in Unicode, which some file systems take for the same file: rename it in composed form (NFC), or in plain letters"
                        .to_owned(),
                });
            }
            if let Some(other) = folded.insert(folded_case(path), path) {
                self.obstacles.push(Obstacle {
                    path: entry.path.clone(),
                    kind: ObstacleKind::Collision,
                    detail: format!("`{other}` differs only by case"),
                });
            }
        }
        self.obstacles.sort_by(|a, b| (&a.path, a.kind).cmp(&(&b.path, b.kind)));
    }

    /// The files, in byte order of the path.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What could not be listed, in byte order of the path.
    #[must_use]
    pub fn obstacles(&self) -> &[Obstacle] {
        &self.obstacles
    }

    /// Whether there is a file at `path`.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).is_ok()
    }

    /// The files whose path begins with `prefix`.
    #[must_use]
    pub fn beneath(&self, prefix: &str) -> &[Entry] {
        let from = self.entries.partition_point(|entry| entry.path.as_str() < prefix);
        let rest = &self.entries[from..];
        &rest[..rest.partition_point(|entry| entry.path.starts_with(prefix))]
    }
}

fn relative(root: &Path, path: &Path) -> (String, bool) {
    let path = path.strip_prefix(root).unwrap_or(path);
    let lossy = path.to_str().is_none();
    let mut parts = path.iter().map(|part| part.to_string_lossy());
    let mut relative = parts.next().unwrap_or_default().into_owned();
    for part in parts {
        relative.push('/');
        relative.push_str(&part);
    }
    (relative, lossy)
}

/// What `path` has in common with those that differ from it by case alone.
fn folded_case(path: &str) -> Cow<'_, str> {
    if path.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        Cow::Owned(path.to_lowercase())
    } else {
        Cow::Borrowed(path)
    }
}

/// Whether `path` is ASCII that shows.
fn is_plain(path: &str) -> bool {
    path.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Control characters, and those that do not show or change the direction of the text.
fn is_deceptive(character: char) -> bool {
    character.is_control() || crate::model::is_hidden(character)
}

/// Characters for which Unicode has another spelling: marks that combine with the letter before
/// them, the parts of Hangul syllables, and letters that are only kept for old encodings. Where two
/// names are the same in composed form, at least one of them holds such a character.
fn is_decomposed(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{345}' | '\u{3099}' | '\u{309a}' | '\u{1100}'..='\u{1112}'
        | '\u{1161}'..='\u{1175}' | '\u{11a8}'..='\u{11c2}' | '\u{2126}' | '\u{212a}'
        | '\u{212b}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(paths: &[&str]) -> Inventory {
        let entries = paths.iter().map(|path| Entry { path: (*path).to_owned() }).collect();
        Inventory::new(entries)
    }

    #[test]
    fn names_that_differ_by_case_or_deceive_are_obstacles() {
        let inventory = listed(&["a/Report.json", "a/report.json", "b/\u{202e}x", "c"]);
        let kinds: Vec<_> =
            inventory.obstacles().iter().map(|o| (o.path.as_str(), o.kind)).collect();
        assert_eq!(
            kinds,
            [("a/report.json", ObstacleKind::Collision), ("b/\u{202e}x", ObstacleKind::Deceptive)]
        );
    }

    #[test]
    fn names_with_two_spellings_or_invisible_characters_are_obstacles() {
        let inventory = listed(&["M\u{e4}rz", "Ma\u{308}rz", "\u{212a}", "\u{1100}\u{1161}"]);
        let kinds: Vec<_> = inventory.obstacles().iter().map(|o| o.kind).collect();
        assert_eq!(kinds, [ObstacleKind::Collision; 3]);
        let hidden =
            "\u{ad}\u{61c}\u{2060}\u{2061}\u{2062}\u{2063}\u{2064}\u{feff}\u{200b}\u{e0041}";
        for character in hidden.chars() {
            let inventory = listed(&[&format!("a{character}.json")]);
            assert_eq!(inventory.obstacles()[0].kind, ObstacleKind::Deceptive, "{character:?}");
        }
        assert!(
            listed(&["\u{c5}ngstr\u{f6}m-\u{304c}-\u{ac00}-\u{6f22}.pdf"]).obstacles().is_empty()
        );
    }

    #[test]
    fn a_prefix_finds_its_files_and_no_others() {
        let inventory = listed(&["a/1", "a/2", "ab/3", "b/4"]);
        let paths: Vec<_> = inventory.beneath("a/").iter().map(|e| e.path.as_str()).collect();
        assert_eq!(paths, ["a/1", "a/2"]);
        assert!(inventory.contains("ab/3") && !inventory.contains("ab"));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_told_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("real.json"), "{}").unwrap();
        std::os::unix::fs::symlink("real.json", folder.path().join("link.json")).unwrap();
        std::os::unix::fs::symlink(".", folder.path().join("loop")).unwrap();
        let inventory = Inventory::walk(folder.path());
        assert_eq!(inventory.entries().len(), 1);
        assert!(inventory.obstacles().iter().all(|o| o.kind == ObstacleKind::Link));
        assert_eq!(inventory.obstacles().len(), 2);
    }
}
