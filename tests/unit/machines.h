/* SPDX-License-Identifier: MIT */
/*
 * The machines whose cores are read, as rows for RUN_TABLE().
 */
#pragma once

#include <elf.h>
#include <stdint.h>

struct machine_row {
	const char *name;
	uint16_t machine;
	uint64_t high; /* of an address that only this word can hold */
};

static const struct machine_row machines[] = {
	{ "x86-64", EM_X86_64, UINT64_C(0x7ffff00000000000) },
	{ "i386", EM_386, 0xf0000000 },
	{ "aarch64", EM_AARCH64, UINT64_C(0xffff00000000) },
};
