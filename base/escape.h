/* SPDX-License-Identifier: MIT */
/*
 * Bytes that a crashed program chose, made fit for people and for file names.
 * Both forms can be turned back into the bytes.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"

/*
 * For terminals, MESSAGE= and JSON: printable UTF-8 stays; C0 and C1 controls, DEL, invalid
 * UTF-8, what turns a line around or cannot be seen, and the backslash itself become \xNN. Return: a new string, NULL without memory.
 */
char *escape_text(const void *bytes, size_t n) _must_check_;

/* The bytes back; *ret_n counts them, a NUL follows. NULL: not escaped so, or no memory. */
char *escape_text_undo(const char *text, size_t *ret_n) _must_check_;

/*
 * One word for a shell, in the form of systemd's (shell_maybe_quote(), SHELL_ESCAPE_POSIX): as it is where nothing in
 * it means something to a shell, "" where it is empty, else $'...', in which quote and backslash have a backslash, and
 * what is not printable is \n, \t or \NNN. Return: a new string, NULL without memory.
 */
char *escape_shell(const void *bytes, size_t n) _must_check_;

/*
 * For one part of a file name: letters, digits, '_', '+' and '-' stay, all else is %NN, so
 * '.' and '/' never appear. Return: a new string, NULL without memory.
 */
char *escape_name(const void *bytes, size_t n) _must_check_;
char *escape_name_undo(const char *name, size_t *ret_n) _must_check_;
