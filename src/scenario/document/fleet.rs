//! The servers of every account: those of `assets:`, then others up to the number that `world:` says.

use std::collections::HashSet;

use super::assets::Assets;
use super::posture::PostureKeys;
use super::values::{GroupName, Shares};
use crate::dice::Dice;
use crate::domain::Server;
use crate::domain::asset::{Agent, Edition};
use crate::posture::{Order, Spread};
use crate::text::share::Share;

/// The servers of every account, and the names of their groups.
pub(super) struct ScenarioFleet {
    pub(super) servers: Vec<Server>,
    pub(super) groups: Vec<String>,
}

impl ScenarioFleet {
    pub(super) fn new(listed: Option<Assets>, world: &PostureKeys) -> Self {
        let mut groups = GroupNames(Vec::new());
        let in_groups = parts_of(world.groups.as_ref(), |GroupName(name)| groups.id(name.clone()));
        let edition = world.edition.unwrap_or(Edition::Enterprise);
        // Without either, some servers.
        let usual = if listed.is_some() { 0 } else { Server::defaults().len() };
        let most = world.servers.map_or(usual, Into::into);
        let mut servers = listed.map_or_else(Vec::new, |list| list.servers(edition, |name| groups.id(name)));
        let first = servers.len();
        let mut added = unlisted(&servers, most.saturating_sub(first));
        for server in &mut added {
            server.edition = edition;
        }
        let len = added.len();
        let mut each = |shares: &[Share], name: &str, set: &mut dyn FnMut(&mut Server, usize)| {
            for (part, spread) in parts(len, shares, name).into_iter().enumerate() {
                spread.ranks().for_each(|place| set(&mut added[place as usize], part));
            }
        };
        let one = |share: Option<Share>| [share.unwrap_or_default()];
        each(&one(world.windows), "windows", &mut |server, _| "windows".clone_into(&mut server.os));
        each(&one(world.uninstalled), "uninstalled", &mut |server, _| server.agent = Agent::Missing);
        let (editions, shares) = parts_of(world.editions.as_ref(), |edition| *edition);
        each(&shares, "editions", &mut |server, part| server.edition = editions[part]);
        let (regions, shares) = parts_of(world.regions.as_ref(), String::clone);
        each(&shares, "regions", &mut |server, part| server.region.clone_from(&regions[part]));
        let (ids, shares) = in_groups;
        each(&shares, "groups", &mut |server, part| server.group = ids[part]);
        // Only a server that has an agent can be offline for another reason than that it has none.
        let mut with_agent: Vec<&mut Server> =
            added.iter_mut().filter(|server| server.agent == Agent::Installed).collect();
        for spread in parts(with_agent.len(), &one(world.offline), "offline") {
            spread.ranks().for_each(|place| with_agent[place as usize].online = false);
        }
        servers.append(&mut added);
        Self { servers, groups: groups.0 }
    }
}

/// So many invented servers, in the order of their numbers, none with an id of the others.
fn unlisted(listed: &[Server], count: usize) -> Vec<Server> {
    let taken: HashSet<&str> =
        listed.iter().flat_map(|server| [&*server.uuid, &*server.instance_id]).collect();
    let first = u32::try_from(listed.len()).unwrap_or(u32::MAX).saturating_add(1);
    let is_free = |server: &Server| !taken.contains(&*server.uuid) && !taken.contains(&*server.instance_id);
    (first..).map(Server::synthetic).filter(is_free).take(count).collect()
}

fn parts_of<K, V>(shares: Option<&Shares<K>>, value: impl FnMut(&K) -> V) -> (Vec<V>, Vec<Share>) {
    let Some(Shares(shares)) = shares else { return (Vec::new(), Vec::new()) };
    (shares.keys().map(value).collect(), shares.values().copied().collect())
}

/// Which of so many servers are in which part. It follows from the place of a server: the list is the same for every seed.
fn parts(len: usize, shares: &[Share], name: &str) -> Vec<Spread> {
    let mut stream = Dice::new(0, "servers").of_world().stream(name);
    let order = Order::new(len, |end| stream.below(end));
    order.parts(shares.iter().map(|share| share.of(len)))
}

/// The names of groups, in the order of their ids.
struct GroupNames(Vec<String>);

impl GroupNames {
    /// The id of a name, which is added if it is new.
    fn id(&mut self, name: String) -> i64 {
        if name == Server::GROUP_NAME {
            return Server::GROUP;
        }
        let known = self.0.iter().position(|known| *known == name);
        let place = known.unwrap_or_else(|| {
            self.0.push(name);
            self.0.len() - 1
        });
        Server::group_id(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(world: &str, assets: Option<&str>) -> ScenarioFleet {
        let listed = assets.map(|list| serde_json::from_str(list).unwrap());
        ScenarioFleet::new(listed, &serde_json::from_str(world).unwrap())
    }

    fn count(fleet: &ScenarioFleet, wanted: impl Fn(&Server) -> bool) -> usize {
        fleet.servers.iter().filter(|server| wanted(server)).count()
    }

    #[test]
    fn a_world_that_says_nothing_changes_nothing() {
        assert_eq!(fleet("{}", None).servers, Server::defaults());
        assert!(fleet("{}", Some("[]")).servers.is_empty());
        assert_eq!(fleet(r#"{"servers":0}"#, None).servers, []);
    }

    #[test]
    fn shares_are_exact_and_do_not_go_together() {
        let fleet = fleet(
            r#"{"servers":10000,"windows":"20%","offline":"10%","uninstalled":"5%","edition":"advanced",
            "editions":{"free":"50%"},"regions":{"cn-beijing":0.25,"cn-shanghai":"25%"},"groups":{"web":"40%","db":"20%"}}"#,
            None,
        );
        let (web, windows) = (Server::group_id(1), |server: &Server| server.os == "windows");
        assert_eq!(fleet.groups, ["db", "web"]);
        assert_eq!(count(&fleet, windows), 2_000);
        assert_eq!(count(&fleet, |server| server.agent == Agent::Missing), 500);
        assert_eq!(count(&fleet, |server| !server.online), 950);
        assert_eq!(count(&fleet, |server| !server.online && server.agent == Agent::Missing), 0);
        assert_eq!(count(&fleet, |server| server.edition == Edition::Free), 5_000);
        assert_eq!(count(&fleet, |server| server.edition == Edition::Advanced), 5_000);
        assert_eq!(count(&fleet, |server| server.region == "cn-hangzhou"), 5_000);
        assert_eq!(count(&fleet, |server| server.group == web), 4_000);
        assert_eq!(count(&fleet, |server| server.group == Server::GROUP), 4_000);
        let both = count(&fleet, |server| windows(server) && server.group == web);
        assert!((700..900).contains(&both), "of 800 that are expected: {both}");
        let ids: HashSet<_> = fleet.servers.iter().map(|server| &server.internet_ip).collect();
        assert_eq!(ids.len(), 10_000);
    }

    #[test]
    fn listed_servers_come_first_and_keep_what_they_say() {
        let assets =
            r#"[{"name":"a","group":"z"},{"uuid":"00000000-0000-4000-8000-000000000004","edition":"free"}]"#;
        let fleet = fleet(r#"{"servers":4,"windows":1,"edition":"ultimate","groups":{"b":1}}"#, Some(assets));
        let shown: Vec<_> =
            fleet.servers.iter().map(|it| (&*it.name, &*it.os, it.edition, it.group)).collect();
        assert_eq!(fleet.groups, ["b", "z"]);
        assert_eq!(
            shown,
            [
                ("a", "linux", Edition::Ultimate, 3),
                ("server-2", "linux", Edition::Free, 1),
                ("server-3", "windows", Edition::Ultimate, 2),
                // The id of the fourth is taken.
                ("server-5", "windows", Edition::Ultimate, 2),
            ]
        );
    }
}
