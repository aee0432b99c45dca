//! What is measured: the definitions of `scripts/bench-peers/peers.yaml`, and what was installed of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::Request;
use serde::Deserialize;

use crate::answer::Answer;
use crate::client::Batch;
use crate::server::{Address, Running, free_port};
use crate::setup::Setup;

/// A server that is neither the emulator nor the bare one. In commands and files, `<installed>` is the folder where it is
/// installed, `<files>` the one of its files, `<port>` its port, `<answer>` the body to give and `<answer quoted>` the same
/// as a JSON string.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Definition {
    key: String,
    name: String,
    /// Whose installation it uses.
    install: String,
    command: Vec<String>,
    #[serde(default)]
    files: BTreeMap<PathBuf, String>,
    /// For one that cannot give that answer: a POST of its own.
    request: Option<Own>,
    /// What it does for a call.
    does: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    headers: BTreeMap<String, String>,
    body: String,
}

/// Those with these keys, or all.
#[expect(clippy::disallowed_methods, reason = "a file of this project")]
pub(super) fn read(file: &str, only: &[String]) -> Result<Vec<Definition>> {
    let text = std::fs::read_to_string(file).with_context(|| file.to_owned())?;
    let mut all: Vec<Definition> = serde_saphyr::from_str(&text).with_context(|| file.to_owned())?;
    let is_known = |key: &String| {
        ["emulator", "bare"].contains(&key.as_str()) || all.iter().any(|definition| definition.key == *key)
    };
    if let Some(unknown) = only.iter().find(|key| !is_known(key)) {
        bail!("there is no {unknown} in {file}");
    }
    all.retain(|definition| only.is_empty() || only.contains(&definition.key));
    Ok(all)
}

/// What a server is made of, or why there is none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Installed {
    install: String,
    folder: String,
    pub(super) version: String,
    pub(super) bytes: Option<u64>,
    /// What must be there besides, with its version and size.
    pub(super) needs: String,
    missing: Option<String>,
}

/// All installations, by name.
pub(super) struct Installations(Vec<Installed>);

impl Installations {
    pub(super) fn parse(lines: &[String]) -> Result<Self> {
        Ok(Self(lines.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?))
    }

    pub(super) fn get(&self, install: &str) -> Installed {
        let found = self.0.iter().find(|installed| installed.install == install).cloned();
        found.unwrap_or_else(|| Installed { missing: Some("not installed".into()), ..Installed::default() })
    }
}

/// Which server.
pub(super) enum Program<'d> {
    Emulator,
    Bare,
    Other(&'d Definition),
}

impl Program<'_> {
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Emulator => "emulator",
            Self::Bare => "bare",
            Self::Other(definition) => &definition.key,
        }
    }

    pub(super) fn install(&self) -> &str {
        match self {
            Self::Other(definition) => &definition.install,
            _ => self.key(),
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Emulator => "sas-emulator",
            Self::Bare => "bare axum",
            Self::Other(definition) => &definition.name,
        }
    }

    pub(super) fn does(&self) -> &str {
        match self {
            Self::Emulator => {
                "verifies signature, time stamp and nonce, reads the state of the caller's account, and keeps the call in \
                 journal and log"
            }
            Self::Bare => "repeats the emulator's response, without looking at the request",
            Self::Other(definition) => definition.does.trim(),
        }
    }

    /// So many requests of its own, if it has any.
    pub(super) fn requests(&self, count: u32) -> Option<Arc<Batch>> {
        let Self::Other(Definition { request: Some(own), .. }) = self else { return None };
        let mut request = Request::post("/").header("host", "127.0.0.1");
        for (name, value) in &own.headers {
            request = request.header(name, value);
        }
        let request = request.header("content-length", own.body.len());
        let request = request.body(Bytes::from(own.body.clone())).unwrap();
        let mut batch = Batch::default();
        (0..count).for_each(|_| batch.push(&request));
        Some(Arc::new(batch))
    }
}

/// How one server is started.
pub(super) struct Launch<'l> {
    pub(super) program: &'l Program<'l>,
    pub(super) installed: &'l Installed,
    /// What it answers, but for the emulator.
    pub(super) answer: &'l Answer,
    pub(super) scratch: &'l Scratch,
}

impl Launch<'_> {
    pub(super) fn run(&self, setup: &Setup) -> Result<Running> {
        if let Some(missing) = &self.installed.missing {
            bail!("{missing}");
        }
        match self.program {
            Program::Emulator => setup.emulator(),
            Program::Bare => setup.bare(self.answer),
            Program::Other(definition) => self.other(definition, setup),
        }
    }

    fn other(&self, definition: &Definition, setup: &Setup) -> Result<Running> {
        let address = free_port()?;
        let files = self.scratch.0.join(&definition.key);
        let body = self.answer.body();
        let fill = |text: &String| {
            text.replace("<installed>", &self.installed.folder)
                .replace("<files>", &files.to_string_lossy())
                .replace("<port>", &address.port().to_string())
                .replace("<answer quoted>", &serde_json::Value::from(body.as_str()).to_string())
                .replace("<answer>", &body)
        };
        std::fs::create_dir_all(&files)?;
        for (name, text) in &definition.files {
            write(&files.join(name), &fill(text))?;
        }
        let mut words = definition.command.iter().map(fill);
        let mut command = setup.cores.command(&words.next().context("no command")?);
        command.args(words).current_dir(&files);
        Running::start(command, &Address::Told(address), setup.log()?)
    }
}

#[expect(clippy::disallowed_methods, reason = "a file for one run in a folder of its own")]
fn write(file: &Path, text: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(file, text)?)
}

/// A folder for files of servers; it ends with this value.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("sas-emulator-bench-{}", std::process::id()));
        std::fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
