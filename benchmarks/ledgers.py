"""A million rows of a ledger: seconds of computing and memory, as CSV in GBK and as a workbook.

python benchmarks/ledgers.py [--rows 1000000]

Each file is read in a process of its own. Goals: CSV within 20 s and 600 MB, a workbook within 60 s
and 1.5 GB; figures in benchmarks/README.md. Run by hand; nothing fails because of a time.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

HEAD = ["编号", "名称", "功能", "经度", "纬度", "开放时间", "人数", "备注"]
READ = """
import resource, sys, time
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.study.params import Ledger
start = time.process_time()
points = read_points(sys.argv[1], Ledger(crs="wgs84"))
spent = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{len(points.frame):>9,} rows {spent:6.1f} CPU s {peak:6.0f} MB")
"""


def row(number: int) -> list[object]:
    """A row of an invented ledger."""
    return [
        f"N{number}", f"平江社区{number % 900}号", "阅读", 120.5 + number % 1000 / 5000,
        31.25 + number // 1000 / 6000, "周一至周五 9:00-17:00", number % 300, "",
    ]  # fmt: skip


def write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEAD)
        table.writerows(row(number) for number in range(rows))


def write_book(path: Path, rows: int) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        for number in range(rows):
            sheet.write_row(number + 1, 0, row(number))


def main() -> None:
    """Write both files, read them, print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with TemporaryDirectory() as folder:
        for name, write in (("ledger.csv", write_csv), ("ledger.xlsx", write_book)):
            path = Path(folder) / name
            write(path, rows)
            command = [sys.executable, "-c", READ, str(path)]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            print(f"{name:12} {path.stat().st_size / 1e6:5.0f} MB {said.strip()}", flush=True)


if __name__ == "__main__":
    main()
