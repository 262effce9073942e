/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "handler/spool.h"

/*
 * What a mini dump needs. Where the machine is a guest whose free memory the host has taken back, a huge
 * page costs 3 ms, whether it is needed to its end or not.
 */
#define SMALL_BUFFERS 8

/* As many as are in use when nobody is in a hurry. */
#define SPARE_MAX 16

int spool_open(uint64_t bytes, size_t least, struct spool *ret)
{
	uint64_t max = bytes / SPOOL_BUFFER;

	*ret = (struct spool){ .max = max > least ? (size_t)max : least };
	ret->spare = calloc(SPARE_MAX, sizeof(*ret->spare));
	return ret->spare ? 0 : -ENOMEM;
}

static bool is_adopted(const struct spool *spool, const uint8_t *buffer)
{
	uintptr_t first = (uintptr_t)spool->adopted, at = (uintptr_t)buffer;

	return at >= first && at - first < spool->adopted_count * SPOOL_BUFFER;
}

static void give_back(const struct spool *spool, uint8_t *buffer)
{
	if (is_adopted(spool, buffer))
		(void)madvise(buffer, SPOOL_BUFFER, MADV_DONTNEED); /* as below */
	else
		(void)munmap(buffer, SPOOL_BUFFER); /* its own, whole pages */
}

void spool_adopt(struct spool *spool, uint8_t *buffers, size_t count)
{
	spool->adopted = buffers;
	spool->adopted_count = count;
	while (count-- > 0) {
		uint8_t *buffer = buffers + count * SPOOL_BUFFER;

		if (count < SPARE_MAX && count < spool->max)
			spool->spare[spool->spare_count++] = buffer;
		else
			give_back(spool, buffer);
	}
}

void spool_close(struct spool *spool)
{
	while (spool->spare_count > 0)
		give_back(spool, spool->spare[--spool->spare_count]);
	free(spool->spare);
	spool->spare = NULL;
}

/* At a multiple of its size, as a huge page is. */
static uint8_t *make_aligned(void)
{
	uint8_t *p = mmap(NULL, 2ul * SPOOL_BUFFER, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (p == MAP_FAILED)
		return NULL;
	before = (SPOOL_BUFFER - (uintptr_t)p % SPOOL_BUFFER) % SPOOL_BUFFER;
	if (before)
		(void)munmap(p, before);
	(void)munmap(p + before + SPOOL_BUFFER, SPOOL_BUFFER - before);
	return p + before;
}

uint8_t *spool_get(struct spool *spool)
{
	uint8_t *buffer;

	if (spool->used >= spool->max)
		return NULL;
	if (spool->spare_count > 0) {
		buffer = spool->spare[--spool->spare_count];
	} else {
		buffer = make_aligned();
		if (!buffer)
			return NULL;
		if (spool->used >= SMALL_BUFFERS)
			(void)madvise(buffer, SPOOL_BUFFER,
				      MADV_HUGEPAGE); /* only slower */
	}
	spool->used++;
	return buffer;
}

void spool_put(struct spool *spool, uint8_t *buffer)
{
	spool->used--;
	if (spool->spare_count < SPARE_MAX &&
	    spool->used + spool->spare_count < spool->max)
		spool->spare[spool->spare_count++] = buffer;
	else
		give_back(spool, buffer);
}
