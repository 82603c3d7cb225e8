//! What became of a test case, read so that doubt never counts as a pass.

use roxmltree::Node;

/// What became of a test case, and the element that says so.
#[derive(Debug)]
pub(super) struct Outcome<'a, 'i> {
    pub(super) status: Status<'a>,
    /// The failure, the error or the skip; `None` when an attribute says it, or nothing does.
    pub(super) element: Option<Node<'a, 'i>>,
    /// Whether it failed in between and was run again.
    pub(super) flaky: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status<'a> {
    Passed,
    Failed,
    Error,
    Skipped,
    /// The runner wrote a word that we do not know.
    Other(&'a str),
}

impl<'a> Status<'a> {
    pub(super) fn word(self) -> &'a str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Skipped => "skipped",
            Self::Other(word) => word,
        }
    }

    /// What the value of an attribute `status` or `result` means.
    pub(super) fn of(word: &'a str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            // GoogleTest: `status` tells whether the test ran, `result` whether it completed.
            "" | "passed" | "pass" | "success" | "successful" | "succeeded" | "ok" | "run"
            | "completed" => Self::Passed,
            "failed" | "fail" | "failure" => Self::Failed,
            "error" | "errored" => Self::Error,
            "skipped" | "skip" | "disabled" | "notrun" | "not run" | "ignored" | "pending"
            | "suppressed" => Self::Skipped,
            _ => Self::Other(word),
        }
    }
}

/// What became of `case`. A failure beats an error, that a skip, that a word we do not know.
pub(super) fn of<'a, 'i>(case: Node<'a, 'i>) -> Outcome<'a, 'i> {
    let elements = within(case);
    let find = |names: &[&str]| {
        let named = |node: &&Node<'_, '_>| names.contains(&node.tag_name().name());
        elements.iter().find(named).copied()
    };
    let said = |wanted: fn(Status<'a>) -> bool| {
        let words = ["status", "result"].into_iter().filter_map(|name| case.attribute(name));
        words.map(Status::of).find(|&status| wanted(status))
    };
    let flaky = find(&["flakyFailure", "flakyError"]);
    let rerun = find(&["rerunFailure", "rerunError"]);
    let outcome = |status, element| Outcome { status, element, flaky: flaky.is_some() };
    if let Some(element) = find(&["failure"]) {
        outcome(Status::Failed, Some(element))
    } else if let Some(element) = find(&["error"]) {
        outcome(Status::Error, Some(element))
    } else if let Some(status) = said(|status| matches!(status, Status::Failed | Status::Error)) {
        outcome(status, None)
    } else if rerun.is_some() {
        outcome(Status::Failed, rerun)
    } else if let Some(element) = find(&["skipped", "disabled"]) {
        outcome(Status::Skipped, Some(element))
    } else if let Some(status) = said(|status| status == Status::Skipped) {
        outcome(status, None)
    } else if let Some(status) = said(|status| matches!(status, Status::Other(_))) {
        outcome(status, None)
    } else {
        outcome(Status::Passed, None)
    }
}

/// The elements in a test case, without those of a case in it.
fn within<'a, 'i>(case: Node<'a, 'i>) -> Vec<Node<'a, 'i>> {
    let mut found = Vec::new();
    let mut rest: Vec<_> = case.children().filter(Node::is_element).rev().collect();
    while let Some(node) = rest.pop() {
        if node.tag_name().name() != "testcase" {
            found.push(node);
            rest.extend(node.children().filter(Node::is_element).rev());
        }
    }
    found
}
