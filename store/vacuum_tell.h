/* SPDX-License-Identifier: MIT */
/*
 * Whose the dumps are that a scan has found, and of which executable, in which container or service: by the extended
 * attributes that the handler sets (store/attributes.h), or where there are none by the record.
 */
#pragma once

#include "store/vacuum.h"

/* Opens each, and leaves out what is not ours. Return: 0 or -ENOMEM. */
int vacuum_tell(int store_fd, struct vacuum_scan *scan) _must_check_;
