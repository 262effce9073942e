# SPDX-License-Identifier: MIT
#
#   make                    build/dumpd and build/dumpctl
#   make check              every test; as root it installs what the tests need first
#   make fidelity           what gdb sees in a dump and in the whole core, as a table
#   make storm              many crashes at once and in a row, and what became of each; root
#   make bench              how fast it is here, beside others; root, some 20 minutes
#   make demo               from a real crash to a backtrace
#   make install            PREFIX, DESTDIR; touches no running system
#   make deb, make rpm      packages, in build/deb and build/rpm
#   make selinux            the policy module, in build/selinux
#   make vmtest             the packages in a guest where SELinux enforces; root, some minutes
#   make SANITIZE=1 ...     the same with ASan and UBSan, in build/sanitize
#   make COVERAGE=1 ...     the same with gcov, in build/coverage
#   make coverage           which lines no test comes to; root, some 10 minutes
#   make ANALYZER=1 objects what gcc -fanalyzer finds; TIDY=1: clang-tidy
#   make fuzz SECONDS=60    hostile input for so long each; clang
#   make fault              what fails, fails: every allocation
#   make V=1 ...            shows the commands

PREFIX      ?= /usr
DESTDIR     ?=
BINDIR      ?= $(PREFIX)/bin
# The handler is the file $(LIBDIR)/dumpd: core_pattern has room for 127 characters.
LIBDIR      ?= $(PREFIX)/lib
INCLUDEDIR  ?= $(PREFIX)/include
SYSCONFDIR  ?= /etc
LOCALSTATEDIR ?= /var
RUNSTATEDIR ?= /run
MANDIR      ?= $(PREFIX)/share/man
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
UNITDIR     ?= $(PREFIX)/lib/systemd/system

CC          ?= cc
PKG_CONFIG  ?= pkg-config
INSTALL     ?= install
CLANG_FORMAT ?= clang-format
CLANG_TIDY  ?= clang-tidy

VERSION     := 0.1.0

OUT := build
ifeq ($(SANITIZE),1)
OUT := build/sanitize
VARIANT := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
ifeq ($(COVERAGE),1)
OUT := build/coverage
VARIANT := -fprofile-arcs -ftest-coverage -O0 -DDUMPD_COVERAGE
LDFLAGS += -Wl,--wrap=_exit
# Tests are not what is counted, and filter/ has one thread.
tests_CFLAGS := -O1 -fno-profile-arcs -fno-test-coverage
filter_CFLAGS := -fprofile-update=single
endif

ifeq ($(FUZZ),1)
OUT := build/fuzz
CC := clang
VARIANT := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	   -fno-omit-frame-pointer
endif

# What finds something makes no object. Each file of the program is looked at again when it, a header of
# its own or a flag has changed; .clang-tidy says what clang-tidy does not look for.
ifeq ($(ANALYZER),1)
OUT := build/analyzer
# Two that gcc 12 cannot tell. malloc-leak: what was put into a member of a structure in an array, or in
# a list, is lost to it; LeakSanitizer runs with every test. use-of-uninitialized-value: a variable that
# is NULL from its declaration on, where the cleanup attribute frees it; -Wall and clang-tidy look for it.
VARIANT := -fanalyzer -Werror -Wno-analyzer-malloc-leak -Wno-analyzer-use-of-uninitialized-value
endif
ifeq ($(TIDY),1)
OUT := build/tidy
VARIANT := -O0
CHECK_OBJECT = $(CLANG_TIDY) --quiet $< -- $(ALL_CFLAGS) $(PKG_CFLAGS)
endif

ifneq ($(V),1)
Q := @
msg = @printf '  %-7s %s\n' '$(1)' '$(2)'
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
	    -Wvla -Wundef -Wwrite-strings -Wpointer-arith
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif
CFLAGS   ?= -O2 -g
# A distribution's own hardening flags come in by CFLAGS and CPPFLAGS and stay.
ifeq (,$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)))
ifeq (,$(VARIANT))
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
endif
HARDEN   += -fPIE -fstack-protector-strong
LDHARDEN := -pie -Wl,-z,relro,-z,now

DEFINES := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DDUMPD_VERSION='"$(VERSION)"' \
	   -DCONFIG_FILE='"$(SYSCONFDIR)/dumpd/dumpd.conf"' \
	   -DSYSCONFDIR='"$(SYSCONFDIR)"' -DLOCALSTATEDIR='"$(LOCALSTATEDIR)"' \
	   -DRUNSTATEDIR='"$(RUNSTATEDIR)"' \
	   -DHANDLER_PATH='"$(LIBDIR)/dumpd"'
ALL_CFLAGS := -std=gnu17 -pthread $(WARNINGS) -I. -I$(OUT) $(DEFINES) $(HARDEN) $(CPPFLAGS) $(CFLAGS) $(VARIANT)
# Sizes come from hostile input here.
filter_CFLAGS += -Wconversion

PACKAGES := libzstd libsystemd libcap libacl libseccomp inih smartcols jansson
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(PACKAGES)))$(PKG_CFLAGS)
handler_LIBS := libzstd libsystemd libcap libacl inih jansson
dumpctl_LIBS := libzstd libsystemd libcap libacl inih smartcols jansson

# Every room is a static library; the arrows of CONTRIBUTING.md are the order of linking.
ROOMS := filter config store base
# Objects have a directory of their own: $(OUT)/dumpctl is the program.
OBJECTS := $(OUT)/obj
room_objects = $(patsubst %.c,$(OBJECTS)/%.o,$(wildcard $(1)/*.c))
room_library = $(OUT)/lib$(1).a
HANDLER_PARTS := $(filter-out handler/main.c,$(wildcard handler/*.c))
DUMPCTL_PARTS := $(filter-out dumpctl/main.c,$(wildcard dumpctl/*.c))
LIBRARIES := $(foreach r,$(ROOMS),$(call room_library,$(r)))
ifeq ($(COVERAGE),1)
LIBRARIES += $(OBJECTS)/tests/coverage/exit.o
endif

all: $(OUT)/dumpd $(OUT)/dumpctl

$(OUT)/dumpd: $(call room_objects,handler) $(LIBRARIES)
	$(call msg,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDHARDEN) $(LDFLAGS) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(handler_LIBS))

$(OUT)/dumpctl: $(call room_objects,dumpctl) $(OUT)/libhandler.a $(LIBRARIES)
	$(call msg,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDHARDEN) $(LDFLAGS) -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(dumpctl_LIBS))

define library_rule
$(call room_library,$(1)): $(call room_objects,$(1))
	$$(call msg,AR,$$@)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call library_rule,$(r))))

# What is made by programs that are built first. Where they do not run here: RUN=qemu-aarch64.
GENERATED := $(OUT)/generated
$(OUT)/worker_calls: $(OBJECTS)/handler/generate/worker_calls.o $(LIBRARIES)
	$(call msg,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs libseccomp)

$(GENERATED)/worker_calls.h: $(OUT)/worker_calls
	$(call msg,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(RUN) $< >$@

$(OBJECTS)/handler/isolate_seccomp.o: $(GENERATED)/worker_calls.h

# The handler's parts without main, for dumpctl and unit tests.
$(OUT)/libhandler.a: $(patsubst %.c,$(OBJECTS)/%.o,$(HANDLER_PARTS))
	$(call msg,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

PROGRAM_OBJECTS := $(foreach r,$(ROOMS) handler dumpctl,$(call room_objects,$(r)))
objects: $(PROGRAM_OBJECTS)
ifeq ($(TIDY),1)
$(PROGRAM_OBJECTS): .clang-tidy
endif

# And dumpctl's, for unit tests.
$(OUT)/libdumpctl.a: $(patsubst %.c,$(OBJECTS)/%.o,$(DUMPCTL_PARTS))
	$(call msg,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# What an object is made with, one flag a line, for tests/lint.
print-flags:
	@printf '%s\n' $(ALL_CFLAGS) $(PKG_CFLAGS)

# Flags are part of what an object is made from: other flags, other objects.
$(OUT)/flags: FORCE
	@mkdir -p $(OUT)
	@printf '%s\n' '$(subst ','\'',$(CC) $(ALL_CFLAGS))' | cmp -s - $@ || \
		printf '%s\n' '$(subst ','\'',$(CC) $(ALL_CFLAGS))' >$@

$(OBJECTS)/%.o: %.c $(OUT)/flags
	$(call msg,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $($(firstword $(subst /, ,$<))_CFLAGS) $(PKG_CFLAGS) \
		-MMD -MP -c -o $@ $<
	$(if $(CHECK_OBJECT),$(Q)$(CHECK_OBJECT))

-include $(shell find $(OBJECTS) -name '*.d' 2>/dev/null)

include tests/tests.mk
include install/install.mk
include selinux/selinux.mk

clean:
	rm -rf build

format:
	$(CLANG_FORMAT) -i $$(git ls-files '*.c' '*.h')

.PHONY: all objects print-flags clean format FORCE
.DELETE_ON_ERROR:
.SUFFIXES:
FORCE:
