//! Paths of fields that rule files name: `approver`, `document.model_id`, `inputs[].name`.

use crate::document::{Kind, Node};
use crate::expression::{Shape, Variable};
use crate::schema::suggest::nearest;

/// The shapes of what a path can begin at.
#[derive(Debug, Clone)]
pub struct Shapes {
    /// The record.
    pub this: Shape,
    /// The object around it.
    pub parent: Shape,
    /// The whole document.
    pub document: Shape,
    /// The manifest.
    pub manifest: Shape,
}

/// The values of what a path can begin at.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The record.
    pub this: Node<'a>,
    /// The object around it.
    pub parent: Option<Node<'a>>,
    /// The whole document, where it is held.
    pub document: Option<Node<'a>>,
    /// The manifest.
    pub manifest: Option<Node<'a>>,
}

/// A path, checked against the shapes when the rule file was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPath {
    root: Root,
    steps: Vec<Step>,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    This,
    Parent,
    Document,
    Manifest,
}

impl Root {
    fn of<'a>(self, record: &Record<'a>) -> Option<Node<'a>> {
        match self {
            Self::This => Some(record.this),
            Self::Parent => record.parent,
            Self::Document => record.document,
            Self::Manifest => record.manifest,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    Each,
}

impl KeyPath {
    /// Reads `text` and checks every field of it.
    ///
    /// # Errors
    /// A message and, where a field of a similar name exists, a suggestion.
    pub fn new(text: &str, shapes: &Shapes) -> Result<Self, (String, Option<String>)> {
        let (root, rest) = match text.split_once('.') {
            Some(("this", rest)) => (Root::This, rest),
            Some(("parent", rest)) => (Root::Parent, rest),
            Some(("document", rest)) => (Root::Document, rest),
            Some(("manifest", rest)) => (Root::Manifest, rest),
            _ if text == "this" => (Root::This, ""),
            _ => (Root::This, text),
        };
        let mut steps = Vec::new();
        for part in rest.split('.').filter(|part| !part.is_empty() || !rest.is_empty()) {
            let (name, each) = part.strip_suffix("[]").map_or((part, false), |name| (name, true));
            if name.is_empty() {
                return Err((format!("`{text}` is not a path of fields"), None));
            }
            steps.push(Step::Field(name.to_owned()));
            if each {
                steps.push(Step::Each);
            }
        }
        let path = Self { root, steps, text: text.to_owned() };
        path.shape(shapes)?;
        Ok(path)
    }

    /// The path as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it begins at and the fields down from there; `None` where it steps through a list.
    #[must_use]
    pub fn fields(&self) -> Option<(Variable, Vec<&str>)> {
        let variable = match self.root {
            Root::This => Variable::This,
            Root::Parent => Variable::Parent,
            Root::Document => Variable::Document,
            Root::Manifest => Variable::Manifest,
        };
        let fields = self.steps.iter().map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::Each => None,
        });
        Some((variable, fields.collect::<Option<_>>()?))
    }

    /// Whether the path steps through a list, so that no value is a possible answer.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.steps.contains(&Step::Each)
    }

    /// Whether the path begins at the record itself.
    #[must_use]
    pub fn is_of_record(&self) -> bool {
        self.root == Root::This
    }

    /// Whether the path begins at the manifest, which is another text than the artifact's.
    #[must_use]
    pub fn is_of_manifest(&self) -> bool {
        self.root == Root::Manifest
    }

    fn shape(&self, shapes: &Shapes) -> Result<Shape, (String, Option<String>)> {
        let mut shape = match self.root {
            Root::This => shapes.this.clone(),
            Root::Parent => shapes.parent.clone(),
            Root::Document => shapes.document.clone(),
            Root::Manifest => shapes.manifest.clone(),
        };
        for step in &self.steps {
            shape = match step {
                Step::Field(name) => field(&shape, name)?,
                Step::Each => element(&shape)
                    .ok_or_else(|| (format!("`{}` is not a list", self.text), None))?,
            };
        }
        Ok(shape)
    }

    /// The values the path names in a record: none where a field is absent or null, several where
    /// it steps through a list.
    #[must_use]
    pub fn nodes<'a>(&self, record: &Record<'a>) -> Vec<Node<'a>> {
        walk(self.root, &self.steps, record)
    }

    /// The one value, where there is one.
    #[must_use]
    pub fn node<'a>(&self, record: &Record<'a>) -> Option<Node<'a>> {
        if self.is_list() {
            return self.nodes(record).into_iter().next();
        }
        let below = |node: Node<'a>, step: &Step| match step {
            Step::Field(name) => node.get(name),
            Step::Each => None,
        };
        let node = self.steps.iter().try_fold(self.root.of(record)?, below)?;
        (!node.is_null()).then_some(node)
    }

    /// The list the path steps through first, and where in it.
    fn list(&self) -> Option<(Root, &[Step])> {
        let at = self.steps.iter().position(|step| *step == Step::Each)?;
        Some((self.root, &self.steps[..=at]))
    }

    /// Whether the path steps through a second list, so that no value of an element is possible.
    fn rest_is_list(&self) -> bool {
        self.steps.iter().filter(|step| **step == Step::Each).count() > 1
    }

    /// The values as key texts: strings as they are, numbers and booleans by their literal.
    #[must_use]
    pub fn texts(&self, record: &Record<'_>) -> Vec<String> {
        if !self.is_list() {
            return self.node(record).as_ref().and_then(key_text).into_iter().collect();
        }
        self.nodes(record).iter().filter_map(key_text).collect()
    }

    /// The values as one text; empty where there is none.
    #[must_use]
    pub fn text(&self, record: &Record<'_>) -> String {
        if self.is_list() {
            return self.texts(record).join(";");
        }
        self.node(record).as_ref().and_then(key_text).unwrap_or_default()
    }
}

/// Every key a record has under `paths`: one, unless a path steps through a list. Paths through the
/// same list take their values from the same element. `Err` names a path whose field is absent.
///
/// # Errors
/// The first path that names no value and steps through no list.
pub fn keys<'p>(
    paths: &'p [KeyPath],
    record: &Record<'_>,
) -> Result<Vec<Vec<String>>, &'p KeyPath> {
    if !paths.iter().any(KeyPath::is_list) {
        let text = |path: &'p KeyPath| {
            let text = path.node(record).as_ref().and_then(key_text);
            text.filter(|text| !text.is_empty()).ok_or(path)
        };
        return Ok(vec![paths.iter().map(text).collect::<Result<_, _>>()?]);
    }
    let keys: Result<Vec<_>, _> = each_key(paths, record).into_iter().collect();
    keys.map(|keys| keys.into_iter().flatten().collect())
}

/// Those keys of a record that are whole: elements of a list without the field are passed over.
#[must_use]
pub fn whole_keys(paths: &[KeyPath], record: &Record<'_>) -> Vec<Vec<String>> {
    each_key(paths, record).into_iter().filter_map(Result::ok).flatten().collect()
}

/// The keys under each combination of elements of the lists that `paths` step through.
fn each_key<'p>(
    paths: &'p [KeyPath],
    record: &Record<'_>,
) -> Vec<Result<Vec<Vec<String>>, &'p KeyPath>> {
    let mut lists: Vec<(Root, &[Step])> = paths.iter().filter_map(KeyPath::list).collect();
    lists.sort_by_key(|(_, steps)| steps.len());
    lists.dedup();
    let mut unique: Vec<(Root, &[Step])> = Vec::new();
    for list in lists {
        if !unique.contains(&list) {
            unique.push(list);
        }
    }
    let mut chosen: Vec<Vec<Node<'_>>> = vec![Vec::new()];
    for (root, steps) in &unique {
        let elements = walk(*root, steps, record);
        chosen = chosen
            .iter()
            .flat_map(|so_far| {
                elements.iter().map(|element| so_far.iter().copied().chain([*element]).collect())
            })
            .collect();
    }
    chosen.iter().map(|elements| combined(paths, record, &unique, elements)).collect()
}

/// The keys of `record` under one element of each of the lists `unique`.
fn combined<'p>(
    paths: &'p [KeyPath],
    record: &Record<'_>,
    unique: &[(Root, &[Step])],
    elements: &[Node<'_>],
) -> Result<Vec<Vec<String>>, &'p KeyPath> {
    let mut partial: Vec<Vec<String>> = vec![Vec::new()];
    for path in paths {
        let texts: Vec<String> = match path.list() {
            None => path.texts(record),
            Some(list) => {
                let at = unique.iter().position(|one| *one == list).unwrap_or_default();
                let inner = steps_from(elements[at], &path.steps[list.1.len()..]);
                inner.iter().filter_map(key_text).collect()
            }
        };
        // An element without the field, or with an empty one, names nothing.
        if texts.is_empty() && !path.rest_is_list() || texts.iter().any(String::is_empty) {
            return Err(path);
        }
        partial = with_each(partial, texts);
    }
    Ok(partial)
}

/// Each of `keys` with each of `texts` after it.
fn with_each(mut keys: Vec<Vec<String>>, mut texts: Vec<String>) -> Vec<Vec<String>> {
    if let ([key], [_]) = (&mut keys[..], &texts[..]) {
        key.append(&mut texts);
        return keys;
    }
    let after = |key: &Vec<String>, text: &String| key.iter().chain([text]).cloned().collect();
    keys.iter().flat_map(|key| texts.iter().map(move |text| after(key, text))).collect()
}

fn walk<'a>(root: Root, steps: &[Step], record: &Record<'a>) -> Vec<Node<'a>> {
    root.of(record).map(|root| steps_from(root, steps)).unwrap_or_default()
}

fn steps_from<'a>(from: Node<'a>, steps: &[Step]) -> Vec<Node<'a>> {
    let until = steps.iter().position(|step| *step == Step::Each).unwrap_or(steps.len());
    let (fields, steps) = steps.split_at(until);
    let below = fields.iter().try_fold(from, |node, step| match step {
        Step::Field(name) => node.get(name),
        Step::Each => None,
    });
    let mut nodes: Vec<_> = below.into_iter().collect();
    for step in steps {
        nodes = match step {
            Step::Field(name) => nodes.iter().filter_map(|node| node.get(name)).collect(),
            Step::Each => nodes.iter().flat_map(Node::elements).collect(),
        };
    }
    nodes.retain(|node| !node.is_null());
    nodes
}

/// A scalar as the text of a key; whole numbers are spelled one way.
#[must_use]
pub fn key_text(node: &Node<'_>) -> Option<String> {
    match node.kind() {
        Kind::String => node.as_str().map(ToOwned::to_owned),
        Kind::Number => node
            .as_i64()
            .map(|value| value.to_string())
            .or_else(|| node.as_literal().map(ToOwned::to_owned)),
        Kind::Boolean => node.as_bool().map(|value| value.to_string()),
        Kind::Null | Kind::Array | Kind::Object => None,
    }
}

/// The shape of the field `name` of `shape`.
fn field(shape: &Shape, name: &str) -> Result<Shape, (String, Option<String>)> {
    match shape {
        Shape::Any => Ok(Shape::Any),
        Shape::Object(fields) => {
            if let Some(field) = fields.fields.get(name) {
                return Ok(field.shape.clone());
            }
            if let Some(rest) = &fields.rest {
                return Ok((**rest).clone());
            }
            let near = nearest(name, fields.fields.keys().map(String::as_str));
            let known: Vec<_> = fields.fields.keys().map(String::as_str).collect();
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its fields are {}", known.join(", ")),
            };
            Err((format!("there is no field `{name}`"), Some(help)))
        }
        Shape::Union(shapes) => {
            let mut last = Err((format!("there is no field `{name}`"), None));
            for shape in shapes {
                match field(shape, name) {
                    Ok(shape) => return Ok(shape),
                    error => last = error,
                }
            }
            last
        }
        _ => Err((format!("`{name}` is asked of something that has no fields"), None)),
    }
}

/// The shape of the elements of a list.
#[must_use]
pub(super) fn element(shape: &Shape) -> Option<Shape> {
    match shape {
        Shape::Any => Some(Shape::Any),
        Shape::List(element) => Some((**element).clone()),
        Shape::Union(shapes) => shapes.iter().find_map(element),
        _ => None,
    }
}

/// The shape a member of `shape` has, for selectors.
pub(super) fn member(shape: &Shape, name: &str) -> Result<Shape, (String, Option<String>)> {
    field(shape, name)
}
