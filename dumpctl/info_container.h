/* SPDX-License-Identifier: MIT */
/*
 * The container of a crash, as dumpctl info says it.
 */
#pragma once

#include "store/index.h"

/* "podman 0123...", or what the user claims and that it is a claim. A new string, "" for none, NULL without memory. */
char *info_container(const struct index_entry *entry) _must_check_;
