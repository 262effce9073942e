#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpd-hints(3) says what is: its example compiles and works, its tables are the header's, and no
# function is missing.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hints.sh"

need_root
need jq
page=$TOP/install/dumpd-hints.3
header=$HINTS/dumpd-hints.h

sed -n '/^\.\\" example.c$/,/^\.Ed$/p' "$page" | sed '1,2d;$d;s/\\e/\\/g' >"$T/example.c"
has "$T/example.c" 'int main'
has "$page" '^\.Dl cc -std=c11 -o example example\.c$'
"${CC:-cc}" -std=c11 "${HINT_FLAGS[@]}" -o "$T/example" "$T/example.c" || fail "the example does not compile"
head -c 32 /dev/urandom | "$T/example" || fail "the example exits with $?"

crash "$T/crash" full "$T/example" <<<"too short"
equal "status" "$CRASH_STATUS" 134
hintsof "$T/crash/kernel.core" >"$T/hints"
line=$(sed -n '/no key, in line/=' "$T/example.c")
cut -d' ' -f1,3- "$T/hints" >"$T/got"
printf '%s\n' "found unreadable 0 problem none" "keep 32768 0 log" "text 200 0 reason" \
    "secret 32 0 key" "says no key, in line $line" >"$T/want"
same_text "$T/got" "$T/want"

# Offsets and sizes.
sed -nE 's/^\.It ([0-9]+) Ta ([0-9]+) Ta .*/\1 \2/p' "$page" >"$T/page"
sed -nE 's/^ \* +([0-9]+) +([0-9]+)  [^ ].*/\1 \2/p' "$header" >"$T/header"
same_text "$T/page" "$T/header"
at=0
while read -r offset size; do
    ((offset != 0)) || at=0
    equal "offset" "$offset" $at
    ((at += size))
done <"$T/page"
equal "size of an entry" $at 64
for kind in 'KEEP 1' 'KEEP_POINTEE 2' 'DROP 3' 'SECRET 4' 'TEXT 5'; do
    read -r name number <<<"$kind"
    has "$header" "^#define DUMPD_HINT_$name[[:blank:]]+$number( |$)"
done
has "$page" 'kind: 1 keep, 2 keep pointee, 3 drop, 4 secret, 5 text$'

# Functions, but for the header's own, whose names end in an underscore.
grep -v '^#' "$header" | grep -oE '\bdumpd_[a-z_]*[a-z]\(' | tr -d '(' | sort -u >"$T/header"
sed -nE 's/^\.F[no] (dumpd_[a-z_]+).*/\1/p' "$page" | sort -u >"$T/page"
same_text "$T/page" "$T/header"
