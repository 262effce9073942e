#!/bin/bash
# SPDX-License-Identifier: MIT
# A program of which there is much to tell: megabytes of arguments, environment, mappings, open files and names. What
# the journal gets of it has bounds (CVE-2022-28654, CVE-2022-28656, CVE-2015-5287), and the dump is there.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need journalctl jq zstd
program mappings mappings.c || fail "mappings.c does not build"
journal_start

# An executable whose path is long, too.
deep=$T
for _ in {1..14}; do
    deep=$deep/$(printf 'd%.0s' {1..250})
    mkdir "$deep"
done
cp "$PROGRAMS/mappings" "$deep/mappings"
cat >"$T/run.py" <<'EOF2'
import os, resource, sys
program, cwd = sys.argv[1:]
os.chdir(cwd)
resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
resource.setrlimit(resource.RLIMIT_STACK, (64 << 20, resource.RLIM_INFINITY))
for i in range(5000):
    os.set_inheritable(os.open(program, os.O_RDONLY), True)
arguments = [program, "30000"] + ["a" * 120000] * 20
os.execve(program, arguments, {f"E{i}": "e" * 120000 for i in range(20)})
EOF2
dump_config "$T/c" mini "$T/s" StoreEnvironment=yes
crash_direct "$T/c" "$PYTHON" "$T/run.py" "$deep/mappings" "$deep"
wait_dumps "$T/s" 1
dump=$(only_dump "$T/s")
equal "outcome" "$(field "$dump" outcome)" complete

has_entry() {
    journal_entries MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 DUMPD_ID="$(field "$dump" id)" >"$T/entry"
    [[ -s $T/entry ]]
}
wait_for 20 has_entry || fail "no entry"
jq -r 'to_entries[] | select(.key | test("^_") | not) | "\(.key) \(.value | length)"' "$T/entry" | sort -k2n >"$T/sizes"
size_of() {
    awk -v name="$1" '$1 == name { print $2 }' "$T/sizes"
}
# What there was: 2.4 MB of arguments, of environment, of mappings, and 5,000 files.
equal "arguments" "$(size_of COREDUMP_CMDLINE)" 65536
equal "environment" "$(size_of COREDUMP_ENVIRON)" 262144
equal "mappings" "$(size_of COREDUMP_PROC_MAPS)" 1048576
equal "open files" "$(jq -r .COREDUMP_OPEN_FDS "$T/entry" | grep -cE '^[0-9]+:')" 256
equal "executable" "$(jq -r .COREDUMP_EXE "$T/entry")" "$deep/mappings"
all=$(awk '{ n += $2 } END { print n }' "$T/sizes")
((all < 3 << 20)) || fail "$all bytes in the journal: $(tail -n 3 "$T/sizes")"
echo "$all bytes in the journal"
