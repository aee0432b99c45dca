"""alibabacloud-filedetect: it takes an endpoint, speaks HTTPS to it, uploads a file, and polls until the file is judged."""

from emulator import Case

DETECT = """
from alibabacloud_filedetect.OpenAPIDetector import OpenAPIDetector

detector = OpenAPIDetector.get_instance()
print(detector.init("test", "test", endpoint="tds.cn-shanghai.aliyuncs.com"))
for name in ["clean", "eicar", "clean"]:
    found = detector.detectSync(name, 20_000)
    print(name, found.isSucc(), found.result, found.score, found.virus_type, found.error_string)
detector.uninit()
"""

# The EICAR test file, in two parts: this file itself must not be one.
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*"


class FileDetect(Case):
    scenario = "{version: 1, name: filedetect}"

    def test_files_are_uploaded_and_judged(self):
        (self.folder / "clean").write_text("harmless" * 100_000)
        (self.folder / "eicar").write_text(EICAR)
        printed, code = self.run_program("python", "-c", DETECT)
        self.assertEqual(0, code, printed)
        self.assertEqual([
            "ERR_CODE.ERR_SUCC",
            "clean True RESULT.RES_WHITE 0 None None",
            "eicar True RESULT.RES_BLACK 90 Engtest None",
            "clean True RESULT.RES_WHITE 0 None None",
        ], printed.splitlines()[-4:], printed)
        self.assertEqual({
            "CreateFileDetectUploadUrl": "modelled",
            "CreateFileDetect": "modelled",
            "GetFileDetectResult": "modelled",
        }, self.fidelities())
