"""Each account meets its own state, by whichever kind of call, and so does the control API."""

import collections

from case import ACCOUNTS, Case, callers, homes, shown, start
from cluster import CONFIGURATION
from signing import KINDS


class Accounts(Case):
    def meet_their_own_state(self, balancer, replicas):
        # Every second account starts a scan, by each kind of call in turn; then every account asks by every kind.
        kinds, ids = list(KINDS.values()), {}
        for number, account in enumerate(ACCOUNTS[::2]):
            ids[account] = start(balancer, account, kinds[number % 3])
        for account in ACCOUNTS:
            tasks = balancer.control("GET", f"tasks?account={account}").json()["tasks"]
            self.assertEqual([task["id"] for task in tasks], [ids[account]] if account in ids else [], account)
            number = tasks[0]["number"] if tasks else None
            found = {name: shown(balancer, account, kind) for name, kind in KINDS.items()}
            self.assertEqual(found, dict.fromkeys(KINDS, number), account)
        self.assertEqual(set(homes(replicas)), set(ACCOUNTS))
        self.assertEqual(len(set(ids.values())), len(ids))
        shares = [len(callers(replica)) for replica in replicas]
        self.assertGreater(min(shares), len(ACCOUNTS) / len(replicas) / 2, shares)
        return shares

    def test_each_meets_its_own_state_by_every_kind_of_call(self):
        shares = self.meet_their_own_state(*self.cluster())
        print(f"{len(ACCOUNTS)} accounts on 3 emulators: {shares}")

    def test_this_test_can_tell(self):
        """Without the hash, or without one of the three places of the AccessKeyId, it fails."""
        text = CONFIGURATION.read_text()
        wrong = [text.replace("balance hash var(txn.account)", "balance roundrobin")]
        lines = text.splitlines(keepends=True)
        for place in ("req.fhdr(authorization,1),", "url_param(AccessKeyId)", "req.body_param(AccessKeyId)"):
            wrong.append("".join(line for line in lines if f"set-var(txn.account) {place}" not in line.replace("'", "")))
        for number, changed in enumerate(wrong):
            with self.subTest(number):
                self.assertNotEqual(changed, text)
                balancer, replicas = self.cluster(text=changed)
                with self.assertRaises(AssertionError):
                    self.meet_their_own_state(balancer, replicas)

    def test_of_one_seed_an_account_draws_the_same_on_whichever_emulator(self):
        """Three emulators give an account the ids that two give it."""
        drawn = []
        for number in (2, 3):
            balancer, replicas = self.cluster(number)
            drawn.append({account: start(balancer, account) for account in ACCOUNTS[:30]})
            drawn.append(homes(replicas))
        self.assertEqual(drawn[0], drawn[2])
        moved = collections.Counter((drawn[1][account], drawn[3][account]) for account in ACCOUNTS[:30])
        self.assertGreater(moved[1, 3] + moved[2, 3], 0)
        self.assertEqual(moved[1, 2] + moved[2, 1], 0, "an account moves to the new emulator only")
