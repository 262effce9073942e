/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "handler/process.h"
#include "handler/process_locks.h"

/* Of neighbours with the same name one. Java and browsers have some hundred. */
#define NAMES_MAX 4096

static const char ring[] = "anon_inode:[io_uring]";

static int compare(const void *a, const void *b)
{
	const struct process_mapped_name *one = a, *other = b;
	size_t n = one->n < other->n ? one->n : other->n;
	int r = memcmp(one->bytes, other->bytes, n);

	return r ? r : (one->n > other->n) - (one->n < other->n);
}

/*
 * 7f3c00000000-7f3c00021000 rw-s 00000000 fe:00 131077                     /var/lib/x.db
 * Five words, blanks, and the name of what is no memory alone: of that it is in brackets.
 */
static bool find_name(const char *line, const char *end, struct process_mapped_name *ret)
{
	for (int i = 0; i < 5; i++) {
		line = memchr(line, ' ', (size_t)(end - line));
		if (!line)
			return false;
		line++;
	}
	while (line < end && *line == ' ')
		line++;
	*ret = (struct process_mapped_name){ line, (size_t)(end - line) };
	return line < end && *line != '[';
}

static bool add_name(const struct process_mapped_name *name,
		     struct process_mapped *mapped)
{
	if (mapped->count == NAMES_MAX) {
		mapped->reason = "it maps too many files";
		return false;
	}
	mapped->names[mapped->count++] = *name;
	return true;
}

void process_mapped_read(const char *maps, bool cut, struct process_mapped *ret)
{
	struct process_mapped_name name, before = { "", 0 };
	const char *end;

	*ret = (struct process_mapped){ .names =
						malloc(NAMES_MAX * sizeof(*ret->names)) };
	if (!maps || !ret->names || cut)
		ret->reason = "not all of its mappings are known";
	if (!maps || !ret->names)
		return;
	for (const char *line = maps; *line; line = end + (*end == '\n')) {
		end = strchrnul(line, '\n');
		if (!find_name(line, end, &name) || compare(&name, &before) == 0)
			continue;
		if (!add_name(&name, ret))
			break;
		before = name;
	}
	qsort(ret->names, ret->count, sizeof(*ret->names), compare);
}

void process_mapped_done(struct process_mapped *mapped)
{
	free(mapped->names);
	*mapped = (struct process_mapped){ .names = NULL };
}

/* maps has a newline in a name as \012, a link has it as it is (fs/seq_file.c, seq_path()). */
static size_t escape(const char *link, size_t n, char *to, size_t size)
{
	static const char newline[] = { '\\', '0', '1', '2' };
	size_t used = 0;

	for (size_t i = 0; i < n && used + sizeof(newline) < size; i++) {
		if (link[i] != '\n') {
			to[used++] = link[i];
			continue;
		}
		memcpy(to + used, newline, sizeof(newline));
		used += sizeof(newline);
	}
	return used;
}

bool process_mapped_has(const struct process_mapped *mapped, const char *link, size_t n)
{
	struct process_mapped_name name = { link, n };
	char escaped[4 * 4096];

	if (mapped->count == 0)
		return false;
	if (memchr(link, '\n', n)) {
		name.n = escape(link, n, escaped, sizeof(escaped));
		name.bytes = escaped;
	}
	return bsearch(&name, mapped->names, mapped->count, sizeof(name), compare) !=
	       NULL;
}

void process_locks_forget(const char *reason, struct process_locks *locks)
{
	locks->known = false;
	locks->reason = reason;
}

/* A number up to the byte `until`, which it has behind it. Return: behind that; NULL: it is none. */
static const char *take_number(const char *at, int base, char until, uint64_t max,
			       uint64_t *ret)
{
	char *end;

	if (!at || !strchr("0123456789abcdef", *at) || !*at)
		return NULL;
	errno = 0;
	*ret = strtoull(at, &end, base);
	return errno == 0 && *end == until && *ret <= max ? end + 1 : NULL;
}

/* Behind so many blanks. NULL: the line is shorter. */
static const char *word_of(const char *line, int number)
{
	for (int i = 0; line && i < number; i++) {
		line += strcspn(line, " \n");
		line = *line == ' ' ? line + strspn(line, " ") : NULL;
	}
	return line;
}

/*
 * lock:	1: FLOCK  ADVISORY  WRITE 4711 08:01:131077 0 EOF
 * (fs/locks.c, lock_get_status())
 */
static bool parse_file(const char *line, struct process_lock *ret)
{
	uint64_t major, minor, inode;
	const char *at = word_of(line, 5);

	at = take_number(at, 16, ':', UINT32_MAX, &major);
	at = take_number(at, 16, ':', UINT32_MAX, &minor);
	at = take_number(at, 10, ' ', UINT64_MAX, &inode);
	if (!at)
		return false;
	*ret = (struct process_lock){ (uint32_t)major, (uint32_t)minor, inode };
	return true;
}

static bool is_posix(const char *line)
{
	const char *kind = word_of(line, 1);

	return kind && strncmp(kind, "POSIX ", 6) == 0;
}

static void add_lock(const char *line, struct process_locks *locks)
{
	if (is_posix(line))
		return;
	if (locks->count == PROCESS_LOCKS_MAX)
		process_locks_forget("it has too many files locked", locks);
	else if (!parse_file(line, &locks->locks[locks->count]))
		process_locks_forget("a lock of its files cannot be understood", locks);
	else
		locks->count++;
}

static void add_locks(const char *fdinfo, struct process_locks *locks)
{
	static const char key[] = "lock:";

	for (const char *line = fdinfo; *line;) {
		if (strncmp(line, key, sizeof(key) - 1) == 0)
			add_lock(line, locks);
		line = strchrnul(line, '\n');
		line += *line == '\n';
	}
}

/* io_uring/fdinfo.c: the line is left out while the ring is in use by the kernel, and before Linux 5.10. */
static void add_ring(const char *fdinfo, struct process_locks *locks)
{
	locks->rings++;
	if (process_status_number(fdinfo, "UserFiles:") != 0)
		locks->registered = true;
}

bool process_locks_is_ring(const char *link, size_t n)
{
	return n == sizeof(ring) - 1 && memcmp(link, ring, n) == 0;
}

void process_locks_add(const char *link, size_t n, const char *fdinfo, bool cut,
		       struct process_locks *locks)
{
	if (process_locks_is_ring(link, n)) {
		add_ring(fdinfo, locks);
		return;
	}
	add_locks(fdinfo, locks);
	if (cut)
		process_locks_forget("a file of its has too many locks", locks);
}
