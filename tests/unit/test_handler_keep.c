/* SPDX-License-Identifier: MIT */
/*
 * A finished file that is kept: who may read it, and what the record says where that cannot be.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/table.h"
#include "tests/unit/temporary.h"

#include "handler/keep.h"
#include "store/grant.h"
#include "store/publish.h"

static int granted;

int __wrap_grant_read(int file_fd, uid_t reader);
int __wrap_grant_read(int file_fd, uid_t reader)
{
	assert_true(file_fd >= 0);
	assert_int_equal(reader, 1000);
	return granted;
}

struct row {
	const char *name;
	int granted;
	const char *access, *reason;
};

#define NO_LISTS "the store's file system has no access control lists"
#define NO_LIST	 "the dump's access control list cannot be written: "

static const struct row rows[] = {
	{ "given", 0, RECORD_ACCESS_OWNER, NULL },
	{ "no lists", -EOPNOTSUPP, RECORD_ACCESS_ROOT, NO_LISTS },
	{ "no such call", -ENOSYS, RECORD_ACCESS_ROOT, NO_LISTS },
	{ "full", -ENOSPC, RECORD_ACCESS_ROOT, NO_LIST "No space left on device" },
	{ "quota", -EDQUOT, RECORD_ACCESS_ROOT, NO_LIST "Disk quota exceeded" },
	{ "broken", -EIO, RECORD_ACCESS_ROOT, NO_LIST "Input/output error" },
	{ "no memory", -ENOMEM, RECORD_ACCESS_ROOT, NO_LIST "Cannot allocate memory" },
};

/* One whom nothing speaks against. */
static struct access_facts owners(void)
{
	return (struct access_facts){
		.to_owner = true,
		.dumpable = 1,
		.uid = 1000,
		.gid = 1000,
		.verified = true,
		.credentials = {
			.uid = { 1000, 1000, 1000, 1000 },
			.gid = { 1000, 1000, 1000, 1000 },
			.started_uid = 1000,
			.started_euid = 1000,
			.started_gid = 1000,
			.started_egid = 1000,
			.threads = 1,
			.namespace_owner = CREDENTIALS_OURS,
			.pid_namespace_owner = CREDENTIALS_OURS,
		},
		.session_owner = -1,
	};
}

static void test_access(const char *directory, const struct row *row)
{
	_cleanup_fd_ int store = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int file = store_create(store);
	_cleanup_record_ struct record record;
	const struct access_facts facts = owners();
	struct report report;
	const struct keep keep = {
		.directory = directory,
		.name_template = row->name,
		.store_fd = store,
		.file_fd = file,
		.access = &facts,
		.report = &report,
	};

	record_init(&record);
	report_init(&report);
	granted = row->granted;
	assert_int_equal(keep_dump(&keep, &record), 0);
	assert_string_equal(record.access, row->access);
	assert_string_equal(record.access_reason ? record.access_reason : "",
			    row->reason ? row->reason : "");
	assert_int_equal(access(record.filename, F_OK), 0);
}

static void test_row(void **state)
{
	void *directory = NULL;

	assert_int_equal(temporary_setup(&directory), 0);
	test_access(directory, *state);
	assert_int_equal(temporary_teardown(&directory), 0);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
