/* SPDX-License-Identifier: MIT */
/* What the plan keeps: from the source into frames. While this runs, the crashed process is held. */
#pragma once

#include "filter/plan.h"
#include "handler/pack.h"
#include "handler/source.h"

/*
 * Return: 1 all is there; 0 the source ended early (see source->error); negative errno: it cannot
 * be packed, or took too long (-ETIMEDOUT, see pack_abandon()).
 */
int copy_memory(const struct plan *plan, struct source *source, struct pack *pack);
