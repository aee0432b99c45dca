//! An account as a snapshot holds it: what its tasks share is written once, and shared again when it is read.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::bounds::{CYCLE_TASKS, EXPORTS, KEPT_TASKS};
use super::cycle::CycleTask;
use super::export::FormerExport;
use super::groups::GroupChanges;
use super::overrides::OverrideChain;
use super::plan::Plan;
use super::servers::{ServerList, Servers};
use super::targets::Targets;
use super::task::{Label, PendingTask, Rare, Task};
use super::task_id::TaskId;
use super::task_type::{Source, TaskType};
use crate::posture::Changes;
use crate::text::by_hand;
use crate::text::limited::list;

/// The members of an [`Account`], and tables of what its tasks share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedAccount {
    /// The lists of targets of its tasks, each once.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "list::<KEPT_TASKS, _, _, _>"
    )]
    lists: Vec<Targets>,
    /// The `Param` of its tasks, each once.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "list::<KEPT_TASKS, _, _, _>"
    )]
    texts: Vec<Arc<str>>,
    /// Oldest first.
    #[serde(deserialize_with = "list::<KEPT_TASKS, _, _, _>")]
    tasks: Vec<SavedTask>,
    #[serde(deserialize_with = "list::<CYCLE_TASKS, _, _, _>")]
    cycles: Vec<CycleTask>,
    #[serde(rename = "orders", deserialize_with = "list::<KEPT_TASKS, _, _, _>")]
    pending: Vec<PendingTask>,
    #[serde(default, skip_serializing_if = "Servers::is_unchanged")]
    pub servers: Servers,
    #[serde(default, skip_serializing_if = "GroupChanges::is_empty")]
    groups: GroupChanges,
    /// Only in snapshots from before they were tasks. Oldest first.
    #[serde(default, skip_serializing, deserialize_with = "list::<EXPORTS, _, _, _>")]
    exports: Vec<FormerExport>,
    #[serde(default, skip_serializing_if = "by_hand::is_zero")]
    creations: u64,
    #[serde(default, skip_serializing_if = "Changes::is_empty")]
    posture: Changes,
    /// The tasks whose ends change something, which has not been done yet.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "list::<KEPT_TASKS, _, _, _>"
    )]
    unsettled: Vec<TaskId>,
}

/// The members of a [`Task`]. In version 1 of snapshots each task has its own list and `Param`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedTask {
    id: TaskId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    task_type: TaskType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Box<str>>,
    source: Source,
    /// Only in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    param: Option<Arc<str>>,
    /// The place of its `Param` among the texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<usize>,
    born: Timestamp,
    plan: Arc<Plan>,
    /// Only in version 1.
    #[serde(default, skip_serializing_if = "is_empty")]
    targets: Targets,
    /// The place of its targets among the lists; none if it has none that have names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list: Option<usize>,
    /// Its targets are those of the list of servers that its account has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    on_all: bool,
    looks: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<Timestamp>,
    #[serde(default, rename = "forced", skip_serializing_if = "OverrideChain::is_empty")]
    overrides: OverrideChain,
}

fn is_empty(targets: &Targets) -> bool {
    targets.is_empty()
}

/// Values in the order in which they came, each once.
#[derive(Default)]
struct Table<T> {
    all: Vec<T>,
    /// The places of those that were compared, by address: comparing takes long, and most are one value in memory.
    known: HashMap<usize, usize>,
    places: HashMap<T, usize>,
}

impl<T: Clone + Eq + Hash> Table<T> {
    fn place(&mut self, value: &T, address: usize) -> usize {
        let Self { all, known, places } = self;
        *known.entry(address).or_insert_with(|| {
            *places.entry(value.clone()).or_insert_with(|| {
                all.push(value.clone());
                all.len() - 1
            })
        })
    }
}

impl SavedAccount {
    pub fn task_count(&self) -> usize {
        self.tasks.len()
    }

    /// Without its list of servers, which the snapshot has in another place.
    pub fn of(account: &Account) -> Self {
        let (mut lists, mut texts) = (Table::default(), Table::default());
        let Account { tasks, cycles, servers, group_changes, creations, posture, .. } = account;
        let on_all = servers.list().targets();
        let tasks = tasks.iter().map(|task| SavedTask::of(task, on_all, &mut lists, &mut texts)).collect();
        Self {
            tasks,
            lists: lists.all,
            texts: texts.all,
            cycles: cycles.clone(),
            pending: account.pending().to_vec(),
            servers: servers.clone(),
            groups: group_changes.clone(),
            exports: Vec::new(),
            creations: *creations,
            posture: Changes::clone(posture),
            unsettled: account.unsettled().to_vec(),
        }
    }

    /// The account, with its list of servers, or what is wrong with it.
    pub fn into_account(self, list: Arc<ServerList>) -> Result<Account, String> {
        let Self {
            mut lists,
            texts,
            tasks,
            cycles,
            mut pending,
            mut servers,
            groups,
            exports,
            creations,
            posture,
            unsettled,
        } = self;
        if !servers.set_list(list) {
            return Err("it has a changed server that is not in its list of servers".to_owned());
        }
        if !groups.fits(servers.len()) {
            return Err(
                "it has too many groups, or moved a server that is not in its list of servers".to_owned()
            );
        }
        let on_all = servers.list().targets().cloned();
        for list in lists.iter_mut().filter(|list| on_all.as_ref() == Some(*list)) {
            *list = on_all.clone().unwrap_or_default();
        }
        let tables = Tables { lists, texts, on_all };
        let mut account = Account::default();
        (account.servers, account.creations) = (servers, creations);
        (account.group_changes, account.posture) = (groups, posture.into());
        let mut numbers = HashSet::new();
        let mut former: VecDeque<Task> = exports.into_iter().map(FormerExport::into_task).collect();
        let mut add = |account: &mut Account, task: Task| {
            if account.tasks.get(task.id).is_some() {
                return Err(format!("two tasks have the id {}", task.id));
            }
            if let Some(number) = task.own_number().filter(|number| !numbers.insert(*number)) {
                return Err(format!("two tasks have the number {number}"));
            }
            account.tasks.add(task, Timestamp::MIN, usize::MAX);
            Ok(())
        };
        for task in tasks {
            let task = task.into_task(&tables, &mut account)?;
            // In the order of their starts.
            while former.front().is_some_and(|export| export.born <= task.born) {
                former.pop_front().into_iter().try_for_each(|export| add(&mut account, export))?;
            }
            add(&mut account, task)?;
        }
        former.into_iter().try_for_each(|export| add(&mut account, export))?;
        let texts: HashSet<Arc<str>> = tables.texts.into_iter().collect();
        let shared = |param: Arc<str>| texts.get(&*param).cloned().unwrap_or(param);
        account.cycles =
            cycles.into_iter().map(|cycle| CycleTask { param: shared(cycle.param), ..cycle }).collect();
        for task in unsettled {
            account.add_unsettled(task);
        }
        // An edited snapshot may have them in any order.
        pending.sort_by_key(|task| task.due);
        for task in pending {
            account.add_pending(task);
        }
        Ok(account)
    }
}

/// What tasks of a snapshot may refer to.
struct Tables {
    lists: Vec<Targets>,
    texts: Vec<Arc<str>>,
    /// Of a task on all servers of its account, where they do not depend on the time.
    on_all: Option<Targets>,
}

impl Tables {
    fn text(&self, place: usize) -> Result<Arc<str>, String> {
        let text = self.texts.get(place).cloned();
        text.ok_or_else(|| format!("a task has the text {place}, but there are {} texts", self.texts.len()))
    }

    fn targets(&self, list: Option<usize>, on_all: bool, own: Targets) -> Result<Targets, String> {
        match (list, &self.on_all) {
            (Some(place), _) => self.lists.get(place).cloned().ok_or_else(|| {
                format!("a task has the list {place}, but there are {} lists", self.lists.len())
            }),
            (None, Some(all)) if on_all || own == *all => Ok(all.clone()),
            (None, None) if on_all => {
                Err("a task is on all servers of a list in which an agent is being installed".to_owned())
            }
            (None, _) => Ok(own),
        }
    }
}

impl SavedTask {
    fn of(
        task: &Task,
        all: Option<&Targets>,
        lists: &mut Table<Targets>,
        texts: &mut Table<Arc<str>>,
    ) -> Self {
        let Task { id, label, param, born, plan, targets, looks, rare } = task.clone();
        let Label { task_type, name, source } = Arc::unwrap_or_clone(label);
        let Rare { number, ended, overrides } = rare.map_or_else(Rare::default, |rare| *rare);
        let on_all = all.is_some_and(|all| targets.is_same(all));
        let list = targets.address().filter(|_| !on_all).map(|address| lists.place(&targets, address));
        let text = param.map(|param| texts.place(&param, Arc::as_ptr(&param).addr()));
        let (param, targets) = (None, Targets::default());
        Self {
            id,
            number,
            task_type,
            name,
            source,
            param,
            text,
            born,
            plan,
            targets,
            list,
            on_all,
            looks,
            ended,
            overrides,
        }
    }

    /// Equal lists and texts of neighbours become one, as when the tasks were created; the next task shares them too.
    fn into_task(self, tables: &Tables, account: &mut Account) -> Result<Task, String> {
        let Self { id, number, task_type, name, source, born, plan, looks, ended, overrides, .. } = self;
        let mut targets = tables.targets(self.list, self.on_all, self.targets)?;
        if targets == *account.last_targets() {
            targets = account.last_targets().clone();
        } else if !targets.is_empty() && tables.on_all.as_ref().is_none_or(|all| !targets.is_same(all)) {
            account.set_last_targets(targets.clone());
        }
        let param = self.text.map(|place| tables.text(place)).transpose()?.or(self.param);
        let param = param.map(|param| account.share_param(param));
        let label = Arc::new(Label { task_type, name, source });
        let rare = Rare { number, ended, overrides }.boxed();
        Ok(Task { id, label, param, born, plan, targets, looks, rare })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Ending;
    use crate::domain::state::ScanResult;
    use crate::domain::{Lifecycle, NewTask, Override, Target, TargetKind, at};

    /// A task that runs for ten seconds.
    fn task(id: u128, born: i64) -> Task {
        let plan = Plan::timed(0, 10, 4, Ending::Success(ScanResult::Success));
        Task::new(TaskId::new(id << 100), TaskType::new("IMAGE_SCAN"), at(born), plan)
    }

    fn read(text: &str) -> Result<Account, String> {
        serde_json::from_str::<SavedAccount>(text).unwrap().into_account(Arc::default())
    }

    /// A snapshot of an earlier version must stay readable, so these names are fixed.
    #[test]
    fn the_serialised_form_of_an_account_never_changes() {
        let plan = Lifecycle::default().plan(Some(10), |span| span.min);
        let mut task = Task::new(TaskId::new(5), TaskType::new("IMAGE_SCAN"), at(0), plan);
        task.override_at(at(3), Override::Stall(Some(40))).unwrap();
        task.override_at(at(4), Override::Fail(None)).unwrap();
        let mut account = Account::default();
        account.tasks.add(task, at(4), 10);
        account.add_pending(PendingTask { due: at(9), task: NewTask::of("VUL_CHECK_TASK") });
        let text = serde_json::to_string(&SavedAccount::of(&account)).unwrap();
        insta::assert_snapshot!(text, @r#"{"tasks":[{"id":"00000000000000000000000000000005","task_type":"IMAGE_SCAN","source":"console","born":"1970-01-01T00:00:00Z","plan":{"course":{"pace":{"time":{"queued":"PT2S","running":"PT8S"}},"targets":10,"curve":"linear","ending":{"success":"SUCCESS"}}},"looks":0,"forced":{"at":"1970-01-01T00:00:04Z","state":{"status":"FAIL","progress":40,"finish_count":4,"total_count":10,"result":"SUCCESS"},"earlier":{"at":"1970-01-01T00:00:03Z","state":{"status":"START","progress":40,"finish_count":4,"total_count":10,"result":"SUCCESS"}}}}],"cycles":[],"orders":[{"due":"1970-01-01T00:00:09Z","birth":{"task_type":"VUL_CHECK_TASK","name":"VUL_CHECK_TASK","source":"openapi","param":null,"targets":[]}}]}"#);
        assert_eq!(read(&text).unwrap(), account);
        let first = text.replace(r#""looks""#, r#""targets":[],"looks""#);
        assert_eq!(read(&first).unwrap(), account, "as version 1 writes it");
    }

    #[test]
    fn what_tasks_share_is_written_once_and_shared_again() {
        let list =
            |id: &str| Targets::new(vec![Target { id: id.into(), kind: TargetKind::Server, fails: false }]);
        let (one, two) = (list("one"), list("two"));
        let mut account = Account::default();
        for (id, targets, param) in [
            (1, &one, "a"),
            (2, &two, "b"),
            (3, &one, "b"),
            (4, &Targets::default(), "a"),
            (5, &list("one"), "a"),
        ] {
            let task = Task { targets: targets.clone(), param: Some(param.into()), ..task(id, 1) };
            account.tasks.add(task, at(1), 100);
        }
        let saved = SavedAccount::of(&account);
        assert_eq!((saved.lists.len(), saved.texts.len()), (2, 2));
        let again = saved.into_account(Arc::default()).unwrap();
        assert!(again.tasks == account.tasks);
        let tasks: Vec<&Task> = again.tasks.iter().collect();
        assert!(tasks[0].targets.is_same(&tasks[2].targets) && tasks[0].targets.is_same(&tasks[4].targets));
        assert!(again.last_targets().is_same(&tasks[4].targets));
        let is_same = |one: usize, two: usize| {
            Arc::ptr_eq(tasks[one].param.as_ref().unwrap(), tasks[two].param.as_ref().unwrap())
        };
        assert!(is_same(0, 3) && is_same(3, 4) && is_same(1, 2));
    }

    #[test]
    fn tasks_survive_and_no_two_have_one_id() {
        let mut account = Account::default();
        for second in 1..=30_u8 {
            account.tasks.add(task(second.into(), second.into()), at(second.into()), 10);
        }
        let text = serde_json::to_string(&SavedAccount::of(&account)).unwrap();
        let again = read(&text).unwrap();
        assert!(again.tasks == account.tasks && again.tasks.len() == 10);
        let id = |second: u128| TaskId::new(second << 100).to_string();
        let error = read(&text.replace(&id(30), &id(29))).unwrap_err();
        assert_eq!(error, format!("two tasks have the id {}", id(29)));
    }
}
