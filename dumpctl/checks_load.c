/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "config/duration.h"
#include "dumpctl/checks_load.h"

/* So that what is limited is known at all. */
static bool is_known(const struct machine *machine, struct check *check)
{
	const char *directory = machine->settings.runtime_directory;

	switch (machine->load.error) {
	case 0:
		return true;
	case -ENOENT:
		check_set(check, CHECK_OK, "no crash since the boot");
		return false;
	case -EACCES:
		check_set(check, CHECK_NOTE, "%s: only root sees it", directory);
		return false;
	case -EPERM:
		check_set(check, CHECK_NOTE, "%s is not root's alone: nothing is limited",
			  directory);
		check_advise(check, "`chown root:root` and `chmod 0700` it");
		return false;
	default:
		check_set(check, CHECK_NOTE, "%s: %s: nothing is limited", directory,
			  strerror(-machine->load.error));
		check_advise(check, "it must be a directory that dumpd can make or use: "
				    "remove what is there, or set RuntimeDirectory=");
		return false;
	}
}

void check_slots(const struct machine *machine, struct check *check)
{
	const unsigned int *slots = machine->load.slots, *taken = machine->load.taken;
	bool full = taken[SLOT_LARGE] == slots[SLOT_LARGE] ||
		    taken[SLOT_SMALL] == slots[SLOT_SMALL];

	if (!is_known(machine, check))
		return;
	check_set(check, full ? CHECK_NOTE : CHECK_OK,
		  "%u of %u large and %u of %u small ones are taken", taken[SLOT_LARGE],
		  slots[SLOT_LARGE], taken[SLOT_SMALL], slots[SLOT_SMALL]);
	if (full)
		check_advise(
			check,
			"crashes now get a smaller dump, or a record only: more "
			"Slots= in dumpd.conf, if the machine can do more at a time");
}

static void list_left(const struct load_state *load, FILE *file)
{
	for (size_t i = 0; i < load->left_count; i++) {
		const struct worker_left *left = &load->left[i];
		const int64_t usec = load->now - left->since;
		_cleanup_free_ char *time =
			duration_print(usec > 0 ? (uint64_t)usec / 1000000 : 0);

		fprintf(file,
			"%sworker %" PRId64 " of the crashed process %" PRId64
			" (%s) for %s",
			i ? ", " : "", left->pid, left->crashed,
			left->exe[0] ? left->exe : "unknown program", time ? time : "?");
	}
}

void check_left(const struct machine *machine, struct check *check)
{
	const struct load_state *load = &machine->load;
	_cleanup_free_ char *text = NULL;
	size_t n;
	FILE *file;

	if (!is_known(machine, check))
		return;
	if (load->left_count == 0) {
		check_set(check, CHECK_OK, "no worker");
		return;
	}
	file = open_memstream(&text, &n);
	if (!file)
		return; /* what is not set is told as out of memory */
	list_left(load, file);
	(void)fclose(file); /* text is NULL without memory */
	check_set(
		check, CHECK_NOTE,
		"%s: each keeps a dead process' memory, and waits for a file system that "
		"does not answer",
		text ? text : "some workers");
	check_advise(check,
		     "they end when it answers or goes: end its server, `umount -f` "
		     "it, or for FUSE write 1 to "
		     "/sys/fs/fuse/connections/NUMBER/abort");
}

void check_rate(const struct machine *machine, struct check *check)
{
	const struct rate_entry *entry, *worst = NULL;
	size_t i = 0, count = 0;

	if (!is_known(machine, check))
		return;
	while ((entry = load_next_limited(&machine->load, &i))) {
		count++;
		if (!worst || entry->over + entry->mini > worst->over + worst->mini)
			worst = entry;
	}
	if (!worst) {
		check_set(check, CHECK_OK, "nobody is limited");
		return;
	}
	check_set(check, CHECK_NOTE,
		  "%s of user %" PRId64 " crashes too often: %" PRIu64
		  " dumps, then %" PRIu64 " of type mini or less, then %" PRIu64
		  " without a dump%s",
		  worst->name[0] ? worst->name : "a program", worst->uid, worst->dumps,
		  worst->mini, worst->over, count > 1 ? " (and others)" : "");
	check_advise(check,
		     "`dumpctl list` has the crashes; RateDumps= and RateMini= in "
		     "dumpd.conf allow more, and a new RatePeriod= begins by itself");
}

void check_drops(const struct machine *machine, struct check *check)
{
	const struct load_state *load = &machine->load;
	const char *since = load->drops.whole ? "since the boot"
					      : "as far back as the kernel's log goes";

	if (load->drops_error < 0) {
		check_set(check, CHECK_NOTE, "the kernel's log cannot be read: %s",
			  strerror(-load->drops_error));
		check_advise(check, "as root");
	} else if (load->drops.count == 0) {
		check_set(check, CHECK_OK, "none %s", since);
	} else {
		check_set(check, CHECK_NOTE,
			  "%s%" PRIu64 " %s, over kernel.core_pipe_limit: they have no "
			  "dump and no record",
			  load->drops.more ? "at least " : "", load->drops.count, since);
		check_advise(check,
			     "a larger kernel.core_pipe_limit; `dumpctl setup` sets 512");
	}
}
