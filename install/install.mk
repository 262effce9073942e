# SPDX-License-Identifier: MIT
#
# make install / make uninstall: files only. No sysctl, no systemctl, nothing is enabled:
# that is `dumpctl setup`, on the machine that the files end up on.
# tests/install.list says which files with which modes.

INSTALL_PROGRAM := $(INSTALL) -m 0755
INSTALL_DATA    := $(INSTALL) -m 0644

# Documents and data name the default paths; what is installed names the real ones.
SUBSTITUTE = sed -e 's|/usr/lib/dumpd|$(LIBDIR)/dumpd|g' -e 's|/etc/dumpd|$(SYSCONFDIR)/dumpd|g' \
	-e 's|/etc/sysctl\.d|$(SYSCONFDIR)/sysctl.d|g' \
	-e 's|/var/lib/dumpd|$(LOCALSTATEDIR)/lib/dumpd|g' \
	-e 's|@LOCALSTATEDIR@|$(LOCALSTATEDIR)|g'

MANUALS := $(wildcard install/*.[1358])
MANUAL_FILES := $(foreach m,$(notdir $(MANUALS)),$(MANDIR)/man$(subst .,,$(suffix $(m)))/$(m))

# $(1): from, $(2): to, $(3): mode
substituted = $(SUBSTITUTE) $(1) | $(INSTALL) -D -m $(3) /dev/stdin $(2)

install: all
	$(call msg,INSTALL,$(DESTDIR)$(PREFIX))
	$(Q)$(INSTALL_PROGRAM) -D $(OUT)/dumpd $(DESTDIR)$(LIBDIR)/dumpd
	$(Q)$(INSTALL_PROGRAM) -D $(OUT)/dumpctl $(DESTDIR)$(BINDIR)/dumpctl
	$(Q)$(INSTALL) -d -m 0755 $(DESTDIR)$(SYSCONFDIR)/dumpd/dumpd.conf.d
	$(Q)test -e $(DESTDIR)$(SYSCONFDIR)/dumpd/dumpd.conf || \
		{ $(call substituted,config/dumpd.conf,$(DESTDIR)$(SYSCONFDIR)/dumpd/dumpd.conf,0644); }
	$(Q)$(INSTALL_DATA) -D install/sysusers.d/dumpd.conf $(DESTDIR)$(SYSUSERSDIR)/dumpd.conf
	$(Q)$(call substituted,install/tmpfiles.d/dumpd.conf.in,$(DESTDIR)$(TMPFILESDIR)/dumpd.conf,0644)
	$(Q)$(foreach m,$(MANUAL_FILES),$(call substituted,install/$(notdir $(m)),$(DESTDIR)$(m),0644) &&) :
	$(Q)$(INSTALL_DATA) -D hints/dumpd-hints.h $(DESTDIR)$(INCLUDEDIR)/dumpd-hints.h
	$(Q)$(INSTALL_DATA) -D install/completion/dumpctl $(DESTDIR)$(COMPLETIONDIR)/dumpctl

# The configuration stays if it was changed; dumps always stay.
uninstall:
	$(call msg,REMOVE,$(DESTDIR)$(PREFIX))
	$(Q)rm -f $(addprefix $(DESTDIR),$(LIBDIR)/dumpd $(BINDIR)/dumpctl \
		$(SYSUSERSDIR)/dumpd.conf $(TMPFILESDIR)/dumpd.conf \
		$(MANUAL_FILES) $(COMPLETIONDIR)/dumpctl $(INCLUDEDIR)/dumpd-hints.h)
	$(Q)if $(SUBSTITUTE) config/dumpd.conf | \
		cmp -s - $(DESTDIR)$(SYSCONFDIR)/dumpd/dumpd.conf; then \
		rm -f $(DESTDIR)$(SYSCONFDIR)/dumpd/dumpd.conf; fi
	$(Q)cd $(DESTDIR)$(SYSCONFDIR) 2>/dev/null && \
		rmdir --ignore-fail-on-non-empty -p dumpd/dumpd.conf.d 2>/dev/null || :

demo:
	$(Q)install/demo.sh

# Packages, in build/deb: from what git knows of the tree, not from what was built here.
deb:
	$(call msg,DEB,build/deb)
	$(Q)install/deb/build $(VERSION) build/deb
	$(Q)ls build/deb/*.deb

rpm:
	$(call msg,RPM,build/rpm)
	$(Q)install/rpm/build $(VERSION) build/rpm $(PACKAGES)
	$(Q)find build/rpm/RPMS -name '*.rpm'

.PHONY: install uninstall demo deb rpm
