# SPDX-License-Identifier: MIT
#
# Unit tests: tests/unit/test_ROOM_FILE.c, one program each, cmocka.
# End to end: tests/e2e/NN-what.sh, one process each; tests/run counts them all.
# Lints: tests/lint/*, likewise.

UNIT_TESTS := $(patsubst tests/unit/%.c,$(OUT)/tests/%,$(wildcard tests/unit/test_*.c))

$(OUT)/tests/%: $(OBJECTS)/tests/unit/%.o $(OUT)/libdumpctl.a $(OUT)/libhandler.a $(LIBRARIES)
	$(call msg,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDHARDEN) $(LDFLAGS) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(PACKAGES) cmocka)

unit-tests: $(UNIT_TESTS)

check:
	@tests/run

.PHONY: unit-tests check
.SECONDARY:
