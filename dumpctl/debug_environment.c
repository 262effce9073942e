/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dumpctl/debug_environment.h"
#include "handler/isolate_debugger.h"

/* Terminal, language and time. A name that ends in _ stands for all that begin so. */
static const char *const kept[] = { "TERM",	"COLORTERM", "NO_COLOR", "LANG",
				    "LANGUAGE", "LC_",	     "TZ" };

/* Not DEBUGINFOD_CACHE_PATH, which would be root's. */
static const char *const kept_for_servers[] = {
	"DEBUGINFOD_URLS",
	"DEBUGINFOD_TIMEOUT",
	"DEBUGINFOD_PROGRESS",
	"DEBUGINFOD_VERBOSE",
	"DEBUGINFOD_MAXSIZE",
	"DEBUGINFOD_MAXTIME",
	"DEBUGINFOD_RETRY_LIMIT",
	"http_proxy",
	"https_proxy",
	"all_proxy",
	"no_proxy",
	"SSL_CERT_FILE",
	"SSL_CERT_DIR",
};

static bool is_of(const char *entry, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(names[i]);

		if (strncmp(entry, names[i], length) == 0 &&
		    (entry[length] == '=' || names[i][length - 1] == '_'))
			return true;
	}
	return false;
}

static int filter(bool servers)
{
	char **all = environ;

	if (clearenv() != 0)
		return -ENOMEM;
	for (; all && *all; all++) {
		if (!is_of(*all, kept, ARRAY_SIZE(kept)) &&
		    !(servers &&
		      is_of(*all, kept_for_servers, ARRAY_SIZE(kept_for_servers))))
			continue;
		if (putenv(*all) != 0)
			return -errno;
	}
	return 0;
}

static int set(const char *home)
{
	const struct {
		const char *name, *value;
	} list[] = {
		{ "HOME", home },
		{ "TMPDIR", home },
		{ "USER", ISOLATE_DEBUGGER_USER },
		{ "LOGNAME", ISOLATE_DEBUGGER_USER },
		{ "SHELL", "/bin/sh" },
		{ "PATH", "/usr/local/bin:/usr/bin:/bin" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		if (setenv(list[i].name, list[i].value, 1) < 0)
			return -errno;
	}
	return 0;
}

/* The caller's directory stays, for scripts that are named from there, unless only root may be in it. */
static int go(const struct debug_sysroot *temporary)
{
	if (access(temporary->home, X_OK) < 0) {
		fprintf(stderr,
			"dumpctl debug: user %s cannot get to %s (%m): set TMPDIR to a directory to "
			"which everybody can\n",
			ISOLATE_DEBUGGER_USER, temporary->home);
		return -EACCES;
	}
	if (chdir(temporary->moved ? temporary->here : ".") < 0 &&
	    chdir(temporary->home) < 0)
		return -errno;
	return 0;
}

int debug_environment(const struct debug_sysroot *temporary, bool servers)
{
	int r = filter(servers);

	if (r == 0)
		r = set(temporary->home);
	if (r < 0) {
		fprintf(stderr, "dumpctl debug: %s\n", strerror(-r));
		return r;
	}
	return go(temporary);
}
