//! Replies that have the documented members and types: a pure function of seed, account, operation, parameters and time.
//!
//! Their values mean nothing, but they agree with each other: success is told everywhere in the same way, counts count the
//! list, pages are parts of it.

use std::borrow::Cow;
use std::ops::Range;

use jiff::Timestamp;

use super::page::ShapePage;
use super::shape::{OperationShape, Shape};
use super::values;
use crate::dice::ShapeDice;
use crate::domain::unmodelled::ShapeSettings;
use crate::domain::{Params, Value};

/// Most items of a list within an item of another list.
const MOST_NESTED: usize = 3;
/// Longest text of a parameter that the items of a list repeat.
const MOST_REPEATED: usize = 256;

/// What a reply depends on, beside its operation.
pub(crate) struct ReplyInputs<'a> {
    /// Of the account.
    pub dice: ShapeDice,
    pub params: &'a Params,
    pub now: Timestamp,
    pub settings: ShapeSettings,
    /// How many calls of the account have created something; none if this one does not.
    pub creation: Option<u64>,
}

impl OperationShape {
    /// The reply to a call whose parameters have been checked.
    pub(crate) fn answer(&self, asked: &ReplyInputs<'_>) -> Value {
        let page = ShapePage::of(self, asked.params);
        let paged = first_list(&self.reply);
        let maker = Maker { operation: self, asked, page, paged };
        let place =
            ReplyPlace { dice: maker.dice(), is_item: false, is_root: true, counts: ListCounts::default() };
        let counts = paged.map_or(ListCounts::default(), |(name, list)| maker.counts(name, list, place));
        maker.value("", &self.reply, ReplyPlace { counts, ..place })
    }
}

/// The list that the reply is about: the first at its top, else the first below it.
fn first_list(shape: &Shape) -> Option<(&'static str, &Shape)> {
    let members = shape.members();
    let direct = members.iter().find(|(_, shape)| matches!(shape, Shape::List(_)));
    direct
        .map(|(name, shape)| (*name, shape))
        .or_else(|| members.iter().find_map(|(_, shape)| first_list(shape)))
}

/// The numbers of items of the list that an object is about.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ListCounts {
    pub total: usize,
    /// On this page.
    pub shown: usize,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
struct ReplyPlace {
    dice: ShapeDice,
    /// Whether it is within an item of a list.
    is_item: bool,
    is_root: bool,
    counts: ListCounts,
}

struct Maker<'a> {
    operation: &'a OperationShape,
    asked: &'a ReplyInputs<'a>,
    page: ShapePage,
    paged: Option<(&'static str, &'a Shape)>,
}

impl Maker<'_> {
    /// The values depend on what was asked for, in any order, but not on the page: an item is the same on each.
    fn dice(&self) -> ShapeDice {
        let known =
            |name: &str| name.split('.').next().is_some_and(|name| self.operation.param(name).is_some());
        let mut given: Vec<_> =
            self.asked.params.iter().filter(|(name, _)| known(name) && !ShapePage::is_about(name)).collect();
        given.sort_unstable();
        let dice = self.asked.dice.at(self.operation.name);
        given.iter().fold(dice, |dice, (name, value)| dice.at(name).at(value))
    }

    fn value(&self, name: &'static str, shape: &Shape, place: ReplyPlace) -> Value {
        match shape {
            Shape::Object(members) => {
                let own = members.iter().find(|(_, shape)| matches!(shape, Shape::List(_)));
                let counts = own.map_or(place.counts, |(name, list)| self.counts(name, list, place));
                let members = members.iter().map(|(name, shape)| {
                    let inner = ReplyPlace { dice: place.dice.at(name), counts, is_root: false, ..place };
                    (Cow::Borrowed(*name), self.member(name, shape, place.is_root, inner))
                });
                Value::Map(members.collect())
            }
            Shape::List(item) => {
                let values = self.echoed_list(name, item).unwrap_or_else(|| {
                    let range = self.range(shape, place);
                    range.map(|index| self.item(name, item, index, place)).collect()
                });
                Value::list(item_name(name), values)
            }
            // Members of any name, and values of any kind: there is nothing to say.
            Shape::Map(_) | Shape::Any => Value::Map(Vec::new()),
            leaf => self.leaf(name, leaf, place),
        }
    }

    fn item(&self, list: &'static str, item: &Shape, index: usize, place: ReplyPlace) -> Value {
        let dice = place.dice.at(&index.to_string());
        self.value(
            list,
            item,
            ReplyPlace { dice, is_item: true, is_root: false, counts: ListCounts::default() },
        )
    }

    fn member(&self, name: &'static str, shape: &Shape, is_top: bool, place: ReplyPlace) -> Value {
        if name == "RequestId" {
            return Value::RequestId;
        }
        let fixed = if place.is_item { None } else { self.fixed(name, shape, place.counts) };
        fixed
            .filter(|_| is_top || !matches!(name, "Message"))
            .unwrap_or_else(|| self.value(name, shape, place))
    }

    /// What agrees with the rest of the reply: success, counts and pages.
    fn fixed(&self, name: &str, shape: &Shape, counts: ListCounts) -> Option<Value> {
        if !shape.words().is_empty() {
            return None;
        }
        let number = match name {
            "Success" => return matches!(shape, Shape::Bool).then_some(Value::Bool(true)),
            "Message" => return matches!(shape, Shape::Text(_)).then(|| Value::text("successful")),
            "Code" | "HttpStatusCode" => 200,
            "TotalCount" | "Total" => counts.total,
            "Count" | "CurrentCount" => counts.shown,
            "NextToken" => {
                let token = self.page.next_token(counts.total);
                return matches!(shape, Shape::Text(_)).then(|| Value::text(token));
            }
            name => self.page.member(name)?,
        };
        values::whole(shape, i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn leaf(&self, name: &'static str, shape: &Shape, place: ReplyPlace) -> Value {
        if let Some(value) = self.echo(name, shape, place) {
            return value;
        }
        let dice = match self.asked.creation {
            Some(creation) if values::is_id(name) => place.dice.at(&creation.to_string()),
            _ => place.dice,
        };
        values::leaf(name, shape, dice, self.asked.now, place.is_item)
    }

    /// The value of the parameter of that name, if it can be a value of the member.
    fn echo(&self, name: &str, shape: &Shape, place: ReplyPlace) -> Option<Value> {
        self.operation.param(name)?;
        let given = self.asked.params.non_empty(name)?;
        if place.is_item && given.len() > MOST_REPEATED {
            return None;
        }
        values::of_text(shape, given)
    }

    /// The same for a list of texts or numbers.
    fn echoed_list(&self, name: &str, item: &Shape) -> Option<Vec<Value>> {
        if !matches!(self.operation.param(name), Some(Shape::List(_))) || self.is_paged(name) {
            return None;
        }
        let given = self.asked.params.list(name);
        if given.is_empty() {
            return None;
        }
        given.iter().map(|text| values::of_text(item, text)).collect()
    }

    fn is_paged(&self, name: &str) -> bool {
        self.paged.is_some_and(|(paged, _)| paged == name)
    }

    fn range(&self, list: &Shape, place: ReplyPlace) -> Range<usize> {
        let all = self.asked.settings.lists;
        match self.paged {
            _ if place.is_item => 0..all.min(MOST_NESTED),
            Some((_, paged)) if std::ptr::eq(paged, list) => self.page.places(all),
            _ => 0..all,
        }
    }

    fn counts(&self, name: &str, list: &Shape, place: ReplyPlace) -> ListCounts {
        let Shape::List(item) = list else { return ListCounts::default() };
        if let Some(echoed) = self.echoed_list(name, item) {
            return ListCounts { total: echoed.len(), shown: echoed.len() };
        }
        let shown = self.range(list, place).len();
        let is_paged = self.paged.is_some_and(|(_, paged)| std::ptr::eq(paged, list)) && !place.is_item;
        ListCounts { total: if is_paged { self.asked.settings.lists } else { shown }, shown }
    }
}

/// The name of an item in XML: that of the list in the singular (an assumption, docs/fidelity.md).
pub(crate) fn item_name(list: &str) -> Cow<'_, str> {
    let short = list.strip_suffix("List").filter(|rest| !rest.is_empty());
    let name = short.unwrap_or(list);
    if let Some(stem) = name.strip_suffix("ies") {
        return format!("{stem}y").into();
    }
    let singular = name.strip_suffix('s').filter(|stem| !stem.is_empty() && !stem.ends_with(['s', 'u', 'i']));
    singular.unwrap_or(name).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dice::Dice;
    use crate::shapes::{find, names};

    #[test]
    fn items_are_named_in_the_singular() {
        for (list, item) in [
            ("VulRecords", "VulRecord"),
            ("AssetList", "Asset"),
            ("List", "List"),
            ("Policies", "Policy"),
            ("Status", "Status"),
            ("Data", "Data"),
            ("Access", "Access"),
        ] {
            assert_eq!(item_name(list), item);
        }
    }

    fn is_of(value: &Value, shape: &Shape) -> bool {
        let says = |text: &str| shape.words().is_empty() || shape.words().contains(&text);
        match (value, shape) {
            (Value::RequestId, Shape::Text(_)) | (Value::Bool(_), Shape::Bool) | (_, Shape::Any) => true,
            (Value::Text(text), Shape::Text(_)) => says(text),
            (Value::Int(number), Shape::Int { is_wide, .. }) => {
                says(&number.to_string()) && (*is_wide || i32::try_from(*number).is_ok())
            }
            (Value::Decimal(digits), Shape::Float) => {
                digits.bytes().all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte))
            }
            (Value::List { values, .. }, Shape::List(item)) => values.iter().all(|value| is_of(value, item)),
            (Value::Map(members), Shape::Map(of)) => members.iter().all(|(_, value)| is_of(value, of)),
            (Value::Map(members), Shape::Object(shapes)) => {
                members.len() == shapes.len()
                    && members
                        .iter()
                        .zip(shapes)
                        .all(|((name, value), (known, shape))| name == known && is_of(value, shape))
            }
            _ => false,
        }
    }

    /// Values of parameters, right ones and others.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9]{1,20}",
            Just("true".to_owned()),
            "\\PC{0,9}",
            Just("1e300".to_owned()),
            "[0-9a-f]{32}"
        ]
    }

    proptest! {
        #[test]
        fn replies_have_the_documented_members_and_types_whatever_is_asked(
            place in 0..965_usize,
            seed: u64,
            lists in 0..5_usize,
            creation: Option<u64>,
            texts in prop::collection::vec(text(), 40),
        ) {
            let operation = find(names().nth(place).unwrap()).unwrap();
            let params: Params =
                operation.params.iter().zip(&texts).map(|((name, _), text)| (*name, text.as_str())).collect();
            let (dice, now) = (Dice::new(seed, "test").of_shapes(), Timestamp::UNIX_EPOCH);
            let asked = ReplyInputs { dice, params: &params, now, settings: ShapeSettings { lists }, creation };
            let reply = operation.answer(&asked);
            prop_assert!(is_of(&reply, &operation.reply), "{} {reply:?}", operation.name);
            prop_assert_eq!(operation.answer(&asked), reply);
        }
    }
}
