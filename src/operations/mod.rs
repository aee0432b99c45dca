//! The operations of the service: one file each, in a folder for each family.
//!
//! The row of an operation feeds dispatch, the check of parameters, RAM, `sas-emulator operations`, the README and
//! `tests/it/operations.rs`. To add one: a file with its row and its function, and its name in its family below
//! (ARCHITECTURE.md, "How to add an operation").

mod alarm_list;
mod catalog;
mod checked;
mod configuration_check;
mod consequences;
mod create;
mod due;
mod finding_changes;
mod findings;
mod id_list;
mod local_time;
pub(crate) mod names;
mod operation;
mod page;
mod param;
mod refusals;
mod regions;
mod retired;
mod risks;
mod strategy_execution;
mod target_lists;
mod unmodelled;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use self::catalog::levels;
pub(crate) use self::catalog::{all_names, has_shape_only, is_known, known_name};
pub(crate) use self::create::TaskStartError;
pub use self::create::populate;
pub(crate) use self::due::{Settled, settle, start_from_outside};
pub(crate) use self::export::report::{ExportFile, file as export_file};
pub use self::operation::{Context, Operation, PaidCalls, Requester};
pub use self::param::{Param, ParamKind};
pub(crate) use self::refusals::not_modelled;
pub(crate) use self::retired::{meant, retired, unknown};
pub(crate) use self::unmodelled::UnmodelledOperation;
use crate::domain::{Assumptions, Params, Product, Task, TaskType, Tasks, assumptions::Narrowing};

/// What the files of operations use.
mod prelude {
    pub(super) use jiff::Timestamp;

    pub(super) use super::findings::FindingQuery;
    pub(super) use super::page::Page;
    pub(super) use super::param::params;
    pub(super) use super::{Context, Operation, Param, ParamKind, create, id_list};
    pub(super) use crate::domain::asset::{Agent, Edition};
    pub(super) use crate::domain::cycle::CycleTask;
    pub(super) use crate::domain::servers::ServersById;
    pub(super) use crate::domain::task_type::{ALARM_HANDLING, ALARM_QUERY, FILE_DETECTION, VIRUS_SCAN};
    pub(super) use crate::domain::{
        ApiError, Code, Member, NewTask, Params, Product, Server, Servers, Source, Status, Subtask, Task,
        TaskId, TaskType, TemporaryKey, Value, members,
    };
}

/// Declares families, each with the file that its operations share and a file for each operation; collects the rows.
macro_rules! families {
    ($($(#[$doc:meta])* mod $family:ident $(with $($shared:ident),+)? { $($file:ident)* })*) => {
        $($(#[$doc])* mod $family {
            $($(pub(super) mod $shared;)+)?
            $(mod $file;)*

            pub(super) static ROWS: &[&super::Operation] = &[$(&$file::OPERATION),*];
        })*

        /// The modelled operations, sorted by name.
        pub static OPERATIONS: LazyLock<Vec<&'static Operation>> = LazyLock::new(|| {
            let mut rows = [$($family::ROWS),*].concat();
            rows.sort_unstable_by_key(|row| row.name);
            rows
        });
    };
}

families! {
    /// Alarms: lists of them, what they say, and how they are handled.
    mod alarm with handling {
        check_security_event_id
        create_similar_security_events_query_task
        describe_alarm_event_detail
        describe_event_level_count
        describe_nsas_susp_event_type
        describe_security_event_operation_status
        describe_security_event_operations
        describe_similar_event_scenarios
        describe_similar_security_events
        describe_susp_event_detail
        describe_susp_event_quara_files
        describe_susp_events
        get_alarm_machine_count
        get_instance_alarm_statistics
        get_suspicious_statistics
        handle_security_events
        handle_similar_security_events
        operation_cancel_ignore_susp_event
        operation_susp_events
    }
    /// Agents: their installation and their problems.
    mod agent {
        describe_agent_install_status
        describe_client_problem_type
        list_uninstall_aegis_machines
        operate_agent_client_install
    }
    /// Servers and other assets of the account.
    mod asset with criteria, seen {
        describe_cloud_center_instances
        describe_field_statistics
        describe_grouped_instances
        get_asset_detail_by_uuid
        refresh_assets
        start_idc_probe_scan
    }
    /// Baseline checks of servers, and the strategies that run them.
    mod baseline with scope {
        delete_strategy
        describe_check_warning_detail
        describe_check_warning_summary
        describe_check_warnings
        describe_risk_type
        describe_strategy
        describe_strategy_exec_detail
        describe_warning_machines
        exec_strategy
        list_check_item_warning_machine
        list_check_item_warning_summary
        modify_strategy
    }
    /// Checks of the configuration of cloud products.
    mod check {
        change_check_config
        get_check_config
        get_check_process
        get_check_summary
        list_check_instance_result
        list_check_result
        submit_check
    }
    /// Groups of servers.
    mod group with changed {
        create_or_update_asset_group
        delete_group
        describe_all_groups
        modify_asset_group
        modify_group_property
    }
    /// ECS, which programs ask for the regions, and for the instances that are the servers here.
    mod ecs with nothing {
        describe_disks
        describe_instances
        describe_regions
        describe_security_groups
    }
    /// The vendor's directory of endpoints, which legacy SDKs ask first.
    mod location {
        describe_endpoints
    }
    /// RAM, which programs ask for the name of the account.
    mod ram {
        get_account_alias
    }
    /// STS: who calls, and temporary keys.
    mod sts with policy {
        assume_role
        get_caller_identity
    }
    /// What the account has bought, and its settings.
    mod configuration with logs {
        describe_concern_necessity
        describe_log_meta
        describe_notice_config
        describe_version_config
        describe_vul_config
        describe_web_path
        get_auth_summary
        get_log_meta
        modify_concern_necessity
        modify_log_meta_status
        modify_notice_config
        modify_vul_config
    }
    /// Schedules that start tasks at fixed intervals.
    mod cycle_task with fields {
        create_cycle_task
        delete_cycle_task
        describe_cycle_task_list
        modify_cycle_task
    }
    /// What can be reached from the internet.
    mod exposure with exposed {
        describe_exposed_instance_list
        describe_exposed_statistics
    }
    /// What lists show, as files.
    mod export with report {
        describe_export_info
        describe_hc_export_info
        describe_susp_event_export_info
        describe_vul_export_info
        describe_warning_export_info
        export_record
        export_susp_events
        export_vul
        export_warning
    }
    /// Detection of malicious files that a program sends.
    mod file with hash {
        create_file_detect
        create_file_detect_upload_url
        get_file_detect_result
    }
    mod image with scan {
        describe_image_latest_scan_task
        public_create_image_scan_task
        public_sync_and_create_image_scan_task
    }
    /// Tasks that run once: starting, reading, listing and cancelling them.
    mod once_task with leaf {
        cancel_once_task
        describe_once_task
        describe_once_task_leaf_record_page
        generate_once_task
        get_last_once_task_info
        get_once_task_result_info
        list_unfinished_once_task
    }
    mod virus {
        create_virus_scan_once_task
        get_virus_scan_config
        get_virus_scan_latest_task_statistic
        start_virus_scan_task
    }
    /// Vulnerabilities: scans, what they found, and what is done about it.
    mod vulnerability with kinds, record, remedy {
        describe_emg_vul_item
        describe_grouped_vul
        describe_property_sca_detail
        describe_vul_check_task_status_detail
        describe_vul_details
        describe_vul_fix_statistics
        describe_vul_list
        describe_vul_num_statistics
        describe_vul_whitelist
        delete_vul_whitelist
        modify_create_vul_whitelist
        modify_emg_vul_submit
        modify_operate_vul
        modify_push_all_task
        modify_start_vul_scan
        operate_vuls
    }
}

/// The operation of that product and name.
pub(crate) fn find(product: &Product, name: &str) -> Option<&'static Operation> {
    find_by_name(name).filter(|row| row.product == product)
}

/// The operation of that name: no two products have one of the same name (a test checks it).
pub fn find_by_name(name: &str) -> Option<&'static Operation> {
    // Each call is looked up several times, and a search in the sorted table waits for memory at each step.
    static BY_NAME: LazyLock<HashMap<&str, &Operation>> =
        LazyLock::new(|| OPERATIONS.iter().map(|row| (row.name, *row)).collect());
    BY_NAME.get(name).copied()
}

/// The version with which an operation is called: that of its product, of an unknown one that of Security Center.
pub(crate) fn version(name: &str) -> &'static str {
    find_by_name(name).map_or(Product::SAS, |row| row.product).version
}

/// The parameters of an operation that choose the task it is about: calls that differ in one are about different tasks.
pub(crate) fn identity(action: &str) -> &'static [&'static str] {
    find_by_name(action).map_or(&[], |row| row.identity)
}

/// The task that a call is about: the one whose id it names, else the newest that fits the rest of its identity.
pub(crate) fn task_of<'t>(
    action: &str,
    params: &Params,
    tasks: &'t Tasks,
    assumptions: Assumptions,
) -> Option<&'t Task> {
    let identity = identity(action);
    let given = |name| params.non_empty(name).filter(|_| identity.contains(&name));
    if let Some(id) = given("TaskId").or_else(|| given("RootTaskId")).or_else(|| given("ExportId")) {
        return tasks.find(id);
    }
    let source = given("Source").filter(|_| assumptions.source == Narrowing::Narrow);
    let name = given("TaskName").filter(|_| assumptions.task_name == Narrowing::Narrow);
    let task_type = TaskType::new(given("TaskType")?);
    match name {
        Some(name) => tasks.latest(&task_type, source, name),
        None => tasks.newest(&task_type, source).next(),
    }
}

#[cfg(test)]
mod costs;

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::{Lifecycle, Source, TaskId};

    #[test]
    fn operation_names_are_unique_and_exist_in_the_real_service() {
        assert!(OPERATIONS.is_sorted_by(|a, b| a.name < b.name));
        for row in OPERATIONS.iter() {
            let is_of_another_product = row.product != Product::SAS;
            assert!(is_known(row.name) != is_of_another_product, "{}", row.name);
        }
    }

    #[test]
    fn identities_name_parameters_that_are_read() {
        for row in OPERATIONS.iter() {
            for name in row.identity {
                let param = row.params.iter().find(|param| param.name == *name);
                assert!(param.is_some_and(|param| param.ignored.is_none()), "{} {name}", row.name);
            }
        }
    }

    #[test]
    fn the_identity_of_a_call_chooses_its_task() {
        let mut tasks = Tasks::default();
        let (older, newer) = (TaskId::new(1 << 100), TaskId::new(2 << 100));
        for (id, source, name) in [(older, Source::CONSOLE, None), (newer, Source::OPENAPI, Some("Other"))] {
            let plan = Lifecycle::default().plan(None, |span| span.min);
            let task = Task::new(id, TaskType::new("IMAGE_SCAN"), Timestamp::UNIX_EPOCH, plan);
            tasks.add(task.from_source(source).named(name.map(Into::into)), Timestamp::UNIX_EPOCH, 10);
        }
        let of = |action: &str, given: &[(&str, &str)], assumptions| {
            task_of(action, &given.iter().copied().collect(), &tasks, assumptions).map(|task| task.id)
        };
        let (usual, images) = (Assumptions::default(), ("TaskType", "IMAGE_SCAN"));
        assert_eq!(of("DescribeOnceTask", &[images], usual), Some(newer));
        assert_eq!(of("DescribeOnceTask", &[images, ("Source", "console")], usual), Some(older));
        assert_eq!(of("DescribeOnceTask", &[images, ("TaskId", &older.to_string())], usual), Some(older));
        let named = [images, ("TaskName", "IMAGE_SCAN")];
        assert_eq!(of("GetLastOnceTaskInfo", &named, usual), Some(older));
        let ignoring = Assumptions { task_name: Narrowing::Ignore, ..usual };
        assert_eq!(of("GetLastOnceTaskInfo", &named, ignoring), Some(newer));
        assert_eq!(of("CreateCycleTask", &named, usual), None, "a cycle task is no once-task");
    }
}
