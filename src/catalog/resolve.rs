//! From the raw shape of a rule file to a control, or to all that is wrong with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::control::{Check, Condition, Control, Requirement, Slot};
use super::keypath::{KeyPath, Shapes, element, member};
use super::kind::{Kind, Unit};
use super::problem::{Problem, Source};
use super::raw::{RawControl, RawManifestNeed, RawRequirement};
use crate::document::{Selector, Step};
use crate::evidence::PathPattern;
use crate::expression::{
    Expression, Scope, Shape, Variable, compile_condition, compile_template, compile_value,
};
use crate::model::time::{Allowance, Cadence};
use crate::schema::suggest::nearest;

/// Kinds by name.
pub type Kinds = BTreeMap<String, Kind>;

/// What the engagement changes about controls.
#[derive(Debug, Default)]
pub struct Overrides {
    /// Parameter values by `name` or `CONTROL.name`.
    pub parameters: BTreeMap<String, Value>,
    /// Patterns by `CONTROL.requirement`.
    pub paths: BTreeMap<String, Vec<String>>,
}

/// Notes which requirements leave the days of their files to another one of the control.
fn date_elsewhere(requirements: &mut [Requirement]) {
    let patterns = |slot: &Slot| {
        slot.patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect::<Vec<_>>()
    };
    let slots = requirements.iter().flat_map(|requirement| &requirement.slots);
    let dated: Vec<String> = slots.filter(|slot| is_dated(slot)).flat_map(patterns).collect();
    for slot in requirements.iter_mut().flat_map(|requirement| &mut requirement.slots) {
        let shares = patterns(slot).iter().any(|pattern| dated.contains(pattern));
        slot.dated_elsewhere = !is_dated(slot) && shares;
    }
}

/// Whether the requirement says of which day its records are, or how often they are left.
fn is_dated(slot: &Slot) -> bool {
    let days = slot.happened.is_some() || slot.period.is_some() || slot.covers.is_some();
    let often = !matches!(slot.cadence, None | Some(Cadence::PerEvent));
    days || often || slot.freshness.is_some()
}

/// Resolves one rule file.
///
/// # Errors
/// Every problem of the file.
pub(super) fn control(
    raw: &RawControl,
    source: Arc<Source>,
    kinds: &Kinds,
    overrides: &Overrides,
    shared: &Shared,
) -> Result<Control, Vec<Problem>> {
    let params = parameters(raw, overrides);
    let mut resolver = Resolver {
        kinds,
        source: &source,
        id: &raw.id,
        params_shape: Shape::object(
            params.iter().map(|(name, value)| (name.clone(), Shape::of_value(value))),
        ),
        params,
        problems: Vec::new(),
        shapes: BTreeMap::new(),
        shared,
        compiled: Compilations::default(),
    };
    resolver.check_parameters(raw);
    let mut requirements: Vec<_> = raw
        .evidence
        .iter()
        .filter_map(|(name, raw)| resolver.requirement(name, raw, overrides))
        .collect();
    let checks: Vec<Check> = if requirements.len() == raw.evidence.len() {
        raw.checks
            .iter()
            .filter_map(|(id, check)| {
                super::checks::resolve(&mut resolver, &requirements, id, check)
            })
            .collect()
    } else {
        Vec::new()
    };
    if resolver.problems.is_empty() {
        resolver.demands(&requirements, raw);
    }
    date_elsewhere(&mut requirements);
    for at in checks.iter().flat_map(|check| super::checks::by_period(&check.test)) {
        requirements[at].by_period = true;
    }
    let (params, problems) = (resolver.params, resolver.problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Control {
        id: raw.id.clone(),
        title: raw.title.clone(),
        items: raw.items.clone(),
        adds_to: raw.adds_to.clone(),
        criteria: raw.criteria.clone(),
        objective: raw.objective.clone(),
        why: raw.why.clone(),
        good: raw.good.clone(),
        params,
        requirements,
        checks,
        judgement: raw.judgement.iter().map(|one| one.question.clone()).collect(),
        owner: None,
        excluded: None,
        out_of_scope: None,
        source,
    })
}

fn parameters(raw: &RawControl, overrides: &Overrides) -> BTreeMap<String, Value> {
    let value = |name: &String, default: &Value| {
        let own = overrides.parameters.get(&format!("{}.{name}", raw.id));
        own.or_else(|| overrides.parameters.get(name)).unwrap_or(default).clone()
    };
    raw.params.iter().map(|(name, param)| (name.clone(), value(name, &param.value))).collect()
}

/// Whether nothing is due at the end of a period of the cadence.
fn has_no_end(cadence: Cadence) -> bool {
    matches!(cadence, Cadence::Once | Cadence::PerEvent | Cadence::Continuous { .. })
}

/// The state of resolving one rule file.
pub(super) struct Resolver<'a> {
    pub(super) kinds: &'a Kinds,
    pub(super) source: &'a Source,
    id: &'a str,
    params: BTreeMap<String, Value>,
    params_shape: Shape,
    pub(super) problems: Vec<Problem>,
    /// Shapes by requirement and alternative.
    pub(super) shapes: BTreeMap<(String, Option<String>), Shapes>,
    shared: &'a Shared,
    /// What reads the parameters of the control.
    compiled: Compilations,
}

/// What was compiled for one control and reads none of its parameters: others ask the same.
#[derive(Default)]
pub(super) struct Shared(Mutex<Compilations>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Compilations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compiled expressions by text: checks often select the same records.
#[derive(Default)]
struct Compilations(BTreeMap<String, Vec<Compiled>>);

impl Compilations {
    fn find(&self, text: &str, is_condition: bool, shapes: &Shapes) -> Option<Arc<Expression>> {
        let known = self.0.get(text)?.iter().find(|known| known.serves(is_condition, shapes))?;
        Some(Arc::clone(&known.expression))
    }

    fn add(&mut self, text: &str, compiled: Compiled) {
        self.0.entry(text.to_owned()).or_default().push(compiled);
    }
}

/// An expression that was compiled for records of `shapes`.
struct Compiled {
    /// Whether it is a condition.
    is_condition: bool,
    shapes: Shapes,
    expression: Arc<Expression>,
}

impl Compiled {
    /// Whether it is the same for records of `shapes`: what it does not read is nothing to it.
    fn serves(&self, is_condition: bool, shapes: &Shapes) -> bool {
        let Shapes { this, parent, document, manifest } = &self.shapes;
        self.is_condition == is_condition
            && self.expression.reads().all(|(variable, _)| match variable {
                Variable::This => *this == shapes.this,
                Variable::Parent => *parent == shapes.parent,
                Variable::Document => *document == shapes.document,
                Variable::Manifest => *manifest == shapes.manifest,
                Variable::Params | Variable::Window | Variable::AsOf => true,
            })
    }
}

impl<'a> Resolver<'a> {
    pub(super) fn problem(
        &mut self,
        pointer: &str,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.problems.push(self.source.problem(pointer, message, help));
    }

    fn check_parameters(&mut self, raw: &RawControl) {
        for (name, param) in &raw.params {
            let (default, value) = (&param.value, &self.params[name]);
            if std::mem::discriminant(default) != std::mem::discriminant(value) {
                let message = format!(
                    "the engagement sets `{name}` to {value}, which is not of the type of its default {default}"
                );
                self.problem(&format!("/params/{name}"), message, None);
            }
        }
    }

    fn requirement(
        &mut self,
        name: &str,
        raw: &RawRequirement,
        overrides: &Overrides,
    ) -> Option<Requirement> {
        let pointer = format!("/evidence/{name}");
        let before = self.problems.len();
        let mapped = overrides.paths.get(&format!("{}.{name}", self.id));
        let mut slots = Vec::new();
        match &raw.any_of {
            None => slots.extend(self.slot(name, None, raw, &pointer, mapped)),
            Some(alternatives) => {
                if raw.kind.is_some() || raw.path.is_some() {
                    let message = "a requirement has either `any_of` or its own `kind` and `path`";
                    self.problem(&pointer, message, None);
                }
                if alternatives.len() < 2 {
                    self.problem(&pointer, "`any_of` needs at least two alternatives", None);
                }
                for (alternative, raw) in alternatives {
                    let pointer = format!("{pointer}/any_of/{alternative}");
                    let mapped = overrides.paths.get(&format!("{}.{name}.{alternative}", self.id));
                    slots.extend(self.slot(name, Some(alternative), raw, &pointer, mapped));
                }
            }
        }
        (self.problems.len() == before).then(|| Requirement {
            name: name.to_owned(),
            slots,
            demanded_by: raw.demanded_by.clone(),
            by_period: false,
            label: self.source.label(&pointer),
        })
    }

    fn slot(
        &mut self,
        name: &str,
        alternative: Option<&String>,
        raw: &RawRequirement,
        pointer: &str,
        mapped: Option<&Vec<String>>,
    ) -> Option<Slot> {
        let kind = self.kind(raw, pointer)?;
        let records = self.records(raw, kind, pointer)?;
        let shapes = self.record_shapes(kind, &records, pointer)?;
        self.shapes.insert((name.to_owned(), alternative.cloned()), shapes.clone());
        let patterns = match mapped {
            Some(paths) => self.patterns(&Value::from(paths.clone()), pointer),
            None => match &raw.path {
                Some(path) => self.patterns(path, &format!("{pointer}/path")),
                None => {
                    self.problem(pointer, "the requirement has no `path`", None);
                    Vec::new()
                }
            },
        };
        let (cadence, within) = self.cadence(raw, pointer);
        let mut path = |field: &Option<String>, at: &str| {
            field.as_ref().and_then(|text| self.path(text, &shapes, &format!("{pointer}/{at}")))
        };
        let happened = path(&raw.happened, "happened");
        let period = path(&raw.period, "period");
        let covers = raw.covers.as_ref().and_then(|covers| {
            let from = path(&Some(covers.from.clone()), "covers/from")?;
            Some((from, path(&Some(covers.to.clone()), "covers/to")?))
        });
        let per = raw
            .per
            .iter()
            .enumerate()
            .filter_map(|(at, text)| path(&Some(text.clone()), &format!("per/{at}")))
            .collect();
        let freshness = raw.freshness.as_ref().and_then(|freshness| {
            let max_age =
                self.allowance(&freshness.max_age, &format!("{pointer}/freshness/max_age"))?;
            if freshness.of == "collected" {
                return Some((None, max_age));
            }
            let of = self.path(&freshness.of, &shapes, &format!("{pointer}/freshness/of"))?;
            Some((Some(of), max_age))
        });
        let population = raw.population.as_ref().map(|population| {
            self.paths(&population.key, &shapes, &format!("{pointer}/population/key"))
        });
        let where_ = raw
            .where_
            .as_ref()
            .and_then(|text| self.condition(text, &shapes, &format!("{pointer}/where")));
        // Whether work is in time is said by its day; that it was left at all, by its period too.
        let stated = period.is_some() || covers.is_some();
        let in_time = cadence.is_some_and(|cadence| !has_no_end(cadence));
        let dated = happened.is_some() || (stated && !in_time);
        let periodic = !matches!(cadence, None | Some(Cadence::PerEvent));
        self.contradictions(raw, cadence, pointer);
        let manifest_required = match raw.manifest {
            Some(RawManifestNeed::Required) => true,
            Some(RawManifestNeed::Optional) => false,
            None => population.is_some() || (periodic && !dated),
        };
        Some(Slot {
            alternative: alternative.cloned(),
            kind: kind.name.clone(),
            patterns,
            records,
            where_,
            happened,
            period,
            covers,
            per,
            cadence,
            within,
            freshness,
            dated_elsewhere: false,
            population,
            manifest_required,
            pointer: pointer.to_owned(),
        })
    }

    /// What would have no effect, or no end, is refused.
    fn contradictions(&mut self, raw: &RawRequirement, cadence: Option<Cadence>, pointer: &str) {
        if !raw.per.is_empty() && raw.population.is_some() {
            let message = "`per` has no effect on a population: an export covers days, not groups";
            let help = "give each group a requirement of its own, or leave `per` out";
            self.problem(&format!("{pointer}/per"), message, Some(help.to_owned()));
        }
        let stated = raw.period.is_some() || raw.covers.is_some();
        let within = raw.cadence.as_ref().is_some_and(|form| form.get("within").is_some());
        if stated && !within && cadence.is_some_and(|cadence| !has_no_end(cadence)) {
            let message = "nothing says until when the work for a period may be done, so it would never be late";
            let help = "add `within`: `cadence: { every: quarter, within: 30 days }`";
            self.problem(&format!("{pointer}/cadence"), message, Some(help.to_owned()));
        }
    }

    fn kind(&mut self, raw: &RawRequirement, pointer: &str) -> Option<&'a Kind> {
        let Some(name) = &raw.kind else {
            self.problem(pointer, "the requirement has no `kind`", None);
            return None;
        };
        let found = self.kinds.get(name);
        if found.is_none() {
            let near = nearest(name, self.kinds.keys().map(String::as_str));
            let help = near.map_or_else(
                || "kinds are the schemas in `schemas/kinds`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            self.problem(
                &format!("{pointer}/kind"),
                format!("there is no kind `{name}`"),
                Some(help),
            );
        }
        found
    }

    fn records(&mut self, raw: &RawRequirement, kind: &Kind, pointer: &str) -> Option<Selector> {
        let Some(text) = &raw.records else { return Some(kind.records.clone()) };
        match Selector::parse(text) {
            Ok(selector) => Some(selector),
            Err(message) => {
                self.problem(&format!("{pointer}/records"), message, None);
                None
            }
        }
    }

    /// The shapes of a record, of what is around it and of the document.
    fn record_shapes(&mut self, kind: &Kind, records: &Selector, pointer: &str) -> Option<Shapes> {
        let mut shapes = Shapes {
            this: kind.shape.clone(),
            parent: kind.shape.clone(),
            document: match kind.unit {
                Unit::Document => kind.shape.clone(),
                Unit::Record => Shape::Any,
            },
            manifest: super::kind::manifest_shape(),
        };
        // The schema of a record is of the record, wherever in a document its kind lies.
        let own = kind.unit == Unit::Record && *records == kind.records;
        let steps = if own { &[] } else { records.steps() };
        for step in steps {
            if matches!(shapes.this, Shape::Object(_)) {
                shapes.parent = shapes.this.clone();
            }
            let next = match step {
                Step::Member(name) => member(&shapes.this, name),
                Step::Every => element(&shapes.this)
                    .ok_or_else(|| ("`*` stands for the elements of a list".to_owned(), None)),
            };
            match next {
                Ok(shape) => shapes.this = shape,
                Err((message, help)) => {
                    self.problem(&format!("{pointer}/records"), message, help);
                    return None;
                }
            }
        }
        if !steps.is_empty()
            && let Some(shape) = element(&shapes.this)
        {
            shapes.this = shape;
        }
        Some(shapes)
    }

    fn patterns(&mut self, value: &Value, pointer: &str) -> Vec<PathPattern> {
        let mut patterns = Vec::new();
        for text in self.texts(value, pointer) {
            match PathPattern::new(&text) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => self.problem(pointer, error.to_string(), None),
            }
        }
        patterns
    }

    /// A string, or a list of strings.
    fn texts(&mut self, value: &Value, pointer: &str) -> Vec<String> {
        let texts: Option<Vec<String>> = match value {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(values) => {
                values.iter().map(|value| value.as_str().map(ToOwned::to_owned)).collect()
            }
            _ => None,
        };
        match texts {
            Some(texts) if !texts.is_empty() => texts,
            _ => {
                self.problem(pointer, "expected a string, or a list of strings", None);
                Vec::new()
            }
        }
    }

    pub(super) fn paths(&mut self, value: &Value, shapes: &Shapes, pointer: &str) -> Vec<KeyPath> {
        let texts = self.texts(value, pointer);
        texts.iter().filter_map(|text| self.path(text, shapes, pointer)).collect()
    }

    pub(super) fn path(&mut self, text: &str, shapes: &Shapes, pointer: &str) -> Option<KeyPath> {
        match KeyPath::new(text, shapes) {
            Ok(path) => Some(path),
            Err((message, help)) => {
                self.problem(pointer, message, help);
                None
            }
        }
    }

    pub(super) fn allowance(&mut self, text: &str, pointer: &str) -> Option<Allowance> {
        match text.parse() {
            Ok(allowance) => Some(allowance),
            Err(error) => {
                self.problem(pointer, format!("{error}"), None);
                None
            }
        }
    }

    fn cadence(&mut self, raw: &RawRequirement, pointer: &str) -> (Option<Cadence>, Allowance) {
        let at = format!("{pointer}/cadence");
        let mut within = Allowance::NONE;
        let text = match &raw.cadence {
            None => return (None, within),
            Some(Value::String(word)) => word.clone(),
            Some(Value::Object(form)) => {
                if let Some(Value::String(grace)) = form.get("within") {
                    within = self.allowance(grace, &format!("{at}/within")).unwrap_or(within);
                }
                match (form.get("every"), form.get("continuous")) {
                    (Some(Value::String(every)), None) => every.clone(),
                    (None, Some(Value::String(gap))) => format!("continuous up to {gap}"),
                    _ => String::new(),
                }
            }
            Some(_) => String::new(),
        };
        match text.parse() {
            Ok(cadence) => (Some(cadence), within),
            Err(error) => {
                self.problem(&at, format!("{error}"), None);
                (None, within)
            }
        }
    }

    pub(super) fn scope(&self, shapes: &Shapes) -> Scope {
        super::kind::scope(shapes, &self.params_shape)
    }

    pub(super) fn condition(
        &mut self,
        text: &str,
        shapes: &Shapes,
        pointer: &str,
    ) -> Option<Condition> {
        self.compiled(text, shapes, pointer, true)
    }

    pub(super) fn value(
        &mut self,
        text: &str,
        shapes: &Shapes,
        pointer: &str,
    ) -> Option<Condition> {
        self.compiled(text, shapes, pointer, false)
    }

    fn compiled(
        &mut self,
        text: &str,
        shapes: &Shapes,
        pointer: &str,
        is_condition: bool,
    ) -> Option<Condition> {
        let pointer = pointer.to_owned();
        let own = self.compiled.find(text, is_condition, shapes);
        let known = own.or_else(|| self.shared.lock().find(text, is_condition, shapes));
        if let Some(expression) = known {
            return Some(Condition { expression, text: text.to_owned(), pointer });
        }
        let compile = if is_condition { compile_condition } else { compile_value };
        match compile(text, &self.scope(shapes)) {
            Ok(expression) => {
                let expression = Arc::new(expression);
                let shapes = shapes.clone();
                let known = Compiled { is_condition, shapes, expression: Arc::clone(&expression) };
                if expression.reads().any(|(variable, _)| variable == Variable::Params) {
                    self.compiled.add(text, known);
                } else {
                    self.shared.lock().add(text, known);
                }
                Some(Condition { expression, text: text.to_owned(), pointer })
            }
            Err(errors) => {
                self.expression_errors(errors, &pointer);
                None
            }
        }
    }

    pub(super) fn expression_errors(
        &mut self,
        errors: Vec<crate::expression::ExpressionError>,
        pointer: &str,
    ) {
        for error in errors {
            let label = self.source.label_within(pointer, error.start, error.end);
            self.problems.push(Problem { label, message: error.message, help: error.help });
        }
    }

    pub(super) fn template(
        &mut self,
        text: &str,
        shapes: &Shapes,
        pointer: &str,
    ) -> Option<crate::expression::Template> {
        match compile_template(text, &self.scope(shapes)) {
            Ok(template) => Some(template),
            Err(errors) => {
                self.expression_errors(errors, pointer);
                None
            }
        }
    }

    /// A message about no record in particular: it may name parameters only.
    pub(super) fn plain_template(
        &mut self,
        text: &str,
        pointer: &str,
    ) -> Option<crate::expression::Template> {
        let nothing = Shape::object([]);
        let shapes = Shapes {
            this: nothing.clone(),
            parent: nothing.clone(),
            document: nothing.clone(),
            manifest: nothing,
        };
        self.template(text, &shapes, pointer)
    }

    /// `demanded_by` must name a check that demands rows of the requirement, or an empty slot would
    /// hold vacuously.
    fn demands(&mut self, requirements: &[Requirement], raw: &RawControl) {
        if requirements.iter().all(|one| one.demanded_by.is_some()) {
            let message =
                "every requirement waits to be demanded by a check, so nothing would ever be asked";
            let help = "leave `demanded_by` out of the requirement whose records demand the others";
            self.problem("/evidence", message, Some(help.to_owned()));
        }
        for requirement in requirements {
            let Some(check) = &requirement.demanded_by else { continue };
            let demands = raw.checks.get(check).is_some_and(|check| {
                let target = check.exists_in.as_deref().unwrap_or_default();
                target.split('.').next() == Some(&requirement.name)
            });
            if !demands {
                let pointer = format!("/evidence/{}/demanded_by", requirement.name);
                let message =
                    format!("`{check}` is no check with `exists_in: {}`", requirement.name);
                let help = "name the check that demands rows here, or leave `demanded_by` out";
                self.problem(&pointer, message, Some(help.to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_serves_records_that_are_alike_where_it_reads() {
        let shapes = |this: &Shape, manifest: &Shape| Shapes {
            this: Shape::object([("count".to_owned(), this.clone())]),
            parent: Shape::Any,
            document: Shape::Any,
            manifest: Shape::object([("by".to_owned(), manifest.clone())]),
        };
        let own = shapes(&Shape::Int, &Shape::TEXT);
        let scope = super::super::kind::scope(&own, &Shape::object([]));
        let expression = Arc::new(compile_condition("this.count > 1", &scope).unwrap());
        let compiled = Compiled { is_condition: true, shapes: own.clone(), expression };
        assert!(compiled.serves(true, &own));
        assert!(compiled.serves(true, &shapes(&Shape::Int, &Shape::Bool)));
        assert!(!compiled.serves(true, &shapes(&Shape::TEXT, &Shape::TEXT)));
        assert!(!compiled.serves(false, &own));
    }
}
