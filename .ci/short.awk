# SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
# SPDX-License-Identifier: Apache-2.0

# Shortens the output of go test -v: the results of packages, what failing tests
# said, all that belongs to no test, such as errors of the compiler, and all
# after a panic. In the end each reason for skipping comes once, with the tests.

/^=== (RUN|NAME|CONT|PAUSE) / && !all {
  current = $3
  next
}
/^panic: |^fatal error: |^WARNING: DATA RACE/ { all = 1 }
/^ *--- (PASS|FAIL|SKIP): / && !all {
  count[$2]++
  if ($2 == "FAIL:") printf "%s\n%s", $0, said[$3]
  if ($2 == "SKIP:") {
    reason = said[$3]
    sub(/^ *[^ ]+: /, "", reason) # file and line
    skipped[reason] = skipped[reason] "  " $3 "\n"
  }
  delete said[$3]
  current = ""
  next
}
/^(ok|FAIL|\?)[ \t]/ {
  note = ""
  if ($1 == "ok" && count["PASS:"]) note = ", " count["PASS:"] " passed"
  if ($1 == "ok" && count["SKIP:"]) note = note ", " count["SKIP:"] " skipped"
  split("", count)
  current = ""
  all = 0
  print $0 note
  fflush()
  next
}
/^PASS$|^testing: warning: no tests to run$/ { next }
all || current == "" { print; next }
{ said[current] = said[current] $0 "\n" }
END {
  for (name in said) printf "unfinished: %s\n%s", name, said[name]
  for (reason in skipped) printf "skipped: %s%s", reason, skipped[reason]
}
