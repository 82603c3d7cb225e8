//! The pages beside the rule files are made of the rule files: one for each control, an index of
//! them, an index of the kinds and the list of finding codes. `UPDATE=1 cargo test --test reference`
//! writes them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use tickmark::catalog::{Catalog, File, Files, load, pack};
use tickmark::explain;
use tickmark::model::Code;
use tickmark::testing::Fixture;

const ENGAGEMENT: &str = "\
organisation: Nobody
window: { start: 2026-01-01, end: 2026-12-31 }
time_zone: UTC
packs: [soc2-ai]
";

const NOTE: &str = "<!-- Made from the rule files: `UPDATE=1 cargo test --test reference`. -->\n\n";

fn catalog() -> Catalog {
    load(&Files {
        engagement: Some(File {
            path: "tickmark.yaml".to_owned(),
            bytes: ENGAGEMENT.as_bytes().to_vec(),
        }),
        exceptions: None,
        checklists: vec![pack::checklist()],
        controls: pack::controls(),
        schemas: pack::kinds(),
    })
    .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// `controls/chm/chm-01` of a control.
fn stem(path: &str) -> &str {
    path.strip_prefix("builtin:").unwrap().strip_suffix(".yaml").unwrap()
}

fn control_page(catalog: &Catalog, at: usize) -> (String, String) {
    let control = &catalog.controls[at];
    let stem = stem(&control.source.path);
    let name = stem.rsplit('/').next().unwrap();
    let mut page = NOTE.to_owned() + &explain::control(catalog, control).to_markdown();
    let test = format!("{stem}.test.yaml");
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(&test)).unwrap();
    let schema = Fixture::schema().unwrap();
    let fixture = Fixture::read(&File { path: test, bytes }, &schema).unwrap();
    writeln!(page, "\n## What its tests break, and it finds\n").unwrap();
    for case in fixture.case_names() {
        writeln!(page, "- {}", tickmark::render::markdown_text(case)).unwrap();
    }
    writeln!(
        page,
        "\n[Rule file]({name}.yaml), [fixtures]({name}.test.yaml), [all controls](../README.md)"
    )
    .unwrap();
    (format!("{stem}.md"), page)
}

fn controls_index(catalog: &Catalog) -> String {
    let mut page = NOTE.to_owned();
    writeln!(page, "# Controls of the pack soc2-ai\n").unwrap();
    writeln!(page, "{}\n", catalog.checklist.title).unwrap();
    for group in &catalog.checklist.groups {
        writeln!(page, "## {}: {}\n", group.id, group.title).unwrap();
        writeln!(page, "| item | text | control | criteria |\n|---|---|---|---|").unwrap();
        for item in &group.items {
            let claims = |control: &&tickmark::catalog::Control| control.items.contains(&item.id);
            let control = catalog.controls.iter().find(claims).unwrap();
            let link = stem(&control.source.path).strip_prefix("controls/").unwrap();
            let (title, criteria) = (&control.title, control.criteria.join(", "));
            writeln!(page, "| {} | {} | [{title}]({link}.md) | {criteria} |", item.id, item.text)
                .unwrap();
        }
        writeln!(page).unwrap();
    }
    page
}

fn kinds_index(catalog: &Catalog) -> String {
    let mut page = NOTE.to_owned();
    writeln!(page, "# Kinds of evidence\n").unwrap();
    writeln!(page, "`tickmark explain KIND` shows the fields of each, with examples.\n").unwrap();
    writeln!(page, "| kind | formats | what it is |\n|---|---|---|").unwrap();
    for kind in catalog.kinds.values() {
        let name = &kind.name;
        let formats = kind.formats.join(", ");
        let said = tickmark::render::markdown_text(&kind.description);
        writeln!(page, "| [{name}]({name}.schema.json) | {formats} | {said} |").unwrap();
    }
    page
}

fn codes() -> String {
    let mut page = NOTE.to_owned();
    writeln!(page, "# Finding codes\n").unwrap();
    for code in Code::ALL {
        let text = code.page();
        writeln!(
            page,
            "## {}\n\n{}.\n\n{}\n\nWhat to do: {}\n",
            code.as_str(),
            text.title,
            text.meaning,
            text.fix
        )
        .unwrap();
    }
    page.trim_end().to_owned() + "\n"
}

#[test]
fn pages_are_those_of_the_rule_files() {
    let catalog = catalog();
    let mut pages: Vec<(String, String)> =
        (0..catalog.controls.len()).map(|at| control_page(&catalog, at)).collect();
    pages.push(("controls/README.md".to_owned(), controls_index(&catalog)));
    pages.push(("schemas/kinds/README.md".to_owned(), kinds_index(&catalog)));
    pages.push(("schemas/FINDINGS.md".to_owned(), codes()));
    assert_eq!(catalog.controls.len(), 72);
    let mut stale = Vec::new();
    for (path, page) in pages {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(&path);
        if env::var_os("UPDATE").is_some() {
            fs::write(file, page).unwrap();
        } else if fs::read_to_string(file).unwrap_or_default() != page {
            stale.push(path);
        }
    }
    assert_eq!(stale, [""; 0], "run `UPDATE=1 cargo test --test reference` and commit the pages");
}
