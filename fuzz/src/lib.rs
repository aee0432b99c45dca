//! What the fuzz targets share: inputs as texts, recorded requests, an emulator without a socket, and the seeds.

pub mod held;
pub mod oracle;
pub mod seeds;
pub mod vectors;
pub mod wire;
