//! Which servers can have findings: those with an agent, by what runs on them.

/// What runs on a server decides which findings it can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    Linux,
    Windows,
}

impl Platform {
    /// `os` is `linux` or `windows`; what is neither is taken for Linux.
    pub fn of(os: &str) -> Self {
        if os.eq_ignore_ascii_case("windows") { Self::Windows } else { Self::Linux }
    }
}

/// The places of servers with an agent, in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fleet {
    linux: Box<[u32]>,
    windows: Box<[u32]>,
}

impl Fleet {
    /// Of servers in the order of their list: what runs on each that has an agent.
    pub fn new(servers: impl IntoIterator<Item = Option<Platform>>) -> Self {
        let (mut linux, mut windows) = (Vec::new(), Vec::new());
        for (place, platform) in (0..).zip(servers) {
            match platform {
                Some(Platform::Linux) => linux.push(place),
                Some(Platform::Windows) => windows.push(place),
                None => (),
            }
        }
        Self { linux: linux.into(), windows: windows.into() }
    }

    pub fn places(&self, platform: Platform) -> &[u32] {
        match platform {
            Platform::Linux => &self.linux,
            Platform::Windows => &self.windows,
        }
    }

    /// The rank of a server among those of its platform; none if it has no agent or another platform.
    pub fn rank(&self, platform: Platform, place: u32) -> Option<u32> {
        let rank = self.places(platform).binary_search(&place).ok()?;
        u32::try_from(rank).ok()
    }

    /// How many servers of both platforms can have findings.
    pub fn len(&self) -> usize {
        self.linux.len() + self.windows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_ranked_by_platform() {
        let (linux, windows) = (Some(Platform::Linux), Some(Platform::Windows));
        let fleet = Fleet::new([linux, windows, None, linux]);
        assert_eq!((fleet.places(Platform::Linux), fleet.len()), (&[0, 3][..], 3));
        let ranks = [0, 1, 2, 3].map(|place| fleet.rank(Platform::Linux, place));
        assert_eq!(ranks, [Some(0), None, None, Some(1)]);
    }
}
