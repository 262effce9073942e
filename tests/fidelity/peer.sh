# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# minicoredumper on the same crashes, with the configuration that its package installs, for
# comparison. Its package sets kernel.core_pattern when it is installed, so it is unpacked below
# build/ instead; where that cannot be done, peer_get says why and it is left out.

PEER=minicoredumper

# peer_get: prints the program, or fails with a reason.
peer_get() {
    local root=$BIN/$PEER/root
    if [[ ! -x $root/usr/sbin/$PEER ]]; then
        command -v apt-get >/dev/null || {
            echo "no apt-get to get it with"
            return 1
        }
        mkdir -p "$BIN/$PEER"
        (cd "$BIN/$PEER" && apt-get download -q $PEER && dpkg -x $PEER*.deb root) \
            >"$T/peer.log" 2>&1 || {
            echo "apt-get download $PEER failed: $(tail -1 "$T/peer.log")"
            return 1
        }
    fi
    if ldd "$root/usr/sbin/$PEER" | grep 'not found'; then
        return 1
    fi
    echo "$root/usr/sbin/$PEER"
}

# peer_handler PROGRAM DIR: what fan.py starts beside dumpd, with dumpd's arguments.
peer_handler() {
    local program=$1 dir=$2
    mkdir -p "$dir/$PEER"
    jq -n --arg dir "$dir/$PEER" \
        --arg recept "$BIN/$PEER/root/etc/minicoredumper/generic.recept.json" \
        '{base_dir: $dir, watch: [{$recept}]}' >"$dir/$PEER.json"
    cat >"$dir/$PEER.handler" <<END
#!/bin/sh
pid=\$1 signal=\$2 comm=\$3
for word; do
    case \$word in
    -u*) uid=\${word#-u} ;;
    -g*) gid=\${word#-g} ;;
    -t*) time=\${word#-t} ;;
    esac
done
exec $program \$pid \$uid \$gid \$signal \$time host "\$comm" $dir/$PEER.json
END
    chmod 755 "$dir/$PEER.handler"
}

# peer_take DIR: DIR/minicoredumper.core out of what it stored, and its size in DIR/minicoredumper.sizes.
peer_take() {
    local dir=$1 archive
    archive=$(find "$dir/$PEER" -name '*.tar.gz') || true
    [[ -n $archive && $archive != *$'\n'* ]] || {
        echo "$PEER left no dump: $(cat "$dir/$PEER.rc") $(find "$dir/$PEER")" >&2
        return 1
    }
    stat -c %s "$archive" >"$dir/$PEER.sizes"
    tar -xzf "$archive" -C "$dir/$PEER"
    mv "$(find "$dir/$PEER" -type f -name 'core*' ! -name '*.gz')" "$dir/$PEER.core"
}
