//! Every row of the table of operations, and each of its parameters: missing, of the wrong type and right. A parameter
//! that is read changes the reply or the state, an ignored one changes neither.
//!
//! A new row is covered without a change here if its parameters have samples; else the test names what is lacking.

use std::collections::HashMap;

use sas_emulator::internals::operations::{self, OPERATIONS, Operation, PaidCalls, Param, ParamKind};
use serde_json::Value;

use crate::harness::generated::check_part;
use crate::harness::{TestCall, TestEmulator};

/// Names and values of parameters.
type Given = [(&'static str, &'static str)];

/// Values of parameters, the usual one first; those of one operation alone before those of a name. `<…>` stands for an id in
/// the prepared session, and `Member=value` for an object with that member.
const SAMPLES: &[(&str, &[&str])] = &[
    ("CheckSecurityEventId.SecurityEventIds", &["<alarm>", "<other alarm>"]),
    ("DescribeSuspEvents.Id", &["<alarm>", "<other alarm>"]),
    ("DescribeSuspEvents.Source", &["aegis_login_log", "x"]),
    ("DescribeSuspEvents.Status", &["1", "2"]),
    ("DescribeSuspEventQuaraFiles.Status", &["quaraDone", "quaraFailed"]),
    ("DescribeSecurityEventOperationStatus.SecurityEventIds", &["<ignored alarm>", "<quarantined alarm>"]),
    ("DescribeSecurityEventOperationStatus.TaskId", &["<alarm handling>", "<other alarm handling>"]),
    ("DescribeSimilarSecurityEvents.TaskId", &["<alarm query>", "<other alarm query>"]),
    ("HandleSimilarSecurityEvents.TaskId", &["<alarm query>", "<other alarm query>"]),
    ("OperationCancelIgnoreSuspEvent.SecurityEventIds", &["<ignored alarm>", "<alarm>"]),
    ("AlarmUniqueInfo", &["<unique alarm>", "x"]),
    ("AssetsTypeList", &["ecs", "image"]),
    ("ClusterId", &["x"]),
    ("ContainerFieldName", &["instanceId", "image"]),
    ("ContainerFieldValue", &["i-a", "i-b"]),
    ("ContainerIds", &["x"]),
    ("EventNames", &["WEBSHELL", "login_common_location"]),
    ("GroupIdList", &["1", "2"]),
    ("GroupingId", &["1", "2"]),
    ("Levels", &["serious", "remind"]),
    ("MarkBatch", &["true", "false"]),
    ("MarkMissParam", &["[]", MARK_RULES, "x"]),
    ("Name", &["alpha", "beta"]),
    ("OperateErrorCodeList", &["ignore.Success", "quara.Success"]),
    ("OperateTimeEnd", &["2026-01-02 11:04:05", "2026-01-02 12:00:00"]),
    ("OperateTimeStart", &["2026-01-02 11:04:05", "2026-01-02 12:00:00"]),
    ("Operation", &["ignore", "offline_handled"]),
    ("OperationCode", &["ignore", "manual_handled"]),
    ("OperationParams", &["{}", "x"]),
    ("ParentEventTypes", &["Webshell", "异常登录"]),
    ("QuaraTag", &["<unique quarantined alarm>", "x"]),
    ("Remark", &["alpha", "gamma"]),
    ("SecurityEventId", &["<alarm>", "<ignored alarm>"]),
    ("SecurityEventIds", &["<alarm>", "<other alarm>"]),
    ("SimilarEventScenarioCode", &["default", "same_ip"]),
    ("SortColumn", &["lastTime", "operateTime"]),
    ("SortType", &["asc", "desc"]),
    ("StrictMode", &["Y", "N"]),
    ("SubOperation", &["quaraFileByMd5andPath", "killAndQuaraFileByMd5andPath"]),
    ("SupportOperateCodeList", &["quara", "block_ip"]),
    ("SuspiciousEventId", &["<alarm>", "<other alarm>"]),
    ("SuspiciousEventIds", &["<alarm>", "<other alarm>"]),
    ("TacticId", &["TA0001", "TA0003"]),
    ("TargetType", &["uuid", "containerId"]),
    ("TimeEnd", &["2026-01-02 10:30:00", "1"]),
    ("TimeStart", &["2026-01-02 10:30:00", "1"]),
    ("UniqueInfo", &["<unique alarm>", "x"]),
    ("ModifyLogMetaStatus.Status", &["disabled", "enabled"]),
    ("CreateFileDetect.Type", &["0", "6"]),
    ("CreateFileDetectUploadUrl.Type", &["0", "6"]),
    ("GetFileDetectResult.Type", &["0", "6"]),
    ("AcceptLanguage", &["zh-CN", "en-US"]),
    ("AliasName", &["library", "weak"]),
    ("AssetType", &["ecs", "container_image"]),
    ("AttachTypes", &["sca", "app"]),
    ("CheckType", &["0", "1"]),
    ("ClusterId", &["c1"]),
    ("BizType", &["cms"]),
    ("ConcernNecessity", &["asap", "later"]),
    ("Config", &["off", "on"]),
    ("ConfigId", &["<cycle>", "<other cycle>"]),
    ("Criteria", &[r#"[{"name":"uuid","value":"a"}]"#, r#"[{"name":"uuid","value":"b"}]"#]),
    ("CveId", &["EMULATED-0001", "EMULATED-0002", "CVE-2099-00004"]),
    ("CurrentPage", &["1", "2"]),
    ("Data", &[r#"[{"groupId":2,"groupName":"x"}]"#, r#"[{"groupId":2,"groupName":"y"}]"#]),
    ("Dealed", &["n", "y"]),
    ("Digest", &["d1", "d2"]),
    ("Digests", &["d3", "d4"]),
    ("DownloadUrl", &["https://files.example/a", "https://files.example/b"]),
    ("DryRun", &["true", "false"]),
    ("DurationSeconds", &["900", "3600"]),
    ("Enable", &["1", "0"]),
    ("EndTime", &["4102444800000", "1"]),
    ("EndTimeQuery", &["4102444800000", "1"]),
    ("ExportId", &["<export>", "<other export>", "<export of servers>", "<export of checks>", "<export of alarms>"]),
    ("ExportType", &["assetInstance", "baselineCspm"]),
    ("ExternalId", &["abcd1234", "a b"]),
    ("FirstDateStr", &["1767225600000", "1767312000000"]),
    ("Flags", &["0", "1"]),
    ("FieldValue", &["e", "f"]),
    ("GroupField", &["groupId", "regionId"]),
    ("HashKey", &[UPLOADED, "44d88612fea8a8f36de82e1278abb02f"]),
    ("HashKeyContextList", &["HashKey=44d88612fea8a8f36de82e1278abb02f", "HashKey=x"]),
    ("HashKeyList", &["44d88612fea8a8f36de82e1278abb02f", UPLOADED]),
    ("GroupId", &["2", "1"]),
    ("GroupName", &["new", "other"]),
    ("Id", &["cn-hangzhou", "cn-shanghai"]),
    ("Ids", &["100000", "100001"]),
    ("Images", &[r#"[{"digest":"d3"}]"#, r#"[{"digest":"d4"}]"#]),
    ("Importance", &["1", "2"]),
    ("Info", &[IGNORED, "[]"]),
    ("InstanceIds", &["i-a", "i-c"]),
    ("InstanceName", &["alpha", "beta"]),
    ("IntervalPeriod", &["1", "2"]),
    ("LogStore", &["sas-vul-log", "sas-security-log"]),
    ("LogicalExp", &["OR", "AND"]),
    ("MachineTypes", &["ecs", "idc"]),
    ("Name", &["emulated-linux:EMSA-2099:00001", "x"]),
    ("Necessity", &["asap", "later"]),
    ("NoPage", &["true", "false"]),
    ("NextToken", &["0", "1"]),
    ("NoGroupTrace", &["false", "true"]),
    ("OperateType", &["vul_ignore", "vul_verify"]),
    ("Os", &["linux"]),
    ("OssKey", &["<oss key>", "x"]),
    ("PageNumber", &["1", "2"]),
    ("PageSize", &["20", "1"]),
    ("Param", &[r#"{"uuids":"a"}"#, r#"{"uuids":"b"}"#]),
    ("Policy", &[r#"{"Version":"1","Statement":[]}"#, "{}"]),
    ("PeriodUnit", &["day", "hour"]),
    ("RegionIdStr", &["cn-hangzhou", "cn-shanghai"]),
    ("RegionNo", &["cn-hangzhou", "cn-shanghai"]),
    ("RaspDefend", &["0", "1"]),
    ("Reason", &["one", "two"]),
    ("Project", &["webshell", "suspicious"]),
    ("Region", &["cn-hangzhou"]),
    ("RegionId", &["cn-hangzhou", "cn-shanghai"]),
    ("RelateInfo", &["true", "false"]),
    ("Remark", &["alpha", "gamma"]),
    ("RiskStatus", &["y", "n"]),
    ("RoleArn", &["acs:ram::1234567890123456:role/r", "acs:ram::1234567890123456:role/s"]),
    ("RoleSessionName", &["one", "two"]),
    ("RootTaskId", &["<vulnerability scan>", "<image scan>"]),
    ("SaleVersionCheckCode", &["sas_gte_enterprise", "sas_eq_advanced"]),
    ("Route", &["0", "3"]),
    ("ScanPath", &["/a", "/b"]),
    ("ScanType", &["system", "user"]),
    ("SearchTags", &["Exploit Exists", "Restart Required"]),
    ("ServiceCode", &["sas", "ecs"]),
    ("SourceIdentity", &["Alice", "Bob"]),
    ("Source", &["schedule", "openapi"]),
    ("StartTime", &["1", "4102444800000"]),
    ("StartTimeQuery", &["1", "4102444800000"]),
    ("Status", &["Running", "Stopped"]),
    ("StatusList", &["SUCCESS", "START"]),
    ("Target", &["a", "b"]),
    ("TargetEndTime", &["3", "6"]),
    ("TargetInfo", &[r#"[{"type":"uuid","target":"a"}]"#, r#"[{"type":"uuid","target":"b"}]"#]),
    ("TargetStartTime", &["0", "6"]),
    ("TargetType", &["uuid", "containerId"]),
    ("TaskId", &["<vulnerability scan>", "<image scan>"]),
    ("TaskIds", &["<vulnerability scan>", "<image scan>"]),
    ("TaskName", &["VUL_CHECK_TASK", "Other"]),
    ("TaskType", &["VUL_CHECK_TASK", "IMAGE_SCAN"]),
    ("Tasks", &["OVAL_ENTITY", "ASSETS"]),
    ("Type", &["cve", "sys"]),
    ("TimeLimit", &["1", "0"]),
    ("Types", &["cve", "sys"]),
    ("UseNextToken", &["true", "false"]),
    ("Vendor", &["0", "1"]),
    ("Vendors", &["0", "1"]),
    ("UserAgreement", &["yes", "no"]),
    ("Uuid", &["a", "b"]),
    ("Uuids", &["a", "b"]),
    ("VulName", &["EMVD", "x"]),
    ("VulNames", &["emulated-linux:EMSA-2099:00001", "x"]),
    ("Whitelist", &[LISTED, "{}"]),
    // Of exports alone, or of lists too.
    ("IsSummaryExport", &["0", "1"]),
    ("Lang", &["zh", "en"]),
    ("Params", &["{}", r#"{"CheckLevel":"high"}"#]),
    ("Path", &["/opt", "/usr"]),
    ("RiskIds", &["101", "102"]),
    ("RiskLevels", &["high", "low"]),
    ("SubTypeNames", &["hc_exploit_redis", "x"]),
    ("TypeNames", &["hc_exploit", "cis"]),
];

/// A finding as an order names it, and a vulnerability as a white list does.
const IGNORED: &str = r#"[{"name":"emulated-linux:EMSA-2099:00001","uuid":"a","tag":"oval","isFront":0}]"#;
const LISTED: &str = r#"{"name":"emulated-linux:EMSA-2099:00001","type":"cve"}"#;
/// The MD5 of the file that was uploaded.
const UPLOADED: &str = "d8eced3b06972df4d1dd7d835fc3edd3";

/// A rule of a white list that no alarm fits.
const MARK_RULES: &str = r#"[{"field":"x","operate":"strEqual","fieldValue":"y","uuid":"ALL"}]"#;

/// Calls beside the one that has only what the gateway demands: parameters that matter only together with others.
const BASES: &[(&str, &Given)] = &[
    ("DescribeEventLevelCount", &[("ContainerFieldName", "instanceId"), ("ContainerFieldValue", "i-a")]),
    ("DescribeNsasSuspEventType", &[("ContainerFieldName", "instanceId"), ("ContainerFieldValue", "i-a")]),
    ("DescribeSuspEvents", &[("ContainerFieldName", "instanceId"), ("ContainerFieldValue", "i-a")]),
    ("DescribeSuspEvents", &[("Dealed", "Y")]),
    ("HandleSecurityEvents", &[("OperationCode", "advance_mark_mis_info"), ("MarkBatch", "true")]),
    ("OperationSuspEvents", &[("Operation", "deal"), ("SuspiciousEventIds", "<file alarm>")]),
    ("CreateFileDetect", &[("HashKey", UPLOADED), ("OssKey", "<oss key>")]),
    ("CreateFileDetect", &[("HashKey", UPLOADED), ("DownloadUrl", "https://files.example/a")]),
    ("CreateFileDetectUploadUrl", &[("HashKeyList", UPLOADED)]),
    (
        "DescribeCloudCenterInstances",
        &[("Criteria", r#"[{"name":"uuid","value":"a"},{"name":"instanceName","value":"beta"}]"#)],
    ),
    ("DescribeCloudCenterInstances", &[("UseNextToken", "true"), ("PageSize", "1")]),
    ("CreateOrUpdateAssetGroup", &[("GroupId", "2"), ("Uuids", "a")]),
    ("CreateOrUpdateAssetGroup", &[("GroupName", "new")]),
    ("DeleteGroup", &[("GroupId", "2")]),
    ("DescribeGroupedInstances", &[("NoPage", "true"), ("PageSize", "1")]),
    ("DescribeVulList", &[("UseNextToken", "true"), ("PageSize", "1")]),
    ("DescribeVulList", &[("Type", "app")]),
    ("ModifyEmgVulSubmit", &[("Name", "emg:EMEV-2099-00170")]),
    ("DescribeOnceTask", &[("TaskType", "VUL_CHECK_TASK")]),
    ("DescribeOnceTaskLeafRecordPage", &[("TaskType", "IMAGE_SCAN")]),
    ("DescribeVulCheckTaskStatusDetail", &[("Uuid", "a")]),
    ("ListUnfinishedOnceTask", &[("Target", "a")]),
    ("ModifyCycleTask", &[("Enable", "0")]),
    ("ModifyNoticeConfig", &[("Project", "webshell"), ("Route", "0")]),
    ("ModifyVulConfig", &[("Type", "cve"), ("Config", "off")]),
    ("OperateAgentClientInstall", &[("InstanceIds", "i-c"), ("Region", "cn-hangzhou"), ("Os", "linux")]),
];

/// An emulator in which each operation finds something.
const SCENARIO: &str = "
assumptions: { vul_scan_scope: named, region_id: narrow }
world: { vulnerabilities: { per_server: 100 }, alarms: { count: 80 } }
assets:
  - { uuid: a, instance_id: i-a, name: alpha }
  - { uuid: b, instance_id: i-b, name: beta, group: web }
  - { uuid: c, instance_id: i-c, name: gamma, agent: missing }
tasks:
  - { type: VUL_CHECK_TASK, source: schedule, started: -1h }
";

/// The calls that prepare the session: what they create, the operation and its parameters.
const PREPARATION: &[(&str, &str, &Given)] = &[
    (
        "vulnerability scan",
        "GenerateOnceTask",
        &[("TaskType", "VUL_CHECK_TASK"), ("TaskName", "Other"), ("Param", r#"{"uuids":"a,b"}"#)],
    ),
    ("image scan", "PublicCreateImageScanTask", &[("Digests", "d1,d2")]),
    (
        "file detection",
        "CreateFileDetect",
        &[
            ("Type", "0"),
            ("HashKey", "44d88612fea8a8f36de82e1278abb02f"),
            ("DownloadUrl", "https://files.example/a"),
        ],
    ),
    ("cycle", "CreateCycleTask", CYCLE),
    ("other cycle", "CreateCycleTask", CYCLE),
    ("export", "ExportVul", &[("Type", "cve")]),
    ("other export", "ExportVul", &[("Type", "sys"), ("Uuids", "a")]),
    ("export of servers", "ExportRecord", &[("ExportType", "assetInstance")]),
    ("export of checks", "ExportWarning", &[]),
    ("export of alarms", "ExportSuspEvents", &[]),
];

const CYCLE: &Given = &[
    ("TaskType", "IMAGE_SCAN"),
    ("TaskName", "IMAGE_SCAN"),
    ("Enable", "1"),
    ("FirstDateStr", "1893456000000"),
    ("IntervalPeriod", "1"),
    ("PeriodUnit", "day"),
    ("TargetStartTime", "0"),
    ("TargetEndTime", "6"),
];

type Pairs = Vec<(String, String)>;

/// Status and body of a reply, and the state after it.
type Outcome = (u16, String, String);

/// The prepared emulator, which is in the same state for every call.
struct Stage {
    emulator: TestEmulator,
    state: String,
    ids: Vec<(String, String)>,
    seen: HashMap<(String, Pairs), Outcome>,
}

impl Stage {
    async fn new() -> Self {
        let emulator = TestEmulator::new(SCENARIO);
        let mut ids = Vec::new();
        for (name, action, params) in PREPARATION {
            let pairs: Pairs = params.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            let reply = emulator.call(ask(action, &pairs)).await;
            assert_eq!(reply.status, 200, "{name}: {}", reply.body);
            let reply = reply.json();
            let found = [
                &reply["TaskId"],
                &reply["Data"]["TaskId"],
                &reply["ConfigId"],
                &reply["Id"],
                &reply["HashKey"],
            ];
            let id = found.into_iter().find(|id| !id.is_null()).unwrap();
            ids.push((format!("<{name}>"), id.as_str().map_or_else(|| id.to_string(), str::to_owned)));
        }
        let entry = emulator.upload(UPLOADED, b"harmless").await;
        ids.push(("<oss key>".to_owned(), entry["Context"]["OssKey"].as_str().unwrap().to_owned()));
        prepare_alarms(&emulator, &mut ids).await;
        emulator.advance(jiff::SignedDuration::from_secs(3));
        let state = emulator.control("GET", "state", "").await.body;
        Self { emulator, state, ids, seen: HashMap::new() }
    }

    async fn outcome(&mut self, action: &str, pairs: &Pairs) -> Outcome {
        let key = (action.to_owned(), pairs.clone());
        if !self.seen.contains_key(&key) {
            let outcome = self.call(action, pairs).await;
            self.seen.insert(key.clone(), outcome);
        }
        self.seen[&key].clone()
    }

    async fn call(&self, action: &str, pairs: &Pairs) -> Outcome {
        let restored = self.emulator.control("PUT", "state", &self.state).await;
        assert_eq!(restored.status, 200, "{}", restored.body);
        let reply = self.emulator.call(ask(action, pairs)).await;
        (reply.status, reply.body, self.emulator.control("GET", "state", "").await.body)
    }

    fn sample(&self, value: &str) -> String {
        let id = self.ids.iter().find(|(name, _)| name == value);
        id.map_or_else(|| value.to_owned(), |(_, id)| id.clone())
    }

    /// The values to try for a parameter.
    fn samples(&self, row: &Operation, param: &Param) -> Result<Vec<String>, String> {
        let named =
            |wanted: &str| SAMPLES.iter().find(|(name, _)| *name == wanted).map(|(_, values)| *values);
        let listed = named(&format!("{}.{}", row.name, param.name)).or_else(|| named(param.name));
        let values = match (listed, param.ignored, param.kind) {
            (Some(values), ..) => values,
            (None, None, _) if param.refused.is_none() => {
                return Err(format!("SAMPLES has no values for {}", param.name));
            }
            (None, _, ParamKind::Integer) => &["1", "2"],
            (None, _, ParamKind::Boolean) => &["true", "false"],
            (None, _, ParamKind::Text | ParamKind::List) => &["x", "y"],
            (None, _, ParamKind::Objects) => &["Member=x", "Member=y"],
        };
        Ok(values.iter().map(|value| self.sample(value)).collect())
    }

    /// What the gateway demands, alone and with what else may matter.
    fn bases(&self, row: &Operation) -> Result<Vec<Pairs>, String> {
        let mut demanded = Pairs::new();
        for param in row.params.iter().filter(|param| param.required) {
            set(&mut demanded, param, Some(&self.samples(row, param)?[0]));
        }
        let mut bases = vec![demanded.clone()];
        for (_, extra) in BASES.iter().filter(|(action, _)| *action == row.name) {
            let mut base = demanded.clone();
            for (name, value) in *extra {
                let param = row.params.iter().find(|param| param.name == *name).unwrap();
                set(&mut base, param, Some(&self.sample(value)));
            }
            bases.push(base);
        }
        Ok(bases)
    }

    /// The outcomes of all samples of a parameter, and of none where that is allowed, for each base.
    async fn outcomes(&mut self, row: &Operation, param: &Param) -> Result<Vec<Vec<Outcome>>, String> {
        let samples = self.samples(row, param)?;
        let mut all = Vec::new();
        for base in self.bases(row)? {
            let none = (!param.required).then_some(None);
            let mut outcomes = Vec::new();
            for value in samples.iter().map(Some).chain(none) {
                let mut pairs = base.clone();
                set(&mut pairs, param, value.map(String::as_str));
                outcomes.push(self.outcome(row.name, &pairs).await);
            }
            all.push(outcomes);
        }
        Ok(all)
    }
}

/// Handles two alarms, the newer one first, looks for those that are like others, and names them all.
async fn prepare_alarms(emulator: &TestEmulator, ids: &mut Vec<(String, String)>) {
    let list = async |params: &[(&str, &str)]| {
        emulator.reply("DescribeSuspEvents", params).await["SuspEvents"].clone()
    };
    let all = list(&[("PageSize", "100")]).await;
    let files = list(&[("SupportOperateCodeList.1", "quara")]).await;
    let is_file = |alarm: &&Value| files.as_array().unwrap().iter().any(|file| file["Id"] == alarm["Id"]);
    let others: Vec<&Value> = all.as_array().unwrap().iter().filter(|alarm| !is_file(alarm)).collect();
    let (ignored, quarantined) = (others[0], &files[files.as_array().unwrap().len() - 1]);
    let alarms = [
        ("alarm", others[1]),
        ("other alarm", others[2]),
        ("ignored alarm", ignored),
        ("quarantined alarm", quarantined),
        ("file alarm", &files[0]),
    ];
    for (name, alarm) in alarms {
        ids.push((format!("<{name}>"), alarm["Id"].to_string()));
        ids.push((format!("<unique {name}>"), alarm["UniqueInfo"].as_str().unwrap().to_owned()));
    }
    for (name, alarm, code) in
        [("alarm handling", ignored, "ignore"), ("other alarm handling", quarantined, "quara")]
    {
        let params = [("SecurityEventIds.1", &*alarm["Id"].to_string()), ("OperationCode", code)];
        let reply = emulator.reply("HandleSecurityEvents", &params).await;
        ids.push((format!("<{name}>"), reply["HandleSecurityEventsResponse"]["TaskId"].to_string()));
        emulator.advance(jiff::SignedDuration::from_secs(1));
    }
    for (name, alarm) in [("alarm query", others[1]), ("other alarm query", others[2])] {
        let params = [("SecurityEventId", &*alarm["Id"].to_string())];
        let reply = emulator.reply("CreateSimilarSecurityEventsQueryTask", &params).await;
        let task = &reply["CreateSimilarSecurityEventsQueryTaskResponse"]["TaskId"];
        ids.push((format!("<{name}>"), task.to_string()));
    }
}

fn ask(action: &str, pairs: &Pairs) -> TestCall {
    let version = operations::find_by_name(action).unwrap().product.version.to_owned();
    pairs.iter().fold(TestCall::new(action).with(|call| call.version = version), |call, (name, value)| {
        call.form(name, value)
    })
}

/// Gives a parameter another value, or none.
fn set(pairs: &mut Pairs, param: &Param, value: Option<&str>) {
    let (name, value) = match (param.kind, value) {
        (ParamKind::List, value) => (format!("{}.1", param.name), value),
        (ParamKind::Objects, Some(value)) => {
            let (member, value) = value.split_once('=').unwrap_or(("", value));
            (format!("{}.1.{member}", param.name), Some(value))
        }
        (_, value) => (param.name.to_owned(), value),
    };
    let start = format!("{}.", param.name);
    pairs.retain(|(other, _)| other != param.name && !other.starts_with(&start));
    pairs.extend(value.map(|value| (name, value.to_owned())));
}

fn code(outcome: &Outcome) -> (u16, String) {
    let body: Value = serde_json::from_str(&outcome.1).unwrap();
    (outcome.0, body["Code"].as_str().unwrap_or_default().to_owned())
}

/// Fails with all complaints at once.
fn check(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test]
async fn the_gateway_refuses_parameters_that_are_missing_or_of_the_wrong_type() {
    let mut stage = Stage::new().await;
    let mut complaints = Vec::new();
    let too_long = "x".repeat((64 << 10) + 1);
    for row in OPERATIONS.iter() {
        let base = stage.bases(row).unwrap_or_else(|lacking| panic!("{}: {lacking}", row.name)).remove(0);
        for param in row.params {
            let missing = (400, format!("Missing{}", param.name));
            let invalid = (400, format!("Invalid{}", param.name));
            let wrong = match param.kind {
                ParamKind::Integer => Some("1.5"),
                ParamKind::Boolean => Some("1"),
                ParamKind::Text => Some(&*too_long),
                // Its members are texts, and no operation demands a list.
                ParamKind::List | ParamKind::Objects => None,
            };
            let mut expectations: Vec<_> = wrong.map(|value| (Some(value), &invalid)).into_iter().collect();
            if param.required {
                expectations.push((None, &missing));
                expectations.push((Some(""), &missing));
            }
            for (value, expected) in expectations {
                let mut pairs = base.clone();
                set(&mut pairs, param, value);
                let outcome = stage.outcome(row.name, &pairs).await;
                if code(&outcome) != *expected {
                    complaints.push(format!(
                        "{} {}: {:?}, not {expected:?}",
                        row.name,
                        param.name,
                        code(&outcome)
                    ));
                }
            }
        }
    }
    check(&complaints);
}

#[tokio::test]
async fn a_parameter_that_is_read_changes_the_reply_or_the_state() {
    let mut stage = Stage::new().await;
    let mut complaints = Vec::new();
    for row in OPERATIONS.iter() {
        for param in row.params.iter().filter(|param| param.ignored.is_none() && param.refused.is_none()) {
            match stage.outcomes(row, param).await {
                Err(lacking) => complaints.push(format!("{}: {lacking}", row.name)),
                Ok(outcomes) => {
                    let differs = |base: &Vec<Outcome>| base.iter().any(|outcome| *outcome != base[0]);
                    if !outcomes.iter().any(differs) {
                        complaints.push(format!(
                            "{}: no sample of {} changes anything: it is ignored, or SAMPLES or BASES lack something",
                            row.name, param.name
                        ));
                    }
                    if !outcomes.iter().flatten().any(|(status, ..)| *status == 200) {
                        complaints.push(format!("{}: every sample of {} is refused", row.name, param.name));
                    }
                }
            }
        }
    }
    check(&complaints);
}

#[tokio::test]
async fn an_ignored_parameter_changes_nothing() {
    let mut stage = Stage::new().await;
    let mut complaints = Vec::new();
    for row in OPERATIONS.iter() {
        for param in row.params.iter().filter(|param| param.ignored.is_some()) {
            let outcomes = stage.outcomes(row, param).await.unwrap();
            if outcomes.iter().any(|base| base.iter().any(|outcome| *outcome != base[0])) {
                complaints
                    .push(format!("{}: {} is declared ignored and changes something", row.name, param.name));
            }
        }
    }
    check(&complaints);
}

#[tokio::test]
async fn a_filter_that_is_not_modelled_is_refused_or_by_choice_ignored() {
    let ignoring = TestEmulator::new("assumptions: { unknown_criteria: ignore }\n");
    let mut stage = Stage::new().await;
    for row in OPERATIONS.iter() {
        for param in row.params.iter().filter(|param| param.refused.is_some()) {
            let mut pairs = stage.bases(row).unwrap().remove(0);
            set(&mut pairs, param, Some(&stage.samples(row, param).unwrap()[0]));
            let outcome = stage.outcome(row.name, &pairs).await;
            assert_eq!(code(&outcome).1, "OperationNotModelled", "{} {}", row.name, param.name);
            assert!(outcome.1.contains(&format!("the parameter {} of {}", param.name, row.name)));
            assert_eq!(ignoring.call(ask(row.name, &pairs)).await.status, 200, "{} {}", row.name, param.name);
        }
    }
}

/// Else a difference between two outcomes would prove nothing.
#[tokio::test]
async fn the_same_call_has_the_same_outcome() {
    let stage = Stage::new().await;
    for row in OPERATIONS.iter() {
        for base in stage.bases(row).unwrap() {
            assert_eq!(stage.call(row.name, &base).await, stage.call(row.name, &base).await, "{}", row.name);
        }
    }
}

/// The first demanded call of each operation, and the values of the parameter by which some calls must be paid for.
#[tokio::test]
async fn a_free_account_is_refused_what_must_be_paid_for_and_nothing_else() {
    let stage = Stage::new().await;
    let free = TestEmulator::new("world: { edition: free }\n");
    let refused = async |action: &str, pairs: &Pairs| {
        let reply = free.call(ask(action, pairs)).await;
        reply.status == 400 && reply.code() == "FreeVersionNotPermit"
    };
    for row in OPERATIONS.iter().filter(|row| row.name != BY_SERVER) {
        let base = stage.bases(row).unwrap().remove(0);
        match row.paid {
            None => assert!(!refused(row.name, &base).await, "{}", row.name),
            Some(PaidCalls::All) => assert!(refused(row.name, &base).await, "{}", row.name),
            Some(PaidCalls::With(name, values)) => {
                let param = row.params.iter().find(|param| param.name == name).unwrap();
                for (value, is_paid) in
                    values.iter().map(|value| (*value, true)).chain([("another value", false)])
                {
                    let mut pairs = base.clone();
                    set(&mut pairs, param, Some(value));
                    assert_eq!(refused(row.name, &pairs).await, is_paid, "{} {name}={value}", row.name);
                }
            }
        }
    }
}

/// It looks at the servers that a call names, and refuses one free server among others.
const BY_SERVER: &str = "ModifyPushAllTask";

#[test]
fn the_fidelity_page_lists_what_a_free_account_is_refused() {
    let mut table =
        format!("\n| operation | calls |\n|---|---|\n| `{BY_SERVER}` | those that name a free server |\n");
    for row in OPERATIONS.iter() {
        let calls = row.paid.map(|paid| match paid {
            PaidCalls::All => "all".to_owned(),
            PaidCalls::With(name, values) => format!("those with `{name}` {}", values.join(", ")),
        });
        table += &calls.map_or_else(String::new, |calls| format!("| `{}` | {calls} |\n", row.name));
    }
    check_part("docs/fidelity.md", "paid", &format!("{table}\n"));
}

#[test]
fn the_fidelity_page_lists_the_ignored_parameters() {
    let mut table = "\n| operation | parameter | why |\n|---|---|---|\n".to_owned();
    for row in OPERATIONS.iter() {
        for param in row.params {
            let refused = || param.refused.map(|reason| format!("refused: {reason}"));
            table += &param.ignored.map(str::to_owned).or_else(refused).map_or_else(String::new, |reason| {
                format!("| `{}` | `{}` | {reason} |\n", row.name, param.name)
            });
        }
    }
    check_part("docs/fidelity.md", "ignored", &format!("{table}\n"));
}
