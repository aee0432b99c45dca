//! What the details of an alarm say. All of it is invented: addresses and names are of those kept free for examples.

use super::drawn::{Alarm, mix};
use super::kinds::AlarmField;
use crate::posture::Platform;

impl Alarm {
    /// The value of a field, the same whenever it is asked for.
    pub(crate) fn value(&self, field: AlarmField) -> String {
        let drawn = mix(self.salt ^ mix(field as u64 + 1));
        let pick =
            |list: &[&'static str]| list[usize::try_from(drawn % list.len() as u64).unwrap_or_default()];
        let is_windows = self.kind.platform == Some(Platform::Windows);
        match field {
            AlarmField::Account => pick(&["root", "deploy", "backup", "guest"]).to_owned(),
            AlarmField::CommandLine if is_windows => {
                format!(r"C:\Temp\emulated-{:04x}.exe -q", drawn & 0xffff)
            }
            AlarmField::CommandLine => {
                format!("{}/emulated-{:04x} -q", pick(&["/tmp", "/var/tmp"]), drawn & 0xffff)
            }
            AlarmField::FilePath if is_windows => format!(r"C:\Temp\emulated-{:04x}.exe", drawn & 0xffff),
            AlarmField::FilePath => {
                format!(
                    "{}/emulated-{:04x}",
                    pick(&["/tmp", "/var/tmp", "/srv/www", "/usr/local/bin"]),
                    drawn & 0xffff
                )
            }
            AlarmField::Md5 => format!("{drawn:016x}{:016x}", mix(drawn)),
            AlarmField::Port => (1024 + drawn % 60_000).to_string(),
            AlarmField::ProcessId => (300 + drawn % 30_000).to_string(),
            // Of a network kept free for documentation (RFC 5737).
            AlarmField::RemoteIp => format!("198.51.100.{}", 1 + drawn % 254),
            AlarmField::Url => format!("http://emulated-{:04x}.example/", drawn & 0xffff),
        }
    }
}
