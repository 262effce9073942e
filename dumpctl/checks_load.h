/* SPDX-License-Identifier: MIT */
/*
 * The checks of dumpctl/checks.h that ask whether there are too many crashes.
 */
#pragma once

#include "dumpctl/checks.h"

void check_slots(const struct machine *machine, struct check *check);
void check_left(const struct machine *machine, struct check *check);
void check_rate(const struct machine *machine, struct check *check);
void check_drops(const struct machine *machine, struct check *check);
