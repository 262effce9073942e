# SPDX-License-Identifier: MIT
#
# make selinux, make install-selinux: the policy module, built by the distribution's own Makefile
# (install/deps deb). Nothing is loaded: that is `semodule -i`, where the files end up.

SELINUX_MAKEFILE ?= /usr/share/selinux/devel/Makefile
# Debian's name of its policy; where there is a configuration of SELinux, that is asked.
SELINUX_NAME     ?= $(if $(wildcard /etc/selinux/config),,NAME=default)
SELINUXDIR       ?= $(PREFIX)/share/selinux/packages
SELINUXINCLUDEDIR ?= $(PREFIX)/share/selinux/devel/include/contrib

SELINUX_OUT     := $(OUT)/selinux
SELINUX_SOURCES := $(addprefix $(SELINUX_OUT)/dumpd.,te fc if)

$(SELINUX_OUT)/dumpd.%: selinux/dumpd.% FORCE
	@mkdir -p $(@D)
	@$(SUBSTITUTE) $< | cmp -s - $@ || $(SUBSTITUTE) $< >$@

$(SELINUX_OUT)/dumpd.pp: $(SELINUX_SOURCES)
	$(call msg,POLICY,$@)
	$(Q)test -e $(SELINUX_MAKEFILE) || \
		{ echo "make selinux: $(SELINUX_MAKEFILE) is missing: install/deps deb" >&2; exit 1; }
	$(Q)$(MAKE) -s -C $(@D) -f $(SELINUX_MAKEFILE) $(SELINUX_NAME) dumpd.pp >$(@D)/log 2>&1 || \
		{ cat $(@D)/log >&2; exit 1; }

selinux: $(SELINUX_OUT)/dumpd.pp

install-selinux: selinux
	$(call msg,INSTALL,$(DESTDIR)$(SELINUXDIR))
	$(Q)$(INSTALL_DATA) -D $(SELINUX_OUT)/dumpd.pp $(DESTDIR)$(SELINUXDIR)/dumpd.pp
	$(Q)$(INSTALL_DATA) -D $(SELINUX_OUT)/dumpd.if $(DESTDIR)$(SELINUXINCLUDEDIR)/dumpd.if

.PHONY: selinux install-selinux
