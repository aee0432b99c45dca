//! Scenario files: a document that says what world the emulator shows (interface.md, "Scenario files").

pub mod build;
pub mod builtin;
pub mod document;
pub mod duration;
pub mod load;

pub use build::Scenario;
pub use document::Document;
pub use load::LoadError;
