/* SPDX-License-Identifier: MIT */
/*
 * The same bytes in the eyes of elfutils' libelf, which shares no code with filter/.
 */
#pragma once

#include "filter/core.h"
#include "tests/unit/built.h"

bool elf_peer_takes(const struct built *file);

/* What libelf sees otherwise in a core that filter/core has read; NULL: nothing, or it refuses it. */
const char *elf_peer_differs(const struct built *file, const struct core *core);

/* As above, of a core that a plan made: that libelf refuses it is wrong, too. */
const char *elf_peer_refuses(const struct built *file);

/* Notes by themselves: NULL, or where libelf sees others. */
const char *elf_peer_notes(struct bytes notes);
