/* SPDX-License-Identifier: MIT */
/*
 * The child of dumpctl/reader.h: confines itself, then answers until the other end is closed.
 *
 * Mustn't: print, open a file, or trust what it reads. What it writes are answers, and the output that it was handed.
 */
#pragma once

#include "config/config.h"

_Noreturn void reader_child(int socket, const struct config *config);
