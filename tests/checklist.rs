//! The checklist and the controls that answer it: every item and every rule of an item is claimed,
//! and what a company writes wrong in a pack of its own is told at its place.

use std::collections::{BTreeMap, BTreeSet};

use tickmark::catalog::{Catalog, File, Files, Problem, load, pack};
use tickmark::document::Node;

const ENGAGEMENT: &str = "\
organisation: Nobody
window: { start: 2026-01-01, end: 2026-12-31 }
time_zone: UTC
categories: [security, availability, processing-integrity, confidentiality, privacy]
packs: [soc2-ai]
";

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
}

fn built_in() -> Files {
    Files {
        engagement: Some(file("tickmark.yaml", ENGAGEMENT)),
        exceptions: None,
        checklists: vec![pack::checklist()],
        controls: pack::controls(),
        schemas: pack::kinds(),
    }
}

fn catalog() -> Catalog {
    load(&built_in()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The rules each rule file says it implements, or leaves to a person.
fn named<'a>(node: Node<'a>, rules: &mut BTreeSet<&'a str>) {
    for (key, value) in node.members() {
        if key.as_str() == Some("rules") {
            rules.extend(value.elements().filter_map(|rule| rule.as_str()));
        } else {
            named(value, rules);
        }
    }
    for element in node.elements() {
        named(element, rules);
    }
}

#[test]
fn every_item_is_claimed_and_none_is_lost() {
    let catalog = catalog();
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for (group, item) in catalog.checklist.items() {
        *groups.entry(&group.id).or_default() += 1;
        assert!(item.id.starts_with(&group.id), "{}", item.id);
        // The digest of each text is checked when the checklist is loaded.
        assert!(item.sha256.is_some(), "{}", item.id);
        let claimed = catalog.controls.iter().filter(|control| control.items.contains(&item.id));
        assert_eq!(claimed.count(), 1, "{}", item.id);
    }
    assert_eq!((groups.len(), groups.values().sum::<usize>()), (18, 72));
}

#[test]
fn every_rule_of_the_checklist_is_a_check_or_a_question() {
    let catalog = catalog();
    let mut rules = BTreeSet::new();
    for control in &catalog.controls {
        named(control.source.document.root(), &mut rules);
    }
    let asked: BTreeSet<&str> = catalog
        .checklist
        .items()
        .flat_map(|(_, item)| item.rules.keys().map(String::as_str))
        .collect();
    assert_eq!(asked.len(), 263);
    let missing: Vec<_> = asked.difference(&rules).collect();
    assert!(missing.is_empty(), "no control names {missing:?}");
}

#[test]
fn controls_support_the_criteria_of_their_items() {
    let catalog = catalog();
    for control in &catalog.controls {
        let items = control.items.iter().filter_map(|id| catalog.checklist.item(id));
        let asked: BTreeSet<&String> = items.flat_map(|(_, item)| &item.criteria).collect();
        assert_eq!(control.criteria.iter().collect::<BTreeSet<_>>(), asked, "{}", control.id);
    }
}

#[test]
fn a_reworded_item_is_told() {
    let text = String::from_utf8(pack::checklist().bytes).unwrap();
    let text = text.replacen("Document all AI/ML components", "Document most AI/ML components", 1);
    let mut files = built_in();
    files.checklists = vec![file("controls/checklist.yaml", &text)];
    let problems = load(&files).unwrap_err();
    assert!(problems[0].message.contains("SYS-01 is not the one"), "{}", problems[0].message);
}

const OWN: &str = "\
id: OWN-01
title: Own things are kept
items: [OWN-01]
criteria: [CC6.1]
objective: Own things are kept.
params:
  most: { value: 3, description: How many }
evidence:
  roster:
    kind: personnel-roster
    path: evidence/own/*.csv
    cadence: { every: quarter, within: 14 days }
checks:
  somebody-manages:
    each: roster
    require: this.person_id != ''
";
const OWN_LIST: &str = "\
title: Our own
groups:
  - { id: OWN, title: Own, items: [{ id: OWN-01, text: Keep own things }] }
";

/// The problems of the built-in pack with a company's own files.
fn problems(own: &str, list: &str, engagement: &str) -> Vec<Problem> {
    let mut files = built_in();
    files.engagement = Some(file("tickmark.yaml", engagement));
    files.checklists.push(file("controls/checklist.yaml", list));
    files.controls.push(file("controls/own-01.yaml", own));
    load(&files).err().unwrap_or_default()
}

#[test]
fn what_is_wrong_in_a_pack_of_ones_own_is_told_at_its_place() {
    assert_eq!(problems(OWN, OWN_LIST, ENGAGEMENT), []);
    let wrong = |from: &str, to: &str| {
        assert!(OWN.contains(from), "{from}");
        (OWN.replacen(from, to, 1), OWN_LIST.to_owned(), ENGAGEMENT.to_owned())
    };
    let list = |from: &str, to: &str| {
        (OWN.to_owned(), OWN_LIST.replacen(from, to, 1), ENGAGEMENT.to_owned())
    };
    let engagement =
        |more: &str| (OWN.to_owned(), OWN_LIST.to_owned(), format!("{ENGAGEMENT}{more}"));
    for ((own, items, engagement), path, line, said) in [
        (
            wrong("items: [OWN-01]", "items: [OWM-01]"),
            "controls/own-01.yaml",
            3,
            "no checklist item `OWM-01`",
        ),
        (
            wrong("items: [OWN-01]", "items: [OWN-01, CHM-01]"),
            "controls/own-01.yaml",
            3,
            "claimed by CHM-01",
        ),
        (
            wrong("items: [OWN-01]", "items: [OWN-01, OWN-01]"),
            "controls/own-01.yaml",
            3,
            "claimed by OWN-01",
        ),
        (wrong("items: [OWN-01]\n", ""), "controls/own-01.yaml", 1, "claims no checklist item"),
        (wrong("CC6.1", "CC6.11"), "controls/own-01.yaml", 4, "no criterion `CC6.11`"),
        (
            wrong("kind: personnel-roster", "kind: personel-roster"),
            "controls/own-01.yaml",
            10,
            "no kind `personel-roster`",
        ),
        (wrong("this.person_id", "this.person"), "controls/own-01.yaml", 16, "person"),
        (wrong("every: quarter", "every: fortnight"), "controls/own-01.yaml", 12, "fortnight"),
        (
            wrong("every: quarter", "every: 400 days"),
            "controls/own-01.yaml",
            12,
            "400 days does not fit",
        ),
        (
            list("id: OWN-01, text", "id: OWN-02, text"),
            "controls/own-01.yaml",
            3,
            "no checklist item `OWN-01`",
        ),
        (
            list("}] }", "}, { id: OWN-02, text: More }] }"),
            "controls/checklist.yaml",
            3,
            "no control claims OWN-02",
        ),
        (
            engagement("parameters: { OWN-01.most: many }\n"),
            "controls/own-01.yaml",
            7,
            "the engagement sets `most`",
        ),
        (
            engagement("parameters: { OWN-01.mist: 3 }\n"),
            "tickmark.yaml",
            6,
            "no parameter `OWN-01.mist`",
        ),
        (engagement("owners: { OWX: p-001 }\n"), "tickmark.yaml", 6, "OWX"),
    ] {
        let problems = problems(&own, &items, &engagement);
        let found = problems.iter().any(|problem| {
            let place = &problem.label.place;
            place.path == path && place.start.line == line && problem.message.contains(said)
        });
        let told: Vec<String> = problems
            .iter()
            .map(|it| {
                format!("{}:{}: {}", it.label.place.path, it.label.place.start.line, it.message)
            })
            .collect();
        assert!(found, "{said} at {path}:{line}, but {told:#?}");
    }
}

#[test]
fn a_control_of_categories_out_of_scope_does_not_apply() {
    let mut files = built_in();
    files.engagement = Some(file("tickmark.yaml", &ENGAGEMENT.replace(", privacy]", "]")));
    files.checklists.push(file("controls/checklist.yaml", OWN_LIST));
    files.controls.push(file("controls/own-01.yaml", &OWN.replace("CC6.1", "P6.1")));
    let catalog = load(&files).unwrap();
    let own = catalog.controls.iter().find(|control| control.id == "OWN-01").unwrap();
    assert!(own.out_of_scope.as_ref().unwrap().contains("privacy"));
    let scope = |text: &str| {
        let mut files = built_in();
        files.engagement =
            Some(file("tickmark.yaml", &ENGAGEMENT.replace("[security, availability,", text)));
        load(&files).err().unwrap_or_default()
    };
    assert!(scope("[availability,")[0].message.contains("`security` is missing"));
}
