//! The JSON report keeps to its published schema: the snapshots of the renderer's own tests are
//! validated against it, so that the schema and the shape cannot drift apart.

#[expect(clippy::unwrap_used, reason = "a test may panic")]
fn snapshot(name: &str) -> serde_json::Value {
    let path = format!("{}/src/render/snapshots/{name}.snap", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let (_, body) = text.split_once("\n---\n").unwrap();
    serde_json::from_str(body).unwrap()
}

#[test]
fn the_samples_are_valid() {
    let validator = jsonschema::validator_for(&tickmark::render::json::schema()).unwrap();
    for name in ["json_small", "json_hostile"] {
        let report = snapshot(name);
        let errors: Vec<_> = validator.iter_errors(&report).map(|it| it.to_string()).collect();
        assert_eq!(errors, [""; 0], "{name}");
    }
}

#[test]
fn the_schema_refuses_another_version_and_a_missing_field() {
    let validator = jsonschema::validator_for(&tickmark::render::json::schema()).unwrap();
    let mut report = snapshot("json_small");
    report["schema"] = "tickmark-report/2".into();
    assert!(!validator.is_valid(&report));
    let mut report = snapshot("json_small");
    report.as_object_mut().unwrap().remove("readiness_notice");
    assert!(!validator.is_valid(&report));
}
