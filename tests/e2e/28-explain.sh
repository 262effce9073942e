#!/bin/bash
# SPDX-License-Identifier: MIT
# Sections by user and control group on real crashes, and what dumpctl config --explain says of
# an executable, of a crash that was, and of one that would get something else today.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need setpriv jq
tiny_program

crash "$T/plain" stacks "$PROGRAMS/tiny"
cgroup=$(field "$(only_dump "$T/plain/stacks")" cgroup)
[[ $cgroup == /* ]] || skip "no control group is known here"

# Lines of the one configuration, from line 4 on; two crashes are within every limit.
UNLIMITED=
CONFIG_LINES=("[User \"12345\"]" "Type=mini" "Budget=2M"
    "[Cgroup \"$cgroup\"]" "Budget=1M"
    "[Unit \"dumpd-test.service\"]" "Type=heap"
    "[Executable \"*/tiny\"]" "CompressionLevel=1"
    "[User \"0\"]" "MaxSize=1G")
crash "$T/root" stacks "$PROGRAMS/tiny"
equal "root's type" "$(field "$(only_dump "$T/root/stacks")" type)" stacks
crash "$T/user" stacks setpriv --reuid=12345 --regid=12345 --clear-groups \
    env DUMPD_TYPE=stacks "$PROGRAMS/tiny"
dump=$(only_dump "$T/user/stacks")
equal "the user's type" "$(field "$dump" type)" stacks
has <(field "$dump" reason) 'Type=stacks \(DUMPD_TYPE\): followed, Type=mini is configured' reason
conf=$T/user/stacks.conf
id=$(field "$dump" id)

# explain OUT ARGUMENT...: the JSON of it.
explain() {
    local out=$1
    shift
    "$DUMPCTL" config --explain --json --config="$conf" "$@" >"$out" || fail "config --explain $*"
}

# is FILE FILTER WANT
is() {
    equal "$2" "$(jq -r "$2" "$1")" "$3"
}

# The crash that was: its facts, what it got, and the same today.
explain "$T/json" "$id"
is "$T/json" .crash.id "$id"
is "$T/json" .crash.asked stacks
is "$T/json" .crash.type stacks
is "$T/json" .crash.outcome complete
is "$T/json" .crash.type_now stacks
is "$T/json" .crash.differs false
is "$T/json" .subject.uid 12345
is "$T/json" .subject.cgroup "$cgroup"
is "$T/json" .subject.exe "$PROGRAMS/tiny"
is "$T/json" .settings.Type.value mini
is "$T/json" .settings.Type.line 5
is "$T/json" .settings.Type.section User
is "$T/json" .settings.Type.name 12345
is "$T/json" .settings.Type.file "$conf"
is "$T/json" .settings.Budget.value 1M
is "$T/json" .settings.Budget.line 8
is "$T/json" .settings.MaxSize.section null
is "$T/json" '[.sections[] | "\(.section) \(.line) \(.matches)"] | join(", ")' \
    "User 4 true, Cgroup 7 true, Unit 9 false, Executable 11 true, User 13 false"
is "$T/json" '[.lines[] | "\(.line) \(.key) \(.result)"] | join(", ")' \
    "2 Type overridden, 3 Directory decides, 5 Type decides, 6 Budget overridden, 8 Budget decides, 10 Type does not match, 12 CompressionLevel decides, 14 MaxSize does not match"
is "$T/json" '.problems | length' 0

# For people.
"$DUMPCTL" config --explain --config="$conf" "$id" >"$T/text" 2>"$T/err" || fail "config --explain $id"
[[ ! -s $T/err ]] || fail "config --explain says: $(cat "$T/err")"
has "$T/text" "^ +ID: $id\$"
has "$T/text" '^ +User: 12345$'
has "$T/text" '^ +Asked for: stacks$'
has "$T/text" '^ +Type then: stacks$'
has "$T/text" '^ +Reason: the process asked for Type=stacks'
has "$T/text" '^ +Type now: stacks$'
has "$T/text" "^Budget +1M +$conf:8 \\[Cgroup \"$cgroup\"\\]\$"
has "$T/text" "^$conf:2 +\\[Dump\\] Type=stacks +overridden by $conf:5\$"
has "$T/text" "^$conf:5 +Type=mini +decides\$"
has "$T/text" "^$conf:9 +\\[Unit \"dumpd-test.service\"\\] +does not match\$"
no_control_bytes "$T/text"

# Another configuration today: the process may not ask any more.
printf '[Dump]\nAskTypes=no\n' >>"$conf"
explain "$T/json" "$id"
is "$T/json" .crash.type_now mini
is "$T/json" .crash.differs true
# the newest crash; the journal may have others' that are newer
"$DUMPCTL" config --explain --config="$conf" -D "$(dirname "$dump")" >"$T/text" ||
    fail "config --explain: the newest crash"
has "$T/text" '^ +Type then: stacks$'
has "$T/text" '^ +Type now: mini, another than then$'

# What if it were in that unit? And without any crash.
explain "$T/json" --unit=dumpd-test.service "$id"
is "$T/json" .settings.Type.line 10
is "$T/json" .crash.type_now heap
explain "$T/json" --unit=dumpd-test.service --cgroup=/other --user=root /opt/tiny
is "$T/json" .crash null
is "$T/json" .subject.exe /opt/tiny
is "$T/json" .subject.uid 0
is "$T/json" .settings.Type.value heap
is "$T/json" .settings.Budget.value 8M
is "$T/json" .settings.Budget.file null
is "$T/json" .settings.MaxSize.value 1G
is "$T/json" .settings.CompressionLevel.line 12
"$DUMPCTL" config --config="$conf" --user=12345 --json >"$T/json" || fail "config --user"
is "$T/json" .settings.Type.value mini
is "$T/json" .lines null

# status WANT ARGUMENT...: exit status; what is wrong is said.
status() {
    local want=$1 rc=0
    shift
    "$DUMPCTL" config --config="$conf" "$@" >"$T/out" 2>"$T/err" || rc=$?
    equal "config $*" "$rc" "$want"
    ((rc == 0)) || [[ -s $T/err ]] || fail "config $*: failed without a word"
}
status 1 --explain nosuchprogram
status 2 --explain --user=nosuchuser /bin/true
status 2 relative
status 2 /a /b
status 2 -D "$T" /a
status 2 --explain -D "$T" /a
status 0 --explain -D "$T/root/stacks"
has "$T/out" '^ +User: 0$'
printf '[User "nosuchuser"]\nType=full\n' >>"$conf"
status 1 --explain /opt/tiny
has "$T/err" ":17: section \\[User \"nosuchuser\"\\] and the keys in it are ignored: /etc/passwd has no user of that name"
