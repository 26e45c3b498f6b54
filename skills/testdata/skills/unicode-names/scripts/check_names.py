#!/usr/bin/env python3
# SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
# SPDX-License-Identifier: Apache-2.0
"""Report file names under a folder that may not survive a move to another system."""

import os
import re
import sys
import unicodedata

DEVICE = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?", re.IGNORECASE)
FORBIDDEN = set('<>:"\\|?*')


def fold(path):
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def rules(name):
    """Yield the rules that one path segment breaks."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        yield "not-utf-8"
        return
    if any(unicodedata.category(char) == "Cc" for char in name):
        yield "control"
    if not unicodedata.is_normalized("NFC", name):
        yield "not-nfc"
    if " " in name:
        yield "space"
    if FORBIDDEN & set(name) or name[-1] in " ." or DEVICE.fullmatch(name):
        yield "windows"


def main():
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        print("usage: check_names.py FOLDER", file=sys.stderr)
        return 2
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    root, seen, found = sys.argv[1], {}, 0
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(folders + files):
            path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
            broken = list(rules(name))
            if len(os.fsencode(path)) > 100:
                broken.append("long-path")
            key = fold(path)
            if key in seen:
                broken.append(f"same-after-folding ({seen[key]!a})")
            seen.setdefault(key, path)
            for rule in broken:
                print(f"{rule}: {path!r}")
            found += len(broken)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
