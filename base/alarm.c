/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/time.h>

#include "base/alarm.h"

#define AGAIN_USEC 100000

static void on_alarm(int signal)
{
	(void)signal; /* only to end a call with EINTR: no SA_RESTART */
}

int alarm_start(int64_t usec, struct alarm *ret)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval timer = {
		.it_interval = { 0, AGAIN_USEC },
		.it_value = { usec / 1000000, usec % 1000000 },
	};

	if (sigaction(SIGALRM, &action, &ret->before) < 0)
		return -errno;
	(void)setitimer(ITIMER_REAL, &timer, NULL); /* cannot fail with these values */
	return 0;
}

void alarm_stop(const struct alarm *alarm)
{
	static const struct itimerval off = { { 0, 0 }, { 0, 0 } };

	(void)setitimer(ITIMER_REAL, &off, NULL); /* as above, and so is the next one */
	(void)sigaction(SIGALRM, &alarm->before, NULL);
}
