//! Which servers can be reached from the internet, and by what.

use crate::dice::WorldDice;
use crate::posture::{Order, Spread};

/// What a scenario says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExposureSettings {
    /// How many of a million servers can be reached.
    pub share: u32,
}

impl Default for ExposureSettings {
    fn default() -> Self {
        Self { share: 100_000 }
    }
}

/// A program that answers on a port.
#[derive(Debug, PartialEq, Eq)]
pub struct ExposedComponent {
    pub name: &'static str,
    pub kind: &'static str,
    pub version: &'static str,
    pub port: &'static str,
}

/// Programs that servers often have; names, kinds and versions are this emulator's.
pub static COMPONENTS: &[ExposedComponent] = &[
    ExposedComponent { name: "openssh", kind: "system_service", version: "8.0", port: "22" },
    ExposedComponent { name: "nginx", kind: "web_container", version: "1.20.1", port: "80" },
    ExposedComponent { name: "openssl", kind: "system_component", version: "1.1.1", port: "443" },
    ExposedComponent { name: "redis", kind: "database", version: "6.2.6", port: "6379" },
    ExposedComponent { name: "tomcat", kind: "web_container", version: "9.0.50", port: "8080" },
];

/// The servers that can be reached, in a row.
#[derive(Debug, Clone, Copy)]
pub struct Exposure {
    servers: Spread,
    turn: u32,
}

impl Exposure {
    /// `servers` are those that the account lists.
    pub(crate) fn new(dice: &WorldDice, servers: usize, settings: ExposureSettings) -> Self {
        let mut stream = dice.stream("exposure");
        let order = Order::new(servers, |end| stream.below(end));
        let turn = stream.below(1_000);
        let servers = order.spread(settings.share, |end| stream.below(end));
        Self { servers, turn }
    }

    pub fn len(self) -> usize {
        self.servers.count()
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The place of the `nth`.
    pub fn place(self, nth: usize) -> Option<usize> {
        self.servers.nth(nth).map(|place| place as usize)
    }

    /// What the server at a place can be reached by; none if it cannot be.
    pub fn of(self, place: usize) -> Option<&'static ExposedComponent> {
        let nth = self.servers.place_of(u32::try_from(place).ok()?)?;
        COMPONENTS.get((nth + self.turn as usize) % COMPONENTS.len())
    }
}
