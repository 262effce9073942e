/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "config/ask.h"
#include "config/duration.h"
#include "handler/load.h"
#include "handler/rate_file.h"
#include "handler/runtime.h"
#include "handler/slot_admission.h"
#include "handler/slot_disk.h"
#include "handler/slots.h"
#include "handler/worker_left.h"
#include "store/record_group.h"

#define SECOND INT64_C(1000000)

void load_init(struct load *load)
{
	*load = (struct load){ .runtime_fd = -1, .slot_fd = -1, .disk_fd = -1 };
}

void load_done(struct load *load)
{
	cleanup_fd(&load->slot_fd);
	cleanup_fd(&load->disk_fd);
	cleanup_fd(&load->runtime_fd);
	load_init(load);
}

/* A user's claim is none: containers that they make up count as what they run themselves. */
static const char *group_of(const struct process *process,
			    const struct process_container *container,
			    bool *ret_contained)
{
	bool pod = !container->claimed && container->pod[0],
	     runtime = !container->claimed && container->runtime;
	const struct record_group group = {
		.pod_uid = pod ? container->pod : NULL,
		.container_id = runtime ? container->id : NULL,
		.user_unit = process->user_unit,
		.unit = process->unit,
	};

	return record_group_name(&group, ret_contained);
}

/*
 * Who has subordinate ids (subuid(5)) can crash as 65,536 users: a session's owner, whose control group
 * its processes cannot leave, is one. So is a container, whose root is not the machine's.
 */
static void who_of(const struct load_ask *ask, struct load *load)
{
	const struct process *process = ask->process;
	int64_t uid = ask->subject.uid;
	const char *group;
	bool contained;

	process_container_find(process->cgroup, &load->container);
	group = group_of(process, &load->container, &contained);
	load->who = (struct rate_who){
		.exe = process->exe ? process->exe : ask->comm,
		.group = group,
		.contained = contained,
		.uid = uid,
		.user = process->owner_uid >= 0 ? process->owner_uid : uid,
	};
	if (contained)
		load->who.user = rate_container(group);
}

static struct rate_limits limits_of(const struct settings *settings)
{
	return (struct rate_limits){
		.period = clock_span(settings->rate_period),
		.dumps = settings->rate_dumps,
		.mini = settings->rate_mini,
		.user_dumps = settings->rate_user_dumps,
		.user_mini = settings->rate_user_mini,
	};
}

/* Room for a container's id. */
#define SUBJECT (PROCESS_CONTAINER_ID + 32)

static void print_subject(const struct load *load, char ret[SUBJECT])
{
	const struct process_container *container = &load->container;

	if (load->answer.by == RATE_BY_PROGRAM)
		(void)snprintf(ret, SUBJECT, "this executable");
	else if (load->answer.by == RATE_BY_LOOP)
		(void)snprintf(ret, SUBJECT, "this executable in containers");
	else if (!load->who.contained)
		(void)snprintf(ret, SUBJECT, "the programs of user %" PRId64,
			       load->who.user);
	else if (container->pod[0])
		(void)snprintf(ret, SUBJECT, "the programs of pod %s", container->pod);
	else
		(void)snprintf(ret, SUBJECT, "the programs of container %s",
			       container->id); /* each fits */
}

static void say_rate(const struct settings *settings, struct load *load)
{
	const struct rate_answer *answer = &load->answer;
	_cleanup_free_ char *period = duration_print(settings->rate_period);
	const char *keys = answer->by == RATE_BY_USER ? "RateUserDumps= and RateUserMini="
						      : "RateDumps= and RateMini=";
	char subject[SUBJECT];

	print_subject(load, subject);
	(void)snprintf(
		load->reason, sizeof(load->reason),
		"%" PRIu64 " crashes of %s in %s: %s (%s in dumpd.conf allow more)",
		answer->crashes, subject, period ? period : "RatePeriod",
		load->ceiling == CEILING_MINI ? "mini is kept at most" : "a record only",
		keys); /* fits */
}

static void weigh_rate(const struct load_ask *ask, const struct settings *settings,
		       struct load *load)
{
	static const enum ceiling ceilings[] = {
		[RATE_CONFIGURED] = CEILING_NONE, [RATE_MINI] = CEILING_MINI,
		[RATE_RECORD] = CEILING_RECORD,	  [RATE_WAIT] = CEILING_RECORD,
		[RATE_COUNTED] = CEILING_RECORD,
	};

	who_of(ask, load);
	load->limits = limits_of(settings);
	if (!rate_is_limited(&load->limits) ||
	    rate_file_decide(load->runtime_fd, &load->who, &load->limits,
			     clock_usec(CLOCK_BOOTTIME), &load->answer) < 0)
		return; /* what cannot count does not limit */
	load->ceiling = ceilings[load->answer.verdict];
	load->repeated = load->answer.repeated;
	if (load->ceiling != CEILING_NONE)
		say_rate(settings, load);
}

static void say_slots(const struct settings *settings, const struct slots *slots, int why,
		      struct load *load)
{
	_cleanup_free_ char *wait = duration_print(settings->slot_wait);
	const char *time = wait ? wait : "SlotWait";
	const char *keys = "Slots= and SlotWait= in dumpd.conf allow more";

	load->ceiling = CEILING_RECORD;
	if (why == -EDQUOT)
		(void)snprintf(
			load->reason, sizeof(load->reason),
			"too many crashes at once of %s, whose half of the slots "
			"(%u large, %u small) was taken for %s: a record only (%s)",
			load->share.name, slot_admission_share(slots, SLOT_LARGE),
			slot_admission_share(slots, SLOT_SMALL), time, keys);
	else
		(void)snprintf(
			load->reason, sizeof(load->reason),
			"too many crashes at once, all of %u large and %u small slots "
			"were taken for %s: a record only (%s)",
			slot_admission_open(slots, &load->share, SLOT_LARGE),
			slot_admission_open(slots, &load->share, SLOT_SMALL), time,
			keys); /* each fits */
}

static void say_small(const struct slots *slots, int why, struct load *load)
{
	load->ceiling = CEILING_MINI;
	if (why == -EDQUOT)
		(void)snprintf(load->reason, sizeof(load->reason),
			       "too many crashes at once of %s, whose half of the large "
			       "slots (%u) was taken: mini is kept at most (Slots= in "
			       "dumpd.conf allows more)",
			       load->share.name, slot_admission_share(slots, SLOT_LARGE));
	else
		(void)snprintf(
			load->reason, sizeof(load->reason),
			"too many crashes at once, all of %u large slots were taken: mini is "
			"kept at most (Slots= in dumpd.conf allows more)",
			slot_admission_open(slots, &load->share,
					    SLOT_LARGE)); /* each fits */
}

/* Half of the time for which a process may be held is for its dump. */
static int64_t patience(const struct settings *settings)
{
	int64_t wait = clock_span(settings->slot_wait);
	int64_t half = clock_span(settings->deadline) / 2;

	return wait < half ? wait : half;
}

/* An executable that is not known may have a section of its own, which the notes will tell. */
static bool wants_large(const struct load_ask *ask, const struct settings *settings)
{
	return !ask->subject.exe || ceiling_is_above_mini(settings);
}

/* As many workers as it may have slots are left behind, each with a dead process' memory. */
static bool has_many_left(const struct slots *slots, const struct load *load)
{
	return worker_left_count(load->runtime_fd, load->share.key) >=
	       slot_admission_share(slots, SLOT_LARGE) +
		       slot_admission_share(slots, SLOT_SMALL);
}

static void weigh_slots(const struct load_ask *ask, const struct settings *settings,
			struct load *load)
{
	bool large = load->ceiling == CEILING_NONE && wants_large(ask, settings);
	struct slot_answer answer;
	struct slots slots;

	slots_init(settings->slots, load->runtime_fd, &slots);
	slot_share_find(ask->process, &load->container, ask->subject.uid, &load->share);
	load->stream_alone = has_many_left(&slots, load);
	load->slot_fd = slots_take(&slots, &load->share, large ? SLOT_LARGE : SLOT_SMALL,
				   patience(settings), &answer);
	load->class = answer.class;
	if (load->slot_fd == -EBUSY)
		say_slots(settings, &slots, answer.why, load);
	else if (load->slot_fd >= 0 && large && load->class == SLOT_SMALL)
		say_small(&slots, answer.why, load);
}

/* The type that it asks for is certain after the notes; here it is likely. */
static void resolve(const struct load_ask *ask, struct settings *ret)
{
	enum dump_type type;

	config_resolve(ask->config, &ask->subject, ret, NULL);
	if (ask->asked && dump_type_parse(ask->asked, &type) == 0)
		(void)!ask_apply(ret, type); /* refused: as configured */
}

void load_weigh(const struct load_ask *ask, struct load *ret)
{
	struct settings settings;

	load_init(ret);
	resolve(ask, &settings);
	ret->runtime_fd = runtime_open(settings.runtime_directory, true);
	if (ret->runtime_fd < 0)
		return;
	weigh_rate(ask, &settings, ret);
	if (ret->ceiling != CEILING_RECORD)
		weigh_slots(ask, &settings, ret);
}

static int change_slot(const struct slots *slots, enum slot_class class, int64_t usec,
		       struct load *load)
{
	_cleanup_fd_ int fd = slots_take_of(slots, &load->share, class, usec);

	if (fd < 0)
		return fd;
	cleanup_fd(&load->slot_fd);
	load->slot_fd = TAKE_FD(fd);
	load->class = class;
	return 0;
}

void load_weigh_asked(const struct load_ask *ask, struct load *load)
{
	struct settings settings;
	struct slots slots;
	int64_t usec;
	bool large;
	int r;

	if (!ask->asked || load->slot_fd < 0 || load->ceiling != CEILING_NONE)
		return;
	resolve(ask, &settings);
	slots_init(settings.slots, load->runtime_fd, &slots);
	large = wants_large(ask, &settings);
	usec = patience(&settings);
	if (large && load->class == SLOT_SMALL) {
		r = change_slot(&slots, SLOT_LARGE, usec < SECOND ? usec : SECOND, load);
		if (r < 0)
			say_small(&slots, r, load);
	} else if (!large && load->class == SLOT_LARGE) {
		(void)!change_slot(&slots, SLOT_SMALL, 0, load); /* a larger one does */
	}
}

void load_wait_for_disk(struct load *load)
{
	if (load->slot_fd < 0)
		return;
	load->disk_fd = slot_disk_enter(load->runtime_fd, load->class, load->share.key);
	if (load->disk_fd < 0)
		return; /* it counts as a slot, which it is then */
	cleanup_fd(&load->slot_fd);
	load->slot_fd = -1;
}

void load_say_stream(const struct load *load, struct report *report)
{
	report_say(
		report,
		"the core was read from the pipe alone: as many workers of %s as it may have "
		"slots hang in reads of file systems that do not answer (dumpctl status names them)",
		load->share.name);
}

int load_note_left(const struct load *load, pid_t worker, int64_t crashed)
{
	return worker_left_note(load->runtime_fd, load->share.key, worker, crashed,
				load->who.exe);
}

/* Until `when` on CLOCK_BOOTTIME; a clock that stands while a machine sleeps only waits longer. */
static void wait_until(int64_t when)
{
	int64_t left = when - clock_usec(CLOCK_BOOTTIME);
	const struct timespec time = { left / SECOND, left % SECOND * 1000 };
	sigset_t ends;

	if (left <= 0)
		return;
	(void)sigemptyset(&ends); /* these two cannot fail */
	(void)sigaddset(&ends, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL); /* nor this */
	(void)sigtimedwait(&ends, NULL,
			   &time); /* whichever ended it, the time has come */
}

bool load_record_due(struct load *load)
{
	struct rate_answer *answer = &load->answer;

	if (answer->verdict == RATE_WAIT) {
		wait_until(answer->when);
		if (rate_file_due(load->runtime_fd, &load->who, answer->by,
				  clock_usec(CLOCK_BOOTTIME), answer) < 0)
			return true; /* the others' count is lost, this one is not */
		load->repeated = answer->repeated;
	}
	return answer->verdict != RATE_COUNTED;
}

void load_report(const struct load *load, struct report *ret)
{
	const char *whom = "it";

	report_init(ret);
	ret->outcome = REPORT_RECORD;
	(void)snprintf(ret->type, sizeof(ret->type), "%s",
		       dump_type_name(DUMP_NONE)); /* fits */
	report_say(ret, "%s", load->reason);
	if (load->answer.by == RATE_BY_USER)
		whom = load->who.contained ? "it, or of others there," : "this user";
	if (load->repeated)
		report_say(ret,
			   "this record is also for %" PRIu64
			   " more crashes of %s, which "
			   "have none of their own",
			   load->repeated, whom);
}
