#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make vmtest on a clean clone: where the guest's image is made is a name of the caller's directory, relative
# or not. Nothing is made: a stand-in for mmdebstrap says where the tree should go, and fails.

set -eu
. "$(dirname "$0")/lib.sh"
[[ $(id -u) == 0 ]] || skip "needs root"
need apt-get unshare

mkdir -p "$T/bin" "$T/caller"
cat >"$T/bin/mmdebstrap" <<S
#!/bin/bash
printf '%s\n' "\$@" >>"$T/asked"
exit 1
S
chmod 755 "$T/bin/mmdebstrap"

# asks_for SCRIPT TREE DIR: the tree goes into DIR as the caller knows it.
asks_for() {
    local status=0
    rm -f "$T/asked"
    (cd "$T/caller" && PATH=$T/bin:$PATH "$TOP/tests/vm/$1" "$3" zstd) >"$T/said" 2>&1 || status=$?
    equal "$1 without packages ends with" "$status" 1
    has "$T/said" '^tests/vm/[a-z]+: mmdebstrap failed'
    has "$T/asked" "^$T/caller/build/vm/$2\$" "the tree that $1 asks for"
    [[ -d $T/caller/build/vm ]] || fail "$1 made no $T/caller/build/vm"
}

asks_for image tree build/vm
asks_for image tree "$T/caller/build/vm"
asks_for bare bare build/vm
[[ ! -e $TOP/tests/vm/build ]] || fail "tests/vm/build was made, which is in the sources"
