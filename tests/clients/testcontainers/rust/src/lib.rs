//! Nothing: the recipe is a test.
