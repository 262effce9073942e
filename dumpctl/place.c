/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "dumpctl/place.h"
#include "dumpctl/verbs.h"
#include "store/publish.h"

void place_init(struct place *place, const char *verb)
{
	memset(place, 0, sizeof(*place));
	place->verb = verb;
	place->fd = -1;
}

void place_done(struct place *place)
{
	cleanup_fd(&place->fd);
}

/*
 * -D may be relative, as for the other verbs; the key may not. Links stay links: where the way leads
 * is store/walk.h's.
 */
static int take_directory(struct place *place)
{
	const char *directory = place->directory;
	size_t room = sizeof(place->settings.directory);
	char here[PATH_MAX];
	int n = -1;

	if (directory[0] == '/')
		n = snprintf(place->settings.directory, room, "%s", directory);
	else if (directory[0] && getcwd(here, sizeof(here)))
		n = snprintf(place->settings.directory, room, "%s/%s", here, directory);
	if (n >= 0 && (size_t)n < room)
		return 0;
	fprintf(stderr, "dumpctl %s: directory `%s': not a usable path\n", place->verb,
		directory);
	return -1;
}

int place_configure(struct place *place)
{
	_cleanup_config_ struct config *config = NULL;

	/* by a mistyped name, the store of the machine would be meant */
	if (place->config && access(place->config, R_OK) < 0) {
		fprintf(stderr, "dumpctl %s: --config=%s: %s\n", place->verb,
			place->config, strerror(errno));
		return -1;
	}
	if (config_load(place->config, &config) < 0) {
		fprintf(stderr, "dumpctl %s: no memory\n", place->verb);
		return -1;
	}
	config_resolve(config, NULL, &place->settings, NULL);
	/* A file that was named must not be wrong in silence. */
	if (place->config && config_problem_count(config) > 0)
		fprintf(stderr, "dumpctl %s: %s\n", place->verb,
			config_problem(config, 0));
	return place->directory ? take_directory(place) : 0;
}

int place_open(struct place *place)
{
	const char *directory = place->settings.directory, *reason = NULL;
	struct stat st;
	int fd;

	/* not made for this: the first dump does that */
	if (lstat(directory, &st) < 0 && errno == ENOENT && !place->directory)
		return 0;
	if (lstat(directory, &st) < 0) {
		fprintf(stderr, "dumpctl %s: %s: %s\n", place->verb, directory,
			strerror(errno));
		return -1;
	}
	fd = store_open(directory, &reason);
	if (fd < 0) {
		fprintf(stderr, "dumpctl %s: %s: %s\n", place->verb, directory, reason);
		return -1;
	}
	place->fd = fd;
	return 0;
}

int place_left_out(const struct place *place, size_t n)
{
	if (n == 0)
		return VERB_DONE;
	fprintf(stderr, "dumpctl %s: %zu files cannot be read and do not count%s\n",
		place->verb, n, geteuid() == 0 ? "" : "; run as root");
	return VERB_FAILED;
}
