#!/bin/sh
# SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
# SPDX-License-Identifier: Apache-2.0
#
# check.sh FILE [DELIMITER]: print the faults of a CSV file, one a line.
# Exit status: 0 no faults, 1 faults, 2 the file can't be read.
set -eu

if [ "$#" -lt 1 ] || [ "$#" -gt 2 ]; then
	echo "usage: check.sh FILE [DELIMITER]" >&2
	exit 2
fi

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if [ "$#" -eq 2 ]; then
	exec python3 "$here/summarize.py" --check --delimiter "$2" -- "$1"
fi
exec python3 "$here/summarize.py" --check -- "$1"
