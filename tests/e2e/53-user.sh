#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl for an ordinary user: their own crashes are listed, extracted and debugged; of others' there is a
# name and nothing else. Access=root and file systems without access control lists are told.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need setpriv gdb jq zstd strace
program owned owned.c -static || fail "owned.c does not build"
USER_ID=1000
OTHER_ID=1001
as() { # UID COMMAND...
    local uid=$1
    shift
    setpriv --reuid="$uid" --regid="$uid" --clear-groups env HOME=/ TMPDIR="$T/tmp" "$@"
}
mkdir -m 1777 "$T/tmp"
install -m 755 "$PROGRAMS/owned" "$T/owned"
install -m 755 "$DUMPCTL" "$T/dumpctl" # the tree may be out of a user's reach

# crash_as UID STORE: the name of its dump.
crash_as() {
    local before
    before=$(dump_count "$2")
    crash_direct "$2.conf" setpriv --reuid="$1" --regid="$1" --clear-groups env "$T/owned"
    wait_dumps "$2" $((before + 1))
}
store=$T/store
dump_config "$store.conf" mini "$store"
crash_as $USER_ID "$store"
own=$(only_dump "$store")
crash_as $OTHER_ID "$store"
crash_as 0 "$store"
own_id=$(field "$own" id)

as $USER_ID "$T/dumpctl" list --config="$store.conf" --json >"$T/list" 2>"$T/err" || fail "list: $(cat "$T/err")"
equal "own" "$(jq -c "map(select(.id == \"$own_id\") | [.state, .uid, .access])" "$T/list")" "[[\"present\",$USER_ID,\"owner\"]]"
equal "others'" "$(jq -c 'map(select(.state == "inaccessible")) | length' "$T/list")" 2
equal "all" "$(jq length "$T/list")" 3
# What the name of a file says, and not a word more.
equal "facts of others'" "$(jq -c 'map(select(.state == "inaccessible") | keys) | add | unique' "$T/list")" \
    '["file","size","state","timestamp"]'
as $USER_ID "$T/dumpctl" list --config="$store.conf" >"$T/text" || fail "list as a table"
equal "lines" "$(wc -l <"$T/text")" 4
has "$T/text" "^$own_id "
equal "inaccessible" "$(grep -c inaccessible "$T/text")" 2
as $OTHER_ID "$T/dumpctl" list --config="$store.conf" --json >"$T/list"
equal "the other's view" "$(jq -c 'map(.state) | sort' "$T/list")" '["inaccessible","inaccessible","present"]'

as $USER_ID "$T/dumpctl" info --config="$store.conf" "$own_id" >"$T/info" || fail "info"
has "$T/info" '^ *Readable by: root and its user$'
has "$T/info" "^ *User: $USER_ID"
"$DUMPCTL" info --config="$store.conf" COREDUMP_UID=0 >"$T/info"
has "$T/info" "^ *Readable by: root alone: the process was root's$"

as $USER_ID "$T/dumpctl" extract --config="$store.conf" "$own_id" >"$T/own.core" 2>"$T/err" ||
    fail "extract: $(cat "$T/err")"
equal "the core" "$(head -c 4 "$T/own.core" | od -An -c | tr -d ' ')" '177ELF'
as $USER_ID "$T/dumpctl" debug --config="$store.conf" -A '-nx -batch -ex "print (char *)secret"' "$own_id" \
    >"$T/gdb" 2>&1 </dev/null || fail "debug: $(tail -3 "$T/gdb")"
has "$T/gdb" '"a secret of whoever this is"'
equal "left behind by debug" "$(find "$T/tmp" -mindepth 1)" ""

# Another's: no, and the way out is told.
for file in "$store"/*.zst; do
    [[ $file != "$own" ]] || continue
    id=$(field "$file" id)
    as $USER_ID "$T/dumpctl" extract --config="$store.conf" "$id" -o "$T/tmp/x" >"$T/out" 2>&1 &&
        fail "another's dump was extracted"
    [[ ! -e $T/tmp/x ]] || fail "an output of another's dump"
done
as $USER_ID "$T/dumpctl" extract --config="$store.conf" -n1 2>/dev/null && fail "extract knows -n"
# What was not looked at is not whole.
rc=0
as $USER_ID "$T/dumpctl" verify -D "$store" >"$T/out" 2>"$T/err" || rc=$?
equal "verify" "$rc $(tail -1 "$T/out")" "1 verify: 1 dumps, 1 whole, 0 cut, 0 damaged, 2 cannot be read"
equal "verify: those" "$(grep -c 'this user may not read it; run as root' "$T/err")" 2
as $USER_ID "$T/dumpctl" verify -D "$store" "$own_id" >"$T/out" || fail "verify of one's own: $(cat "$T/out")"
rc=0
as $USER_ID "$T/dumpctl" disk-usage -D "$store" --json >"$T/out" 2>"$T/err" || rc=$?
equal "disk-usage" "$rc $(jq .dumps "$T/out")" "1 1"
has "$T/err" '2 files cannot be read and do not count; run as root$'
rc=0
as $USER_ID "$T/dumpctl" vacuum -D "$store" --dry-run --max-use=0 >"$T/out" 2>"$T/err" || rc=$?
equal "vacuum" "$rc $(tail -1 "$T/out" | cut -d, -f1)" "1 vacuum: 1 dumps would be removed"
has "$T/err" '2 files cannot be read and do not count; run as root$'
# The newest in the store is root's: without a match, that is what is meant.
as $USER_ID "$T/dumpctl" extract --config="$store.conf" -o "$T/tmp/x" >"$T/out" 2>&1 && fail "root's was extracted"
has "$T/out" 'run as root|not readable|Permission denied'
# A user makes nothing in the store.
as $USER_ID bash -c ': >"$1/x"' - "$store" 2>/dev/null && fail "a user wrote into the store"
as $USER_ID mv "$own" "$own.moved" 2>/dev/null && fail "a user renamed a dump"

# A store that users may not look into: nothing to see, and that is said.
chmod 700 "$store"
as $USER_ID "$T/dumpctl" list --config="$store.conf" >"$T/out" 2>&1 && fail "list of a closed store"
has "$T/out" 'Permission denied.*run as root'
crash_as $USER_ID "$store"
equal "a strict mode stays" "$(stat -c %a "$store")" 700
chmod 755 "$store"

# Access=root, for all and for one executable.
printf '[Executable "*/owned"]\nAccess=root\n' >>"$store.conf"
crash_as $USER_ID "$store"
as $USER_ID cat "$store"/*.zst >/dev/null 2>&1 && fail "all of it is readable"
newest=$(ls -t "$store"/*.zst | head -1)
equal "Access=root" "$(stat -c %a "$newest") $(field "$newest" access) $(field "$newest" access_reason)" \
    "600 root Access=root is configured"

# The new dump of refilter is its maker's, and does not say what was true of the old one.
"$DUMPCTL" refilter "$own" "$T/small.zst" --type stacks >/dev/null || fail "refilter"
equal "refilter" "$(stat -c %a "$T/small.zst") $(field "$T/small.zst" access)" "600 null"

# A file system without lists, which is what fsetxattr(2) says: root's alone.
dump_config "$T/plain.conf" mini "$T/plain"
printf '#!/bin/sh\nexec strace -f -qq -o %s -e trace=fsetxattr -e inject=fsetxattr:error=EOPNOTSUPP %s --config=%s "$@"\n' \
    "$T/trace" "$DUMPD" "$T/plain.conf" >"$T/h"
chmod 755 "$T/h"
with_pattern "|$T/h $LONG_FORM" setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups env "$T/owned" \
    >"$T/direct.out" 2>&1 || true
wait_dumps "$T/plain" 1
dump=$(only_dump "$T/plain")
has "$T/trace" 'system.posix_acl_access.*EOPNOTSUPP.*INJECTED'
equal "without lists" "$(field "$dump" verified) $(stat -c %a "$dump") $(field "$dump" access)" "1 600 root"
has <(field "$dump" access_reason) 'no access control lists'
