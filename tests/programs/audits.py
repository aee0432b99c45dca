"""prowler, provider alibabacloud: it makes its hosts from the region and can be pointed nowhere."""

import csv
import os
import pathlib
import re

from emulator import Case

EXPECTED = pathlib.Path(__file__).resolve().parent / "expected"
# Those that read what Security Center says; the last two ask ECS for the servers.
CHECKS = (
    "securitycenter_advanced_or_enterprise_edition", "securitycenter_all_assets_agent_installed",
    "securitycenter_notification_enabled_high_risk", "securitycenter_vulnerability_scan_enabled",
    "ecs_instance_endpoint_protection_installed", "ecs_instance_latest_os_patches_applied",
)
AUDIT = ("prowler", "alibabacloud", "--region", "cn-hangzhou", "--checks", *CHECKS, "--no-banner", "--no-color",
         "--log-level", "ERROR", "--output-formats", "csv", "--output-directory", "out")
# What prowler exits with if a check fails.
FINDINGS = 3


class Audit(Case):
    """An audit of one world; its findings are compared with a committed file, which UPDATE_EXPECTED=1 writes."""

    def audit(self, expected_code):
        printed, code = self.run_program(*AUDIT)
        self.assertEqual(expected_code, code, printed)
        self.assertNotIn("ERROR", printed)
        self.assertEqual({"modelled"}, set(self.fidelities().values()), self.fidelities())
        [report] = self.folder.glob("out/*.csv")
        rows = csv.DictReader(report.read_text().splitlines(), delimiter=";")
        found = sorted(" ".join([row["STATUS"], row["CHECK_ID"], row["RESOURCE_UID"], row["STATUS_EXTENDED"]]) for row in rows)
        return [re.sub(r"\b\d{16}\b", "ACCOUNT", line) for line in found]

    def compare(self, name, found):
        file, text = EXPECTED / f"prowler-{name}.txt", "".join(f"{line}\n" for line in found)
        if "UPDATE_EXPECTED" in os.environ:
            EXPECTED.mkdir(exist_ok=True)
            file.write_text(text)
        self.assertEqual(file.read_text(), text)


class Vulnerable(Audit):
    scenario = "vulnerable"

    def test_findings(self):
        self.compare(self.scenario, self.audit(FINDINGS))


class Clean(Audit):
    scenario = "clean"

    def test_no_findings(self):
        found = self.audit(0)
        self.assertEqual([], [line for line in found if not line.startswith("PASS ")])
        self.compare(self.scenario, found)


class FreeEdition(Audit):
    scenario = "free-edition"

    def test_findings(self):
        self.compare(self.scenario, self.audit(FINDINGS))


class ManyServers(Audit):
    scenario = "{version: 1, name: many-servers, world: {servers: 101}}"

    def test_it_forgets_the_101st_server(self):
        """It reads TotalCount beside the list, but the answer has it in PageInfo: it never asks for the second page."""
        checked = [line for line in self.audit(FINDINGS) if "ecs_instance_endpoint_protection_installed" in line]
        self.assertEqual(100, len(checked))
        calls = [call for call in self.calls() if call["action"] == "DescribeCloudCenterInstances"]
        self.assertEqual(1, len(calls))
