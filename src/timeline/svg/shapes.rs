//! The shapes of marks, defined once in a picture: each kind has its own, so that no colour is needed to tell them apart.

use std::io;

use super::canvas::{group, put};
use crate::timeline::calls::Answered;
use crate::timeline::xml::{Xml, within};

/// Name, path, and whether it has an area; without one only its lines are drawn.
const SHAPES: [(&str, &str, bool); 11] = [
    ("ok", "M-3,0a3,3 0 1 0 6,0a3,3 0 1 0 -6,0Z", true),
    ("refused", "M0,-4.2L4.2,0L0,4.2L-4.2,0Z", true),
    ("failed", "M-3.2,-3.2H3.2V3.2H-3.2Z", true),
    ("broken", "M-3.2,-3.2L3.2,3.2M-3.2,3.2L3.2,-3.2", false),
    ("open", "M-3,0a3,3 0 1 0 6,0a3,3 0 1 0 -6,0Z", false),
    ("fault", "M1.2,-5L-3.6,0.9H-0.4L-1.2,5L3.6,-0.9H0.4Z", true),
    ("command", "M-4,-4.5H4V1L0,5L-4,1Z", true),
    ("proof", "M-6,0a6,6 0 1 0 12,0a6,6 0 1 0 -12,0Z", false),
    ("success", "M-3,0.2L-0.8,2.6L3.2,-2.6", false),
    ("fail", "M-2.6,-2.6L2.6,2.6M-2.6,2.6L2.6,-2.6", false),
    ("timeout", "M-2.6,-3H2.6L-2.6,3H2.6Z", true),
];

pub(super) fn define(xml: &mut Xml) -> io::Result<()> {
    within(xml, "defs", &[], |xml| {
        SHAPES.iter().try_for_each(|(name, path, has_area)| {
            let id = format!("tl-{name}");
            if *has_area {
                put(xml, "path", &[("id", &id), ("d", path)], "")
            } else {
                put(xml, "path", &[("id", &id), ("d", path), ("fill", "none"), ("stroke-width", "1.8")], "")
            }
        })
    })
}

/// A group of marks of one kind: its class, and its colour for where no style sheet is.
pub(super) fn marks(
    xml: &mut Xml,
    kind: &str,
    content: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    let (class, colour) = (format!("tl-{kind}"), colour(kind));
    group(xml, &[("class", &class), ("fill", colour), ("stroke", colour)], content)
}

fn colour(kind: &str) -> &'static str {
    match kind {
        "ok" | "success" => "#00795b",
        "refused" | "timeout" => "#a86400",
        "failed" | "fail" | "fault" => "#b0003a",
        "broken" => "#7b3fa0",
        "open" => "#0067a5",
        _ => "#1f2328",
    }
}

/// The marks that the legend explains, in order.
pub(super) fn legend(has: impl Fn(&str) -> bool) -> Vec<(&'static str, &'static str)> {
    let answers = Answered::ALL.map(|answered| (answered.name(), answered.about()));
    let others = [("fault", "fault"), ("command", "command"), ("proof", "proves a finding")];
    answers.into_iter().chain(others).filter(|(name, _)| has(name)).collect()
}
