//! How serious a baseline or a configuration check is.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RiskLevel {
    High,
    Medium,
    Low,
}

impl RiskLevel {
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The word of baselines.
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// The word of configuration checks.
    pub fn capitals(self) -> &'static str {
        match self {
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
        }
    }
}

/// How many things there are of each level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ByLevel([usize; 3]);

impl ByLevel {
    pub fn add(&mut self, level: RiskLevel) {
        self.0[level as usize] += 1;
    }

    pub fn of(self, level: RiskLevel) -> usize {
        self.0[level as usize]
    }

    pub fn sum(self) -> usize {
        self.0.iter().sum()
    }
}

impl FromIterator<RiskLevel> for ByLevel {
    fn from_iter<I: IntoIterator<Item = RiskLevel>>(levels: I) -> Self {
        let mut counts = Self::default();
        levels.into_iter().for_each(|level| counts.add(level));
        counts
    }
}
