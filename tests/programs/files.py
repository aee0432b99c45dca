"""alibabacloud-filedetect: it takes an endpoint, speaks HTTPS to it, and polls until a file is judged."""

from emulator import Case

DETECT = """
from alibabacloud_filedetect.OpenAPIDetector import OpenAPIDetector

detector = OpenAPIDetector.get_instance()
print(detector.init("test", "test", endpoint="tds.cn-shanghai.aliyuncs.com"))
found = detector.detectSync("sample", 20_000)
detector.uninit()
print(found.isSucc(), found.result, found.score, found.error_string)
"""


class FileDetect(Case):
    # The service does not know the file yet; once it does, it judges it at the second poll, and finds nothing.
    scenario = """
version: 1
name: filedetect
unmodelled: shape
allow_shapes: true
answers:
  - match: {action: CreateFileDetectUploadUrl}
    reply: {UploadUrlList: [{HashKey: "{{params.HashKeyContextList.1.HashKey}}", FileExist: true, Context: {OssKey: key}}]}
  - match: {action: GetFileDetectResult}
    sequence:
      - error: {status: 400, code: GetResultFail, message: There is no result.}
      - reply: {ResultList: [{Result: 3, HashKey: "{{params.HashKeyList.1}}"}]}
      - reply: {ResultList: [{Result: 0, Score: 0, HashKey: "{{params.HashKeyList.1}}"}]}
"""

    def test_a_file_is_judged(self):
        (self.folder / "sample").write_text("harmless")
        printed, code = self.run_program("python", "-c", DETECT)
        self.assertEqual(0, code, printed)
        self.assertEqual(["ERR_CODE.ERR_SUCC", "True RESULT.RES_WHITE 0 None"], printed.splitlines()[-2:], printed)
        self.assertEqual({
            "CreateFileDetectUploadUrl": "scripted",
            "CreateFileDetect": "shape",
            "GetFileDetectResult": "scripted",
        }, self.fidelities())
