//! The list of vulnerabilities as a table. The columns of the Chinese one are those that published programs demand in the
//! service's files, with their spaces; that of the namespace is in files of applications, where programs read it too.

use std::borrow::Cow;

use super::{Reader, in_language};
use crate::operations::export::export_vul::PARAMS;
use crate::operations::local_time::local_time;
use crate::operations::prelude::*;
use crate::posture::vulnerability::{Finding, FindingStatus, Necessity};
use crate::sheet::{Row, Sheet};

const COLUMNS: [[&str; 14]; 2] = [
    [
        "漏洞名称",
        "修复紧急度",
        "影响资产ID ",
        "影响资产IP（公网）",
        "影响资产IP（私网）",
        "影响资产备注名称",
        "首次发现时间",
        "最近一次发现时间",
        "漏洞说明",
        "漏洞状态",
        "修复命令",
        "CVE编号",
        " 标签",
        "命名空间",
    ],
    [
        "Vulnerability",
        "Priority",
        "Asset ID",
        "Public IP Address",
        "Private IP Address",
        "Asset Name",
        "First Detected",
        "Last Detected",
        "Description",
        "Status",
        "Fix Command",
        "CVE ID",
        "Tag",
        "Namespace",
    ],
];

pub(super) fn list(context: &Context<'_>, params: &Params, reader: Reader<'_>) -> Result<(), ApiError> {
    let findings = context.findings();
    let query = FindingQuery::of(params, PARAMS, (context.account, context.world), &findings);
    let filter = query.filter();
    let list = findings.list(&filter);
    let is_chinese = super::is_chinese(params);
    let has_namespace = params.get("Type") == Some("app");
    let columns = &in_language(&COLUMNS, params)[..if has_namespace { 14 } else { 13 }];
    let rows = list.iter().filter_map(|finding| {
        let mut row = row(&finding, context, is_chinese)?;
        // Nothing runs in a container.
        row.extend(has_namespace.then_some(Cow::Borrowed("")));
        Some(row)
    });
    reader(Sheet { name: "vulnerabilities", columns, count: list.len(), rows: Box::new(rows) });
    Ok(())
}

fn row<'a>(finding: &Finding<'a>, context: &'a Context<'_>, is_chinese: bool) -> Option<Row<'a>> {
    let entry = finding.vulnerability;
    let server = context.account.servers.get(finding.place as usize)?;
    let Server { instance_id, name, internet_ip, intranet_ip, .. } = server;
    let (flaw, _) = entry.flaw();
    let priority = in_words(is_chinese, priority(entry.necessity));
    let status = in_words(is_chinese, status(finding.status));
    Some(vec![
        entry.alias().into(),
        priority.into(),
        instance_id.into(),
        internet_ip.into(),
        intranet_ip.into(),
        name.into(),
        local_time(finding.first).into(),
        local_time(finding.last).into(),
        format!("{} {flaw}", entry.product()).into(),
        status.into(),
        entry.update_command().into(),
        entry.related().into(),
        entry.tags().join(",").into(),
    ])
}

fn in_words(is_chinese: bool, (chinese, english): (&'static str, &'static str)) -> &'static str {
    if is_chinese { chinese } else { english }
}

/// The words of the documents for it.
fn priority(necessity: Necessity) -> (&'static str, &'static str) {
    match necessity {
        Necessity::Asap => ("高", "high"),
        Necessity::Later => ("中", "medium"),
        Necessity::Nntf => ("低", "low"),
    }
}

/// The same.
fn status(status: FindingStatus) -> (&'static str, &'static str) {
    match status {
        FindingStatus::Open => ("未修复", "unfixed"),
        FindingStatus::FixFailed => ("修复失败", "fix failed"),
        FindingStatus::Fixing => ("修复中", "being fixed"),
        FindingStatus::Verifying => ("验证中", "being verified"),
        FindingStatus::Fixed => ("修复成功", "fixed"),
        FindingStatus::NeedsRestart => ("修复成功待重启", "fixed, to be restarted"),
        FindingStatus::Ignored => ("已忽略", "ignored"),
        FindingStatus::Deleted => ("", ""),
    }
}
