/* SPDX-License-Identifier: MIT */
/*
 * What the records of stored dumps say, and whether their files are whole: of many at once, for the list of crashes,
 * and of one.
 */
#pragma once

#include "dumpctl/reader.h"
#include "store/index.h"

/* For index_load(): the reader must outlive it. */
struct index_reader reader_index(struct reader *reader);

/* fd: of a dump's file, borrowed. Return: as of reader.h. */
int reader_record(struct reader *reader, int fd, struct record *ret) _must_check_;
