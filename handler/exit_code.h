/* SPDX-License-Identifier: MIT */
/*
 * What the handler ends with, as dumpd(8) tells.
 */
#pragma once

enum exit_code {
	EXIT_DONE = 0,
	EXIT_CUT = 1,
	EXIT_USAGE = 2,
	EXIT_RECORD = 3,
	EXIT_NO_JOURNAL = 4,
	EXIT_LOST = 5,
};
