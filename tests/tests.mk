# SPDX-License-Identifier: MIT
#
# Unit tests: tests/unit/test_ROOM_FILE.c, one program each, cmocka.
# End to end: tests/e2e/NN-what.sh, one process each; tests/run counts them all.
# Lints: tests/lint/*, likewise.
# Fidelity: tests/fidelity/run, what a debugger sees in a dump and in the whole core.
# Storm: tests/storm/run, many crashes and what became of each; a small one is in check.
# Bench: tests/bench/run, how long handlers hold a process and what they cost; not in check.
# VM: tests/vm/run, the packages in a guest with systemd and SELinux; not in check.

UNIT_TESTS := $(patsubst tests/unit/%.c,$(OUT)/tests/%,$(wildcard tests/unit/test_*.c))
# What is no test there is linked into each.
UNIT_PARTS := $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
UNIT_OBJECTS := $(patsubst %.c,$(OBJECTS)/%.o,$(UNIT_PARTS))

$(OUT)/tests/%: $(OBJECTS)/tests/unit/%.o $(UNIT_OBJECTS) $(OUT)/libdumpctl.a $(OUT)/libhandler.a $(LIBRARIES)
	$(call msg,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDHARDEN) $(LDFLAGS) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(PACKAGES) cmocka)

# It lets allocations fail, and counts them. Private: programs that the build runs free memory, too.
$(OUT)/tests/test_filter_memory: private LDFLAGS += \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=free

# And this one, and files that cannot be read.
$(OUT)/tests/test_config_memory: private LDFLAGS += \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=strdup,--wrap=strndup \
	-Wl,--wrap=open_memstream,--wrap=scandir64,--wrap=asprintf,--wrap=vasprintf \
	-Wl,--wrap=__asprintf_chk,--wrap=__vasprintf_chk \
	-Wl,--wrap=open64,--wrap=fstat64,--wrap=lstat64,--wrap=read

# It counts what is allocated.
$(OUT)/tests/test_filter_hostile: private LDFLAGS += \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=free

# It looks how much is allocated at once.
$(OUT)/tests/test_handler_header: private LDFLAGS += -Wl,--wrap=malloc

# It says how many processors and threads there are, and counts frames.
$(OUT)/tests/test_store_dump_parallel: private LDFLAGS += \
	-Wl,--wrap=sched_getaffinity,--wrap=pthread_create,--wrap=ZSTD_decompressDCtx

# It says how many processors there are.
$(OUT)/tests/test_handler_slots: private LDFLAGS += -Wl,--wrap=sched_getaffinity

# A disk on which access cannot be given.
$(OUT)/tests/test_handler_keep: private LDFLAGS += -Wl,--wrap=grant_read

# A process that ends between two looks at it.
$(OUT)/tests/test_handler_process_sender: private LDFLAGS += -Wl,--wrap=process_names_read_one

# A disk whose writes fail.
$(OUT)/tests/test_handler_write_full: private LDFLAGS += -Wl,--wrap=io_pwrite_full

# Files of /proc that cannot be read.
$(OUT)/tests/test_handler_process_locks: private LDFLAGS += -Wl,--wrap=openat64

# System calls that are refused, that the kernel has not, or that hang.
$(OUT)/tests/test_handler_process_sharing $(OUT)/tests/test_handler_process_robust: private LDFLAGS += -Wl,--wrap=syscall

# Reads that hang, a process that dumps core though it is the test's own, and no child.
$(OUT)/tests/test_handler_process_details: private LDFLAGS += \
	-Wl,--wrap=process_is_dumping,--wrap=process_file_read,--wrap=process_memory_open \
	-Wl,--wrap=process_memory_group_read,--wrap=process_robust_read,--wrap=process_sharing_ask_parent \
	-Wl,--wrap=process_fds_read,--wrap=process_threads_agree,--wrap=fork

unit-tests: $(UNIT_TESTS)

check:
	@tests/run

fidelity:
	@[ "$$(id -u)" != 0 ] || install/deps build fidelity
	@$(MAKE) --no-print-directory all
	@BUILD=$(OUT) tests/fidelity/run $(PROGRAMS)

storm:
	@[ "$$(id -u)" != 0 ] || install/deps build test
	@$(MAKE) --no-print-directory all
	@BUILD=$(OUT) tests/storm/run

# Numbers for people: tests/bench/*.c, one program each, and tests/bench/run, which judges ratios.
# A timing is no test.
PACK_BENCH := $(wildcard tests/bench/pack*.c)
BENCHES := $(OUT)/bench-pack $(patsubst tests/bench/%.c,$(OUT)/bench/%,\
	$(filter-out $(PACK_BENCH),$(wildcard tests/bench/*.c)))

$(OUT)/bench/%: $(OBJECTS)/tests/bench/%.o $(LIBRARIES)
	$(call msg,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDHARDEN) $(LDFLAGS) -o $@ $^

# Packing alone, with the handler's own parts; it takes cores as arguments.
$(OUT)/bench-pack: $(patsubst %.c,$(OBJECTS)/%.o,$(PACK_BENCH)) $(OUT)/libhandler.a $(LIBRARIES)
	$(call msg,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDHARDEN) $(LDFLAGS) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(handler_LIBS))

# make check builds them, so that they can be built when somebody wants to measure.
benches: $(BENCHES)

bench:
	@[ "$$(id -u)" != 0 ] || install/deps build bench
	@$(MAKE) --no-print-directory all $(BENCHES)
	@for bench in $(BENCHES); do $$bench || exit; done
	@BUILD=$(OUT) tests/bench/run $(CRASHES)

# Hostile input: tests/fuzz/fuzz_NAME.c, one program each, by clang's libFuzzer, with objects of
# their own in build/fuzz (FUZZ=1). What is no target there is linked into each.
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_OBJECTS := $(patsubst %.c,$(OBJECTS)/%.o,\
	$(filter-out tests/fuzz/fuzz_%.c tests/fuzz/seeds.c,$(wildcard tests/fuzz/*.c)))

$(OUT)/fuzz-%: $(OBJECTS)/tests/fuzz/fuzz_%.o $(FUZZ_OBJECTS) $(UNIT_OBJECTS) $(OUT)/libdumpctl.a $(OUT)/libhandler.a $(LIBRARIES)
	$(call msg,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(dumpctl_LIBS) libcap libelf cmocka)

# It plays the only child that there is.
$(OUT)/fuzz-reader: private LDFLAGS += -Wl,--wrap=reader_ensure

fuzzers: $(patsubst %,$(OUT)/fuzz-%,$(FUZZ_TARGETS))

# What corpora begin with, made by tests/fuzz/corpus.
$(OUT)/fuzz-seeds: $(OBJECTS)/tests/fuzz/seeds.o $(UNIT_OBJECTS) $(OUT)/libhandler.a $(LIBRARIES)
	$(call msg,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDHARDEN) $(LDFLAGS) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(handler_LIBS) cmocka)

SECONDS ?= 60
fuzz:
	@[ "$$(id -u)" != 0 ] || install/deps build fuzz
	@tests/fuzz/run $(SECONDS)

fault:
	@[ "$$(id -u)" != 0 ] || install/deps build test
	@$(MAKE) --no-print-directory SANITIZE=0 COVERAGE=0 all
	@$(MAKE) --no-print-directory SANITIZE=1 COVERAGE=0 all
	@tests/fault/run

coverage:
	@[ "$$(id -u)" != 0 ] || install/deps build test
	@tests/coverage/run

vmtest:
	@[ "$$(id -u)" != 0 ] || install/deps build deb vm
	@tests/vm/run

.PHONY: unit-tests check fidelity storm benches bench fuzzers fuzz fault coverage vmtest
.SECONDARY:
