//! What in the environment of this process turns the calls of programs away from the emulator.

use std::path::Path;

use super::Symptom;
use crate::files;
use crate::settings;

/// Variables that name proxies.
const PROXIES: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
/// Variables that name files with the authorities that programs trust.
const TRUSTING: [&str; 4] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/// The variables that matter, as they are set.
#[derive(Debug, Default)]
pub(super) struct Environment(Vec<(&'static str, String)>);

impl Environment {
    pub(super) fn of_this_process() -> Self {
        let names = PROXIES.into_iter().chain(["NO_PROXY", "no_proxy"]).chain(TRUSTING);
        let set = |name| Some((name, settings::inherited(name).filter(|value| !value.is_empty())?));
        Self(names.filter_map(set).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn variables(unknown: &[(String, Option<String>)]) -> Vec<Symptom> {
        let symptom = |(name, meant): &(String, Option<String>)| {
            let fix = match meant {
                Some(meant) => format!("export {meant}=\"${name}\"; unset {name}"),
                None => format!("unset {name}"),
            };
            // A name that is no word of a shell would be a command there.
            let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let fix = if is_word { fix } else { String::new() };
            Symptom::warn("variables", format!("{name} means nothing here"), fix)
        };
        if unknown.is_empty() {
            return vec![Symptom::ok("variables", "each SAS_EMULATOR_ variable is a known one")];
        }
        unknown.iter().map(symptom).collect()
    }

    /// Proxies that calls to the emulator go through.
    pub(super) fn proxies(&self, authority: &str) -> Vec<Symptom> {
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host).trim_matches(['[', ']']);
        let direct =
            ["NO_PROXY", "no_proxy"].map(|name| self.get(name).is_some_and(|list| covers(list, host)));
        let mut found = Vec::new();
        for (name, value) in self.0.iter().filter(|(name, _)| PROXIES.contains(name)) {
            let is_lower = name.starts_with(char::is_lowercase);
            let is_own = value.trim_end_matches('/').ends_with(&format!("//{authority}"));
            // Programs read one spelling or the other.
            let is_direct = direct[usize::from(is_lower)] || direct == [true; 2];
            if !is_own && !is_direct {
                let message =
                    format!("{name} is set, and NO_PROXY does not name {host}: calls go to the proxy");
                found.push(Symptom::warn("proxy", message, format!("unset {name}")));
            } else if !is_own && name.eq_ignore_ascii_case("HTTP_PROXY") {
                let message = format!("{name} is set: the Python SDKs use it whatever NO_PROXY says");
                found.push(Symptom::warn("proxy", message, format!("unset {name}")));
            }
        }
        if found.is_empty() {
            found.push(Symptom::ok("proxy", "no proxy is between programs and the emulator"));
        }
        found
    }

    /// Whether the files that programs read have the emulator's authority.
    pub(super) fn trust(&self, pem: &str) -> Vec<Symptom> {
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        let wanted = bare(pem);
        let mut files: Vec<(&str, Vec<&str>)> = Vec::new();
        for (name, file) in self.0.iter().filter(|(name, _)| TRUSTING.contains(name)) {
            match files.iter_mut().find(|(known, _)| known == file) {
                Some((_, names)) => names.push(name),
                None => files.push((file, vec![name])),
            }
        }
        let symptom = |(file, names): (&str, Vec<&str>)| {
            let names = names.join(", ");
            let content = files::read_if_there(Path::new(file)).ok().flatten();
            let content = content.map(|bytes| bare(&String::from_utf8_lossy(&bytes)));
            let fix = "eval \"$(sas-emulator env --intercept)\"";
            match content {
                None => Symptom::fail("tls", format!("{file} cannot be read; it is named by {names}"), fix),
                Some(content) if content.contains(&wanted) => {
                    Symptom::ok("tls", format!("{file} has the emulator's authority; it is named by {names}"))
                }
                Some(_) => {
                    let message = format!(
                        "{file} does not have the emulator's present authority, so calls over TLS fail (over http:// none is needed); it is named by {names}"
                    );
                    Symptom::warn("tls", message, fix)
                }
            }
        };
        let mut found: Vec<Symptom> = files.into_iter().map(symptom).collect();
        if found.is_empty() {
            let message = "no variable names an authority; over http:// none is needed";
            found.push(Symptom::ok("tls", message));
        }
        found
    }
}

/// Whether a list of hosts has the host, or a domain that it is in.
fn covers(list: &str, host: &str) -> bool {
    list.split(',').map(str::trim).any(|entry| {
        let domain = entry.trim_start_matches('*').trim_start_matches('.');
        entry == "*" || entry == host || (!domain.is_empty() && host.ends_with(&format!(".{domain}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(set: &[(&'static str, &str)]) -> Vec<String> {
        let environment = Environment(set.iter().map(|(name, value)| (*name, (*value).to_owned())).collect());
        environment
            .proxies("127.0.0.1:7270")
            .iter()
            .map(|symptom| format!("{:?} {}", symptom.level, symptom.message))
            .collect()
    }

    #[test]
    fn proxies_in_the_way() {
        assert_eq!(proxies(&[]), ["Ok no proxy is between programs and the emulator"]);
        assert_eq!(proxies(&[("HTTP_PROXY", "http://127.0.0.1:7270")]).len(), 1);
        let said = proxies(&[("HTTP_PROXY", "http://proxy:3128"), ("https_proxy", "http://proxy:3128")]);
        assert_eq!(said.len(), 2);
        assert_eq!(
            said[0],
            "Warn HTTP_PROXY is set, and NO_PROXY does not name 127.0.0.1: calls go to the proxy"
        );
        let said = proxies(&[("HTTP_PROXY", "http://proxy:3128"), ("NO_PROXY", "a, 127.0.0.1")]);
        assert_eq!(said, ["Warn HTTP_PROXY is set: the Python SDKs use it whatever NO_PROXY says"]);
        let said = proxies(&[("https_proxy", "http://proxy:3128"), ("no_proxy", "127.0.0.1")]);
        assert!(said[0].starts_with("Ok"), "{said:?}");
    }

    #[test]
    fn hosts_that_need_no_proxy() {
        for (list, is_covered) in
            [("*", true), ("a.b", true), (".b", true), ("b", true), ("c", false), ("", false)]
        {
            assert_eq!(covers(list, "a.b"), is_covered, "{list}");
        }
    }
}
