//! Elements of a page or a picture, written with the XML writer, which escapes.

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;

use crate::text::outside;

pub(super) type Xml = Writer<Vec<u8>>;

/// An element with content. As in all elements here, an attribute without a value is left out.
pub(super) fn within(
    xml: &mut Xml,
    name: &str,
    attributes: &[(&str, &str)],
    content: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    xml.create_element(name).with_attributes(given(attributes)).write_inner_content(content)?;
    Ok(())
}

pub(super) fn empty(xml: &mut Xml, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
    xml.create_element(name).with_attributes(given(attributes)).write_empty()?;
    Ok(())
}

/// An element with a text of at most so many bytes, as [`shown`].
pub(super) fn text(
    xml: &mut Xml,
    name: &str,
    attributes: &[(&str, &str)],
    text: &str,
    most: usize,
) -> io::Result<()> {
    let element = xml.create_element(name).with_attributes(given(attributes));
    element.write_text_content(BytesText::new(&shown(text, most)))?;
    Ok(())
}

/// A style sheet of our own, as it is.
pub(super) fn style(xml: &mut Xml, css: &str) -> io::Result<()> {
    xml.create_element("style").write_text_content(BytesText::from_escaped(css))?;
    Ok(())
}

/// Text from outside: what steers is escaped, what is long is cut, and what XML cannot hold is left out.
fn shown(text: &str, most: usize) -> String {
    outside::line(text, most).replace(['\u{fffe}', '\u{ffff}'], "")
}

fn given<'a>(attributes: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    attributes.iter().copied().filter(|(_, value)| !value.is_empty())
}
