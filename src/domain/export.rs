//! An exported report of vulnerabilities.

use std::collections::HashSet;
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

use super::asset::Server;
use super::bounds::SERVERS;
use super::servers::Servers;
use super::task_id::TaskId;
use crate::text::limited::ListOf;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// Its id: a number on the wire, all its digits in the link.
    pub id: TaskId,
    pub kind: String,
    pub asked: Timestamp,
    /// The servers it covers; none for all.
    #[serde(default, deserialize_with = "uuids")]
    pub uuids: Option<Vec<String>>,
    /// The findings that it does not have, by their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "left_out")]
    pub left_out: Vec<String>,
}

fn left_out<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let ListOf(ids) = ListOf::<String, SERVERS>::deserialize(deserializer)?;
    Ok(ids)
}

fn uuids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let list = Option::<ListOf<String, SERVERS>>::deserialize(deserializer)?;
    Ok(list.map(|ListOf(uuids)| uuids))
}

const DURATION: SignedDuration = SignedDuration::from_secs(4);

/// The findings on every server. None is real, and none looks real.
pub(crate) static FINDINGS: [(&str, &str, &str); 3] = [
    ("EMULATED-0001", "an outdated library", "asap"),
    ("EMULATED-0002", "a weak default", "later"),
    ("EMULATED-0003", "a missing update", "nntf"),
];

impl Export {
    pub fn progress(&self, now: Timestamp) -> i64 {
        let percent = now.duration_since(self.asked).as_millis() * 100 / DURATION.as_millis();
        i64::try_from(percent.clamp(0, 100)).unwrap_or(100)
    }

    pub fn status(&self, now: Timestamp) -> &'static str {
        match self.progress(now) {
            0 => "init",
            100 => "success",
            _ => "exporting",
        }
    }

    pub fn file_name(&self) -> String {
        format!("{}_{}", self.kind, self.asked.strftime("%Y%m%d"))
    }

    pub fn rows(&self, servers: &Servers) -> usize {
        self.covered(servers).count() * self.findings().count()
    }

    pub fn csv(&self, servers: &Servers) -> String {
        let mut text = String::from(
            "uuid,instance_id,instance_name,internet_ip,intranet_ip,type,name,alias,necessity\n",
        );
        for server in self.covered(servers) {
            let Server { uuid, instance_id, name, internet_ip, intranet_ip, .. } = server;
            let place =
                [uuid, instance_id, name, internet_ip, intranet_ip, &self.kind].map(|cell| quoted(cell));
            for (id, alias, necessity) in self.findings() {
                // Writing to memory cannot fail.
                let _ = writeln!(text, "{},{id},{alias},{necessity}", place.join(","));
            }
        }
        text
    }

    fn findings(&self) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
        FINDINGS.iter().filter(|(id, ..)| !self.left_out.iter().any(|other| other == id))
    }

    fn covered<'a>(&self, servers: &'a Servers) -> impl Iterator<Item = &'a Server> {
        let uuids: Option<HashSet<&String>> = self.uuids.as_ref().map(|uuids| uuids.iter().collect());
        servers.iter().filter(move |server| uuids.as_ref().is_none_or(|uuids| uuids.contains(&server.uuid)))
    }
}

/// A cell, in quotes where it needs them.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_report_of_the_named_servers() {
        let mut servers = Server::defaults();
        servers[1].name = "a, \"b\"".to_owned();
        let uuid = servers[1].uuid.clone();
        let servers = Servers::new(Arc::new(servers.into()));
        let export = Export {
            id: TaskId::new(1),
            kind: "cve".to_owned(),
            asked: Timestamp::UNIX_EPOCH,
            uuids: Some(vec![uuid, "unknown".to_owned()]),
            left_out: Vec::new(),
        };
        assert_eq!((export.file_name().as_str(), export.rows(&servers)), ("cve_19700101", 3));
        let csv = export.csv(&servers);
        assert_eq!(csv.lines().count(), 4);
        assert!(csv.lines().nth(1).unwrap().contains(r#","a, ""b""",203.0.113.2,"#), "{csv}");
        assert_eq!(Export { uuids: None, ..export }.rows(&servers), 15);
    }
}
