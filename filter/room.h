/* SPDX-License-Identifier: MIT */
/*
 * How much memory a file of a size has room for: what a disk that is nearly full leaves is in bytes
 * once compressed, and what is to be left out must be known before.
 */
#pragma once

#include "filter/rules.h"

/*
 * Ranges sorted by rank, with their fates. Return: as many bytes of those that stay, in that order, as
 * should come to `room` bytes when compressed; UINT64_MAX: all of them. An estimate (cost.h) by a look
 * at some pages; without memory to look at, half.
 */
uint64_t room_memory(const struct view *view, const struct ranges *ranges, uint64_t room);
