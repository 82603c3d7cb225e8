//! The nearest known name to one that was misspelt.

/// The candidate that `name` was most likely meant to be, if any is near enough to say so.
///
/// Names that differ only in case, hyphens or underscores are nearest; after them those within two
/// edits (one for names of three or four characters, none for shorter ones). The first of several
/// equally near candidates wins, so their order decides.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter_map(|candidate| Some((distance(name, candidate)?, candidate)))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// The help line `did you mean …?`, or nothing.
#[must_use]
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(name, candidates).map(|near| format!("did you mean `{near}`?"))
}

/// How far apart two near names are; `None` when they are not near, or are the same.
fn distance(one: &str, other: &str) -> Option<usize> {
    if one == other {
        return None;
    }
    if folded(one) == folded(other) && !folded(one).is_empty() {
        return Some(0);
    }
    let (longer, shorter) = {
        let (a, b) = (one.chars().count(), other.chars().count());
        (a.max(b), a.min(b))
    };
    let allowed = match shorter {
        0..=2 => 0,
        3..=4 => 1,
        _ => 2,
    };
    // The length alone rules most names out, and bounds the work on hostile ones.
    if longer - shorter > allowed || longer > 200 {
        return None;
    }
    let distance = strsim::osa_distance(one, other);
    (distance <= allowed).then_some(distance)
}

fn folded(name: &str) -> String {
    name.chars()
        .filter(|character| !matches!(character, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_only_what_is_near() {
        let table = [
            ("requird", &["required", "type"][..], Some("required")),
            ("aproved_at", &["approved_by", "approved_at"], Some("approved_at")),
            ("approvedAt", &["approved_by", "approved_at"], Some("approved_at")),
            ("tilte", &["title"], Some("title")),
            ("id", &["at", "by"], None),
            ("owner", &["approver"], None),
            ("title", &["title"], None),
            ("", &["a"], None),
        ];
        for (name, candidates, expected) in table {
            assert_eq!(nearest(name, candidates.iter().copied()), expected, "{name}");
        }
    }
}
