#!/bin/bash
# SPDX-License-Identifier: MIT
# DUMPD_TYPE: a process gets the type that it asks for, as far as AskTypes goes, and the record
# says what came of it. One with more rights than who set its environment is not asked.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need setpriv jq
tiny_program

# asked NAME CONFIGURED COMMAND...: leaves DUMP.
asked() {
    local name=$1 configured=$2
    shift 2
    crash "$T/$name" "$configured" "$@"
    DUMP=$(only_dump "$T/$name/$configured")
}

# got WHAT TYPE ASKED: what the dump is, and the word that was asked for.
got() {
    equal "$1: type" "$(field "$DUMP" type)" "$2"
    equal "$1: asked" "$(field "$DUMP" asked)" "$3"
    equal "$1: outcome" "$(field "$DUMP" outcome)" complete
}

asked unasked mini "$PROGRAMS/tiny"
got unasked mini null
equal "unasked: reason" "$(field "$DUMP" reason)" null

asked less mini env DUMPD_TYPE=stacks "$PROGRAMS/tiny"
got less stacks stacks
equal "less: reason" "$(field "$DUMP" reason)" \
    "the process asked for Type=stacks (DUMPD_TYPE): followed, Type=mini is configured"

asked more mini env DUMPD_TYPE=full "$PROGRAMS/tiny"
got more mini full
equal "more: reason" "$(field "$DUMP" reason)" \
    "the process asked for Type=full (DUMPD_TYPE), AskTypes=none triage stacks mini does not allow it: not followed, Type=mini holds"

# What the administrator allows goes further, and what is full is the kernel's core.
CONFIG_LINES=("AskTypes=full")
asked allowed stacks env DUMPD_TYPE=full "$PROGRAMS/tiny"
got allowed full full
"$DUMPCTL" extract -D "$T/allowed/stacks" "$(field "$DUMP" id)" -o "$T/full.core"
same_bytes "$T/full.core" "$T/allowed/kernel.core"
asked only stacks env DUMPD_TYPE=mini "$PROGRAMS/tiny"
got only stacks mini
has <(field "$DUMP" reason) 'AskTypes=full does not allow it: not followed, Type=stacks holds$' reason

CONFIG_LINES=("AskTypes=no")
asked no mini env DUMPD_TYPE=none "$PROGRAMS/tiny"
got no mini none
has <(field "$DUMP" reason) 'AskTypes=no does not allow it: not followed, Type=mini holds$' reason
asked same mini env DUMPD_TYPE=mini "$PROGRAMS/tiny"
got same mini mini
has <(field "$DUMP" reason) 'followed, Type=mini is configured$' reason
CONFIG_LINES=()

# A record alone, as it wished.
STORED="0 4 5" crash "$T/none" mini env DUMPD_TYPE=none "$PROGRAMS/tiny"
empty_store "$T/none/mini"
has "$T/none/mini.err" 'asked for Type=none \(DUMPD_TYPE\): followed'

# Words that are none: said, shown harmless and short, and nothing else comes of them.
asked unknown mini env DUMPD_TYPE=everything "$PROGRAMS/tiny"
got unknown mini null
equal "unknown: reason" "$(field "$DUMP" reason)" \
    "the process asked for Type=everything (DUMPD_TYPE), which is no type: not followed, Type=mini holds"
asked hostile mini env "DUMPD_TYPE=$(printf 'x\nall is well \033[31m%0100d' 0)" "$PROGRAMS/tiny"
got hostile mini null
reason=$(field "$DUMP" reason)
equal "hostile: reason" "$reason" \
    "the process asked for Type=x?all?is?well??[31m0000000000000 (DUMPD_TYPE), which is no type: not followed, Type=mini holds"
asked empty mini env DUMPD_TYPE= "$PROGRAMS/tiny"
got empty mini null
has <(field "$DUMP" reason) 'asked for Type= \(DUMPD_TYPE\), which is no type' reason

# Set-user-ID: who starts the program owns its environment, another user its memory. With
# fs.suid_dumpable 1 only AT_SECURE tells, with 2 the dump mode does as well.
ignored() {
    equal "$1: dumpable" "$(field "$DUMP" dumpable)" "$2"
    got "$1" mini null
    equal "$1: reason" "$(field "$DUMP" reason)" \
        "DUMPD_TYPE of the process is ignored: it may have been given more rights than who set it"
}
cp "$PROGRAMS/tiny" "$T/suid"
chown 65534 "$T/suid"
chmod 4755 "$T/suid"
findmnt -no OPTIONS -T "$T" 2>/dev/null | grep -qw nosuid && skip "no set-user-ID programs in $T"
for dumpable in 1 2; do
    SUID_DUMPABLE=$dumpable asked "suid$dumpable" mini \
        setpriv --reuid=12345 --regid=12345 --clear-groups env DUMPD_TYPE=stacks "$T/suid"
    ignored "suid$dumpable" $dumpable
done
unset SUID_DUMPABLE

# AT_SECURE is 0, but rights were given up since the environment was read.
SUID_DUMPABLE=2 asked setuid mini env DUMPD_TYPE=stacks "$PYTHON" -c \
    'import os; os.setuid(12345); os.kill(os.getpid(), 11)'
ignored setuid 2

# The same user without such a program is heard.
asked user mini setpriv --reuid=12345 --regid=12345 --clear-groups \
    env DUMPD_TYPE=stacks "$PROGRAMS/tiny"
got user stacks stacks

# The short core_pattern tells no dump mode: the notes have to do.
PATTERN_FORM='%P %s %e' asked short mini env DUMPD_TYPE=stacks "$PROGRAMS/tiny"
got short stacks stacks
SUID_DUMPABLE=2 PATTERN_FORM='%P %s %e' asked short-suid mini \
    setpriv --reuid=12345 --regid=12345 --clear-groups env DUMPD_TYPE=stacks "$T/suid"
ignored short-suid null
