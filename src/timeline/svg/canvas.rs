//! Elements of a picture, by their places in it.

use std::io;

use crate::timeline::xml::{self, Xml, empty, within};

/// Most bytes of a text in a picture.
const TEXT: usize = 160;

/// A length in pixels, to a tenth.
pub(super) fn px(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// The height of so many rows.
pub(super) fn rows(count: usize, height: f64) -> f64 {
    height * f64::from(u32::try_from(count).unwrap_or_default())
}

/// An element without content, but for its tooltip.
pub(super) fn put(xml: &mut Xml, name: &str, attributes: &[(&str, &str)], tooltip: &str) -> io::Result<()> {
    if tooltip.is_empty() {
        return empty(xml, name, attributes);
    }
    within(xml, name, attributes, |xml| xml::text(xml, "title", &[], tooltip, 4 * TEXT))
}

pub(super) fn text(
    xml: &mut Xml,
    (x, y): (f64, f64),
    attributes: &[(&str, &str)],
    text: &str,
) -> io::Result<()> {
    let (x, y) = (px(x), px(y));
    let place = [("x", x.as_str()), ("y", y.as_str())];
    xml::text(xml, "text", &[&place, attributes].concat(), text, TEXT)
}

pub(super) fn line(xml: &mut Xml, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> io::Result<()> {
    let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(px);
    put(xml, "line", &[("x1", &x1), ("y1", &y1), ("x2", &x2), ("y2", &y2)], "")
}

/// A rectangle by its left upper corner, width and height.
pub(super) fn rect(
    xml: &mut Xml,
    class: &str,
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    tooltip: &str,
) -> io::Result<()> {
    let [x, y, width, height] = [x, y, width, height].map(px);
    let mut attributes = vec![("class", class), ("x", &x), ("y", &y), ("width", &width), ("height", &height)];
    // For where no style sheet is.
    let (fill, stroke) = match class {
        "tl-paper" => ("#ffffff", "none"),
        "tl-lane" => ("#f4f6f8", "none"),
        "tl-break" => ("#e3e8ed", "none"),
        "tl-start" => ("#cfe0f5", "#4a7ab5"),
        _ => ("none", "#4a7ab5"),
    };
    attributes.extend([("fill", fill), ("stroke", stroke)]);
    put(xml, "rect", &attributes, tooltip)
}

/// One of the shapes that [`super::shapes`] defines.
pub(super) fn shape(
    xml: &mut Xml,
    name: &str,
    (x, y): (f64, f64),
    more: &[(&str, &str)],
    tooltip: &str,
) -> io::Result<()> {
    let (href, x, y) = (format!("#tl-{name}"), px(x), px(y));
    let mut attributes = vec![("href", href.as_str()), ("x", &x), ("y", &y)];
    attributes.extend(more);
    put(xml, "use", &attributes, tooltip)
}

pub(super) fn group(
    xml: &mut Xml,
    attributes: &[(&str, &str)],
    content: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    within(xml, "g", attributes, content)
}

/// About how wide a text is.
pub(super) fn width_of(text: &str) -> f64 {
    let width = |sign: char| match sign {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 3.1,
        ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' => 4.2,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 9.6,
        'A'..='Z' | '_' => 7.2,
        sign if sign.is_ascii() => 6.4,
        _ => 10.5,
    };
    text.chars().map(width).sum()
}

/// So many signs at most.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
