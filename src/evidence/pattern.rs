//! Patterns of evidence paths: glob syntax in which `*` does not cross `/`.

use std::fmt;
use std::path::is_separator;

use glob::{MatchOptions, Pattern};

const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// What begins something that is not literal.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// A compiled pattern with the literal text before its first wildcard, so that most paths are told
/// apart by a comparison of bytes.
#[derive(Debug, Clone)]
pub struct PathPattern {
    pattern: Pattern,
    prefix: String,
    /// The text after the wildcard, where it is one `*`, as in most patterns.
    suffix: Option<String>,
}

/// Why a pattern is not one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError(pub String);

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PathPattern {
    /// Compiles `text`, a pattern relative to the repository root.
    ///
    /// # Errors
    /// When the syntax is wrong, or the pattern could leave the root.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let leaves = text.starts_with('/')
            || text.contains('\\')
            || text.split('/').any(|part| part == ".." || part == ".")
            || text.chars().nth(1) == Some(':');
        if leaves || text.is_empty() {
            return Err(PatternError(format!(
                "`{text}` must be a path beneath the repository root, with `/` between its parts"
            )));
        }
        let pattern = Pattern::new(text).map_err(|error| {
            PatternError(format!("`{text}` is not a pattern: {} at byte {}", error.msg, error.pos))
        })?;
        let literal = text.find(WILDCARDS).unwrap_or(text.len());
        let after = text[literal..].strip_prefix('*');
        let suffix = after.filter(|after| !after.contains(WILDCARDS)).map(ToOwned::to_owned);
        Ok(Self { pattern, prefix: text[..literal].to_owned(), suffix })
    }

    /// Whether `path` matches.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let Some(rest) = path.strip_prefix(self.prefix.as_str()) else { return false };
        match &self.suffix {
            Some(suffix) => {
                rest.strip_suffix(suffix.as_str()).is_some_and(|name| !name.contains(is_separator))
            }
            None => self.pattern.matches_with(path, OPTIONS),
        }
    }

    /// The text before the first wildcard.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.pattern.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_its_folder_and_sees_dotfiles() {
        let pattern = PathPattern::new("evidence/*.json").unwrap();
        assert!(pattern.matches("evidence/a.json"));
        assert!(pattern.matches("evidence/.a.json"));
        assert!(!pattern.matches("evidence/old/a.json"));
        assert!(PathPattern::new("evidence/**/*.json").unwrap().matches("evidence/x/y/a.json"));
    }

    #[test]
    fn one_star_is_matched_as_glob_does() {
        let paths =
            ["a", "a/b", "a/b.json", "a/.json", "a/b/c.json", "a/bjson", "a/b.json.yaml", "a/[x"];
        for text in ["a", "*", "a/*", "a/*.json", "a/b*.json", "a/b.*", "*/b.json", "a/*/c.json"] {
            let pattern = PathPattern::new(text).unwrap();
            let glob = Pattern::new(text).unwrap();
            for path in paths {
                assert_eq!(
                    pattern.matches(path),
                    glob.matches_with(path, OPTIONS),
                    "{text} {path}"
                );
            }
        }
    }

    #[test]
    fn patterns_stay_beneath_the_root() {
        for bad in ["/etc/passwd", "../x", "a/../../x", "C:/x", "a\\b", "", "a[", "./a"] {
            assert!(PathPattern::new(bad).is_err(), "{bad}");
        }
    }
}
