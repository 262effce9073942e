/* SPDX-License-Identifier: MIT */
/*
 * dumpctl setup --undo: what was set before comes back, unless somebody else has changed it since,
 * and the files that setup wrote go. With offline, the files only.
 */
#pragma once

#include <stdbool.h>

/* Return: the exit status of dumpctl. */
int setup_undo(bool offline);
