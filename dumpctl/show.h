/* SPDX-License-Identifier: MIT */
/*
 * Facts in the form that people read. Everything that a crashed program chose is escaped
 * here; NULL is always for lack of memory.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "store/index.h"

/* Escaped; "-" if unknown. */
char *show_text(const char *text) _must_check_;
char *show_number(int64_t number) _must_check_;
/* Local time, "2026-11-21 10:43:36"; with its zone and how long ago if `now` is not 0. */
char *show_time(int64_t timestamp, int64_t now) _must_check_;
/* "1.3M"; "-" if negative. */
char *show_size(int64_t bytes) _must_check_;
/* "SEGV", or the number. */
char *show_signal(const struct record *record) _must_check_;
/* The path of the file, escaped; "-" without one. */
char *show_path(const struct index_entry *entry) _must_check_;

/* To standard output, "   LABEL: TEXT"; the label right in `width`, "" under the row before. */
void show_row(int width, const char *label, const char *text);
/*
 * A row for each of the lines that a record has as one text. Each is escaped for itself: what a
 * crashed program chose may be in them. Return: 0 or -ENOMEM.
 */
int show_rows(int width, const char *label, const char *lines) _must_check_;

/* One JSON array of objects: the record's members plus state, size and file. 0 or negative. */
int show_json(struct index_entry *const *entries, size_t count, FILE *out) _must_check_;
