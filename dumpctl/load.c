/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "dumpctl/json.h"
#include "dumpctl/load.h"
#include "handler/rate_file.h"
#include "handler/runtime.h"

#define SECOND INT64_C(1000000)

static void read_runtime(const struct settings *settings, struct load_state *state)
{
	_cleanup_fd_ int fd = runtime_open(settings->runtime_directory, false);
	struct slots slots;

	slots_init(settings->slots, fd, &slots);
	for (enum slot_class i = 0; i < SLOT_CLASSES; i++)
		state->slots[i] = slots.count[i];
	state->error = fd < 0 ? fd : 0;
	if (fd < 0)
		return;
	for (enum slot_class i = 0; i < SLOT_CLASSES; i++)
		state->taken[i] = slots_taken(&slots, i);
	state->left_count = worker_left_list(fd, state->left);
	state->table = malloc(sizeof(*state->table));
	if (state->table && rate_file_read(fd, state->table) < 0)
		rate_table_init(state->table); /* nothing was counted */
}

void load_state_read(const struct settings *settings, struct load_state *ret)
{
	const uint64_t period = settings->rate_period;

	*ret = (struct load_state){
		.now = clock_usec(CLOCK_BOOTTIME),
		.period = period < INT64_MAX / SECOND ? (int64_t)period * SECOND
						      : INT64_MAX,
	};
	read_runtime(settings, ret);
	ret->drops_error = kmsg_drops_read(&ret->drops);
}

void load_state_done(struct load_state *state)
{
	free(TAKE_PTR(state->table));
}

const struct rate_entry *load_next_limited(const struct load_state *state, size_t *i)
{
	while (state->table && *i < RATE_PROGRAMS) {
		const struct rate_entry *entry = &state->table->programs[(*i)++];

		if (entry->start && state->now - entry->start < state->period &&
		    (entry->mini || entry->over || entry->pending))
			return entry;
	}
	return NULL;
}

/* An executable's path is who made it's choice. */
static json_t *entry_to_json(const struct rate_entry *entry)
{
	_cleanup_free_ char *exe = escape_text(entry->name, strlen(entry->name));

	return json_pack("{s:s?, s:I, s:I, s:I, s:I, s:I}", "exe", exe, "uid",
			 (json_int_t)entry->uid, "dumps", (json_int_t)entry->dumps,
			 "mini", (json_int_t)entry->mini, "records",
			 (json_int_t)entry->over, "pending", (json_int_t)entry->pending);
}

static json_t *limited_to_json(const struct load_state *state)
{
	json_t *list = json_array();
	const struct rate_entry *entry;
	size_t i = 0;

	while ((entry = load_next_limited(state, &i))) {
		if (json_array_append_new(list, entry_to_json(entry)) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *slots_to_json(const struct load_state *state, enum slot_class class)
{
	return json_pack("{s:i, s:i}", "slots", (int)state->slots[class], "taken",
			 (int)state->taken[class]);
}

static json_t *drops_to_json(const struct load_state *state)
{
	if (state->drops_error < 0)
		return json_null();
	return json_pack("{s:I, s:b, s:b}", "count", (json_int_t)state->drops.count,
			 "at_least", state->drops.more, "since_boot", state->drops.whole);
}

static json_t *left_to_json(const struct load_state *state)
{
	json_t *list = json_array();

	for (size_t i = 0; i < state->left_count; i++) {
		const struct worker_left *left = &state->left[i];
		_cleanup_free_ char *exe = escape_text(left->exe, strlen(left->exe));
		json_t *object = json_pack(
			"{s:I, s:I, s:s?, s:I}", "worker", (json_int_t)left->pid, "pid",
			(json_int_t)left->crashed, "exe", exe, "seconds",
			(json_int_t)((state->now - left->since) / SECOND));

		if (json_array_append_new(list, object) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *load_to_json(const struct load_state *state)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "large",
			 slots_to_json(state, SLOT_LARGE), "small",
			 slots_to_json(state, SLOT_SMALL), "limited",
			 limited_to_json(state), "left_behind", left_to_json(state),
			 "dropped_by_kernel", drops_to_json(state));
}
