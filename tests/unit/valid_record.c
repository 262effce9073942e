/* SPDX-License-Identifier: MIT */
#include "tests/unit/table.h"
#include "tests/unit/valid_record.h"

#include "store/valid.h"

void assert_record_valid(const struct record *record)
{
	for (size_t i = 0; i < record_field_count; i++) {
		const struct record_field *field = &record_fields[i];

		if (field->kind == RECORD_NUMBER &&
		    record_number(record, field) != RECORD_UNKNOWN)
			assert_true(
				record_number_valid(field, record_number(record, field)));
	}
	assert_true(!record->id || record_id_valid(record->id));
}
