/* SPDX-License-Identifier: MIT */
/*
 * What a program says of its own memory to whoever dumps it after a crash: keep this, drop
 * that, this is a secret, this text tells why. One header, C11 and C++11 or later with gcc or
 * clang, Linux, nothing to link. dumpd-hints(3) explains it.
 *
 *	dumpd_hint_id id = dumpd_hints_add(dumpd_secret(key, sizeof(key), "session key"));
 *	...
 *	dumpd_hints_remove(id);
 *
 * Every function may be called from any thread, in signal handlers, before main() and after
 * fork(); none waits, allocates, or changes errno. A slot is claimed and freed by one
 * compare-and-swap. What was said holds when the function returns, and until remove is called.
 *
 * The table (an ABI: other languages write it by hand)
 *
 * A mapping of a memfd whose name is "dumpd-hints", from its offset 0, readable and writable,
 * MAP_PRIVATE, so that a forked process has its own. It is found by its name in NT_FILE. A
 * process may have several. Numbers are little endian, whatever the word size.
 *
 *   offset  size
 *        0     4  magic, the bytes "DHNT"; written last, 0 until then
 *        4     2  version, 1
 *        6     2  size of an entry, 64 (a reader accepts multiples of 8 up to 4096)
 *        8     4  capacity: entries of the table
 *       12     4  offset of the first entry, 64
 *       16     4  the writer's own (here: where to look for a free entry)
 *       20    44  0
 *
 * and each entry
 *
 *        0     1  state: 0 free, 1 being written, 2 set; written last
 *        1     3  the writer's own (here: how often the entry was claimed)
 *        4     1  kind, DUMPD_HINT_*; one with bit 7 set hides no memory, so that a reader may
 *                 ignore it if it does not know it
 *        5     1  priority of what is kept, 0 first
 *        6     1  bytes of the length at length_at: 1, 2, 4 or 8
 *        7     1  0
 *        8     8  address
 *       16     8  length in bytes
 *       24     8  length_at; 0: length is the length
 *       32    24  tag: text, padded with NUL, the last byte is NUL
 *       56     8  0
 *
 * To add: find a free entry, make it 1 (by compare-and-swap where others write), fill it in,
 * make it 2. To remove: make it 0. To replace: add the new one first, then remove the old one,
 * so that a secret is covered all the time. An entry that is being written counts as free.
 */
#ifndef DUMPD_HINTS_H
#define DUMPD_HINTS_H

#ifndef __linux__
#error "dumpd-hints.h is for Linux"
#endif

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DUMPD_HINTS_NAME	 "dumpd-hints"
#define DUMPD_HINTS_MAGIC	 0x544e4844u
#define DUMPD_HINTS_VERSION	 1
#define DUMPD_HINTS_HEADER_SIZE	 64
#define DUMPD_HINTS_ENTRY_SIZE	 64
#define DUMPD_HINTS_TAG_SIZE	 24
#define DUMPD_HINTS_CAPACITY_MAX 65536 /* of all tables of a process together */

#define DUMPD_HINTS_FREE 0
#define DUMPD_HINTS_BUSY 1
#define DUMPD_HINTS_SET	 2

#define DUMPD_HINT_KEEP		1
#define DUMPD_HINT_KEEP_POINTEE 2 /* address is that of a pointer */
#define DUMPD_HINT_DROP		3
#define DUMPD_HINT_SECRET	4
#define DUMPD_HINT_TEXT		5 /* goes into the record; ends at a NUL or at length */

/* The first hint makes the table, 64 bytes for each entry; untouched pages cost nothing. */
#ifndef DUMPD_HINTS_CAPACITY
#define DUMPD_HINTS_CAPACITY 1024
#endif
#if DUMPD_HINTS_CAPACITY < 1 || DUMPD_HINTS_CAPACITY > DUMPD_HINTS_CAPACITY_MAX
#error "DUMPD_HINTS_CAPACITY is not in 1..DUMPD_HINTS_CAPACITY_MAX"
#endif

/* Of kernel headers older than Linux 3.17. */
#ifndef SYS_memfd_create
#if defined(__x86_64__)
#define SYS_memfd_create 319
#elif defined(__i386__)
#define SYS_memfd_create 356
#elif defined(__arm__)
#define SYS_memfd_create 385
#else
#define SYS_memfd_create 279 /* asm-generic: aarch64, riscv, loongarch */
#endif
#endif

#ifdef __cplusplus
extern "C" {
#elif !defined(_GNU_SOURCE) && !defined(_DEFAULT_SOURCE) && !defined(_BSD_SOURCE)
long syscall(long number, ...); /* unistd.h hides it from strict C */
#endif

/* An entry, and what the functions below make for dumpd_hints_add(). */
struct dumpd_hint {
	uint32_t state; /* low byte; the rest counts the claims. Not the caller's. */
	uint8_t kind;
	uint8_t priority;
	uint8_t length_width;
	uint8_t reserved;
	uint64_t address;
	uint64_t length;
	uint64_t length_at;
	char tag[DUMPD_HINTS_TAG_SIZE];
	uint64_t reserved2;
};

struct dumpd_hints_table {
	uint32_t magic;
	uint16_t version;
	uint16_t entry_size;
	uint32_t capacity;
	uint32_t first;
	uint32_t cursor;
	uint32_t reserved[11];
	/* the entries follow */
};

#ifdef __cplusplus
#define DUMPD_HINTS_ASSERT_ static_assert
#else
#define DUMPD_HINTS_ASSERT_ _Static_assert
#endif
DUMPD_HINTS_ASSERT_(sizeof(struct dumpd_hint) == DUMPD_HINTS_ENTRY_SIZE, "entry");
DUMPD_HINTS_ASSERT_(offsetof(struct dumpd_hint, kind) == 4, "kind");
DUMPD_HINTS_ASSERT_(offsetof(struct dumpd_hint, address) == 8, "address");
DUMPD_HINTS_ASSERT_(offsetof(struct dumpd_hint, length_at) == 24, "length_at");
DUMPD_HINTS_ASSERT_(offsetof(struct dumpd_hint, tag) == 32, "tag");
DUMPD_HINTS_ASSERT_(sizeof(struct dumpd_hints_table) == DUMPD_HINTS_HEADER_SIZE,
		    "header");

/*
 * A hint that was added: > 0. 0: none. < 0: a negative errno, and nothing was said:
 * -ENOSPC the table is full, -EINVAL no bytes, or a length of a width that no number has; else
 * what the kernel said when the table was to be made.
 */
typedef int64_t dumpd_hint_id;

/* One for the process, however many files include this; NULL until the first hint. */
extern struct dumpd_hints_table *dumpd_hints_table_1;
#define DUMPD_HINTS_WEAK_ __attribute__((weak, visibility("default")))
DUMPD_HINTS_WEAK_ struct dumpd_hints_table *dumpd_hints_table_1 = NULL;

/*
 * An empty table, not yet known to others. The limit is asked for because ftruncate() above it
 * raises SIGXFSZ; a kernel may insist on MFD_NOEXEC_SEAL (8) or be too old to know it.
 */
static inline struct dumpd_hints_table *dumpd_hints_map_(int *ret_error)
{
	const size_t size = DUMPD_HINTS_HEADER_SIZE +
			    DUMPD_HINTS_CAPACITY * (size_t)DUMPD_HINTS_ENTRY_SIZE;
	struct rlimit limit;
	void *p = MAP_FAILED;
	long fd;

	*ret_error = -EFBIG;
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < size)
		return NULL;
	fd = syscall(SYS_memfd_create, DUMPD_HINTS_NAME, 1u | 8u); /* MFD_CLOEXEC */
	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_memfd_create, DUMPD_HINTS_NAME, 1u);
	if (fd >= 0 && syscall(SYS_ftruncate, (int)fd, (long)size) == 0)
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, (int)fd, 0);
	*ret_error = -errno;
	if (fd >= 0)
		(void)close((int)fd); /* the mapping is what counts */
	return p == MAP_FAILED ? NULL : (struct dumpd_hints_table *)p;
}

static inline struct dumpd_hints_table *dumpd_hints_make_(int *ret_error)
{
	struct dumpd_hints_table *table, *first = NULL;
	int saved = errno;

	table = dumpd_hints_map_(ret_error);
	errno = saved;
	if (!table)
		return NULL;
	table->version = DUMPD_HINTS_VERSION;
	table->entry_size = DUMPD_HINTS_ENTRY_SIZE;
	table->capacity = DUMPD_HINTS_CAPACITY;
	table->first = DUMPD_HINTS_HEADER_SIZE;
	__atomic_store_n(&table->magic, DUMPD_HINTS_MAGIC, __ATOMIC_RELEASE);
	if (__atomic_compare_exchange_n(&dumpd_hints_table_1, &first, table, 0,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return table;
	/* another thread, or the code that a signal interrupted, was faster */
	(void)syscall(SYS_munmap, table,
		      DUMPD_HINTS_HEADER_SIZE +
			      DUMPD_HINTS_CAPACITY * (size_t)DUMPD_HINTS_ENTRY_SIZE);
	errno = saved;
	return first;
}

static inline struct dumpd_hints_table *dumpd_hints_get_(int *ret_error)
{
	struct dumpd_hints_table *table =
		__atomic_load_n(&dumpd_hints_table_1, __ATOMIC_ACQUIRE);

	if (__builtin_expect(table != NULL, 1))
		return table;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return dumpd_hints_make_(ret_error);
#else
	*ret_error = -ENOSYS; /* nobody would read it */
	return NULL;
#endif
}

/*
 * Make the table now, before a seccomp filter forbids memfd_create() or a limit is set.
 * Return: 0 or a negative errno.
 */
static inline int dumpd_hints_prepare(void)
{
	int error = 0;

	return dumpd_hints_get_(&error) ? 0 : error;
}

static inline struct dumpd_hint *dumpd_hints_entry_(struct dumpd_hints_table *table,
						    uint32_t at)
{
	return (struct dumpd_hint *)(void *)(table + 1) + at;
}

/*
 * Return: the claimed entry's new state, or 0 if it is not free. Free, but claimed and freed by
 * others in between, is free: a table is full only if every entry was seen in use.
 */
static inline uint32_t dumpd_hints_claim_(struct dumpd_hint *entry)
{
	uint32_t old = __atomic_load_n(&entry->state, __ATOMIC_RELAXED), claimed;

	while ((old & 0xff) == DUMPD_HINTS_FREE) {
		claimed = old + 0x100 + DUMPD_HINTS_BUSY; /* the count wraps */
		if (__atomic_compare_exchange_n(&entry->state, &old, claimed, 0,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return claimed;
	}
	return 0;
}

/*
 * The process is stopped between two instructions, so the compiler is the only one that must
 * not move the caller's next stores (the secret itself) before this.
 */
static inline dumpd_hint_id dumpd_hints_publish_(struct dumpd_hints_table *table,
						 uint32_t at, uint32_t claimed,
						 const struct dumpd_hint *hint)
{
	struct dumpd_hint *entry = dumpd_hints_entry_(table, at);

	memcpy((char *)entry + sizeof(entry->state),
	       (const char *)hint + sizeof(hint->state),
	       sizeof(*entry) - sizeof(entry->state));
	__atomic_store_n(&entry->state, claimed - DUMPD_HINTS_BUSY + DUMPD_HINTS_SET,
			 __ATOMIC_RELEASE);
	__atomic_store_n(&table->cursor, at + 1, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return (dumpd_hint_id)(claimed >> 8) << 32 | (at + 1);
}

static inline dumpd_hint_id dumpd_hints_add(struct dumpd_hint hint)
{
	struct dumpd_hints_table *table;
	uint32_t capacity, at, claimed;
	int error = 0;

	if (hint.kind == 0 || (hint.length == 0 && hint.length_at == 0))
		return -EINVAL;
	table = dumpd_hints_get_(&error);
	if (!table)
		return error;
	capacity = table->capacity;
	at = __atomic_load_n(&table->cursor, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < capacity; i++, at++) {
		if (at >= capacity)
			at = 0;
		claimed = dumpd_hints_claim_(dumpd_hints_entry_(table, at));
		if (claimed)
			return dumpd_hints_publish_(table, at, claimed, &hint);
	}
	return -ENOSPC;
}

/*
 * id: also 0 or negative, then there is nothing to do. Return: 0, or -ENOENT if that hint was
 * removed before; another one in its entry stays.
 */
static inline int dumpd_hints_remove(dumpd_hint_id id)
{
	struct dumpd_hints_table *table =
		__atomic_load_n(&dumpd_hints_table_1, __ATOMIC_ACQUIRE);
	uint32_t at = (uint32_t)id - 1, count, set;

	if (id <= 0)
		return 0;
	if (!table || at >= table->capacity)
		return -ENOENT;
	count = (uint32_t)((uint64_t)id >> 32) << 8;
	set = count | DUMPD_HINTS_SET;
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* the secret was wiped before this */
	if (!__atomic_compare_exchange_n(&dumpd_hints_entry_(table, at)->state, &set,
					 count | DUMPD_HINTS_FREE, 0, __ATOMIC_RELEASE,
					 __ATOMIC_RELAXED))
		return -ENOENT;
	__atomic_store_n(&table->cursor, at, __ATOMIC_RELAXED);
	return 0;
}

/*
 * The new hint holds before the old one ends: there is no instant without either. Return: the
 * new one's id, or a negative errno, and then the old one still holds.
 */
static inline dumpd_hint_id dumpd_hints_replace(dumpd_hint_id old, struct dumpd_hint hint)
{
	dumpd_hint_id id = dumpd_hints_add(hint);

	if (id > 0)
		(void)dumpd_hints_remove(
			old); /* it may have been removed: all the better */
	return id;
}

/* The memory is named, not read: a secret is named before it is there. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11
#define DUMPD_HINTS_NAMED_ __attribute__((access(none, 1)))
#else
#define DUMPD_HINTS_NAMED_
#endif

/* What to say. tag: up to 23 bytes of it are kept, NULL: none. */
static inline struct dumpd_hint dumpd_hint_of_(uint8_t kind, uintptr_t address, size_t n,
					       const char *tag)
{
	struct dumpd_hint hint;
	size_t tag_n = tag ? strlen(tag) : 0;

	memset(&hint, 0, sizeof(hint));
	hint.kind = kind;
	hint.address = address;
	hint.length = n;
	if (tag_n > 0)
		memcpy(hint.tag, tag,
		       tag_n < sizeof(hint.tag) ? tag_n : sizeof(hint.tag) - 1);
	return hint;
}

/* These n bytes are in every dump that has memory at all, as the budget allows. */
DUMPD_HINTS_NAMED_ static inline struct dumpd_hint
dumpd_keep(const volatile void *p, size_t n, uint8_t priority, const char *tag)
{
	struct dumpd_hint hint = dumpd_hint_of_(DUMPD_HINT_KEEP, (uintptr_t)p, n, tag);

	hint.priority = priority;
	return hint;
}

/* The n bytes that the pointer variable at `pointer` points to when the program crashes. */
DUMPD_HINTS_NAMED_ static inline struct dumpd_hint
dumpd_keep_pointee(const volatile void *pointer, size_t n, uint8_t priority,
		   const char *tag)
{
	struct dumpd_hint hint =
		dumpd_hint_of_(DUMPD_HINT_KEEP_POINTEE, (uintptr_t)pointer, n, tag);

	hint.priority = priority;
	return hint;
}

/*
 * The same, as long as the unsigned variable of `width` bytes at `length` says when the program
 * crashes, but not longer than max (0: any length).
 */
DUMPD_HINTS_NAMED_ static inline struct dumpd_hint
dumpd_keep_pointee_of(const volatile void *pointer, const volatile void *length,
		      size_t width, size_t max, uint8_t priority, const char *tag)
{
	struct dumpd_hint hint = dumpd_keep_pointee(pointer, max, priority, tag);

	hint.length_at = (uint64_t)(uintptr_t)length;
	hint.length_width = (uint8_t)width;
	if (!length || (width != 1 && width != 2 && width != 4 && width != 8))
		hint.kind = 0; /* dumpd_hints_add() says -EINVAL */
	return hint;
}

/* These n bytes are of no use to a debugger. */
DUMPD_HINTS_NAMED_ static inline struct dumpd_hint dumpd_drop(const volatile void *p,
							      size_t n, const char *tag)
{
	return dumpd_hint_of_(DUMPD_HINT_DROP, (uintptr_t)p, n, tag);
}

/* These n bytes, and what shares a word of 8 bytes with them, are in no dump. */
DUMPD_HINTS_NAMED_ static inline struct dumpd_hint dumpd_secret(const volatile void *p,
								size_t n, const char *tag)
{
	return dumpd_hint_of_(DUMPD_HINT_SECRET, (uintptr_t)p, n, tag);
}

/* The text of up to n bytes that is there when the program crashes is put into the record. */
DUMPD_HINTS_NAMED_ static inline struct dumpd_hint dumpd_text(const volatile void *p,
							      size_t n, const char *tag)
{
	return dumpd_hint_of_(DUMPD_HINT_TEXT, (uintptr_t)p, n, tag);
}

#ifdef __cplusplus
} /* extern "C" */

namespace dumpd
{
/* A hint that ends with its scope. */
class scoped_hint
{
      public:
	scoped_hint() noexcept : id_(0)
	{
	}
	explicit scoped_hint(const struct dumpd_hint &hint) noexcept
	    : id_(dumpd_hints_add(hint))
	{
	}
	scoped_hint(scoped_hint &&other) noexcept : id_(other.release())
	{
	}
	scoped_hint &operator=(scoped_hint &&other) noexcept
	{
		if (this != &other) {
			dumpd_hints_remove(id_);
			id_ = other.release();
		}
		return *this;
	}
	scoped_hint(const scoped_hint &) = delete;
	scoped_hint &operator=(const scoped_hint &) = delete;
	~scoped_hint()
	{
		dumpd_hints_remove(id_);
	}

	/* false: what was said before still holds, if anything was */
	bool replace(const struct dumpd_hint &hint) noexcept
	{
		dumpd_hint_id id = dumpd_hints_replace(id_, hint);

		if (id > 0 || id_ <= 0)
			id_ = id;
		return id > 0;
	}
	/* The hint stays; the caller is to remove it. */
	dumpd_hint_id release() noexcept
	{
		dumpd_hint_id id = id_;

		id_ = 0;
		return id;
	}
	bool is_set() const noexcept
	{
		return id_ > 0;
	}
	/* 0 or a negative errno */
	int error() const noexcept
	{
		return id_ < 0 ? static_cast<int>(id_) : 0;
	}

      private:
	dumpd_hint_id id_;
};
} // namespace dumpd
#endif

#endif
