"""Exports the vulnerabilities of several accounts, and reads the first sheet of the first file of each archive."""

import io
import sys
import zipfile

import openpyxl
import requests
from alibabacloud_sas20181203 import models

from service import client, poll


def export(sas):
    ordered = sas.export_vul(models.ExportVulRequest(type="cve", dealed="n")).body

    def ended():
        info = sas.describe_vul_export_info(models.DescribeVulExportInfoRequest(export_id=ordered.id)).body
        if info.export_status in ("failed", "error"):
            sys.exit(f"{ordered.file_name}: {info.export_status}")
        return info if info.export_status == "success" else None

    return poll(ended)


def rows(link):
    """Without the first one, which has the names of the columns."""
    answer = requests.get(link, timeout=30)
    answer.raise_for_status()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        first = archive.namelist()[0]
        book = openpyxl.load_workbook(io.BytesIO(archive.read(first)), read_only=True)
        return first, list(book.worksheets[0].iter_rows(min_row=2, values_only=True))


def main():
    for account in sys.argv[1:]:
        sas = client(account)
        info = export(sas)
        listed = sas.describe_vul_list(models.DescribeVulListRequest(type="cve", dealed="n", page_size=1)).body.total_count
        file, found = rows(info.link)
        print(account, file.endswith(".xlsx"), info.total_count == listed == len(found), len(set(found)) == len(found))


main()
