//! Small runs for the tests of this module.
