//! The shape of a value: its kind, its documented words, its members.

/// The metadata of one operation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OperationShape {
    pub name: &'static str,
    /// In the order of the SDKs.
    pub params: Vec<(&'static str, Shape)>,
    pub required: Vec<&'static str>,
    /// An object.
    pub reply: Shape,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// A text, and the values that are documented; the list may be incomplete.
    Text(Vec<&'static str>),
    /// A whole number, and the values that are documented.
    Int {
        /// Whether it has 64 bits; otherwise it has 32.
        is_wide: bool,
        words: Vec<&'static str>,
    },
    Float,
    Bool,
    List(Box<Shape>),
    /// Members with free names.
    Map(Box<Shape>),
    Object(Vec<(&'static str, Shape)>),
    /// A parameter that is sent as JSON text of that shape.
    Encoded(Box<Shape>),
    /// Nothing is documented.
    Any,
}

impl Shape {
    /// What it is called in messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Encoded(_) => "a text",
            Self::Int { .. } => "a whole number",
            Self::Float => "a number",
            Self::Bool => "true or false",
            Self::List(_) => "a list",
            Self::Map(_) | Self::Object(_) => "an object",
            Self::Any => "any value",
        }
    }

    /// The values that are documented; empty if none are.
    pub(crate) fn words(&self) -> &[&'static str] {
        match self {
            Self::Text(words) | Self::Int { words, .. } => words,
            _ => &[],
        }
    }

    /// The members of an object; empty for anything else.
    pub(crate) fn members(&self) -> &[(&'static str, Shape)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The shape of all members of a map with free names.
    pub(crate) fn of_members(&self) -> Option<&Shape> {
        if let Self::Map(of) = self { Some(of) } else { None }
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Shape> {
        self.members().iter().find(|(known, _)| *known == name).map(|(_, shape)| shape)
    }
}
