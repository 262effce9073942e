/* SPDX-License-Identifier: MIT */
/*
 * window: a program of GTK with a list, a tree of widgets and a thread of its own; it crashes in
 * the handler of a signal of GObject, while the window is shown.
 */
#include <gtk/gtk.h>
#include <string.h>

#define ENTRIES 200

struct entry {
	struct entry *next;
	char *name;
	double size;
	GtkWidget *row;
};

struct model {
	struct entry *first;
	GtkWidget *window, *list;
	GHashTable *by_name;
	int count;
};

static struct model model;
static __thread int events;
volatile int never;

static void add_entry(struct model *to, int number)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->name = g_strdup_printf("entry %d of the list", number);
	entry->size = number * 1.5;
	entry->row = gtk_label_new(entry->name);
	entry->next = to->first;
	to->first = entry;
	to->count++;
	gtk_container_add(GTK_CONTAINER(to->list), entry->row);
	g_hash_table_insert(to->by_name, entry->name, entry);
}

static int select_entry(const struct model *from, const struct entry *entry, int depth)
{
	char words[64];

	events++;
	snprintf(words, sizeof(words), "%s at depth %d", entry->name, depth);
	if (depth < 5)
		return select_entry(from, entry->next, depth + 1) + words[0];
	return *(volatile int *)(unsigned long)(from->count ? 8 : 16);
}

static void on_selected(GtkListBox *list, GtkListBoxRow *row, void *data)
{
	struct model *mine = data;

	never = select_entry(mine, mine->first, (GtkWidget *)list != mine->list) +
		gtk_list_box_row_get_index(row);
}

static gboolean select_last(void *data)
{
	struct model *mine = data;
	GtkListBox *list = GTK_LIST_BOX(mine->list);

	gtk_list_box_select_row(list, gtk_list_box_get_row_at_index(list, ENTRIES - 1));
	return G_SOURCE_REMOVE;
}

static void *wait_forever(void *argument)
{
	struct model *mine = argument;

	events = mine->count;
	g_usleep(G_MAXULONG);
	return mine;
}

int main(int argc, char **argv)
{
	gtk_init(&argc, &argv);
	model.window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	model.list = gtk_list_box_new();
	model.by_name = g_hash_table_new(g_str_hash, g_str_equal);
	gtk_container_add(GTK_CONTAINER(model.window), model.list);
	g_signal_connect(model.list, "row-selected", G_CALLBACK(on_selected), &model);
	for (int i = 0; i < ENTRIES; i++)
		add_entry(&model, i);
	gtk_list_box_unselect_all(GTK_LIST_BOX(model.list));
	g_thread_new("waiting", wait_forever, &model);
	gtk_widget_show_all(model.window);
	g_timeout_add(500, select_last, &model);
	gtk_main();
	return 0;
}
