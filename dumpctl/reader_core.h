/* SPDX-License-Identifier: MIT */
/*
 * Answers of the child of dumpctl/reader.h about the core of `dumpctl debug', which it keeps, and about files on disk
 * that may be what was mapped. dumpctl/debug_core.h asks.
 */
#pragma once

#include "dumpctl/reader_answer.h"

void reader_core(struct reader_answer *answer);
void reader_core_page(struct reader_answer *answer);
void reader_core_hide(struct reader_answer *answer);
void reader_core_as_started(struct reader_answer *answer);
void reader_core_build_id(struct reader_answer *answer);
