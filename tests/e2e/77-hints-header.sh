#!/bin/bash
# SPDX-License-Identifier: MIT
# The header with the compilers, languages and C libraries that it is for, without a warning; a
# program of several parts; and what it does where it cannot do anything.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hints.sh"

need g++ musl-gcc
# The names of all there is, as an installed header, and what strict C hides.
cat >"$T/all.c" <<'EOC'
#include <dumpd-hints.h>

static char memory[16];

int main(void)
{
	char *pointer = memory;
	unsigned short n = 4;
	char not_yet[8]; /* named before it has a value */
	dumpd_hint_id id = dumpd_hints_add(dumpd_secret(not_yet, sizeof(not_yet), "secret"));

	if (id <= 0 || dumpd_hints_prepare() != 0)
		return 1;
	id = dumpd_hints_replace(id, dumpd_keep(memory, 1, 0, 0));
	if (id <= 0 || dumpd_hints_add(dumpd_drop(memory, 1, "")) <= 0 ||
	    dumpd_hints_add(dumpd_text(memory, 1, "x")) <= 0 ||
	    dumpd_hints_add(dumpd_keep_pointee(&pointer, 1, 255, "x")) <= 0 ||
	    dumpd_hints_add(dumpd_keep_pointee_of(&pointer, &n, sizeof(n), 1, 0, "x")) <= 0)
		return 1;
	return dumpd_hints_remove(id);
}
EOC
cp "$T/all.c" "$T/all.cpp"
flags=("${HINT_FLAGS[@]}" -Wundef -Wcast-align -Wredundant-decls -Wvla -Wformat=2)
c_flags=(-Wmissing-prototypes -Wstrict-prototypes -Wc++-compat -Wold-style-definition)
m32=()
[[ $(uname -m) != x86_64 ]] || m32=("-m32")
for level in -O0 "-O2 -D_FORTIFY_SOURCE=2" "-O3 -flto" "-Os -static" "${m32[@]}"; do
    for compiler in gcc clang musl-gcc; do
        command -v $compiler >/dev/null || continue
        [[ $compiler$level != musl-gcc-m32 && $compiler$level != clang*lto ]] || continue
        for standard in c11 gnu17; do
            # shellcheck disable=SC2086
            $compiler -std=$standard $level "${flags[@]}" "${c_flags[@]}" -o "$T/all" "$T/all.c" &&
                "$T/all" || fail "$compiler -std=$standard $level"
        done
    done
    for compiler in g++ clang++; do
        command -v $compiler >/dev/null || continue
        # C++ for 32 bits has its own libraries, which are not here.
        [[ $level != -m32 && $compiler$level != clang*lto ]] || continue
        for standard in c++11 c++20; do
            # shellcheck disable=SC2086
            $compiler -std=$standard $level "${flags[@]}" -fno-exceptions -fno-rtti -o "$T/all" \
                "$T/all.cpp" && "$T/all" || fail "$compiler -std=$standard $level"
        done
    done
done

# Parts of one program: two files, a library that it is linked with, and one that hides its names.
part() { # N FLAGS...
    local n=$1
    shift
    "${CC:-cc}" -std=c11 "${HINT_FLAGS[@]}" -Wno-pedantic -DPART="$n" "$@" "$E2E/programs/hints_parts.c"
}
part 0 -c -o "$T/0.o" -Wno-conversion
part 1 -c -o "$T/1.o"
part 2 -shared -fPIC -fvisibility=hidden "-Dpart_2=__attribute__((visibility(\"default\"))) part_2" \
    -o "$T/lib2.so"
part 3 -shared -fPIC -o "$T/lib3.so"
part 4 -shared -fPIC -Wl,-Bsymbolic -o "$T/lib4.so"
"${CC:-cc}" -o "$T/parts" "$T/0.o" "$T/1.o" "$T/lib2.so" -Wl,-rpath,"$T" -ldl
example_start parts "$T/parts" "$T/lib3.so" part_3 "$T/lib4.so" part_4
example_stop
# The last one does not see the others' table and has its own, which lies below.
equal "parts" "$(cut -d' ' -f1,3- "$T/parts.table")" "table
keep 8 0 part 4
table
keep 8 0 early
keep 8 0 part 1
keep 8 0 part 2
keep 8 0 part 3"

"${CC:-cc}" -std=gnu17 "${HINT_FLAGS[@]}" -o "$T/limits" "$E2E/programs/hints_limits.c" ||
    fail "hints_limits.c does not build"
"$T/limits" || fail "hints_limits: $?"
