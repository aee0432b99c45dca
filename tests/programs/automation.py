"""Three patterns of the vendor's published automation, written anew over its SDK: repair, alarms, exports of many accounts."""

import pathlib

from emulator import Case

PATTERNS = pathlib.Path(__file__).resolve().parent / "patterns"


class Automation(Case):
    # A minute of the service takes a second here.
    scenario = "{version: 1, name: automation, clock: {rate: 60}, world: {servers: 12, alarms: {count: 30}}}"

    def run_pattern(self, name, *arguments):
        printed, code = self.run_program("python", PATTERNS / f"{name}.py", *arguments)
        self.assertEqual(0, code, printed)
        self.assertEqual({"modelled"}, set(self.fidelities().values()), self.fidelities())
        return printed.splitlines()

    def test_repair(self):
        found, statuses, left = self.run_pattern("repair")
        count = int(found.removeprefix("found "))
        self.assertGreater(count, 0)
        self.assertEqual([f'statuses {{"7": {count}}}', "left 0"], [statuses, left])

    def test_alarms(self):
        found, ended, left = self.run_pattern("alarms")
        count = int(found.removeprefix("found "))
        self.assertGreater(count, 0)
        self.assertEqual([f'ended {{"Success": {count}}}', "left 0"], [ended, left])

    def test_export_of_accounts(self):
        accounts = ("one", "two", "three")
        self.assertEqual([f"{account} True True True" for account in accounts], self.run_pattern("export", *accounts))
