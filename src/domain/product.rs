//! The products that are served: Security Center, and those that its clients call first.

use std::str::FromStr;

use wildmatch::WildMatch;

/// A product of the vendor: what its calls are known by.
#[derive(Debug)]
pub struct Product {
    /// As the vendor's error pages name it.
    pub name: &'static str,
    /// The version of its API: the version of a call picks the product.
    pub version: &'static str,
    /// What RAM calls its actions by; the last one is the usual one.
    pub ram_prefixes: &'static [&'static str],
    /// The host name that the vendor's directory of endpoints gives, `*` for the region; among the hosts below.
    endpoint: &'static str,
    /// Host names without a port, lower case, `*` is wild: they pick the product of a call that names no version.
    pub hosts: &'static [&'static str],
}

impl PartialEq for Product {
    /// No two have the same name.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Product {}

macro_rules! products {
    ($($id:ident = $name:literal $version:literal [$($prefix:literal),*] $endpoint:literal [$($host:literal),*];)*) => {
        impl Product {
            $(pub const $id: &'static Product = &Product {
                name: $name,
                version: $version,
                ram_prefixes: &[$($prefix),*],
                endpoint: $endpoint,
                hosts: &[$($host),*],
            };)*
        }

        /// Every product, Security Center first.
        pub(crate) static PRODUCTS: &[&Product] = &[$(Product::$id),*];
    };
}

products! {
    SAS = "Sas" "2018-12-03" ["yundun-aegis", "yundun-sas"] "sas.*.aliyuncs.com" ["sas.aliyuncs.com", "sas.*.aliyuncs.com", "sas-vpc.*.aliyuncs.com", "tds.aliyuncs.com", "tds.*.aliyuncs.com", "tds-vpc.*.aliyuncs.com", "tds-intl.*.aliyuncs.com"];
    STS = "Sts" "2015-04-01" ["sts"] "sts.*.aliyuncs.com" ["sts.aliyuncs.com", "sts.*.aliyuncs.com", "sts-vpc.*.aliyuncs.com"];
    ECS = "Ecs" "2014-05-26" ["ecs"] "ecs.*.aliyuncs.com" ["ecs.aliyuncs.com", "ecs.*.aliyuncs.com", "ecs-vpc.*.aliyuncs.com", "ecs-*.aliyuncs.com"];
    LOCATION = "Location" "2015-06-12" ["location"] "location-readonly.aliyuncs.com" ["location.aliyuncs.com", "location-readonly.aliyuncs.com", "location-vpc.*.aliyuncs.com"];
    RAM = "Ram" "2015-05-01" ["ram"] "ram.aliyuncs.com" ["ram.aliyuncs.com", "ram.*.aliyuncs.com"];
}

/// A pattern of host names: `*` stands for any text, `?` for any character; case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern(String);

impl HostPattern {
    pub fn matches(&self, host: &str) -> bool {
        WildMatch::new_case_insensitive(&self.0).matches(host)
    }
}

impl FromStr for HostPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"*?.-_:".contains(&byte);
        let is_name = !text.is_empty() && text.len() <= 253 && text.bytes().all(is_usual);
        let has_port = text.matches(':').count() == 1;
        if is_name && !has_port {
            return Ok(Self(text.to_owned()));
        }
        Err("expected a host name such as *.example.com, without scheme, port or path".to_owned())
    }
}

/// Whether it can be a part of a DNS name (RFC 1035, 2.3.1).
fn is_label(text: &str) -> bool {
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(is_usual)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl Product {
    /// The product with that version of its API.
    pub fn of_version(version: &str) -> Option<&'static Product> {
        PRODUCTS.iter().copied().find(|product| product.version == version)
    }

    /// The product that a host name without a port belongs to.
    pub fn of_host(host: &str) -> Option<&'static Product> {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let labels = host.split('.').count();
        // A `*` stands within one label.
        let is_like =
            |pattern: &str| pattern.split('.').count() == labels && WildMatch::new(pattern).matches(&host);
        let is_name = host.split('.').all(is_label);
        PRODUCTS
            .iter()
            .copied()
            .filter(|_| is_name)
            .find(|product| product.hosts.iter().any(|it| is_like(it)))
    }

    /// The product whose RAM actions have that prefix.
    pub fn of_ram_prefix(prefix: &str) -> Option<&'static Product> {
        PRODUCTS.iter().copied().find(|product| product.ram_prefixes.contains(&prefix))
    }

    /// The host name under which it is called in a region.
    pub fn endpoint(&self, region: &str) -> String {
        self.endpoint.replace('*', region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_versions_pick_a_product() {
        let of_host = |host| Product::of_host(host).map(|product| product.name);
        assert_eq!(of_host("TDS.ap-southeast-1.aliyuncs.com"), Some("Sas"));
        assert_eq!(of_host("sas.cn-hangzhou.aliyuncs.com"), Some("Sas"));
        assert_eq!(of_host("tds.vpc-proxy.aliyuncs.com"), Some("Sas"));
        assert_eq!(of_host("tds-intl.vpc-proxy.aliyuncs.com"), Some("Sas"));
        assert_eq!(of_host("ecs-vpc.cn-hangzhou.aliyuncs.com"), Some("Ecs"));
        assert_eq!(of_host("sts-vpc.cn-hangzhou.aliyuncs.com"), Some("Sts"));
        assert_eq!(of_host("ecs-cn-hangzhou.aliyuncs.com"), Some("Ecs"));
        assert_eq!(of_host("oss-cn-hangzhou.aliyuncs.com"), None);
        for none in [
            "sas.aliyuncs.com.example.org",
            "sas..aliyuncs.com",
            "sas.evil.com.aliyuncs.com",
            "sas.-cn.aliyuncs.com",
        ] {
            assert_eq!(of_host(none), None, "{none}");
        }
        assert_eq!(of_host("STS.ALIYUNCS.COM."), Some("Sts"));
        assert_eq!(Product::of_version("2015-04-01"), Some(Product::STS));
        assert_eq!(Product::of_version("2015-04-02"), None);
    }

    #[test]
    fn an_endpoint_leads_to_its_product() {
        for product in PRODUCTS {
            assert_eq!(Product::of_host(&product.endpoint("eu-central-1")), Some(*product), "{product:?}");
        }
    }
}
