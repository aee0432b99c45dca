"""Emulators that die, and emulators that are added."""

from case import ACCOUNTS, Case, homes, shown, start
from cluster import Balancer, authority
from harness import Emulator, until

SOME = ACCOUNTS[::2]


class Members(Case):
    def test_when_one_is_killed_only_its_accounts_begin_anew(self):
        balancer, replicas = self.cluster()
        ids = {account: start(balancer, account) for account in SOME}
        numbers = {account: shown(balancer, account) for account in SOME}
        before = homes(replicas)
        lost = {account for account, home in before.items() if home == 2}
        self.assertTrue(0 < len(lost) < len(SOME))
        replicas[1].kill()
        # At once, and without an error: a call waits until HAProxy knows of it.
        first = min(lost)
        self.assertIsNone(shown(balancer, first))
        until(lambda: balancer.control("GET", "ready").status == 503)
        self.assertIn("replica-2", balancer.control("GET", "ready").body.decode())
        self.assertEqual(balancer.control("GET", "health").status, 200)
        found = {account: shown(balancer, account) for account in SOME}
        self.assertEqual({account for account, number in found.items() if number is None}, lost)
        self.assertEqual({**numbers, **found}, {**numbers, **dict.fromkeys(lost)})
        # The others took them over, and with the same seed they draw the same.
        after = homes([replicas[0], replicas[2]])
        self.assertEqual({after[account] for account in lost}, {1, 2})
        self.assertEqual({account: start(balancer, account) for account in lost},
                         {account: ids[account] for account in lost})

    def test_when_one_is_added_accounts_move_to_it_alone(self):
        balancer, replicas = self.cluster()
        numbers = {}
        for account in SOME:
            start(balancer, account)
            numbers[account] = shown(balancer, account)
        before = homes(replicas)
        fourth = self.enterContext(Emulator("--scenario", self.scenario))
        with Balancer([authority(replica) for replica in [*replicas, fourth]]) as larger:
            found = {account: shown(larger, account) for account in SOME}
        after = homes([fourth])
        self.assertTrue(0 < len(after) < len(SOME) / 2, len(after))
        self.assertEqual(found, {account: None if account in after else numbers[account] for account in SOME})
        self.assertEqual(before, homes(replicas), "the others stay where they were")

    def test_without_any_emulator_the_answer_is_an_error_of_the_service(self):
        balancer, [replica] = self.cluster(1)
        replica.kill()
        until(lambda: balancer.control("GET", "ready").status == 503)
        answer = balancer.control("GET", "clock?account=me")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (503, "application/json;charset=utf-8"))
        self.assertIn(b'"Code":"ServiceUnavailable"', answer.body)
