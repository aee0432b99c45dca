"""prowler, provider alibabacloud: it makes its hosts from the region and can be pointed nowhere."""

import csv

from emulator import Case

CHECKS = ("prowler", "alibabacloud", "--service", "securitycenter", "--no-banner", "--no-color", "--ignore-exit-code-3",
          "--output-formats", "csv", "--output-directory", "out")


class Prowler(Case):
    scenario = "{version: 1, name: prowler, unmodelled: shape, allow_shapes: true}"

    def test_all_its_calls_are_answered(self):
        printed, code = self.run_program(*CHECKS)
        self.assertEqual(0, code, printed)
        self.assertEqual({
            "GetCallerIdentity": "modelled",
            "GetAccountAlias": "modelled",
            "DescribeCloudCenterInstances": "modelled",
            "DescribeVersionConfig": "modelled",
            "DescribeVulList": "shape",
            "ListUninstallAegisMachines": "shape",
            "DescribeNoticeConfig": "shape",
            "DescribeVulConfig": "shape",
            "DescribeConcernNecessity": "shape",
        }, self.fidelities())
        self.assertNotIn("ERROR", printed)
        [report] = self.folder.glob("out/*.csv")
        findings = list(csv.DictReader(report.read_text().splitlines(), delimiter=";"))
        self.assertEqual({"securitycenter"}, {finding["SERVICE_NAME"] for finding in findings})
