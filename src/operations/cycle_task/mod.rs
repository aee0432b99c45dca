//! Cycle tasks: schedules that start tasks at fixed intervals.

mod fields;

family! {
    create_cycle_task
    delete_cycle_task
    describe_cycle_task_list
    modify_cycle_task
}
