/* SPDX-License-Identifier: MIT */
/*
 * Reads the store's files, then joins the journal's entries to them by id. Nothing is kept
 * between two calls: the files and the journal are the index.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "store/dump.h"
#include "store/index.h"
#include "store/journal.h"
#include "store/name.h"

struct loader {
	struct index *index;
	const char *directory;
	const struct index_reader *reader;
	/* The last entries, whose files are open and not read yet. */
	struct index_file batch[INDEX_FILES];
	size_t waiting;
	size_t allocated;
	/* While joining, entries[0, anonymous) are files without an id, entries[anonymous,
	 * files) files sorted by id, and what follows is from the journal alone. */
	size_t anonymous;
	size_t files;
	bool unreadable; /* the directory could not be read */
};

static const char *const state_names[] = {
	[INDEX_NONE] = "none",
	[INDEX_PRESENT] = "present",
	[INDEX_CUT] = "cut",
	[INDEX_MISSING] = "missing",
	[INDEX_ELSEWHERE] = "elsewhere",
	[INDEX_INACCESSIBLE] = "inaccessible",
	[INDEX_DAMAGED] = "damaged",
};

const char *index_state_name(enum index_state state)
{
	return state_names[state];
}

static void entry_done(struct index_entry *entry)
{
	record_done(&entry->record);
	free(entry->directory);
	free(entry->name);
}

void index_done(struct index *index)
{
	for (size_t i = 0; i < index->count; i++)
		entry_done(&index->entries[i]);
	free(index->entries);
	index->entries = NULL;
	index->count = 0;
}

/* A new last entry, NULL without memory. */
static struct index_entry *append(struct loader *loader)
{
	struct index *index = loader->index;
	struct index_entry *entry;

	if (index->count == loader->allocated) {
		size_t more = loader->allocated ? loader->allocated * 2 : 64;

		entry = reallocarray(index->entries, more, sizeof(*entry));
		if (!entry)
			return NULL;
		index->entries = entry;
		loader->allocated = more;
	}
	entry = &index->entries[index->count++];
	memset(entry, 0, sizeof(*entry));
	record_init(&entry->record);
	return entry;
}

/* Every member that `to` does not know, from `from`, which loses its texts by that. */
static void fill_unknown(struct record *to, struct record *from)
{
	for (size_t i = 0; i < record_field_count; i++) {
		const struct record_field *field = &record_fields[i];
		char **text = (char **)((char *)to + field->offset);
		char **other = (char **)((char *)from + field->offset);

		if (field->kind == RECORD_NUMBER) {
			if (record_number(to, field) == RECORD_UNKNOWN)
				record_set_number(to, field, record_number(from, field));
		} else if (!*text) {
			*text = TAKE_PTR(*other);
		}
	}
}

static int compare_text(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int damaged(struct index_entry *entry, const char *reason)
{
	char *text = strdup(reason);

	if (!text)
		return -ENOMEM;
	free(entry->record.reason);
	entry->record.reason = text;
	entry->state = INDEX_DAMAGED;
	return 0;
}

int index_read_file(struct index_file *file)
{
	_cleanup_dump_ struct dump *dump = NULL;
	const char *reason = NULL;
	int copy = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);

	file->error = copy < 0 ? -errno : dump_read(copy, &dump);
	if (file->error < 0)
		return file->error == -ENOMEM ? -ENOMEM : 0;
	dump_take_record(dump, &file->record, &file->check, &reason);
	(void)snprintf(file->reason, sizeof(file->reason), "%s", reason ? reason : "");
	return 0;
}

static int read_here(void *context, struct index_file *files, size_t n)
{
	int r = 0;

	(void)context;
	for (size_t i = 0; i < n && r == 0; i++)
		r = index_read_file(&files[i]);
	return r;
}

static const char *why_damaged(const struct index_file *file)
{
	if (file->reason[0])
		return file->reason;
	if (file->error == 0)
		return strerrordesc_np(-file->check);
	return file->error == -EBADMSG
		       ? "not a dump of dumpd, or its beginning is damaged"
		       : strerrordesc_np(-file->error);
}

/* What the file says of itself. */
static int take_file(struct index_entry *entry, struct index_file *file)
{
	if (file->error == -EACCES || file->error == -EPERM) {
		entry->state = INDEX_INACCESSIBLE;
		return 0;
	}
	if (file->error < 0)
		return damaged(entry, why_damaged(file));
	entry->record = file->record;
	record_init(&file->record);
	if (file->check < 0)
		return damaged(entry, why_damaged(file));
	entry->state = record_is_cut(&entry->record) ? INDEX_CUT : INDEX_PRESENT;
	return 0;
}

static int take_batch(struct loader *loader)
{
	struct index *index = loader->index;
	int r = 0;

	for (size_t i = 0; i < loader->waiting && r == 0; i++) {
		struct index_entry *entry =
			&index->entries[index->count - loader->waiting + i];
		int64_t stored = entry->record.timestamp;

		r = take_file(entry, &loader->batch[i]);
		if (entry->record.timestamp == RECORD_UNKNOWN)
			entry->record.timestamp = stored;
	}
	return r;
}

/* Of files that could not be opened the error is known already. */
static int read_opened(struct loader *loader)
{
	struct index_file opened[INDEX_FILES];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < loader->waiting; i++) {
		if (loader->batch[i].fd >= 0)
			opened[n++] = loader->batch[i];
	}
	r = n > 0 ? loader->reader->read(loader->reader->context, opened, n) : 0;
	for (size_t i = loader->waiting; i-- > 0;) {
		if (loader->batch[i].fd >= 0)
			loader->batch[i] = opened[--n];
	}
	return r;
}

static int finish_batch(struct loader *loader)
{
	int r = read_opened(loader);

	if (r == 0)
		r = take_batch(loader);
	for (size_t i = 0; i < loader->waiting; i++) {
		cleanup_fd(&loader->batch[i].fd);
		record_done(&loader->batch[i].record);
	}
	loader->waiting = 0;
	return r;
}

static int64_t time_of(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000;
}

/*
 * A file of the store. Everything that is not a regular file is passed over unopened, and so is what is left of a
 * dump that was being removed.
 */
static int add_file(struct loader *loader, int dirfd, const char *name)
{
	struct index_file *file = &loader->batch[loader->waiting];
	struct index_entry *entry;
	struct stat st;
	uint64_t size;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size == 0)
		return 0;
	entry = append(loader);
	if (!entry)
		return -ENOMEM;
	entry->size = (uint64_t)st.st_size;
	entry->record.timestamp = time_of(&st); /* unless the file knows better */
	entry->directory = strdup(loader->directory);
	entry->name = strdup(name);
	if (!entry->directory || !entry->name)
		return -ENOMEM;
	*file = (struct index_file){ .fd = dump_file_open(dirfd, name, &size) };
	file->error = file->fd < 0 ? file->fd : 0;
	record_init(&file->record);
	return ++loader->waiting == INDEX_FILES ? finish_batch(loader) : 0;
}

/* Return: 0, -ENOMEM, or *ret_error set. */
static int add_files(struct loader *loader, int *ret_error)
{
	int fd = open(loader->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *file;

	if (!dir) {
		*ret_error = -errno;
		cleanup_fd(&fd);
		return 0;
	}
	while ((errno = 0, file = readdir(dir))) {
		int r = name_is_dump(file->d_name)
				? add_file(loader, dirfd(dir), file->d_name)
				: 0;

		if (r < 0) {
			(void)finish_batch(loader); /* closes what is open */
			return r;
		}
	}
	*ret_error = -errno;
	return finish_batch(loader);
}

static int by_id(const void *left, const void *right)
{
	const struct index_entry *a = left, *b = right;

	return compare_text(a->record.id, b->record.id);
}

static int by_time(const void *left, const void *right)
{
	const struct index_entry *a = left, *b = right;

	if (a->record.timestamp != b->record.timestamp)
		return a->record.timestamp < b->record.timestamp ? -1 : 1;
	return compare_text(a->record.id, b->record.id);
}

static struct index_entry *find_id(struct loader *loader, const char *id)
{
	struct index_entry key = { .record.id = (char *)id };
	size_t n = loader->files - loader->anonymous;

	if (n == 0)
		return NULL;
	return bsearch(&key, loader->index->entries + loader->anonymous, n, sizeof(key),
		       by_id);
}

/* A file that cannot be read tells no id, but the journal's entry tells its name. */
static struct index_entry *find_name(struct loader *loader, const struct record *record)
{
	const char *slash = record->filename ? strrchr(record->filename, '/') : NULL;
	const char *name = slash ? slash + 1 : record->filename;

	for (size_t i = 0; name && i < loader->anonymous; i++) {
		struct index_entry *entry = &loader->index->entries[i];

		if (!entry->in_journal && strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

/* In a directory that is not this store's. A link there is nobody's dump. */
static bool is_elsewhere(const struct loader *loader, const char *filename,
			 int *ret_error)
{
	const char *slash = strrchr(filename, '/');
	size_t n = slash ? (size_t)(slash - filename) : 0;
	struct stat st;

	*ret_error = 0;
	if (n == 0 || filename[0] != '/' || !name_is_dump(slash + 1) ||
	    (strlen(loader->directory) == n &&
	     strncmp(loader->directory, filename, n) == 0))
		return false;
	if (lstat(filename, &st) < 0) {
		*ret_error = errno;
		return false;
	}
	return S_ISREG(st.st_mode);
}

static enum index_state state_without_file(const struct loader *loader,
					   const char *filename)
{
	int error;

	if (!filename)
		return INDEX_NONE;
	if (is_elsewhere(loader, filename, &error))
		return INDEX_ELSEWHERE;
	return loader->unreadable || error == EACCES ? INDEX_INACCESSIBLE : INDEX_MISSING;
}

static int join(void *context, struct record *record)
{
	struct loader *loader = context;
	struct index_entry *entry = find_id(loader, record->id);

	if (!entry) {
		entry = find_name(loader, record);
		if (entry) /* the file's own time was a makeshift */
			entry->record.timestamp = RECORD_UNKNOWN;
	}
	if (!entry) {
		entry = append(loader);
		if (!entry)
			return -ENOMEM;
		entry->state = state_without_file(loader, record->filename);
	}
	entry->in_journal = true;
	fill_unknown(&entry->record, record);
	return 0;
}

static int join_journal(struct loader *loader)
{
	struct index *index = loader->index;
	int r;

	loader->files = index->count;
	if (index->count > 0)
		qsort(index->entries, index->count, sizeof(*index->entries), by_id);
	while (loader->anonymous < loader->files &&
	       !index->entries[loader->anonymous].record.id)
		loader->anonymous++;
	r = journal_each_crash(join, loader);
	index->journal_readable = r >= 0;
	return r == -ENOMEM ? r : 0;
}

int index_load(const char *directory, bool with_journal,
	       const struct index_reader *reader, struct index *ret,
	       int *ret_directory_error)
{
	static const struct index_reader here = { read_here, NULL };
	struct index index = { 0 };
	struct loader loader = { .index = &index,
				 .directory = directory,
				 .reader = reader ? reader : &here };
	int directory_error = 0, r;

	r = add_files(&loader, &directory_error);
	loader.unreadable = directory_error != 0 && directory_error != -ENOENT;
	if (r == 0 && with_journal)
		r = join_journal(&loader);
	if (r == 0 && directory_error != 0 && !index.journal_readable)
		r = directory_error;
	if (r < 0) {
		index_done(&index);
		return r;
	}
	if (index.count > 0)
		qsort(index.entries, index.count, sizeof(*index.entries), by_time);
	*ret = index;
	*ret_directory_error = directory_error;
	return 0;
}
