/* SPDX-License-Identifier: MIT */
/*
 * How many processors there are for this process.
 */
#pragma once

/* At least 1; otherwise: where that cannot be told. Without a file, so that the worker may ask it. */
unsigned int processors_count(unsigned int otherwise);
