/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "handler/data_report.h"
#include "handler/modules_report.h"
#include "store/modules.h"

/* Of GTK's programs some have 150, of browsers 250; the record has room for about so many. */
#define MODULES_MAX 512

/* Room for the line that says how many there are more. */
#define MORE_SIZE 32

static const char *const words[BUILD_ID_STATES] = {
	[BUILD_ID_NONE] = MODULE_NONE,	       [BUILD_ID_UNREAD] = MODULE_UNREAD,
	[BUILD_ID_BAD_SIZE] = MODULE_BAD_SIZE, [BUILD_ID_BAD_PLACE] = MODULE_BAD_PLACE,
	[BUILD_ID_TWO] = MODULE_TWO,
};

static void print_build_id(const struct build_id *id, char text[MODULE_BUILD_ID_SIZE])
{
	if (id->state != BUILD_ID_FOUND)
		(void)snprintf(text, MODULE_BUILD_ID_SIZE, "%s", words[id->state]);
	for (size_t i = 0; i < id->n; i++)
		(void)snprintf(&text[2 * i], 3, "%02x", id->bytes[i]); /* fits */
}

/* A line break in a path is \012, as in /proc/PID/maps. Return: bytes, or 0 without room. */
static size_t print_path(struct bytes path, char *to, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < path.n; i++) {
		bool breaks = path.p[i] == '\n';

		if (room - n <= 5)
			return 0;
		if (breaks)
			memcpy(to + n, "\\012", 4);
		else
			to[n] = (char)path.p[i];
		n += breaks ? 4 : 1;
	}
	to[n++] = '\n';
	to[n] = '\0';
	return n;
}

/* Return: false if there is no room. */
static bool add(const struct module *module, const struct names *names,
		struct report *report)
{
	size_t n = strlen(report->modules);
	size_t room = sizeof(report->modules) - MORE_SIZE - n;
	struct bytes name = names_at(names, module->start);
	char id[MODULE_BUILD_ID_SIZE];
	char *to = report->modules + n;
	int head;

	print_build_id(&module->build_id, id);
	head = snprintf(to, room, "%s %" PRIx64 " ", id, module->start);
	if ((size_t)head >= room || print_path(name.n ? name : module->path, to + head,
					       room - (size_t)head) == 0) {
		*to = '\0';
		return false;
	}
	return true;
}

/* First the executable, then the rest by address. */
static size_t add_all(const struct modules *modules, const struct names *names,
		      struct report *report)
{
	size_t left_out = modules->left_out;

	for (int executable = 1; executable >= 0; executable--) {
		for (size_t i = 0; i < modules->count; i++) {
			if (modules->list[i].executable == executable &&
			    !add(&modules->list[i], names, report))
				left_out++;
		}
	}
	return left_out;
}

/* The executable's own, where it is known. */
static void report_executable(const struct modules *modules, struct report *report)
{
	for (size_t i = 0; i < modules->count; i++) {
		const struct module *module = &modules->list[i];

		if (module->executable && module->build_id.state == BUILD_ID_FOUND)
			print_build_id(&module->build_id, report->build_id);
	}
}

void modules_report(const struct notes *notes, const struct names *names,
		    const struct memory *memory, struct bytes maps, struct report *report)
{
	struct modules modules;
	size_t left_out, n;

	report->modules[0] = report->build_id[0] = '\0';
	if (modules_read(notes, names, memory, MODULES_MAX, &modules) < 0)
		return;
	report_executable(&modules, report);
	data_report(maps, &modules, report);
	left_out = add_all(&modules, names, report);
	n = strlen(report->modules);
	if (left_out)
		(void)snprintf(report->modules + n, MORE_SIZE, "%zu " MODULE_MORE "\n",
			       left_out); /* there is room */
	else if (n > 0)
		report->modules[n - 1] = '\0';
	modules_done(&modules);
}
