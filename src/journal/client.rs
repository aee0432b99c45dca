//! The client of a call, parsed from the `User-Agent` headers that official SDKs send.
//!
//! `AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2 my-app/1.0` is what the modern generation sends,
//! the older one the same without `TeaDSL` (fixtures/vectors has them as recorded).

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Client<'a> {
    /// The language of the official SDK: `Python`, `Node.js`, `Golang`, `Java`; or the name of another program: `curl`.
    pub name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub version: &'a str,
    /// The version of the language an SDK runs in.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub runtime: &'a str,
    /// Of an official SDK: `tea`, or `core` for the ones before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<&'static str>,
}

impl<'a> Client<'a> {
    /// Parses the header; `None` if it names no client.
    pub(crate) fn read(agent: &'a str) -> Option<Self> {
        let (first, rest) = agent.trim().split_once(' ').unwrap_or((agent.trim(), ""));
        let (name, version) = product(first);
        if name.is_empty() {
            return None;
        }
        if name != "AlibabaCloud" {
            return Some(Self { name, version, ..Self::default() });
        }
        // The part in brackets names the platform in no fixed form.
        let rest = rest.split_once(')').map_or(rest, |(_, rest)| rest);
        let find = |wanted: &str| rest.split(' ').map(product).find(|(name, _)| *name == wanted);
        let (language, runtime) = product(rest.split_whitespace().next().unwrap_or_default());
        let (_, version) = find("Core").unwrap_or_default();
        let generation = if find("TeaDSL").is_some() { "tea" } else { "core" };
        let name = if language.is_empty() { name } else { language };
        Some(Self { name, version, runtime: runtime.trim_start_matches('v'), generation: Some(generation) })
    }
}

fn product(word: &str) -> (&str, &str) {
    word.split_once('/').unwrap_or((word, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_official_sdks_and_of_others() {
        for (agent, parts) in [
            (
                "AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2 my-app/1.0  two  spaces ",
                "Python|0.4.3|3.11.7|tea",
            ),
            (
                "AlibabaCloud (Linux 6.18.44;x86_64) Python/3.11.7 Core/2.16.1 python-requests/2.18.3",
                "Python|2.16.1|3.11.7|core",
            ),
            ("AlibabaCloud (linux; x64) Node.js/v20.20.2 Core/1.8.0", "Node.js|1.8.0|20.20.2|core"),
            ("AlibabaCloud (linux; x64) Node.js/v20.20.2 Core/1.0.1 TeaDSL/2", "Node.js|1.0.1|20.20.2|tea"),
            ("AlibabaCloud (linux; amd64) Golang/1.19.8 Core/0.01 TeaDSL/1", "Golang|0.01|1.19.8|tea"),
            ("AlibabaCloud", "AlibabaCloud|||core"),
            ("curl/8.5.0", "curl|8.5.0||"),
            ("my agent", "my|||"),
        ] {
            let parts: Vec<&str> = parts.split('|').collect();
            let [name, version, runtime, generation] = parts[..] else { panic!("{parts:?}") };
            let client = Client::read(agent).unwrap();
            assert_eq!([client.name, client.version, client.runtime], [name, version, runtime], "{agent}");
            assert_eq!(client.generation, Some(generation).filter(|name| !name.is_empty()), "{agent}");
        }
        assert_eq!((Client::read(""), Client::read("  "), Client::read("/1")), (None, None, None));
    }
}
