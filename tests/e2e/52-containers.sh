#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Crashes in control groups with the names that container runtimes give them: a container has limits of its own, and
# takes none from another; a new container for each crash has a limit, too; what a user made up is a claim.

. "$(dirname "$0")/lib.sh"

need_root
need jq journalctl setpriv
tiny_program
journal_start

# Nobody else has a container of this id.
HEX=$(printf '%024x' $$)
A=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa$HEX
B=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb$HEX
POD=1b4e28ba-2fa1-11d2-883f-${HEX: -12}
USER_ID=12345

make_cgroup "/docker/$A" 2>"$T/err" || skip "no control groups here: $(head -1 "$T/err")"

cp "$DUMPD" "$T/dumpd"
cp "$PROGRAMS/tiny" "$T/tiny"
cp "$PROGRAMS/tiny" "$T/other"

# configure TYPE LINE...: a store and counts of its own
configure() {
    local type=$1
    shift
    rm -rf "$T/store" "$T/load"
    mkdir -m 755 "$T/store"
    printf '%s\n' '[Dump]' "Type=$type" "Directory=$T/store" "RuntimeDirectory=$T/load" Slots=4 "$@" >"$T/c.conf"
}

handlers_gone() {
    local exe
    for exe in /proc/[0-9]*/exe; do
        [[ $(readlink "$exe" 2>/dev/null) != "$T/dumpd" ]] || return 1
    done
}

# Each crash has its dump or record before the next one.
in_group() {
    in_cgroup "$@" 2>/dev/null || true
    wait_for 60 handlers_gone || fail "a handler does not end"
}

# crashes N PATH COMMAND...
crashes() {
    local n=$1 i
    shift
    for ((i = 0; i < n; i++)); do
        in_group "$@"
    done
}

# loop N COMMAND...: `docker run --rm', so often
loop() {
    local n=$1 i
    shift
    for ((i = 0; i < n; i++)); do
        in_group "/docker/$(printf '%040x' $i)$HEX" "$@"
    done
}

SEEN='[]'
# run COMMAND...: the entries of what it crashes in $T/entries
run() {
    local since=$EPOCHSECONDS
    with_pattern "|$T/dumpd --config=$T/c.conf $LONG_FORM" "$@" >"$T/run.out" 2>&1 || {
        cat "$T/run.out" >&2
        fail "$*"
    }
    journal_entries --since="@$since" MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 \
        "COREDUMP_EXE=$T/tiny" "COREDUMP_EXE=$T/other" |
        jq -s 'map(select(.DUMPD_ID as $id | $seen | index($id) | not)) | sort_by(.COREDUMP_TIMESTAMP)' \
            --argjson seen "$SEEN" >"$T/entries"
    SEEN=$(jq -c --argjson seen "$SEEN" '$seen + map(.DUMPD_ID)' "$T/entries")
}

# "5 full complete, 20 mini complete", as they came
results() {
    jq -r 'reduce (.[] | "\(.DUMPD_TYPE) \(.DUMPD_OUTCOME)") as $r ([];
        if .[-1].r == $r then .[-1].n += 1 else . + [{r: $r, n: 1}] end) |
        map("\(.n) \(.r)") | join(", ")' "$T/entries"
}
reasons() {
    jq -r '.[].DUMPD_REASON // ""' "$T/entries" >"$T/reasons"
}
# As installed: 26 crashes of one container, then the first of another, of the same executable and user.
configure full
one_and_another() {
    crashes 26 "/docker/$A" "$T/tiny"
    crashes 1 "/docker/$B" "$T/tiny"
    crashes 1 / "$T/tiny"
}
run one_and_another
equal "26 of a container, the first of another, and outside" "$(results)" \
    "5 full complete, 20 mini complete, 1 none record, 2 full complete"

# In one pod containers come and go: it is the pod that counts.
configure full RateDumps=1 RateMini=0
two_of_a_pod() {
    crashes 1 "/kubepods/burstable/pod$POD/$A" "$T/tiny"
    crashes 1 "/kubepods/burstable/pod$POD/$B" "$T/tiny"
}
run two_of_a_pod
equal "two containers of a pod" "$(results)" "1 full complete, 1 none record"

# Containers in a loop: ten times as much, and a program of another name is not touched.
configure full RateDumps=1 RateMini=1 RateUserDumps=infinity
loop_and_others() {
    loop 21 "$T/tiny"
    crashes 1 "/docker/$A" "$T/other"
    crashes 1 / "$T/tiny"
}
run loop_and_others
equal "21 containers in a loop, another executable, the same outside" "$(results)" \
    "10 full complete, 10 mini complete, 1 none record, 2 full complete"
reasons
has "$T/reasons" '^21 crashes of this executable in containers in 10min: a record only \(RateDumps= '

# A container's root is a user, who has limits; the machine's has none.
configure full RateDumps=infinity RateUserDumps=2 RateUserMini=1
as_user() {
    setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups "$@"
}
roots() {
    crashes 4 "/system.slice/docker-$A.scope" "$T/tiny"
    crashes 1 "/system.slice/docker-$A.scope" as_user "$T/other"
    crashes 4 / "$T/tiny"
    crashes 1 / as_user "$T/tiny"
}
run roots
equal "a container's root, another user of it, the machine's root, and the user outside" "$(results)" \
    "2 full complete, 1 mini complete, 2 none record, 5 full complete"
reasons
has "$T/reasons" "^4 crashes of the programs of container $A in 10min: a record only \\(RateUserDumps= "

# Dumps of a container.
counts() {
    "$DUMPCTL" list --json -D "$T/store" | jq --arg id "$1" 'map(select(.container_id == $id)) | length'
}

# MaxCount: of each container two stay; of them all twenty.
configure mini MaxCount=2 RateDumps=infinity RateUserDumps=infinity
three_and_five() {
    crashes 3 "/docker/$A" "$T/tiny"
    crashes 5 "/docker/$B" "$T/tiny"
    crashes 1 / "$T/tiny"
}
run three_and_five
equal "MaxCount: three of a container" "$(counts "$A")" 2
equal "MaxCount: five of the other" "$(counts "$B")" 2
equal "MaxCount: and one outside" "$(dump_count "$T/store")" 5
run loop 18 "$T/tiny"
equal "MaxCount: containers in a loop" "$(dump_count "$T/store")" 20
# The same by the record alone, where files were copied without their attributes.
if command -v setfattr >/dev/null; then
    for file in "$T"/store/*; do
        setfattr -x user.coredump.uid "$file"
    done
    "$DUMPCTL" vacuum -D "$T/store" --max-count=1 >"$T/out"
    equal "MaxCount=1 by the record: all" "$(dump_count "$T/store")" 10
fi

# What the record has, and what people see.
facts() { # N
    jq -r ".[$1]"' | [.DUMPD_CONTAINER_RUNTIME, .DUMPD_CONTAINER_ID, .DUMPD_POD_UID, .DUMPD_CONTAINER_CLAIM] |
        map(. // "-") | join(" | ")' "$T/entries"
}
configure mini RateDumps=infinity RateUserDumps=infinity
POD_=${POD//-/_}
KINDS=(
    "/machine.slice/libpod-$A.scope/container|podman $A|podman | $A | - | -"
    "/system.slice/docker-$A.scope|docker $A|docker | $A | - | -"
    "/docker/$A/docker-$B.scope|docker $A|docker | $A | - | -"
    "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod$POD_.slice/cri-containerd-$A.scope|containerd $A|containerd | $A | $POD | -"
    "/kubepods/besteffort/pod$POD/crio-$A|cri-o $A|cri-o | $A | $POD | -"
    "/lxc.payload.dumpd-$$/system.slice/a.service|lxc dumpd-$$|lxc | dumpd-$$ | - | -"
    "/machine.slice/machine-dumpd$$.scope/payload|machine dumpd$$|machine | dumpd$$ | - | -"
    "/user.slice/user-$USER_ID.slice/user@$USER_ID.service/user.slice/libpod-$A.scope|podman $A, as its user claims; not verified|- | - | - | podman $A"
    "/user.slice/user-$USER_ID.slice/user@$USER_ID.service/kubepods/pod$POD/$A|kubernetes $A pod $POD, as its user claims; not verified|- | - | - | kubernetes $A pod $POD"
    "/system.slice/dumpd-$$.service||- | - | - | -"
)
all_kinds() {
    local kind
    for kind in "${KINDS[@]}"; do
        crashes 1 "${kind%%|*}" "$T/tiny"
    done
}
run all_kinds
equal "crashes of all kinds" "$(jq length "$T/entries")" ${#KINDS[@]}
for i in "${!KINDS[@]}"; do
    IFS='|' read -r path shown _ <<<"${KINDS[i]}"
    want=${KINDS[i]#*|*|}
    equal "$path: journal" "$(facts "$i")" "$want"
    id=$(jq -r ".[$i].DUMPD_ID" "$T/entries")
    "$DUMPCTL" info --config="$T/c.conf" "$id" >"$T/info"
    equal "$path: info" "$(sed -n 's/^ *Container: //p' "$T/info")" "$shown"
    "$DUMPCTL" list --json -D "$T/store" "$id" >"$T/json"
    equal "$path: list" "$(jq -r '.[] | [.container_runtime, .container_id, .pod_uid, .container_claim] |
        map(. // "-") | join(" | ")' "$T/json")" "$want"
    case $want in
    *"| $POD |"*) has "$T/info" "^ *Pod: $POD\$" ;;
    *) hasnt "$T/info" '^ *Pod:' ;;
    esac
done
# By it crashes can be found.
equal "list by container" "$("$DUMPCTL" list --json -D "$T/store" "container_id=$A" | jq length)" 5
# A claim is no container: it counts as its user.
configure full RateDumps=infinity RateUserDumps=1 RateUserMini=0
claim=/user.slice/user-$USER_ID.slice/user@$USER_ID.service/user.slice
two_claims() {
    crashes 1 "$claim/docker-$A.scope" as_user "$T/tiny"
    crashes 1 "$claim/docker-$B.scope" as_user "$T/tiny"
}
run two_claims
equal "two claims" "$(results)" "1 full complete, 1 none record"
reasons
has "$T/reasons" "^2 crashes of the programs of user $USER_ID in 10min: a record only"
