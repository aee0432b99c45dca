//! Tasks that run once: starting, reading, listing and cancelling them.

mod leaf;

family! {
    cancel_once_task
    describe_once_task
    describe_once_task_leaf_record_page
    generate_once_task
    get_last_once_task_info
    get_once_task_result_info
    list_unfinished_once_task
}
