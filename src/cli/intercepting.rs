//! The variables that send the calls of programs to the emulator whatever host they name: `env --intercept`, `run --intercept`.

use super::Variable;
use super::trust::TrustFiles;
use crate::settings;

/// What trusts the authority by a file in PEM. Most of these replace what a program trusted before: behind this proxy there
/// is nothing else to reach.
const TRUSTING: [&str; 7] = [
    "SAS_CA_FILE",
    // Legacy Python SDK.
    "ALIBABA_CLOUD_CA_BUNDLE",
    // OpenSSL, Go, Python's ssl.
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
];

/// The variables with which programs call through the proxy at this authority; they replace those of the same names.
pub(super) fn intercepting(
    authority: &str,
    mut variables: Vec<Variable>,
    files: &TrustFiles,
) -> Vec<Variable> {
    let proxy = format!("http://{authority}");
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let own = ["localhost", "127.0.0.1", "::1"];
    let direct = own.into_iter().chain((!own.contains(&host)).then_some(host)).collect::<Vec<_>>().join(",");
    let mut set = |name: &'static str, value: String| {
        variables.retain(|(other, _)| *other != name);
        variables.push((name, Some(value)));
    };
    for name in ["ALIBABA_CLOUD_ENDPOINT", "ALIBABA_CLOUD_ENDPOINT_SAS"] {
        set(name, authority.to_owned());
    }
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        set(name, proxy.clone());
    }
    // Calls to the emulator itself need no proxy. It serves them all the same, for the SDKs that do not read this.
    for name in ["NO_PROXY", "no_proxy"] {
        set(name, direct.clone());
    }
    // Node.js from version 24 on reads the others only with this.
    set("NODE_USE_ENV_PROXY", "1".to_owned());
    for name in TRUSTING {
        set(name, files.pem.clone());
    }
    let python = settings::inherited("PYTHONPATH").unwrap_or_default();
    let before = python.split(':').filter(|folder| !folder.is_empty() && *folder != files.python);
    set("PYTHONPATH", std::iter::once(files.python.as_str()).chain(before).collect::<Vec<_>>().join(":"));
    set(
        "JAVA_TOOL_OPTIONS",
        java_options(host, authority, &files.store, settings::inherited("JAVA_TOOL_OPTIONS")),
    );
    variables
}

/// Options for every Java program, after those that the user has set.
fn java_options(host: &str, authority: &str, store: &str, before: Option<String>) -> String {
    let port = authority.rsplit_once(':').map_or("80", |(_, port)| port);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    // Java splits at blanks outside of quotes.
    let quoted = |text: &str| if text.contains(' ') { format!("\"{text}\"") } else { text.to_owned() };
    let ours = [
        ("javax.net.ssl.trustStore", store),
        ("javax.net.ssl.trustStoreType", "PKCS12"),
        ("http.proxyHost", host),
        ("http.proxyPort", port),
        ("https.proxyHost", host),
        ("https.proxyPort", port),
        ("http.nonProxyHosts", "localhost|127.*|[::1]"),
    ];
    let is_ours = |option: &str| ours.iter().any(|(name, _)| option.starts_with(&format!("-D{name}=")));
    let before = before.unwrap_or_default();
    let kept = before.split_whitespace().filter(|option| !is_ours(option)).map(str::to_owned);
    let ours = ours.iter().map(|(name, value)| quoted(&format!("-D{name}={value}")));
    kept.chain(ours).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javas_options_come_after_those_of_the_user_and_once() {
        let options =
            |before: &str| java_options("127.0.0.1", "127.0.0.1:7270", "/a/t.p12", Some(before.to_owned()));
        let once = options("-Xmx1g");
        assert_eq!(options(&once), once);
        insta::assert_snapshot!(once, @"-Xmx1g -Djavax.net.ssl.trustStore=/a/t.p12 -Djavax.net.ssl.trustStoreType=PKCS12 -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=7270 -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=7270 -Dhttp.nonProxyHosts=localhost|127.*|[::1]");
        assert!(java_options("h", "h:1", "/a b/t", None).contains("\"-Djavax.net.ssl.trustStore=/a b/t\""));
    }
}
