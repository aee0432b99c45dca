//! The operations of the service: one row each, one file each.
//!
//! A row feeds dispatch, the check of parameters, RAM, `sas-emulator operations` and the tests. To add one: a file
//! with its row and its function, and a line in [`OPERATIONS`] (ARCHITECTURE.md, "How to add an operation").

mod births;
mod cancel_once_task;
mod catalog;
mod create_cycle_task;
mod create_virus_scan_once_task;
mod cycle_params;
mod delete_cycle_task;
mod describe_agent_install_status;
mod describe_client_problem_type;
mod describe_cloud_center_instances;
mod describe_cycle_task_list;
mod describe_image_latest_scan_task;
mod describe_once_task;
mod describe_once_task_leaf_record_page;
mod describe_version_config;
mod describe_vul_check_task_status_detail;
mod describe_vul_export_info;
mod export_vul;
mod generate_once_task;
mod get_asset_detail_by_uuid;
mod get_auth_summary;
mod get_last_once_task_info;
mod get_once_task_result_info;
mod get_virus_scan_latest_task_statistic;
mod image_scan;
mod leaf;
mod list_unfinished_once_task;
mod modify_cycle_task;
mod modify_push_all_task;
mod modify_start_vul_scan;
mod named;
pub mod names;
mod operate_agent_client_install;
mod page;
mod public_create_image_scan_task;
mod public_sync_and_create_image_scan_task;
mod refresh_assets;
mod start_idc_probe_scan;
mod start_virus_scan_task;
mod vul_check;

use jiff::Timestamp;

pub use self::births::{begin, populate, settle};
pub use self::catalog::{is_known, nearest};
pub use self::names::identity;
use crate::dice::Dice;
use crate::domain::{Account, ApiError, Params, Value, World};

/// The modelled operations, sorted by name.
pub static OPERATIONS: &[&Operation] = &[
    &cancel_once_task::OPERATION,
    &create_cycle_task::OPERATION,
    &create_virus_scan_once_task::OPERATION,
    &delete_cycle_task::OPERATION,
    &describe_agent_install_status::OPERATION,
    &describe_client_problem_type::OPERATION,
    &describe_cloud_center_instances::OPERATION,
    &describe_cycle_task_list::OPERATION,
    &describe_image_latest_scan_task::OPERATION,
    &describe_once_task::OPERATION,
    &describe_once_task_leaf_record_page::OPERATION,
    &describe_version_config::OPERATION,
    &describe_vul_check_task_status_detail::OPERATION,
    &describe_vul_export_info::OPERATION,
    &export_vul::OPERATION,
    &generate_once_task::OPERATION,
    &get_asset_detail_by_uuid::OPERATION,
    &get_auth_summary::OPERATION,
    &get_last_once_task_info::OPERATION,
    &get_once_task_result_info::OPERATION,
    &get_virus_scan_latest_task_statistic::OPERATION,
    &list_unfinished_once_task::OPERATION,
    &modify_cycle_task::OPERATION,
    &modify_push_all_task::OPERATION,
    &modify_start_vul_scan::OPERATION,
    &operate_agent_client_install::OPERATION,
    &public_create_image_scan_task::OPERATION,
    &public_sync_and_create_image_scan_task::OPERATION,
    &refresh_assets::OPERATION,
    &start_idc_probe_scan::OPERATION,
    &start_virus_scan_task::OPERATION,
];

/// One operation.
pub struct Operation {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does, in half a sentence.
    pub summary: &'static str,
    /// The RAM action that allows it, prefix included.
    pub ram_action: &'static str,
    /// Its parameters.
    pub params: &'static [Param],
    /// How much of it is modelled, and on what evidence.
    pub evidence: &'static str,
    /// What it does.
    pub run: fn(&mut Context<'_>, &Params) -> Result<Value, ApiError>,
}

/// One parameter of an operation.
pub struct Param {
    /// Its name on the wire.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// Whether the gateway refuses a call without it, as the API's metadata says.
    pub required: bool,
}

/// What the value of a parameter must be. Lists of allowed words are not checked: they grow without a new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// `Name.1`, `Name.2`, …
    List,
}

impl Param {
    /// Longest text taken. Tasks keep what they are told, and nothing here grows without a bound; a thousand UUIDs fit.
    const MOST_BYTES: usize = 64 << 10;

    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false }
    }

    const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }

    const fn int(name: &'static str) -> Self {
        Self::new(name, Kind::Integer)
    }

    const fn bool(name: &'static str) -> Self {
        Self::new(name, Kind::Boolean)
    }

    const fn list(name: &'static str) -> Self {
        Self::new(name, Kind::List)
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Refuses what the gateway refuses.
    fn check(&self, params: &Params) -> Result<(), ApiError> {
        let is_given = match self.kind {
            Kind::List => !params.list(self.name).is_empty(),
            _ => params.filled(self.name).is_some(),
        };
        if !is_given {
            return if self.required { Err(ApiError::missing(self.name)) } else { Ok(()) };
        }
        let is_valid = match self.kind {
            Kind::Text => params.filled(self.name).is_none_or(|text| text.len() <= Self::MOST_BYTES),
            Kind::List => true,
            Kind::Integer => params.int(self.name).is_some(),
            Kind::Boolean => params.bool(self.name).is_some(),
        };
        if is_valid { Ok(()) } else { Err(ApiError::invalid(self.name)) }
    }
}

/// What an operation may see and change.
pub struct Context<'a> {
    /// The task clock's reading for this call.
    pub now: Timestamp,
    /// The caller's account.
    pub account: &'a mut Account,
    /// The account's chance.
    pub dice: &'a mut Dice,
    /// The world the account lives in.
    pub world: &'a World,
}

/// The row of that name.
pub fn find(name: &str) -> Option<&'static Operation> {
    let index = OPERATIONS.binary_search_by_key(&name, |operation| operation.name).ok()?;
    Some(OPERATIONS[index])
}

impl Operation {
    /// Checks the parameters, lets happen what is due, then does the deed.
    pub fn call(&self, context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
        self.params.iter().try_for_each(|param| param.check(params))?;
        settle(context);
        (self.run)(context, params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_exist_in_the_real_service() {
        assert!(OPERATIONS.is_sorted_by(|a, b| a.name < b.name));
        for operation in OPERATIONS {
            assert!(is_known(operation.name), "{}", operation.name);
            assert!(operation.ram_action.ends_with(&format!(":{}", operation.name)));
        }
    }
}
