/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "filter/fault.h"
#include "filter/signal_code.h"
#include "handler/notes_report.h"

static void copy_text(char *to, size_t size, struct bytes text)
{
	size_t n = text.n < size - 1 ? text.n : size - 1;

	if (n > 0)
		memcpy(to, text.p, n);
	to[n] = '\0';
}

/* The executable is the file that its own entry point lies in (AT_ENTRY, binfmt_elf.c). */
static void report_exe(const struct notes *notes, struct report *report)
{
	const struct file_mapping *file;
	uint64_t entry;

	if (!notes_auxv(notes, AT_ENTRY, &entry))
		return;
	file = notes_file_at(notes, entry);
	if (file && file->path.n > 0 && file->path.p[0] == '/' &&
	    file->path.n < sizeof(report->exe))
		copy_text(report->exe, sizeof(report->exe), file->path);
}

/* Only what the code gives a meaning: the rest of the union is left-over bytes. */
static void report_signal(const struct notes *notes, struct report *report)
{
	const char *name = signal_code_name(notes->signal, notes->signal_code);

	report->has_siginfo = notes->has_siginfo;
	if (!notes->has_siginfo)
		return;
	report->signal = notes->signal;
	report->signal_code = notes->signal_code;
	(void)snprintf(report->code_name, sizeof(report->code_name), "%s",
		       name ? name : ""); /* every name fits */
	report->has_address = signal_code_has_address(notes->signal, notes->signal_code);
	if (report->has_address)
		report->fault_address = notes->fault_address;
	report->has_sender = signal_code_has_sender(notes->signal, notes->signal_code);
	if (report->has_sender) {
		report->sender_pid = notes->sender_pid;
		report->sender_uid = notes->sender_uid;
	}
}

void notes_report(const struct core *core, const struct notes *notes,
		  struct report *report)
{
	report->has_notes = core->notes.n > 0;
	report->size_core = core->size;
	report->threads = notes->thread_count;
	if (notes->machine)
		(void)snprintf(report->arch, sizeof(report->arch), "%s",
			       notes->machine->name); /* every name fits */
	if (notes->thread_count)
		report->namespace_tid = notes->threads[0].tid;
	report->has_psinfo = notes->has_psinfo;
	if (notes->has_psinfo) {
		report->namespace_pid = (int64_t)notes->pid;
		copy_text(report->fname, sizeof(report->fname), notes->fname);
		copy_text(report->psargs, sizeof(report->psargs), notes->psargs);
	}
	report_signal(notes, report);
	report_fault(report, fault_name(fault_of(core, notes, NULL)));
	report_exe(notes, report);
}
