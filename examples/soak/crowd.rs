//! Parallel callers in one account: each has its own connection, and creates, polls, lists and cancels tasks.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use sas_emulator::internals::clock::{GatewayClock, Stopwatch};
use sas_emulator::internals::protocol::sign::{Algorithm, Signer};
use sas_emulator::internals::protocol::timestamp;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::history::{History, Sight, Stage};
use super::v3;

/// Tasks of many lengths, some of whose targets fail. The clock runs a hundred times as fast as the machine's, so a task
/// takes from 1/100 to 1/6 of a second.
pub(crate) const SCENARIO: &str = "version: 1
name: soak
clock: { rate: 100 }
lifecycles: { '*': { queued: { range: [0s, 3s] }, running: { range: [1s, 12s] } } }
assets: [{}, {}, {}, { online: false }]
limits: { kept_tasks: 1000000 }
";
const TYPE: &str = "VUL_CHECK_TASK";

/// What a caller does, repeatedly.
#[derive(Debug, Clone, Copy)]
enum Act {
    Create,
    Cancel,
    Latest,
    Result,
    List,
    Unfinished,
}

/// In an order that brings each kind together with each other one, because each caller starts at another place.
const ACTS: [Act; 19] = [
    Act::Create,
    Act::Result,
    Act::Latest,
    Act::Create,
    Act::Unfinished,
    Act::Result,
    Act::Create,
    Act::Result,
    Act::Cancel,
    Act::List,
    Act::Create,
    Act::Latest,
    Act::Result,
    Act::Create,
    Act::Result,
    Act::Unfinished,
    Act::Create,
    Act::Latest,
    Act::Result,
];

/// When callers stop, whichever comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until {
    pub(crate) elapsed: Duration,
    pub(crate) calls: u64,
}

/// What all callers share.
#[derive(Debug)]
pub(crate) struct Crowd {
    address: SocketAddr,
    until: Until,
    watch: Stopwatch,
    history: Mutex<History>,
}

impl Crowd {
    pub(crate) fn new(address: SocketAddr, until: Until) -> Arc<Self> {
        Arc::new(Self { address, until, watch: Stopwatch::start(), history: Mutex::default() })
    }

    pub(crate) fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs this many callers until they stop, waits until no task runs, and checks the history.
    pub(crate) async fn run(self: Arc<Self>, callers: usize) -> Result<()> {
        let target = Caller::connect(&self, callers).await?.last_target().await?;
        let mut others = JoinSet::new();
        for place in 0..callers {
            let caller = Caller::connect(&self, place).await?;
            others.spawn(caller.act_on(target.clone()));
        }
        while let Some(ended) = others.join_next().await {
            ended??;
        }
        // A new connection: idle ones are closed.
        let mut last = Caller::connect(&self, callers + 1).await?;
        while last.unfinished(&target).await? > 0 {}
        let listed = last.list_all().await?;
        self.history().close(&listed);
        Ok(())
    }

    fn is_enough(&self) -> bool {
        let history = self.history();
        let Until { elapsed, calls } = self.until;
        self.watch.elapsed() >= elapsed || history.calls >= calls || !history.violations.is_empty()
    }
}

/// One connection.
struct Caller {
    crowd: Arc<Crowd>,
    place: usize,
    count: usize,
    signer: Signer,
    sender: SendRequest<Full<Bytes>>,
}

impl Caller {
    async fn connect(crowd: &Arc<Crowd>, place: usize) -> Result<Self> {
        let stream = TcpStream::connect(crowd.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Ends with the sender.
        tokio::spawn(connection);
        let signer = v3::signer(Algorithm::Acs3HmacSha256, "soak");
        Ok(Self { crowd: Arc::clone(crowd), place, count: 0, signer, sender })
    }

    async fn act_on(mut self, target: String) -> Result<()> {
        while !self.crowd.is_enough() {
            match ACTS[(self.place * 7 + self.count) % ACTS.len()] {
                Act::Create => self.create().await?,
                Act::Cancel => self.cancel().await?,
                Act::Latest => self.latest().await?,
                Act::Result => self.poll().await?,
                Act::List => drop(self.list(1, 100).await?),
                Act::Unfinished => drop(self.unfinished(&target).await?),
            }
        }
        Ok(())
    }

    /// Signs and sends; returns the moment before, too.
    async fn call(&mut self, action: &str, params: &[(&str, &str)]) -> Result<(u64, Value)> {
        self.count += 1;
        let now = GatewayClock::default().now();
        let nonce = format!("{:x}-{}-{}", now.as_nanosecond(), self.place, self.count);
        let params: Vec<_> = [("TaskType", TYPE)].iter().chain(params).copied().collect();
        let request = v3::post(&self.signer, action, &params, &timestamp::format(now), &nonce);
        let from = self.crowd.history().begin();
        self.sender.ready().await?;
        let answer = self.sender.send_request(request.map(Full::new)).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(status == 200, "{action} {params:?}: {status} {}", String::from_utf8_lossy(&body));
        Ok((from, serde_json::from_slice(&body)?))
    }

    async fn create(&mut self) -> Result<()> {
        let (_, body) = self.call("GenerateOnceTask", &[("TaskName", TYPE), ("Param", "{}")]).await?;
        let mut history = self.crowd.history();
        match body["CanCreate"].as_bool() {
            Some(true) => history.create(text(&body["TaskId"])?),
            Some(false) => history.refused += 1,
            None => bail!("no CanCreate in {body}"),
        }
        Ok(())
    }

    /// Cancels a new task and reads it: it has ended, and the history knows that from now on.
    async fn cancel(&mut self) -> Result<()> {
        let Some(id) = self.choose() else { return Ok(()) };
        self.crowd.history().cancel(&id);
        self.call("CancelOnceTask", &[("TaskId", &id)]).await?;
        let sight = self.result(&id).await?;
        if sight.is_some_and(|sight| !sight.stage.is_over()) {
            self.crowd.history().violate(format!("{id} was cancelled, and then seen as {sight:?}"));
        }
        Ok(())
    }

    async fn poll(&mut self) -> Result<()> {
        if let Some(id) = self.choose() {
            self.result(&id).await?;
        }
        Ok(())
    }

    async fn result(&mut self, id: &str) -> Result<Option<Sight>> {
        let (from, body) = self.call("GetOnceTaskResultInfo", &[("TaskName", TYPE), ("TaskId", id)]).await?;
        let mut history = self.crowd.history();
        if count(&body["TaskId"])? != number(id)? {
            history.violate(format!("{id} cannot be found: {body}"));
            return Ok(None);
        }
        let sight = info(&body)?;
        history.see(from, id, sight);
        Ok(Some(sight))
    }

    async fn latest(&mut self) -> Result<()> {
        let (from, body) = self.call("GetLastOnceTaskInfo", &[("TaskName", TYPE)]).await?;
        let shown = count(&body["TaskId"])?;
        let mut history = self.crowd.history();
        // It shows a number. The task is one of the newest, unless its creator has no reply yet.
        let newest = history.created.iter().rev().take(100);
        let id = newest.filter_map(|id| Some((number(id).ok()?, id))).find(|(number, _)| *number == shown);
        if let Some(id) = id.map(|(_, id)| id.clone()) {
            history.see(from, &id, info(&body)?);
        }
        Ok(())
    }

    /// A page of all tasks; start and end times of what it shows.
    async fn list(&mut self, page: usize, size: usize) -> Result<Vec<(String, u64, u64)>> {
        let (page, size) = (page.to_string(), size.to_string());
        let params = [("CurrentPage", page.as_str()), ("PageSize", size.as_str())];
        let (from, body) = self.call("DescribeOnceTask", &params).await?;
        let mut lives = Vec::new();
        let mut running = 0;
        let mut history = self.crowd.history();
        for item in items(&body["TaskManageResponseList"])? {
            let id = text(&item["TaskId"])?;
            let finished = count(&item["SuccessCount"])? + count(&item["FailCount"])?;
            let sight = Sight {
                stage: stage(&item["TaskStatusText"])?,
                progress: Some(text(&item["Progress"])?.trim_end_matches('%').parse()?),
                finished: (item["TaskStatus"] != 3).then_some(finished),
            };
            running += usize::from(!sight.stage.is_over());
            history.see(from, id, sight);
            lives.push((id.to_owned(), count(&item["TaskStartTime"])?, count(&item["TaskEndTime"])?));
        }
        history.list("DescribeOnceTask", running);
        Ok(lives)
    }

    async fn list_all(&mut self) -> Result<Vec<(String, u64, u64)>> {
        let mut all = Vec::new();
        for page in 1.. {
            let some = self.list(page, 1000).await?;
            if some.is_empty() {
                break;
            }
            all.extend(some);
        }
        Ok(all)
    }

    /// How many tasks run, by the target that every task scans last.
    async fn unfinished(&mut self, target: &str) -> Result<usize> {
        let (_, body) = self.call("ListUnfinishedOnceTask", &[("Target", target)]).await?;
        let running = items(&body["OnceTasks"])?.len();
        self.crowd.history().list("ListUnfinishedOnceTask", running);
        Ok(running)
    }

    async fn last_target(&mut self) -> Result<String> {
        self.create().await?;
        let page = [("CurrentPage", "1"), ("PageSize", "100"), ("RelateInfo", "false")];
        let (_, body) = self.call("DescribeOnceTaskLeafRecordPage", &page).await?;
        Ok(text(&items(&body["OnceTasks"])?.last().context("no leaf")?["Target"])?.to_owned())
    }

    /// One of the newest tasks of any caller; sometimes any task.
    fn choose(&self) -> Option<String> {
        let history = self.crowd.history();
        let count = history.created.len();
        let reach = if self.count.is_multiple_of(10) { count } else { count.min(20) };
        let back = (self.place * 31 + self.count * 17).checked_rem(reach)?;
        history.created.get(count - 1 - back).cloned()
    }
}

fn info(body: &Value) -> Result<Sight> {
    Ok(Sight {
        stage: stage(&body["TaskInfo"]["Status"])?,
        progress: body["TaskInfo"]["Progress"].as_u64(),
        finished: Some(count(&body["FinishCount"])?),
    })
}

/// The number that stands for an id.
fn number(id: &str) -> Result<u64> {
    Ok(u64::try_from(u128::from_str_radix(id, 16)? >> 79)? + 1)
}

fn stage(word: &Value) -> Result<Stage> {
    Stage::new(text(word)?)
        .with_context(|| format!("{word} is no status that a task of this scenario can have"))
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("{value} is no text"))
}

fn count(value: &Value) -> Result<u64> {
    value.as_u64().with_context(|| format!("{value} is no count"))
}

fn items(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().with_context(|| format!("{value} is no list"))
}
