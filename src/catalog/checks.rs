//! From the raw shape of a check to what `verify` runs.

use std::collections::BTreeMap;

use super::control::{Against, Bounds, Check, Keyed, Requirement, Selection, Test};
use super::keypath::{KeyPath, Shapes};
use super::raw::{RawAgainst, RawCheck, RawDerived, RawKeyed, RawMember, RawTile};
use super::resolve::Resolver;
use crate::model::time::{Allowance, Cadence};
use crate::schema::suggest::nearest;

const TESTS: &str = "require, exists_in, absent_from, same_set, unique, tile, count, rate, sum, recompute or reaches";

/// Resolves one check; its problems are left with the resolver.
pub(super) fn resolve(
    resolver: &mut Resolver<'_>,
    requirements: &[Requirement],
    id: &str,
    raw: &RawCheck,
) -> Option<Check> {
    let at = format!("/checks/{id}");
    let mut one = One { resolver, requirements, raw, at: at.clone() };
    let test = one.test()?;
    let message = one.message(&test);
    let title = raw.title.clone().unwrap_or_else(|| id.replace('-', " "));
    Some(Check {
        id: id.to_owned(),
        title,
        message,
        said: raw.message.clone(),
        help: raw.help.clone(),
        required: raw.required.unwrap_or(raw.same_set.is_some()),
        test,
        label: one.resolver.source.label(&at),
    })
}

/// The requirements that a test compares by period.
pub(super) fn by_period(test: &Test) -> Vec<usize> {
    let sides = match test {
        Test::Counterpart { other, against, .. } => vec![(other, against)],
        Test::SameSet { left, right, against: [here, there] } => vec![(left, here), (right, there)],
        _ => Vec::new(),
    };
    let sides = sides.into_iter().filter(|(_, against)| **against != Against::Any);
    sides.map(|(side, _)| side.of.requirement).collect()
}

struct One<'r, 'a> {
    resolver: &'r mut Resolver<'a>,
    requirements: &'r [Requirement],
    raw: &'r RawCheck,
    at: String,
}

impl One<'_, '_> {
    fn problem<T>(
        &mut self,
        beneath: &str,
        message: impl Into<String>,
        help: Option<&str>,
    ) -> Option<T> {
        let pointer = format!("{}{beneath}", self.at);
        self.resolver.problem(&pointer, message, help.map(ToOwned::to_owned));
        None
    }

    fn test(&mut self) -> Option<Test> {
        let raw = self.raw;
        let given = [
            raw.require.is_some(),
            raw.exists_in.is_some(),
            raw.absent_from.is_some(),
            raw.same_set.is_some(),
            raw.unique.is_some(),
            raw.tile.is_some(),
            raw.count.is_some(),
            raw.rate.is_some(),
            raw.sum.is_some(),
            raw.recompute.is_some(),
            raw.reaches.is_some(),
        ];
        if given.iter().filter(|given| **given).count() != 1 {
            return self.problem("", format!("a check has exactly one of {TESTS}"), None);
        }
        if raw.each.is_none() && given[..3].iter().chain(&given[9..]).any(|given| *given) {
            return self.problem(
                "",
                "the check needs `each`: the requirement whose records it looks at",
                None,
            );
        }
        if raw.against.is_some() && !given[1] && !given[2] {
            let help = "in `same_set` it stands with the list it concerns";
            let message = "`against` belongs to `exists_in` and `absent_from`";
            return self.problem("/against", message, Some(help));
        }
        if raw.require.is_some() {
            self.require()
        } else if raw.exists_in.is_some() || raw.absent_from.is_some() {
            self.counterpart()
        } else if let Some(sides) = &raw.same_set {
            let [left, right] = sides.as_slice() else {
                return self.problem("/same_set", "`same_set` compares two lists", None);
            };
            let (left, here) = self.member(left, "/same_set/0")?;
            let (right, there) = self.member(right, "/same_set/1")?;
            if left.key.len() != right.key.len() {
                return self.problem("/same_set", "both keys need the same number of fields", None);
            }
            let against = [here, there];
            if against == [Against::EveryPeriod; 2] && self.cadences(&left) != self.cadences(&right)
            {
                let message = "the lists are compared period by period and have different cadences";
                return self.problem("/same_set", message, None);
            }
            Some(Test::SameSet { left, right, against })
        } else if let Some(unique) = &raw.unique {
            Some(Test::Unique { of: self.keyed(unique, "/unique")? })
        } else if let Some(tile) = &raw.tile {
            self.tile(tile)
        } else if raw.recompute.is_some() {
            self.recompute()
        } else if raw.reaches.is_some() {
            self.reaches()
        } else {
            self.figure()
        }
    }

    fn require(&mut self) -> Option<Test> {
        let (each, shapes) = self.each()?;
        let text = self.raw.require.clone()?;
        let holds = self.resolver.condition(&text, &shapes, &format!("{}/require", self.at))?;
        Some(Test::Require { each, holds })
    }

    fn each(&mut self) -> Option<(Selection, Shapes)> {
        let name = self.raw.each.clone()?;
        let where_ = self.raw.where_.clone();
        self.selection(&name, "/each", where_.as_deref(), "/where")
    }

    /// The requirement `name`, or `name.alternative`, with its condition.
    fn selection(
        &mut self,
        name: &str,
        name_at: &str,
        where_: Option<&str>,
        where_at: &str,
    ) -> Option<(Selection, Shapes)> {
        let (requirement, alternative) = match name.split_once('.') {
            Some((requirement, alternative)) => (requirement, Some(alternative)),
            None => (name, None),
        };
        let Some(index) = self.requirements.iter().position(|one| one.name == requirement) else {
            let names = self.requirements.iter().map(|one| one.name.as_str());
            let help = nearest(requirement, names).map(|near| format!("did you mean `{near}`?"));
            let message = format!("there is no requirement `{requirement}` under `evidence`");
            return self.problem(name_at, message, help.as_deref());
        };
        let slots = &self.requirements[index].slots;
        let Some(slot) = slots
            .iter()
            .find(|slot| alternative.is_none() || slot.alternative.as_deref() == alternative)
        else {
            let message =
                format!("`{requirement}` has no alternative `{}`", alternative.unwrap_or_default());
            return self.problem(name_at, message, None);
        };
        if alternative.is_none() && slots.iter().any(|other| other.kind != slot.kind) {
            let message = format!("the alternatives of `{requirement}` are of different kinds");
            return self.problem(name_at, message, Some("name one: `requirement.alternative`"));
        }
        let key = (requirement.to_owned(), slot.alternative.clone());
        let shapes = self.resolver.shapes.get(&key)?.clone();
        let where_ = match where_ {
            None => None,
            Some(text) => {
                Some(self.resolver.condition(text, &shapes, &format!("{}{where_at}", self.at))?)
            }
        };
        let alternative = alternative.map(ToOwned::to_owned);
        Some((Selection { requirement: index, alternative, where_ }, shapes))
    }

    fn keyed(&mut self, raw: &RawKeyed, at: &str) -> Option<Keyed> {
        let (of, shapes) = self.selection(
            &raw.evidence,
            &format!("{at}/evidence"),
            raw.where_.as_deref(),
            &format!("{at}/where"),
        )?;
        let before = self.resolver.problems.len();
        let key = self.resolver.paths(&raw.key, &shapes, &format!("{}{at}/key", self.at));
        (self.resolver.problems.len() == before).then_some(Keyed { of, key })
    }

    fn member(&mut self, raw: &RawMember, at: &str) -> Option<(Keyed, Against)> {
        let keyed = RawKeyed {
            evidence: raw.evidence.clone(),
            key: raw.key.clone(),
            where_: raw.where_.clone(),
        };
        let keyed = self.keyed(&keyed, at)?;
        let against = self.against(raw.against, &keyed.of, &format!("{at}/against"))?;
        Some((keyed, against))
    }

    /// Which periods of `side`: where its records or its manifests say which period they are of.
    fn against(&mut self, raw: Option<RawAgainst>, side: &Selection, at: &str) -> Option<Against> {
        let against = match raw {
            None => return Some(Against::Any),
            Some(RawAgainst::Newest) => Against::Newest,
            Some(RawAgainst::EveryPeriod) => Against::EveryPeriod,
        };
        let requirement = &self.requirements[side.requirement];
        let mut slots = requirement
            .slots
            .iter()
            .filter(|slot| side.alternative.is_none() || slot.alternative == side.alternative);
        let undated = slots.any(|slot| {
            let dated = slot.happened.is_some() || slot.period.is_some() || slot.covers.is_some();
            !dated && !slot.manifest_required
        });
        if undated {
            let message =
                format!("nothing says of which period the records of `{}` are", requirement.name);
            let help =
                "give the requirement `period`, `covers` or `happened`, or `manifest: required`";
            return self.problem(at, message, Some(help));
        }
        Some(against)
    }

    fn cadences(&self, side: &Keyed) -> Vec<Option<Cadence>> {
        let requirement = &self.requirements[side.of.requirement];
        let mut cadences: Vec<_> = requirement.slots.iter().map(|slot| slot.cadence).collect();
        cadences.dedup();
        cadences
    }

    /// Keys on both sides of a `match`.
    fn pair(
        &mut self,
        pairs: &BTreeMap<String, String>,
        here: &Shapes,
        there: &Shapes,
        at: &str,
    ) -> Option<(Vec<KeyPath>, Vec<KeyPath>)> {
        if pairs.is_empty() {
            return self.problem(
                at,
                "`match` names no fields: everything would match everything",
                None,
            );
        }
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (own, other) in pairs {
            let pointer = format!("{}{at}/{}", self.at, own.replace('~', "~0").replace('/', "~1"));
            left.extend(self.resolver.path(own, here, &pointer));
            right.extend(self.resolver.path(other, there, &pointer));
        }
        (left.len() == pairs.len() && right.len() == pairs.len()).then_some((left, right))
    }

    fn counterpart(&mut self) -> Option<Test> {
        let raw = self.raw;
        let (each, here) = self.each()?;
        let (name, at, exactly) = match (&raw.exists_in, &raw.absent_from) {
            (Some(name), _) => (name, "/exists_in", raw.exactly),
            (None, Some(name)) => (name, "/absent_from", Some(0)),
            (None, None) => return None,
        };
        let (other, there) = self.selection(name, at, raw.matching.as_deref(), "/matching")?;
        let against = self.against(raw.against, &other, "/against")?;
        let Some(pairs) = &raw.match_ else {
            return self.problem("", "the check needs `match`: field here to field there", None);
        };
        let (left, right) = self.pair(pairs, &here, &there, "/match")?;
        let as_of = match &raw.as_of {
            None => None,
            Some(as_of) => {
                let base = format!("{}/as_of", self.at);
                let at = self.resolver.value(&as_of.at, &here, &format!("{base}/at"))?;
                let mut bound = |text: &Option<String>, name: &str| match text {
                    None => Some(None),
                    Some(text) => {
                        self.resolver.value(text, &there, &format!("{base}/{name}")).map(Some)
                    }
                };
                Some((at, bound(&as_of.from, "from")?, bound(&as_of.to, "to")?))
            }
        };
        Some(Test::Counterpart {
            each: Keyed { of: each, key: left },
            other: Keyed { of: other, key: right },
            against,
            exactly,
            as_of,
        })
    }

    fn tile(&mut self, raw: &RawTile) -> Option<Test> {
        let (of, shapes) =
            self.selection(&raw.evidence, "/tile/evidence", raw.where_.as_deref(), "/tile/where")?;
        let at = format!("{}/tile", self.at);
        let (from, to, points) = match (&raw.at, &raw.from) {
            (Some(point), None) => {
                (self.resolver.path(point, &shapes, &format!("{at}/at"))?, None, true)
            }
            (None, Some(from)) => {
                let from = self.resolver.path(from, &shapes, &format!("{at}/from"))?;
                let to = match &raw.to {
                    None => None,
                    Some(to) => Some(self.resolver.path(to, &shapes, &format!("{at}/to"))?),
                };
                (from, to, false)
            }
            _ => {
                return self.problem(
                    "/tile",
                    "`tile` needs `at` (points), or `from` and `to` (intervals)",
                    None,
                );
            }
        };
        let max_gap = match &raw.max_gap {
            None if points => return self.problem("/tile", "points need a `max_gap`", None),
            None => Allowance::NONE,
            Some(text) => self.resolver.allowance(text, &format!("{at}/max_gap"))?,
        };
        let (each, key) = if self.raw.each.is_some() {
            let (each, here) = self.each()?;
            let Some(during) = &raw.during else {
                return self.problem(
                    "/tile",
                    "with `each`, `tile` needs `during: {from, to}`",
                    None,
                );
            };
            let (left, right) = self.pair(&raw.match_, &here, &shapes, "/tile/match")?;
            let begin = self.resolver.path(&during.from, &here, &format!("{at}/during/from"))?;
            let end = match &during.to {
                None => None,
                Some(to) => Some(self.resolver.path(to, &here, &format!("{at}/during/to"))?),
            };
            (Some((Keyed { of: each, key: left }, begin, end)), right)
        } else {
            let mut key = Vec::new();
            for (index, text) in raw.per.iter().enumerate() {
                key.push(self.resolver.path(text, &shapes, &format!("{at}/per/{index}"))?);
            }
            (None, key)
        };
        Some(Test::Tile { each, tiles: Keyed { of, key }, from, to, points, max_gap })
    }

    fn bounds(
        &mut self,
        min: Option<f64>,
        max: Option<f64>,
        equals: Option<f64>,
        at: &str,
    ) -> Option<Bounds> {
        let bounds = match equals {
            Some(value) => Bounds { min: Some(value), max: Some(value) },
            None => Bounds { min, max },
        };
        let alone = equals.is_none() || (min.is_none() && max.is_none());
        if !alone || (bounds.min.is_none() && bounds.max.is_none()) {
            return self.problem(at, "give `min`, `max` or both, or `equals` alone", None);
        }
        Some(bounds)
    }

    fn figure(&mut self) -> Option<Test> {
        let raw = self.raw;
        if let Some(count) = &raw.count {
            let bounds = self.bounds(count.min, count.max, count.equals, "/count")?;
            let where_ = count.where_.as_deref();
            let (of, _) =
                self.selection(&count.evidence, "/count/evidence", where_, "/count/where")?;
            return Some(Test::Count { of, bounds });
        }
        if let Some(rate) = &raw.rate {
            let bounds = self.bounds(rate.min, rate.max, None, "/rate")?;
            let where_ = rate.where_.as_deref();
            let (of, shapes) =
                self.selection(&rate.evidence, "/rate/evidence", where_, "/rate/where")?;
            let part =
                self.resolver.condition(&rate.of, &shapes, &format!("{}/rate/of", self.at))?;
            return Some(Test::Rate { of, part, bounds });
        }
        let sum = raw.sum.as_ref()?;
        let bounds = self.bounds(sum.min, sum.max, sum.equals, "/sum")?;
        let (of, shapes) =
            self.selection(&sum.evidence, "/sum/evidence", sum.where_.as_deref(), "/sum/where")?;
        let value = self.resolver.value(&sum.value, &shapes, &format!("{}/sum/value", self.at))?;
        Some(Test::Sum { of, value, bounds })
    }

    fn recompute(&mut self) -> Option<Test> {
        let raw = self.raw.recompute.as_ref()?;
        let (each, here) = self.each()?;
        let stated =
            self.resolver.path(&raw.stated, &here, &format!("{}/recompute/stated", self.at))?;
        match (&raw.from, &raw.count, &raw.sum) {
            (Some(from), None, None) => {
                let from =
                    self.resolver.value(from, &here, &format!("{}/recompute/from", self.at))?;
                Some(Test::Recompute { each, stated, from })
            }
            (None, Some(derived), None) => self.derive(each, &here, stated, derived, "count"),
            (None, None, Some(derived)) => self.derive(each, &here, stated, derived, "sum"),
            _ => self.problem("/recompute", "give one of `from`, `count` and `sum`", None),
        }
    }

    fn derive(
        &mut self,
        each: Selection,
        here: &Shapes,
        stated: KeyPath,
        raw: &RawDerived,
        name: &str,
    ) -> Option<Test> {
        let at = format!("/recompute/{name}");
        let (other, there) = self.selection(
            &raw.evidence,
            &format!("{at}/evidence"),
            raw.where_.as_deref(),
            &format!("{at}/where"),
        )?;
        let (left, right) = self.pair(&raw.match_, here, &there, &format!("{at}/match"))?;
        let value = match (&raw.value, name) {
            (Some(text), "sum") => {
                Some(self.resolver.value(text, &there, &format!("{}{at}/value", self.at))?)
            }
            (None, "count") => None,
            _ => return self.problem(&at, "a sum has a `value`, a count has none", None),
        };
        Some(Test::Derive {
            each: Keyed { of: each, key: left },
            stated,
            other: Keyed { of: other, key: right },
            value,
        })
    }

    fn reaches(&mut self) -> Option<Test> {
        let raw = self.raw.reaches.as_ref()?;
        let (each, here) = self.each()?;
        let start = self.resolver.path(&raw.start, &here, &format!("{}/reaches/start", self.at))?;
        let (edges, shapes) = self.selection(&raw.edges, "/reaches/edges", None, "")?;
        let from = self.resolver.path(&raw.from, &shapes, &format!("{}/reaches/from", self.at))?;
        let to = self.resolver.path(&raw.to, &shapes, &format!("{}/reaches/to", self.at))?;
        let roots = self.keyed(&raw.every_root_in, "/reaches/every_root_in")?;
        Some(Test::Reaches { each: Keyed { of: each, key: vec![start] }, edges, from, to, roots })
    }

    /// The message is filled in from the record the check looks at.
    fn message(&mut self, test: &Test) -> Option<crate::expression::Template> {
        let text = self.raw.message.clone()?;
        let selection = match test {
            Test::Require { each, .. } | Test::Recompute { each, .. } => Some(each),
            Test::Counterpart { each, .. }
            | Test::Derive { each, .. }
            | Test::Reaches { each, .. }
            | Test::SameSet { left: each, .. }
            | Test::Unique { of: each } => Some(&each.of),
            Test::Tile { each, tiles, .. } => {
                Some(each.as_ref().map_or(&tiles.of, |each| &each.0.of))
            }
            Test::Count { .. } | Test::Rate { .. } | Test::Sum { .. } => None,
        };
        let pointer = format!("{}/message", self.at);
        let Some(selection) = selection else {
            return self.resolver.plain_template(&text, &pointer);
        };
        let requirement = &self.requirements[selection.requirement];
        let alternative = match &selection.alternative {
            Some(alternative) => Some(alternative.clone()),
            None => requirement.slots.first()?.alternative.clone(),
        };
        let shapes = self.resolver.shapes.get(&(requirement.name.clone(), alternative))?.clone();
        self.resolver.template(&text, &shapes, &pointer)
    }
}
