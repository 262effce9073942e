/* SPDX-License-Identifier: MIT */
/*
 * What PostgreSQL loads: a function of SQL that reads a table, looks at shared memory, and dies.
 */
#include <postgres.h>

#include <executor/spi.h>
#include <fmgr.h>
#include <storage/bufmgr.h>
#include <storage/buf_internals.h>
#include <storage/proc.h>
#include <utils/builtins.h>
#include <utils/memutils.h>

PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(count_and_die);

struct row {
	struct row *next;
	char *text;
	int64 number;
};

static struct row *rows;
static int row_count;
volatile int never;

static void add_row(HeapTuple tuple, TupleDesc description)
{
	MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);
	struct row *row = palloc0(sizeof(*row));
	char *number = SPI_getvalue(tuple, description, 1);

	row->text = pstrdup(SPI_getvalue(tuple, description, 2));
	row->number = atol(number);
	row->next = rows;
	rows = row;
	row_count++;
	MemoryContextSwitchTo(before);
}

static int die(PGPROC *process, BufferDesc *buffer, const char *page)
{
	LWLock *lock = &process->fpInfoLock;
	const struct row *first = rows;
	char words[64];

	snprintf(words, sizeof(words), "%d rows, pid %d", row_count, process->pid);
	never = words[0] + page[0] + (int)buffer->buf_id + lock->tranche;
	return *(volatile int *)(unsigned long)(first ? 8 : 16);
}

Datum count_and_die(PG_FUNCTION_ARGS)
{
	char *query = text_to_cstring(PG_GETARG_TEXT_PP(0));
	BufferDesc *buffer = GetBufferDescriptor(NBuffers - 1);

	SPI_connect();
	SPI_execute(query, true, 0);
	for (uint64 i = 0; i < SPI_processed; i++)
		add_row(SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
	PG_RETURN_INT32(die(MyProc, buffer, BufferGetBlock(1)));
}
