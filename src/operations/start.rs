//! The birth of tasks.

use jiff::Timestamp;

use crate::dice::Dice;
use crate::domain::plan::Plan;
use crate::domain::{Account, Lifecycle, Task, TaskId, TaskType, World};

/// What is known of a task when it is born.
pub(super) struct Birth {
    pub(super) task_type: TaskType,
    pub(super) name: String,
    pub(super) source: String,
    pub(super) born: Timestamp,
}

/// A new task that follows its type's template.
pub(super) fn task(birth: Birth, world: &World, dice: &mut Dice) -> Task {
    let lifecycle = world.lifecycles.of(&birth.task_type);
    let plan = draw(lifecycle, dice);
    with_plan(birth, plan, dice)
}

fn draw(lifecycle: &Lifecycle, dice: &mut Dice) -> Plan {
    lifecycle.plan(|span| dice.within(span.min, span.max))
}

fn with_plan(birth: Birth, plan: Plan, dice: &mut Dice) -> Task {
    Task {
        id: TaskId::new(dice.task_id()),
        number: None,
        task_type: birth.task_type,
        name: birth.name,
        source: birth.source,
        born: birth.born,
        plan,
        looks: 0,
    }
}

/// An account as it is at the world's first instant.
pub fn populate(world: &World, first_instant: Timestamp, dice: &mut Dice) -> Account {
    let mut account = Account::default();
    for seed in &world.tasks {
        let birth = Birth {
            task_type: seed.task_type.clone(),
            name: seed.name.clone(),
            source: seed.source.clone(),
            born: seed.started.resolve(first_instant),
        };
        let plan = match &seed.fixed {
            Some(state) => Plan::Fixed(*state),
            None => draw(seed.lifecycle.as_ref().unwrap_or(world.lifecycles.of(&seed.task_type)), dice),
        };
        account.add(Task { number: seed.number, ..with_plan(birth, plan, dice) });
    }
    account
}
