/* SPDX-License-Identifier: MIT */
/*
 * A record that came from where somebody may lie has what a record can have.
 */
#pragma once

#include "store/record.h"

void assert_record_valid(const struct record *record);
