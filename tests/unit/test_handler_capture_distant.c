/* SPDX-License-Identifier: MIT */
/*
 * Which memory is of file systems that others serve, by texts of /proc/PID/maps and mountinfo: as kernels write them,
 * cut, and as nobody should. Devices are hexadecimal in the one and decimal in the other.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "handler/capture_distant.h"

/* One page of each kind of device: 0:52, 0:300, 253:1, none. */
#define MAPS                                                         \
	"1000-2000 r--p 00000000 00:34 7                  /mnt/a\n"  \
	"3000-4000 rw-p 00000000 00:12c 8                 /mnt/b\n"  \
	"5000-6000 r-xp 00000000 fd:01 9                  /usr/c\n"  \
	"7000-8000 rw-p 00000000 00:00 0                  [heap]\n"  \
	"9000-a000 rw-s 00001000 00:34 7                  /mnt/a\n"  \
	"a000-b000 rw-s 00000000 00:34 9                  /mnt/d e " \
	"(deleted)\n"
#define ROOT "21 1 253:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
#define ALL  "1000-2000 9000-b000"

struct row {
	const char *name, *maps, *mountinfo;
	const char *expected; /* as assert_spans() */
};

static const struct row rows[] = {
	{ "none", MAPS, ROOT "22 21 0:5 / /proc rw - proc proc rw\n", "" },
	{ "FUSE", MAPS, ROOT "30 21 0:52 / /mnt rw,nosuid - fuse server rw,user_id=0\n",
	  ALL },
	{ "FUSE of a kind", MAPS, "30 21 0:52 / /mnt rw - fuse.sshfs host:/a\\040b rw\n",
	  ALL },
	{ "FUSE of a kind with a blank", MAPS,
	  "30 21 0:52 / /mnt rw - fuse.a\\040b c rw\n", ALL },
	{ "FUSE of a disk", MAPS, "30 21 253:1 / /mnt rw - fuseblk /dev/sdb rw\n",
	  "5000-6000" },
	{ "FUSE's own files", MAPS,
	  "30 21 0:52 / /sys/fs/fuse/connections rw - fusectl f rw\n", "" },
	{ "NFS", MAPS, "30 21 0:52 / /mnt rw shared:7 master:1 - nfs4 host:/ rw\n", ALL },
	{ "NFS 3", MAPS, "30 21 0:52 / /mnt rw - nfs host:/ rw\n", ALL },
	{ "NFS's server", MAPS, "30 21 0:52 / /proc/fs/nfsd rw - nfsd nfsd rw\n", "" },
	{ "CIFS", MAPS, "30 21 0:52 / /mnt rw - cifs //host/a rw\n", ALL },
	{ "SMB 3", MAPS, "30 21 0:52 / /mnt rw - smb3 //host/a rw\n", ALL },
	{ "9p", MAPS, "30 21 0:52 / /mnt rw - 9p host rw\n", ALL },
	{ "virtiofs", MAPS, "30 21 0:52 / / rw - virtiofs root rw\n", ALL },
	{ "Ceph", MAPS, "30 21 0:52 / / rw - ceph 1.2.3.4:/ rw\n", ALL },
	{ "a minor number above 255", MAPS, "30 21 0:300 / /mnt rw - nfs h:/ rw\n",
	  "3000-4000" },
	{ "two of them", MAPS,
	  "30 21 0:300 / /mnt rw - nfs h:/ rw\n" ROOT "31 21 0:52 / /m rw - 9p h rw\n",
	  "1000-2000 3000-4000 9000-b000" },
	{ "several mounts of one", MAPS,
	  "30 21 0:52 / /mnt rw - nfs h:/ rw\n31 21 0:52 /sub /m rw - nfs h:/ rw\n"
	  "32 21 0:52 / /n ro - nfs h:/ rw\n",
	  ALL },
	{ "btrfs: subvolumes have the device of all", MAPS,
	  "30 21 0:52 /@ / rw - btrfs /dev/sda rw\n31 30 0:52 /@home /home rw - btrfs "
	  "/dev/sda rw\n",
	  "" },
	{ "overlayfs, the device is its own", MAPS,
	  "30 21 0:52 / / rw - overlay overlay rw,lowerdir=/nfs/a\n", "" },
	{ "overlayfs, the device is a layer's that is mounted too", MAPS,
	  "30 21 0:60 / / rw - overlay overlay rw\n31 30 0:52 / /nfs rw - nfs h:/ rw\n",
	  ALL },
	{ "a mount point with a type's name", MAPS,
	  "30 21 0:52 / /mnt\\040-\\040nfs\\040 rw - ext4 /dev/vdb rw\n", "" },
	{ "a mount point that is a dash", MAPS, "30 21 0:52 / - rw - nfs h:/ rw\n", ALL },
	{ "a source with a type's name", MAPS, "30 21 0:52 / /mnt rw - tmpfs nfs rw\n",
	  "" },
	{ "no type", MAPS, "30 21 0:52 / /mnt rw -\n30 21 0:52 / /mnt rw - \n", "" },
	{ "no dash", MAPS, "30 21 0:52 / /mnt rw shared:1 nfs nfs\n", "" },
	{ "few fields", MAPS, "\n \n30\n30 21\n30 21 0:52\n30 21 0:52 nfs - nfs\n", "" },
	{ "no device", MAPS,
	  "30 21 052 / / rw - nfs h rw\n30 21 0:5x / / rw - nfs h rw\n30 21 : / / rw - "
	  "nfs h rw\n30 21 0:52:1 / / rw - nfs h rw\n",
	  "" },
	{ "a number that is too large", MAPS,
	  "30 21 0:4294967348 / / rw - nfs h rw\n30 21 99999999999:52 / / rw - nfs h "
	  "rw\n",
	  "" },
	{ "cut in the last line", MAPS,
	  "30 21 0:300 / /mnt rw - nfs h:/ rw\n30 21 0:52 / /mnt rw - nfs h:/ r",
	  "3000-4000" },
	{ "cut in the type", MAPS, "30 21 0:52 / /mnt rw - nfs", "" },
	{ "no mounts", MAPS, "", "" },
	{ "no mappings", "", "30 21 0:52 / /mnt rw - nfs h:/ rw\n", "" },
	{ "mappings that are cut",
	  "1000-2000 r--p 00000000 00:34 7 /a\n3000-4000 r--p 0000",
	  "30 21 0:52 / /mnt rw - nfs h:/ rw\n", "1000-2000" },
	{ "lines that are none",
	  "x\n1000-2000 r--p 00000000 00:34 7 /a\n\n5-3 r--p 0 00:34 7 a\n",
	  "30 21 0:52 / /mnt rw - nfs h:/ rw\n", "1000-2000" },
	{ "out of order, overlapping",
	  "3000-5000 r--p 00000000 00:34 7 /a\n1000-4000 r--p 00000000 00:34 7 /a\n",
	  "30 21 0:52 / /mnt rw - nfs h:/ rw\n", "1000-5000" },
	{ "a server that says that its file has no number",
	  "1000-2000 rw-p 00000000 00:34 0 /a\n", "30 21 0:52 / /mnt rw - fuse s rw\n",
	  "1000-2000" },
	{ "a device without a number", "1000-2000 rw-p 00000000 00:00 0\n",
	  "30 21 0:0 / /mnt rw - fuse s rw\n", "" },
};

static struct bytes text_of(const char *text)
{
	size_t n = strlen(text);

	return (struct bytes){ n ? (const uint8_t *)text : NULL, n };
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct spans spans = { 0 };

	capture_distant_find(text_of(row->maps), text_of(row->mountinfo), &spans);
	assert_false(spans.failed);
	assert_spans(&spans, row->expected);
	spans_done(&spans);
}

/* Each of them is cut at each of its bytes: never more is found than in the whole. */
static void test_cut(void **state)
{
	const struct row *row = *state;
	struct bytes maps = text_of(row->maps), mounts = text_of(row->mountinfo), *cut;

	for (int which = 0; which < 2; which++) {
		cut = which ? &maps : &mounts;
		for (size_t n = cut->n; n > 0; n--) {
			uint8_t *copy = malloc(n);
			const struct bytes whole = *cut;
			struct spans spans = { 0 };

			assert_non_null(copy);
			memcpy(copy, cut->p, n); /* a byte behind it is a fault */
			*cut = (struct bytes){ copy, n };
			capture_distant_find(maps, mounts, &spans);
			assert_false(spans.failed);
			*cut = whole;
			free(copy);
			spans_done(&spans);
		}
	}
}

/* More mounts and mappings than are looked at: bounded, and what is found is true. */
#define MANY	  100000
#define SPANS_MAX 65536

static void test_many(void **state)
{
	char *maps = NULL, *mounts = NULL;
	size_t maps_n, mounts_n;
	FILE *to_maps = open_memstream(&maps, &maps_n);
	FILE *to_mounts = open_memstream(&mounts, &mounts_n);
	struct spans spans = { 0 };

	(void)state;
	assert_true(to_maps && to_mounts);
	for (unsigned int i = 0; i < MANY; i++) {
		fprintf(to_mounts, "1 1 0:%u / /m rw - nfs h rw\n", i);
		fprintf(to_maps, "%x000-%x000 r--p 00000000 00:%x 7 /a\n", 2 * i,
			2 * i + 1, i % 2000);
	}
	assert_int_equal(fclose(to_maps) | fclose(to_mounts), 0);
	capture_distant_find((struct bytes){ (uint8_t *)maps, maps_n },
			     (struct bytes){ (uint8_t *)mounts, mounts_n }, &spans);
	assert_false(spans.failed);
	assert_int_equal(spans.count, SPANS_MAX);
	assert_int_equal(spans.spans[0].start, 0x2000); /* 0:0 is none */
	spans_done(&spans);
	free(maps);
	free(mounts);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_many) };

	return RUN_TABLE(rows, test_row) + RUN_TABLE(rows, test_cut) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
