/* SPDX-License-Identifier: MIT */
/*
 * Where all slots are taken: which one a handler waits for.
 */
#include <errno.h>
#include <unistd.h>

#include "tests/unit/table.h"
#include "tests/unit/temporary.h"

#include "handler/runtime.h"
#include "handler/slot_admission.h"

#define SMALL (2 * SLOTS_SMALL_PER_LARGE)

struct rig {
	struct slots slots;
	int held[SMALL];
	size_t count;
};

static void rig_open(void **state, struct rig *ret)
{
	_cleanup_free_ char *path = temporary_path(*state, "run");
	int fd = runtime_open(path, true);

	assert_true(fd >= 0);
	*ret = (struct rig){ .count = 0 };
	slots_init(2, fd, &ret->slots);
}

static void rig_close(struct rig *rig)
{
	while (rig->count > 0)
		close(rig->held[--rig->count]);
	close(rig->slots.runtime_fd);
}

/* Return: the slot's number. It stays taken. */
static unsigned int admit(struct rig *rig, const struct slot_share *share)
{
	struct slot_admission admission = { .first = 0, .fd = -1 };
	int fd = slot_admission_try(&rig->slots, share, SLOT_SMALL, 0, &admission);

	assert_true(fd >= 0);
	rig->held[rig->count++] = fd;
	return admission.index;
}

/* None of a share that has half of them, and not the reserved one. */
static void test_wait_for_others(void **state)
{
	const struct slot_share many = { .key = 1 }, waits = { .key = 2 };
	bool not_for_it[SMALL] = { true };
	struct rig rig;

	rig_open(state, &rig);
	for (size_t i = 0; i < SMALL / 2; i++)
		not_for_it[admit(&rig, &many)] = true;
	for (size_t i = 0; i < SMALL / 2; i++) {
		const struct slot_share share = { .key = 1000 + (int64_t)i,
						  .system = true };

		(void)admit(&rig, &share); /* any */
	}
	for (unsigned int first = 0; first < 2 * SMALL; first++) {
		struct slot_admission admission = { .first = first, .fd = -1 };

		assert_int_equal(
			slot_admission_try(&rig.slots, &waits, SLOT_SMALL, 0, &admission),
			-EAGAIN);
		assert_in_range(admission.index, 0, SMALL - 1);
		assert_false(not_for_it[admission.index]);
	}
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_wait_for_others, temporary_setup,
						temporary_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
