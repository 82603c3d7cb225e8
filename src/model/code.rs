//! The registry of finding codes. A code is stable: it is never renamed or reused.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a code means and what to do, as `tickmark explain CODE` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodePage {
    /// The condition in a few words.
    pub title: &'static str,
    /// What it means for the audit.
    pub meaning: &'static str,
    /// What to do.
    pub fix: &'static str,
}

macro_rules! codes {
    ($($variant:ident $name:literal { $title:literal, $meaning:literal, $fix:literal })*) => {
        /// A stable finding code; it names a condition.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it is written everywhere.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Its page.
            #[must_use]
            pub fn page(self) -> CodePage {
                match self {
                    $(Self::$variant => CodePage { title: $title, meaning: $meaning, fix: $fix },)*
                }
            }
        }
    };
}

codes! {
    ArtifactSyntax "artifact-syntax" {
        "The file breaks the syntax of its format",
        "The artifact could not be read to its end: it is truncated, has a stray character, or something follows its end. Nothing in it counts as evidence.",
        "Export the file again from its source. Do not repair it by hand: the digest in its manifest would no longer match."
    }
    DuplicateKey "duplicate-key" {
        "Two members or columns have the same name",
        "Parsers keep one of two equal keys and drop the other without a word, so the same file can say two things. tickmark refuses to choose.",
        "Find out in the source system which value is right, and export again with unique names."
    }
    LossyNumber "lossy-number" {
        "A number does not survive reading",
        "The number is too large or too precise for a 64-bit integer or a finite double; programs would read different values.",
        "Write identifiers as strings; export measurements within the range of a double."
    }
    BadEncoding "bad-encoding" {
        "The file is not UTF-8 text",
        "The file holds bytes that are not UTF-8, a NUL, UTF-16 text or half of a surrogate pair.",
        "Export as UTF-8. In PowerShell: `-Encoding utf8`; in spreadsheets: \"CSV UTF-8\"."
    }
    UnclosedQuote "unclosed-quote" {
        "A CSV quote is not closed where it should be",
        "An unclosed quote swallows the rows that follow it, so they would not be checked.",
        "Look at the quote the diagnostic points at; a quote inside a cell is written twice. Then export again."
    }
    RaggedRow "ragged-row" {
        "A CSV row has more or fewer cells than the header",
        "Cells of such a row cannot be told apart by column.",
        "Quote cells that hold the delimiter, or complete the row at its source."
    }
    DamagedCompression "damaged-compression" {
        "The compressed file is damaged",
        "The .gz or .zst file is truncated, fails its checksum, or is followed by other bytes.",
        "Compress the original again and update the manifest's digest."
    }
    ReaderLimit "reader-limit" {
        "The file exceeds a limit of the reader",
        "The file is nested too deeply, expands too far or holds a line that is too long. What was not read is never a pass.",
        "Split the export, or export without nesting."
    }
    UnsupportedConstruct "unsupported-construct" {
        "The file uses a construct tickmark refuses",
        "DTDs, XML entities, YAML tags and several YAML documents in one file are refused: programs disagree on what they mean, or they can be used for attacks.",
        "Export without the construct; put each YAML document in a file of its own."
    }
    VersionUnknown "version-unknown" {
        "The file has a version whose shape is not known",
        "What a tool writes changes with its version: a field that moved would be looked for in vain, and its absence taken for a clean result. tickmark does not guess.",
        "Export in one of the versions that are named. If the new version has the same shape, add it to `version.known` of a kind of your own."
    }
    AmbiguousScalar "ambiguous-scalar" {
        "A YAML value that parsers disagree about",
        "YAML 1.1 and 1.2 read this unquoted value differently (`no`, `010`, `1_000`).",
        "Quote the value if it is text, or write it in the form both versions agree on."
    }
    ArtifactEmpty "artifact-empty" {
        "The file is empty",
        "An empty file shows nothing: neither that something happened nor that nothing did.",
        "Export again. If there was truly nothing to export, keep the empty export with a manifest that counts 0 records and carries a signed nil return."
    }
    UnknownFormat "unknown-format" {
        "tickmark has no reader for this file",
        "The requirement's kind needs a text format, and the file's name ends in none that is known.",
        "Export in one of the formats of the kind (see `tickmark explain KIND`), or give a binary file a manifest with attributes."
    }
    PathUnreadable "path-unreadable" {
        "A file or folder could not be read",
        "Permission was denied, or the read failed. What could not be read is never passed over.",
        "Make the path readable for the user that runs tickmark, then run again."
    }
    LinkRefused "link-refused" {
        "A symbolic link is not followed",
        "Links can point outside the repository or in circles, and what they show can differ from one machine to another.",
        "Replace the link with the file itself."
    }
    NotARegularFile "not-a-regular-file" {
        "Not a regular file",
        "A FIFO, socket or device stands where evidence is expected; reading it could hang.",
        "Remove it from the evidence repository."
    }
    NameCollision "name-collision" {
        "Two names differ only by case or Unicode form",
        "On some file systems the two are one file, so one of them would silently vanish.",
        "Rename one of them."
    }
    DeceptiveName "deceptive-name" {
        "A name holds control or direction-changing characters",
        "Such a name does not look like what it is.",
        "Rename the file with plain characters."
    }
    ManifestMissing "manifest-missing" {
        "The artifact has no manifest",
        "Without a manifest nobody can say where the artifact came from, when it was collected and whether it is complete.",
        "Write `FILE.evidence.yaml` beside it when you export: source, query, collected_at, collected_by, sha256 (`sha256sum FILE`), and for a population records and covers (from, to). The README shows one; `tickmark schema manifest` says what each field holds."
    }
    ManifestInvalid "manifest-invalid" {
        "The manifest is wrong",
        "The manifest breaks its schema, so what it says of the artifact cannot be relied on.",
        "Correct the field the diagnostic points at; `tickmark schema manifest` says what each field holds, and the README shows a manifest."
    }
    ManifestOrphan "manifest-orphan" {
        "A manifest without its artifact",
        "The manifest describes a file that is not there: evidence has been moved, renamed or deleted.",
        "Put the artifact back, or remove the manifest with a note in the change that does so."
    }
    DigestMismatch "digest-mismatch" {
        "The file is not the one that was collected",
        "The SHA-256 of the file differs from the one its manifest records: the file was changed after collection.",
        "Restore the original from version control or export again. Never update the digest to fit an edited file."
    }
    RecordCountMismatch "record-count-mismatch" {
        "The number of records differs from the manifest",
        "The export is incomplete, was cut short, or was edited after collection. A population must be complete to be tested.",
        "Run the query of the manifest again and compare; keep the complete export with its own count."
    }
    SecondSourceMismatch "second-source-mismatch" {
        "Two sources disagree on the size of the population",
        "The second source counts other records than the export. Either the export misses some, or the second source does.",
        "Compare both lists, explain each difference, and export again; record a remaining difference as an exception."
    }
    NilReturnMissing "nil-return-missing" {
        "An empty population without a signed nil return",
        "That nothing happened must be stated by a person and backed by a query with a count of zero. A missing or empty file is not such a statement.",
        "Add `nil_return: {statement, signed_by, signed_on}` to the manifest, after looking at the source system."
    }
    SchemaMismatch "schema-mismatch" {
        "The artifact breaks the schema of its kind",
        "The artifact does not have the form its kind requires, so nothing in it can be relied on.",
        "Correct it at its source and export again; `tickmark explain KIND` shows the fields and an example."
    }
    KindRuleBroken "kind-rule-broken" {
        "The artifact breaks a rule of its kind",
        "Rules of a kind hold for every artifact of it, whatever control reads it.",
        "See the help of the finding; a deviation that did happen is recorded as an exception, not edited away."
    }
    ArtifactMissing "artifact-missing" {
        "No file matches the requirement",
        "The control requires evidence here and there is none.",
        "Add the evidence at the path of the requirement, or map the requirement in `tickmark.yaml` to where the evidence lies: `evidence: { CONTROL.requirement: { path: … } }`."
    }
    AlternativeUnread "alternative-unread" {
        "Evidence of an alternative that was not chosen",
        "The requirement can be met in several ways; the first for which there are files is used, and files of the others are not read.",
        "Remove the files that are not the evidence, or map the requirement's alternatives in `tickmark.yaml` so that only one matches."
    }
    NoRecords "no-records" {
        "The evidence holds no record",
        "A check over nothing would hold vacuously, so an empty artifact meets nothing.",
        "Export again; if there was nothing to record, keep the empty export with a signed nil return in its manifest."
    }
    SelectionEmpty "selection-empty" {
        "A selection selects nothing",
        "There are records, but none that the requirement or the check is about. Either nothing of the kind happened, or the condition is wrong. An empty requirement blocks its control; an empty check is a note, unless the rule says `required: true` or compares two lists that are both empty.",
        "For a requirement: look what its `where` asks for (`tickmark explain CONTROL`); a field that is absent can decide it. If nothing happened in the whole window, add a signed nil return to the manifests; otherwise correct the records or the rule's `where`. For a check: see whether its `where` can ever hold; where nothing to look at is normal, the note may stay, and a comparison of two lists takes `required: false`."
    }
    PeriodMissing "period-missing" {
        "A due period has no evidence",
        "The period is closed, its grace has passed, and no artifact covers it. For operation over the window every period counts.",
        "If the work was done, add its evidence; many systems can still export past months: check their retention today. If nothing happened in it that could leave any, add the empty export with `records: 0` and a signed `nil_return` in its manifest. If the work was not done, do not back-date it and tell your auditor. An exception cannot cover a period that is missing; only a waiver can: an entry under `waivers` in exceptions.yaml with id, control, requirement, reason, owner, approver (not the owner), approved_on, starts_on and expires_on."
    }
    EvidenceLate "evidence-late" {
        "The evidence came later than the rule allows",
        "The work for the period was done, or its export was taken, after the period's grace had passed.",
        "Record the lateness as an exception with its cause (`check: evidence-late` and the `period`, such as 2026-03); see to it that the next one is scheduled."
    }
    EvidenceEarly "evidence-early" {
        "The evidence was taken before its period closed",
        "An export taken before the end of its period cannot hold what happened afterwards, so the population is incomplete.",
        "Export the period again now that it is closed."
    }
    PeriodDuplicate "period-duplicate" {
        "Two artifacts claim the same period",
        "It is not clear which of the two is the evidence.",
        "Keep one; let its manifest name the other under `supersedes`, or give them different periods."
    }
    OutsideWindow "outside-window" {
        "Evidence from outside the audit window",
        "It does not show operation within the window and is not counted.",
        "Nothing, if it belongs to another audit; otherwise check its dates."
    }
    RecordOutsidePeriod "record-outside-period" {
        "A record lies outside the days its export covers",
        "The export says it covers certain days, and holds a record from another: either the query or the manifest is wrong.",
        "Correct the query, export again, and let the manifest state the days the query really covered."
    }
    RecordAfterCollection "record-after-collection" {
        "A record is later than its own collection",
        "The record's date is after the moment at which the export was taken, which cannot be.",
        "Check the clocks and zones of the source, and who wrote the file."
    }
    ArtifactStale "artifact-stale" {
        "The newest evidence is too old",
        "The requirement sets a largest age, and the newest date is older.",
        "Do the review or take the snapshot now, and schedule the next one."
    }
    CoverageGap "coverage-gap" {
        "The evidence does not cover every day",
        "The intervals of the artifacts leave days of the window uncovered.",
        "Export the days listed. If they cannot be exported any more, only a waiver can cover them: an entry under `waivers` in exceptions.yaml with id, control, requirement, reason, owner, approver (not the owner), approved_on, starts_on and expires_on."
    }
    DateUnreadable "date-unreadable" {
        "A date cannot be read",
        "The field that says when a thing happened holds no ISO 8601 date or date-time, so it cannot be placed in a period.",
        "Export dates as `2026-03-31` or `2026-03-31T14:05:00+02:00`."
    }
    ZonelessTime "zoneless-time" {
        "Times without a zone",
        "The artifact's times have no offset and are read in the engagement's zone. Reported once for an artifact.",
        "Export with offsets, or be sure that the source writes local time of the engagement's zone."
    }
    DuplicateRecord "duplicate-record" {
        "Two records of a population have the same key",
        "A population with duplicates is not a list of occurrences: counts and samples drawn from it are wrong.",
        "Remove the duplicate at its source (often two exports overlap) and export again."
    }
    ConditionFailed "condition-failed" {
        "A record breaks a check",
        "The condition of the check does not hold for this record: a deviation.",
        "See the help of the finding. If it did happen so, do not edit the record: record an exception."
    }
    ConditionNotEvaluable "condition-not-evaluable" {
        "A check cannot be decided for a record",
        "The condition needs a field that the record lacks or cannot be computed on it, so it counts as broken.",
        "Complete the export so that the record has the field."
    }
    CounterpartMissing "counterpart-missing" {
        "A record has no counterpart",
        "The check asks for a matching record in other evidence, and there is none.",
        "Find the matching record in its source system and complete that evidence; if it never existed, this is a deviation to record."
    }
    CounterpartForbidden "counterpart-forbidden" {
        "A record has a counterpart that must not exist",
        "The check asks that no matching record exists in other evidence, and there is one.",
        "See the help of the finding; correct the state now and record what happened."
    }
    CounterpartCount "counterpart-count" {
        "A record has the wrong number of counterparts",
        "The check asks for an exact number of matching records.",
        "Find out which of them is the right one and correct the other at its source."
    }
    SetDifference "set-difference" {
        "Two lists do not hold the same keys",
        "The check compares two lists, and at least one key stands only in one of them.",
        "Add what is missing or remove what is too much, at its source; both differences are listed."
    }
    NotUnique "not-unique" {
        "Two records share what must be unique",
        "The check asks for unique values.",
        "See the help of the finding."
    }
    IntervalsNotTiled "intervals-not-tiled" {
        "Intervals leave a gap",
        "The intervals or points do not cover what they must; the gaps are listed.",
        "Add the evidence for the gap. If there is none, only a waiver can cover it: an entry under `waivers` in exceptions.yaml with id, control, requirement (the check's id), reason, owner, approver (not the owner), approved_on, starts_on and expires_on."
    }
    CountOutOfBounds "count-out-of-bounds" {
        "A count is out of bounds",
        "The number of records is not within the bounds of the check.",
        "Complete the evidence if records are missing from it. If the figure is right, only a waiver can cover it: an entry under `waivers` in exceptions.yaml with id, control, requirement (the check's id), reason, owner, approver (not the owner), approved_on, starts_on and expires_on."
    }
    RateOutOfBounds "rate-out-of-bounds" {
        "A rate is out of bounds",
        "The share of records is not within the bounds of the check.",
        "Complete the evidence if records are missing from it. If the figure is right, only a waiver can cover it: an entry under `waivers` in exceptions.yaml with id, control, requirement (the check's id), reason, owner, approver (not the owner), approved_on, starts_on and expires_on."
    }
    SumOutOfBounds "sum-out-of-bounds" {
        "A sum is out of bounds",
        "The sum is not within the bounds of the check.",
        "Complete the evidence if records are missing from it. If the figure is right, only a waiver can cover it: an entry under `waivers` in exceptions.yaml with id, control, requirement (the check's id), reason, owner, approver (not the owner), approved_on, starts_on and expires_on."
    }
    RecomputedDiffers "recomputed-differs" {
        "A stated figure differs from the one recomputed",
        "The artifact states a figure or result that does not follow from its own records.",
        "Recompute at the source and find out which is wrong; never edit the figure alone."
    }
    LineageBroken "lineage-broken" {
        "The lineage does not reach registered sources",
        "Walking back from a product of training, a step or source is missing from the evidence.",
        "Make the job emit its lineage event, or register the source it reads."
    }
    ExceptionInvalid "exception-invalid" {
        "A recorded exception is not valid",
        "The exception is expired, ends years after the window, is approved by its own owner, before its deviation was found or after its own end, or names several deviations, so it covers nothing.",
        "Have the exception renewed or approved by someone other than its owner."
    }
    ExceptionUnused "exception-unused" {
        "An exception matches no deviation",
        "The exception names a record, period or artifact that does not deviate: it is outdated or mistyped.",
        "Correct what it names, or remove it."
    }
    ExceptionsNotIsolated "exceptions-not-isolated" {
        "Too many exceptions to be isolated",
        "More than 5 % of the population deviates, so the exceptions show a control that does not work rather than isolated failures.",
        "Treat it as a failed control: correct the cause and talk to your auditor before fieldwork."
    }
    WaiverInvalid "waiver-invalid" {
        "A waiver is not valid",
        "The waiver is expired, ends years after the window, begins after its own end, or is approved by the control's owner.",
        "Have it renewed by an approver who does not own the control, or meet the control."
    }
    WaiverUnused "waiver-unused" {
        "A waiver covers nothing",
        "The control or requirement is met without the waiver, or does not exist.",
        "Remove the waiver."
    }
    ExclusionInvalid "exclusion-invalid" {
        "An exclusion does not hold",
        "The engagement excludes the control with an approval that is not given yet on the day the run speaks of, or excludes every control, so that nothing is verified.",
        "Have the exclusion approved before it is used, or remove it from `exclude` in `tickmark.yaml`."
    }
    PolicyInvalid "policy-invalid" {
        "A rule file, schema or the engagement is wrong",
        "What evidence is judged by could not be read, so nothing was judged.",
        "Correct every place that is shown; one run shows them all. Editors complete and check these files with the schemas of `tickmark schema`."
    }
    ControlUnclaimed "control-unclaimed" {
        "No checklist item claims the control",
        "A control that serves no item would never be reported where anyone looks.",
        "Add `items:` to the rule file."
    }
}

impl Code {
    /// The code of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| de::Error::custom(format!("`{name}` is no code")))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_every_page_is_written() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            let page = code.page();
            assert!(page.meaning.ends_with('.') && page.fix.ends_with('.'), "{}", code.as_str());
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
    }
}
