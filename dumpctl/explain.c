/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "config/ask.h"
#include "dumpctl/explain.h"
#include "dumpctl/show.h"

#define LABEL_WIDTH 13

static const struct effective_column columns[] = {
	{ "WHERE", 0.3, SCOLS_FL_WRAP },
	{ "SAYS", 0.4, SCOLS_FL_WRAP },
	{ "RESULT", 0.3, SCOLS_FL_WRAP },
};

/* What became of a line. */
enum fate {
	FATE_DECIDES,
	FATE_OVERRIDDEN, /* its section holds; a later line sets the same key */
	FATE_NO_MATCH,
};

static const char *const fate_names[] = {
	[FATE_DECIDES] = "decides",
	[FATE_OVERRIDDEN] = "overridden",
	[FATE_NO_MATCH] = "does not match",
};

void explain(const struct config *config, const struct config_subject *subject,
	     const struct record *record, struct explanation *ret)
{
	struct settings *settings = &ret->effective.settings;
	enum dump_type configured, asked;

	ret->config = config;
	ret->subject = *subject;
	ret->record = record;
	config_resolve(config, subject, settings, ret->effective.origins);
	configured = settings->type;
	ret->now = configured;
	if (record && record->asked && dump_type_parse(record->asked, &asked) == 0 &&
	    ask_apply(settings, asked))
		ret->now = asked;
	settings->type = configured; /* what the lines say */
}

static enum fate fate_of(const struct explanation *explanation,
			 const struct config_assignment *assignment)
{
	const struct config_origin *last =
		&explanation->effective.origins[assignment->which];
	const struct config_origin *here = &assignment->origin;

	if (here->section && !config_matches(here->section, &explanation->subject))
		return FATE_NO_MATCH;
	return here->file == last->file && here->line == last->line ? FATE_DECIDES
								    : FATE_OVERRIDDEN;
}

static char *fate_text(const struct explanation *explanation,
		       const struct config_assignment *assignment)
{
	enum fate fate = fate_of(explanation, assignment);
	_cleanup_free_ char *by = NULL;
	char *text;

	if (fate != FATE_OVERRIDDEN)
		return strdup(fate == FATE_DECIDES ? fate_names[fate] : "");
	by = effective_line_text(&explanation->effective.origins[assignment->which]);
	if (!by || asprintf(&text, "overridden by %s", by) < 0)
		return NULL;
	return text;
}

/* "  Type=heap", "[Dump] Type=heap" */
static char *assignment_text(const struct config_assignment *assignment)
{
	_cleanup_free_ char *value =
		escape_text(assignment->value, strlen(assignment->value));
	char *text;

	if (!value ||
	    asprintf(&text, "%s%s=%s", assignment->origin.section ? "  " : "[Dump] ",
		     setting_name(assignment->which), value) < 0)
		return NULL;
	return text;
}

/* The lines of a section, or of [Dump] (NULL). */
static int add_assignments(const struct explanation *explanation,
			   const struct config_section *section,
			   struct libscols_table *table)
{
	for (size_t i = 0; i < config_assignment_count(explanation->config); i++) {
		const struct config_assignment *assignment =
			config_assignment(explanation->config, i);
		char *texts[3];

		if (assignment->origin.section != section)
			continue;
		texts[0] = effective_line_text(&assignment->origin);
		texts[1] = assignment_text(assignment);
		texts[2] = fate_text(explanation, assignment);
		if (effective_add_line(table, texts, ARRAY_SIZE(texts)) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int add_section(const struct explanation *explanation,
		       const struct config_section *section, struct libscols_table *table)
{
	const struct config_origin header = { section->file, section->line, section };
	bool matches = config_matches(section, &explanation->subject);
	char *texts[] = {
		effective_line_text(&header),
		effective_section_text(section),
		strdup(matches ? "matches" : fate_names[FATE_NO_MATCH]),
	};

	if (effective_add_line(table, texts, ARRAY_SIZE(texts)) < 0)
		return -ENOMEM;
	return add_assignments(explanation, section, table);
}

/* In the order in which they count: the last of a key that matches decides. */
static int print_lines(const struct explanation *explanation)
{
	_cleanup_table_ struct libscols_table *table =
		effective_new_table(columns, ARRAY_SIZE(columns));
	int r = table ? add_assignments(explanation, NULL, table) : -ENOMEM;

	for (size_t i = 0; i < config_section_count(explanation->config) && r == 0; i++)
		r = add_section(explanation, config_section(explanation->config, i),
				table);
	if (r < 0 || scols_table_get_nlines(table) == 0)
		return r;
	putchar('\n');
	return scols_print_table(table);
}

static int print_fact(const char *label, const char *fact)
{
	_cleanup_free_ char *text = fact ? escape_text(fact, strlen(fact)) : NULL;

	if (!fact)
		return 0;
	if (!text)
		return -ENOMEM;
	show_row(LABEL_WIDTH, label, text);
	return 0;
}

static int print_subject(const struct explanation *explanation)
{
	const struct config_subject *subject = &explanation->subject;
	int r = print_fact("Executable", subject->exe);

	if (r == 0)
		r = print_fact("Unit", subject->unit);
	if (r == 0)
		r = print_fact("User unit", subject->user_unit);
	if (r == 0)
		r = print_fact("Control group", subject->cgroup);
	if (subject->uid >= 0)
		printf("%*s: %" PRId64 "\n", LABEL_WIDTH, "User", subject->uid);
	return r;
}

/* Is it another type today? A record that has none is of a dump that has nothing of it. */
static bool differs(const struct explanation *explanation)
{
	const struct record *record = explanation->record;

	return record->type &&
	       strcmp(record->type, dump_type_name(explanation->now)) != 0;
}

static int print_crash(const struct explanation *explanation)
{
	const struct record *record = explanation->record;
	int r = print_fact("ID", record->id);

	if (r == 0)
		r = print_subject(explanation);
	if (r == 0)
		r = print_fact("Asked for", record->asked);
	if (r == 0)
		r = print_fact("Type then", record->type);
	if (r == 0)
		r = print_fact("Outcome", record->outcome);
	if (r == 0 && record->reason)
		r = show_rows(LABEL_WIDTH, "Reason", record->reason);
	printf("%*s: %s%s\n", LABEL_WIDTH, "Type now", dump_type_name(explanation->now),
	       differs(explanation) ? ", another than then" : "");
	return r;
}

int explain_print(const struct explanation *explanation)
{
	int r = explanation->record ? print_crash(explanation)
				    : print_subject(explanation);

	if (r < 0)
		return r;
	putchar('\n');
	r = effective_print(&explanation->effective);
	return r < 0 ? r : print_lines(explanation);
}

static json_t *json_number(int64_t number)
{
	return number >= 0 ? json_integer(number) : json_null();
}

static json_t *json_subject(const struct config_subject *subject)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o}", "exe", effective_json_text(subject->exe),
		"unit", effective_json_text(subject->unit), "user_unit",
		effective_json_text(subject->user_unit), "cgroup",
		effective_json_text(subject->cgroup), "uid", json_number(subject->uid));
}

static json_t *json_section(const struct explanation *explanation,
			    const struct config_section *section)
{
	return json_pack("{s:s, s:o, s:o, s:i, s:b}", "section",
			 config_kind_name(section->kind), "name",
			 effective_json_text(section->name), "file",
			 effective_json_text(section->file), "line", (int)section->line,
			 "matches", config_matches(section, &explanation->subject));
}

static json_t *json_line(const struct explanation *explanation,
			 const struct config_assignment *assignment)
{
	const struct config_origin *origin = &assignment->origin;
	const struct config_section *section = origin->section;

	return json_pack("{s:s, s:o, s:o, s:i, s:s, s:o, s:s}", "key",
			 setting_name(assignment->which), "value",
			 effective_json_text(assignment->value), "file",
			 effective_json_text(origin->file), "line", (int)origin->line,
			 "section",
			 config_kind_name(section ? section->kind : CONFIG_DUMP), "name",
			 effective_json_text(section ? section->name : NULL), "result",
			 fate_names[fate_of(explanation, assignment)]);
}

static json_t *json_sections(const struct explanation *explanation)
{
	json_t *sections = json_array();

	for (size_t i = 0; i < config_section_count(explanation->config); i++) {
		const struct config_section *section =
			config_section(explanation->config, i);

		if (json_array_append_new(sections, json_section(explanation, section)) <
		    0) {
			json_decref(sections);
			return NULL;
		}
	}
	return sections;
}

static json_t *json_lines(const struct explanation *explanation)
{
	json_t *lines = json_array();

	for (size_t i = 0; i < config_assignment_count(explanation->config); i++) {
		const struct config_assignment *assignment =
			config_assignment(explanation->config, i);

		if (json_array_append_new(lines, json_line(explanation, assignment)) <
		    0) {
			json_decref(lines);
			return NULL;
		}
	}
	return lines;
}

static json_t *json_crash(const struct explanation *explanation)
{
	const struct record *record = explanation->record;

	if (!record)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:b}", "id",
			 effective_json_text(record->id), "asked",
			 effective_json_text(record->asked), "type",
			 effective_json_text(record->type), "outcome",
			 effective_json_text(record->outcome), "reason",
			 effective_json_text(record->reason), "type_now",
			 dump_type_name(explanation->now), "differs",
			 differs(explanation));
}

int explain_json(const struct explanation *explanation, json_t *object)
{
	if (json_object_set_new(object, "subject", json_subject(&explanation->subject)) <
		    0 ||
	    json_object_set_new(object, "sections", json_sections(explanation)) < 0 ||
	    json_object_set_new(object, "lines", json_lines(explanation)) < 0 ||
	    json_object_set_new(object, "crash", json_crash(explanation)) < 0)
		return -ENOMEM;
	return 0;
}
