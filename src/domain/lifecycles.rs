//! Life cycles by type of task: those of a scenario, or those that an account has instead.

use std::collections::BTreeMap;

use super::lifecycle::Lifecycle;
use super::task_type::TaskType;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lifecycles {
    pub by_type: BTreeMap<TaskType, Lifecycle>,
    /// Of all other types; without one each has its usual life cycle.
    pub rest: Option<Lifecycle>,
}

impl Lifecycles {
    pub fn of(&self, task_type: &TaskType) -> &Lifecycle {
        let said = self.by_type.get(task_type).or(self.rest.as_ref());
        said.unwrap_or_else(|| task_type.usual_lifecycle())
    }

    /// With the others for what these say nothing of, type by type.
    #[must_use]
    pub fn over(&self, others: &Self) -> Self {
        let mut all = others.clone();
        all.by_type.extend(self.by_type.clone());
        Self { by_type: all.by_type, rest: self.rest.clone().or(all.rest) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::task_type::FILE_DETECTION;
    use super::*;

    #[test]
    fn a_type_has_its_usual_life_cycle_unless_the_scenario_speaks_of_it() {
        let (short, scan) = (TaskType::new(FILE_DETECTION), TaskType::new("VUL_CHECK_TASK"));
        let length = |lifecycles: &Lifecycles, task_type| {
            let plan = lifecycles.of(task_type).plan(None, |span| span.min);
            plan.end(Timestamp::UNIX_EPOCH).map(Timestamp::as_second)
        };
        let mut lifecycles = Lifecycles::default();
        assert_eq!((length(&lifecycles, &short), length(&lifecycles, &scan)), (Some(1), Some(10)));
        lifecycles.rest = Some(Lifecycle::default());
        assert_eq!((length(&lifecycles, &short), length(&lifecycles, &scan)), (Some(10), Some(10)));
    }
}
