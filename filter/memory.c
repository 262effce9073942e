/* SPDX-License-Identifier: MIT */
#include "filter/bytes.h"
#include "filter/memory.h"

bool memory_number(const struct memory *memory, uint64_t address, size_t width,
		   uint64_t *ret)
{
	uint8_t raw[8];

	return width <= sizeof(raw) && memory_read(memory, address, raw, width) &&
	       bytes_number((struct bytes){ raw, width }, 0, width, ret);
}
