/* SPDX-License-Identifier: MIT */
#include "store/frame.h"

void frame_put_le32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

uint32_t frame_get_le32(const uint8_t *p)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value |= (uint32_t)p[i] << 8 * i;
	return value;
}

void frame_put_skippable(uint8_t header[FRAME_SKIPPABLE_HEADER], uint32_t magic,
			 uint32_t payload)
{
	frame_put_le32(header, magic);
	frame_put_le32(header + 4, payload);
}
