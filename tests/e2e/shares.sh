# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For tests of what one user's crashes may take: slots, and records by process id. The configuration is $T/c.

status() {
    { "$DUMPCTL" status --json --config="$T/c" || true; } | jq -r "$1"
}
# entry FILTER: of the crash of process $pid
entry() {
    journal_entries "COREDUMP_PID=$pid" | jq -r "$1"
}
has_entry() {
    [[ $(entry .DUMPD_OUTCOME) ]]
}
