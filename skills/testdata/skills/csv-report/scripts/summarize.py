#!/usr/bin/env python3
# SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
# SPDX-License-Identifier: Apache-2.0
"""Summarize a CSV file as Markdown or JSON, or check its shape."""

import argparse
import collections
import csv
import datetime
import json
import os
import re
import sys

MISSING = {"", "NA", "N/A", "null", "NULL", "-"}
BOOLEANS = {"true", "false", "yes", "no"}
INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+|0|[1-9][0-9]*)([eE][+-]?[0-9]+)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATETIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
DISTINCT_LIMIT = 100_000


def is_date(text):
    if not DATE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_datetime(text):
    match = DATETIME.fullmatch(text)
    if not match or not is_date(match[1]):
        return False
    hour, minute, *rest = match[2].split(":")
    second = float(rest[0]) if rest else 0
    return int(hour) < 24 and int(minute) < 60 and second < 61


TYPES = [
    ("boolean", lambda text: text.lower() in BOOLEANS),
    ("integer", INTEGER.fullmatch),
    ("number", NUMBER.fullmatch),
    ("date", is_date),
    ("datetime", is_datetime),
]


class Column:
    """What is known of one column after any number of values."""

    def __init__(self, name):
        self.name = name
        self.present = 0
        self.missing = 0
        self.types = list(TYPES)
        self.counts = collections.Counter()
        self.overflow = False
        self.number_total = 0.0
        self.number_min = None
        self.number_max = None
        self.text_min = None
        self.text_max = None

    def add(self, cell):
        text = cell.strip()
        if text in MISSING:
            self.missing += 1
            return
        self.present += 1
        self.types = [(name, fits) for name, fits in self.types if fits(text)]
        if text in self.counts or len(self.counts) < DISTINCT_LIMIT:
            self.counts[text] += 1
        else:
            self.overflow = True
        if NUMBER.fullmatch(text):
            value = float(text)
            self.number_total += value
            self.number_min = value if self.number_min is None else min(self.number_min, value)
            self.number_max = value if self.number_max is None else max(self.number_max, value)
        self.text_min = text if self.text_min is None else min(self.text_min, text)
        self.text_max = text if self.text_max is None else max(self.text_max, text)

    @property
    def type(self):
        if not self.present:
            return "empty"
        return self.types[0][0] if self.types else "text"

    def summary(self, top, values):
        result = {
            "name": self.name,
            "type": self.type,
            "present": self.present,
            "missing": self.missing,
            "distinct": len(self.counts),
            "distinct_is_lower_bound": self.overflow,
        }
        if values and self.type in ("integer", "number"):
            result["min"] = self.number_min
            result["max"] = self.number_max
            result["mean"] = self.number_total / self.present
        elif values and self.type in ("date", "datetime"):
            result["min"] = self.text_min
            result["max"] = self.text_max
        if values:
            ranked = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
            result["top"] = [{"value": value, "count": count} for value, count in ranked[:top]]
        return result


def open_rows(path, delimiter):
    """Return the open file and a strict reader on it, with the delimiter guessed from the head if not given."""
    stream = open(path, encoding="utf-8-sig", newline="")
    try:
        if delimiter is None:
            try:
                delimiter = csv.Sniffer().sniff(stream.read(64 * 1024), delimiters=",;\t|").delimiter
            except csv.Error:
                delimiter = ","
            stream.seek(0)
        return stream, csv.reader(stream, delimiter=delimiter)
    except BaseException:
        stream.close()
        raise


def check(path, delimiter):
    """Return a list of faults of the file's shape; empty if there are none."""
    with open(path, "rb") as raw:
        if any(b"\0" in block for block in iter(lambda: raw.read(1 << 20), b"")):
            return ["NUL bytes"]
    faults = []
    try:
        stream, rows = open_rows(path, delimiter)
        with stream:
            header = next(rows, None)
            if header is None:
                return ["empty file"]
            for number, name in enumerate(header, 1):
                if not name.strip():
                    faults.append(f"column {number} has no name")
            for name, count in collections.Counter(cell.strip() for cell in header).items():
                if name and count > 1:
                    faults.append(f'column name "{name}" occurs {count} times')
            for row in rows:
                if row and len(row) != len(header):
                    faults.append(f"line {rows.line_num}: {len(row)} fields, header has {len(header)}")
    except UnicodeDecodeError:
        faults.append("not UTF-8")
    return faults


def summarize(path, delimiter, top, values):
    stream, rows = open_rows(path, delimiter)
    with stream:
        header = next(rows, None)
        if header is None:
            raise ValueError("empty file")
        columns = [Column(name.strip()) for name in header]
        count = 0
        for row in rows:
            if not row:
                continue
            count += 1
            for index, column in enumerate(columns):
                column.add(row[index] if index < len(row) else "")
    return {"rows": count, "columns": [column.summary(top, values) for column in columns]}


def escape(text):
    return " ".join(str(text).split()).replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`")


def number(value):
    if not isinstance(value, float):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}"


def markdown(report, title):
    lines = [f"# {title}", "", f"Rows: {report['rows']}. Columns: {len(report['columns'])}.", ""]
    lines += ["| Column | Type | Missing | Distinct | Min | Max | Mean |", "|---|---|---:|---:|---|---|---:|"]
    for column in report["columns"]:
        share = f" ({100 * column['missing'] / report['rows']:.1f} %)" if column["missing"] else ""
        cells = [
            escape(column["name"]),
            column["type"],
            f"{column['missing']}{share}",
            ("≥ " if column["distinct_is_lower_bound"] else "") + str(column["distinct"]),
            escape(number(column.get("min", ""))),
            escape(number(column.get("max", ""))),
            number(column.get("mean", "")),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    for column in report["columns"]:
        if column.get("top") and column["top"][0]["count"] > 1:
            lines += ["", f"## {escape(column['name'])}", ""]
            lines += [f"- {escape(entry['value'])}: {entry['count']}" for entry in column["top"]]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--title", help="heading of the report (default: the file's name)")
    parser.add_argument("--delimiter", help="one character, or \\t (default: guessed)")
    parser.add_argument("--top", type=int, default=5, help="how many of the commonest values (default: 5)")
    parser.add_argument("--no-values", action="store_true", help="leave out every cell value")
    parser.add_argument("--json", action="store_true", help="write JSON instead of Markdown")
    parser.add_argument("--check", action="store_true", help="only check the shape; exit with 1 on faults")
    arguments = parser.parse_args()
    delimiter = "\t" if arguments.delimiter == "\\t" else arguments.delimiter
    if delimiter is not None and len(delimiter) != 1:
        parser.error("--delimiter takes exactly one character")
    sys.stdout.reconfigure(encoding="utf-8")
    csv.field_size_limit(1 << 27)
    try:
        if arguments.check:
            faults = check(arguments.file, delimiter)
            print("\n".join(faults) if faults else "ok")
            return 1 if faults else 0
        report = summarize(arguments.file, delimiter, arguments.top, not arguments.no_values)
    except (OSError, ValueError, csv.Error) as error:
        print(f"summarize.py: {arguments.file}: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        print(markdown(report, arguments.title or os.path.basename(arguments.file)), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
