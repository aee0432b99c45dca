//! The list of servers as a table.

use super::Reader;
use crate::operations::prelude::*;
use crate::sheet::Sheet;

const COLUMNS: [[&str; 10]; 2] = [
    ["资产名称", "资产ID", "UUID", "公网IP", "私网IP", "地域", "操作系统", "客户端状态", "防护版本", "分组"],
    [
        "Asset Name",
        "Asset ID",
        "UUID",
        "Public IP",
        "Private IP",
        "Region",
        "Operating System",
        "Agent Status",
        "Edition",
        "Group",
    ],
];

#[expect(clippy::unnecessary_wraps, reason = "as the others")]
pub(super) fn list(context: &Context<'_>, params: &Params, reader: Reader<'_>) -> Result<(), ApiError> {
    let (servers, groups, now) = (&context.account.servers, context.groups(), context.now);
    let rows = servers.iter().enumerate().map(move |(place, server)| {
        let Server { name, instance_id, uuid, internet_ip, intranet_ip, region, os, edition, .. } = server;
        let (status, edition) = (server.client_sub_status(now), edition.number_and_name().1);
        [
            name,
            instance_id,
            uuid,
            internet_ip,
            intranet_ip,
            region,
            os,
            status,
            edition,
            groups.of(place).name,
        ]
        .map(Into::into)
        .into()
    });
    let columns = super::in_language(&COLUMNS, params);
    reader(Sheet { name: "servers", columns, count: servers.len(), rows: Box::new(rows) });
    Ok(())
}
