/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "base/number.h"
#include "config/ask.h"
#include "config/config.h"
#include "config/directory.h"
#include "config/distance.h"
#include "config/duration.h"
#include "config/keys.h"
#include "config/keys_load.h"
#include "config/name_template.h"
#include "config/rank_list.h"
#include "config/size.h"

/* zstd goes to 22, but beyond 19 its window needs more memory than a handler may take. */
#define LEVEL_MIN 1
#define LEVEL_MAX 19

/* More files than a directory is good for. */
#define COUNT_MAX 1000000000

/* Two wrong letters are a typing mistake, three are another word. */
#define GUESS_DISTANCE 2

static const char *parse_type(const char *text, struct settings *settings)
{
	if (dump_type_parse(text, &settings->type) < 0)
		return "must be one of " DUMP_TYPE_WORDS;
	return NULL;
}

static char *print_type(const struct settings *settings)
{
	return strdup(dump_type_name(settings->type));
}

static const char *parse_ask_types(const char *text, struct settings *settings)
{
	return ask_types_parse(text, &settings->ask_types);
}

static char *print_ask_types(const struct settings *settings)
{
	return ask_types_print(settings->ask_types);
}

static const char *parse_budget(const char *text, struct settings *settings)
{
	return size_parse(text, &settings->budget);
}

static char *print_budget(const struct settings *settings)
{
	return size_print(settings->budget);
}

static const char *parse_ranks(const char *text, struct settings *settings)
{
	return rank_list_parse(text, &settings->ranks);
}

static char *print_ranks(const struct settings *settings)
{
	return rank_list_print(settings->ranks);
}

static const char *parse_mapping_max(const char *text, struct settings *settings)
{
	return size_parse(text, &settings->mapping_max);
}

static char *print_mapping_max(const struct settings *settings)
{
	return size_print(settings->mapping_max);
}

static const char *parse_keep(const char *text, struct settings *settings)
{
	return glob_list_parse(text, &settings->keep);
}

static char *print_keep(const struct settings *settings)
{
	return glob_list_print(&settings->keep);
}

static const char *parse_drop(const char *text, struct settings *settings)
{
	return glob_list_parse(text, &settings->drop);
}

static char *print_drop(const struct settings *settings)
{
	return glob_list_print(&settings->drop);
}

static const char *parse_directory(const char *text, struct settings *settings)
{
	return directory_parse(text, settings->directory);
}

static char *print_directory(const struct settings *settings)
{
	return strdup(settings->directory);
}

static const char *parse_name_template(const char *text, struct settings *settings)
{
	const char *reason = name_template_check(text);

	if (!reason)
		memcpy(settings->name_template, text, strlen(text) + 1);
	return reason;
}

static char *print_name_template(const struct settings *settings)
{
	return strdup(settings->name_template);
}

static const char *parse_level(const char *text, struct settings *settings)
{
	uint64_t level;

	if (number_u64(text, LEVEL_MAX, &level) < 0 || level < LEVEL_MIN)
		return "must be a number from 1 to 19";
	settings->compression_level = (int)level;
	return NULL;
}

static char *print_level(const struct settings *settings)
{
	char *text;

	return asprintf(&text, "%d", settings->compression_level) < 0 ? NULL : text;
}

static const char *parse_max_size(const char *text, struct settings *settings)
{
	return size_parse(text, &settings->max_size);
}

static char *print_max_size(const struct settings *settings)
{
	return size_print(settings->max_size);
}

static const char *parse_max_use(const char *text, struct settings *settings)
{
	return share_parse(text, &settings->max_use);
}

static char *print_max_use(const struct settings *settings)
{
	return share_print(&settings->max_use);
}

static const char *parse_keep_free(const char *text, struct settings *settings)
{
	return share_parse(text, &settings->keep_free);
}

static char *print_keep_free(const struct settings *settings)
{
	return share_print(&settings->keep_free);
}

static const char *parse_max_count(const char *text, struct settings *settings)
{
	uint64_t count;

	if (strcmp(text, "infinity") == 0)
		count = UINT64_MAX;
	else if (number_u64(text, COUNT_MAX, &count) < 0 || count == 0)
		return "must be a number from 1 to 1000000000, or infinity";
	settings->max_count = count;
	return NULL;
}

static char *print_max_count(const struct settings *settings)
{
	char *text;

	if (settings->max_count == UINT64_MAX)
		return strdup("infinity");
	return asprintf(&text, "%" PRIu64, settings->max_count) < 0 ? NULL : text;
}

static const char *parse_max_age(const char *text, struct settings *settings)
{
	return duration_parse_long(text, &settings->max_age);
}

static char *print_max_age(const struct settings *settings)
{
	return duration_print_long(settings->max_age);
}

static const char *parse_spool_max(const char *text, struct settings *settings)
{
	return size_parse(text, &settings->spool_max);
}

static char *print_spool_max(const struct settings *settings)
{
	return size_print(settings->spool_max);
}

static const char *parse_deadline(const char *text, struct settings *settings)
{
	return duration_parse(text, &settings->deadline);
}

static char *print_deadline(const struct settings *settings)
{
	return duration_print(settings->deadline);
}

static const char *parse_core_limit(const char *text, struct settings *settings)
{
	bool honour = strcmp(text, "honour") == 0;

	if (!honour && strcmp(text, "ignore") != 0)
		return "must be honour or ignore";
	settings->honour_core_limit = honour;
	return NULL;
}

static char *print_core_limit(const struct settings *settings)
{
	return strdup(settings->honour_core_limit ? "honour" : "ignore");
}

static const char *parse_yes(const char *text, bool *ret)
{
	bool yes = strcmp(text, "yes") == 0;

	if (!yes && strcmp(text, "no") != 0)
		return "must be yes or no";
	*ret = yes;
	return NULL;
}

static char *print_yes(bool yes)
{
	return strdup(yes ? "yes" : "no");
}

static const char *parse_release_early(const char *text, struct settings *settings)
{
	return parse_yes(text, &settings->release_early);
}

static char *print_release_early(const struct settings *settings)
{
	return print_yes(settings->release_early);
}

static const char *parse_store_environment(const char *text, struct settings *settings)
{
	return parse_yes(text, &settings->store_environment);
}

static char *print_store_environment(const struct settings *settings)
{
	return print_yes(settings->store_environment);
}

static const char *parse_access(const char *text, struct settings *settings)
{
	bool owner = strcmp(text, "owner") == 0;

	if (!owner && strcmp(text, "root") != 0)
		return "must be owner or root";
	settings->access_owner = owner;
	return NULL;
}

static char *print_access(const struct settings *settings)
{
	return strdup(settings->access_owner ? "owner" : "root");
}

const struct key keys[SETTING_COUNT] = {
	[SETTING_TYPE] = { "Type", "mini", false, parse_type, print_type },
	[SETTING_ASK_TYPES] = { "AskTypes", "none triage stacks mini", false,
				parse_ask_types, print_ask_types },
	[SETTING_BUDGET] = { "Budget", "8M", false, parse_budget, print_budget },
	[SETTING_RANKS] = { "Ranks",
			    "crash loader object hint thread global runtime pointee "
			    "farstack private",
			    false, parse_ranks, print_ranks },
	[SETTING_MAPPING_MAX] = { "MappingMax", "infinity", false, parse_mapping_max,
				  print_mapping_max },
	[SETTING_KEEP] = { "Keep", "", false, parse_keep, print_keep },
	[SETTING_DROP] = { "Drop", "", false, parse_drop, print_drop },
	[SETTING_DIRECTORY] = { "Directory", LOCALSTATEDIR "/lib/dumpd", true,
				parse_directory, print_directory },
	[SETTING_NAME_TEMPLATE] = { "NameTemplate", "core.%e.%u.%B.%P.%T", false,
				    parse_name_template, print_name_template },
	[SETTING_COMPRESSION_LEVEL] = { "CompressionLevel", "3", false, parse_level,
					print_level },
	[SETTING_MAX_SIZE] = { "MaxSize", "32G", false, parse_max_size, print_max_size },
	[SETTING_CORE_LIMIT] = { "CoreLimit", "honour", false, parse_core_limit,
				 print_core_limit },
	[SETTING_MAX_USE] = { "MaxUse", "10% 16G", true, parse_max_use, print_max_use },
	[SETTING_KEEP_FREE] = { "KeepFree", "15% 4G", true, parse_keep_free,
				print_keep_free },
	[SETTING_MAX_COUNT] = { "MaxCount", "100", true, parse_max_count,
				print_max_count },
	[SETTING_MAX_AGE] = { "MaxAge", "30d", true, parse_max_age, print_max_age },
	[SETTING_SPOOL_MAX] = { "SpoolMax", "512M", false, parse_spool_max,
				print_spool_max },
	[SETTING_DEADLINE] = { "Deadline", "60s", false, parse_deadline, print_deadline },
	[SETTING_RELEASE_EARLY] = { "ReleaseEarly", "yes", false, parse_release_early,
				    print_release_early },
	[SETTING_STORE_ENVIRONMENT] = { "StoreEnvironment", "no", false,
					parse_store_environment,
					print_store_environment },
	[SETTING_ACCESS] = { "Access", "owner", false, parse_access, print_access },
	[SETTING_RUNTIME_DIRECTORY] = { "RuntimeDirectory", RUNSTATEDIR "/dumpd", true,
					parse_runtime_directory,
					print_runtime_directory },
	[SETTING_SLOTS] = { "Slots", "auto", true, parse_slots, print_slots },
	[SETTING_SLOT_WAIT] = { "SlotWait", "5s", true, parse_slot_wait,
				print_slot_wait },
	[SETTING_RATE_PERIOD] = { "RatePeriod", "10min", true, parse_rate_period,
				  print_rate_period },
	[SETTING_RATE_DUMPS] = { "RateDumps", "5", false, parse_rate_dumps,
				 print_rate_dumps },
	[SETTING_RATE_MINI] = { "RateMini", "20", false, parse_rate_mini,
				print_rate_mini },
	[SETTING_RATE_USER_DUMPS] = { "RateUserDumps", "50", false, parse_rate_user_dumps,
				      print_rate_user_dumps },
	[SETTING_RATE_USER_MINI] = { "RateUserMini", "200", false, parse_rate_user_mini,
				     print_rate_user_mini },
};

enum setting key_find(const char *name)
{
	for (enum setting i = 0; i < SETTING_COUNT; i++) {
		if (strcmp(keys[i].name, name) == 0)
			return i;
	}
	return SETTING_COUNT;
}

enum setting key_guess(const char *name)
{
	size_t best = GUESS_DISTANCE + 1;
	enum setting guess = SETTING_COUNT;

	for (enum setting i = 0; i < SETTING_COUNT; i++) {
		size_t distance = edit_distance(keys[i].name, name);

		if (distance < best) {
			best = distance;
			guess = i;
		}
	}
	return guess;
}

const char *setting_name(enum setting which)
{
	return keys[which].name;
}

char *setting_print(const struct settings *settings, enum setting which)
{
	return keys[which].print(settings);
}
