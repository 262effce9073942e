/* SPDX-License-Identifier: MIT */
/*
 * The keys of dumpd.conf: for each its name, its default, and how a value is read and written.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "config/settings.h"

struct key {
	const char *name;
	const char *value; /* the built-in default, in the form of the file */
	bool dump_only; /* only in [Dump]: it must be known before any crash is */
	/* Return: NULL, or what a value must be (static, "must ..."); settings is as before then. */
	const char *(*parse)(const char *text, struct settings *settings);
	/* Return: the value in the form of the file, a new string, NULL without memory. */
	char *(*print)(const struct settings *settings);
};

extern const struct key keys[SETTING_COUNT];

/* All names, for people: "Type, Directory, ...". */
#define KEY_NAMES                                                            \
	"Type, AskTypes, Budget, Ranks, MappingMax, Keep, Drop, Directory, " \
	"NameTemplate, CompressionLevel, MaxSize, CoreLimit, MaxUse, "       \
	"KeepFree, MaxCount, MaxAge, SpoolMax, Deadline, ReleaseEarly, "     \
	"StoreEnvironment, Access, RuntimeDirectory, Slots, SlotWait, "      \
	"RatePeriod, RateDumps, RateMini, RateUserDumps, RateUserMini"

/* Return: the key of that very name, SETTING_COUNT if there is none. */
enum setting key_find(const char *name) _must_check_;

/* Return: the key that was probably meant, SETTING_COUNT if no name is near. */
enum setting key_guess(const char *name) _must_check_;
