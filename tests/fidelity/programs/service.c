/* SPDX-License-Identifier: MIT */
/*
 * A small service as a distribution ships it, optimized: sessions in a hash table with
 * chains, a least-recently-used list through them, requests with headers as text, counters;
 * 25 MB in all, three quarters of it text and pointers. It crashes in a request.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SESSIONS   21000
#define BUCKETS	   8192
#define WORKERS	   4
#define STACK_SIZE (128 << 10) /* the kernel's core has all of a stack */

struct header {
	struct header *next;
	char *name, *value;
};

struct request {
	const char *method;
	char *path;
	struct header *headers;
	struct session *session;
	uint8_t body[160];
	size_t body_size;
};

struct session {
	struct session *next; /* of its bucket */
	struct session *newer, *older;
	char token[36];
	char *user;
	struct request *last;
	uint64_t requests, bytes;
	double load;
};

struct table {
	struct session *buckets[BUCKETS];
	size_t count;
};

static struct table table;
static struct session *newest, *oldest;
static struct {
	const char *name;
	uint64_t value;
} counters[] = { { "requests", 0 }, { "bytes", 0 }, { "errors", 0 } };
static char listen_on[] = "127.0.0.1:0000";
__thread struct request *current;
static uint32_t seed = 2463534242;
static pthread_mutex_t forever = PTHREAD_MUTEX_INITIALIZER;
volatile int never;

#define DISTINCT __attribute__((noinline, noclone))

static const char *const methods[] = { "GET", "POST", "PUT", "DELETE" };
static const char *const names[] = { "Host", "User-Agent", "Accept", "Cookie",
				     "X-Request-Id" };

static uint32_t random_number(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

static void *must(void *memory)
{
	if (!memory)
		_exit(9);
	return memory;
}

static char *text(const char *format, uint32_t a, uint32_t b)
{
	char *made = NULL;

	if (asprintf(&made, format, a, b) < 0)
		_exit(9);
	return made;
}

static struct header *make_headers(void)
{
	struct header *first = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct header *header = must(malloc(sizeof(*header)));

		header->name = must(strdup(names[i]));
		header->value = text("value/%u; quality=0.%u; charset=utf-8",
				     random_number(), random_number() % 10);
		header->next = first;
		first = header;
	}
	return first;
}

static struct request *make_request(struct session *session)
{
	struct request *request = must(calloc(1, sizeof(*request)));

	request->method = methods[random_number() % 4];
	request->path = text("/api/v1/items/%u/parts?page=%u&sort=name&order=descending",
			     random_number() % 10000, random_number() % 50);
	request->headers = make_headers();
	request->session = session;
	request->body_size = random_number() % sizeof(request->body);
	for (size_t i = 0; i < request->body_size; i++)
		request->body[i] = (uint8_t)random_number();
	return request;
}

static struct session **bucket_of(const char *token)
{
	uint32_t hash = 2166136261;

	while (*token)
		hash = (hash ^ (uint8_t)*token++) * 16777619;
	return &table.buckets[hash % BUCKETS];
}

static void make_session(uint32_t number)
{
	struct session *session = must(calloc(1, sizeof(*session)));
	struct session **bucket;

	snprintf(session->token, sizeof(session->token), "%08x-%08x-%08x",
		 random_number(), random_number(), random_number());
	session->user = text("user-%u@department-%u.example.com", number, number % 40);
	session->last = make_request(session);
	session->load = number / 3.0;
	session->older = newest;
	if (newest)
		newest->newer = session;
	else
		oldest = session;
	newest = session;
	bucket = bucket_of(session->token);
	session->next = *bucket;
	*bucket = session;
	table.count++;
	counters[0].value++;
	counters[1].value += session->last->body_size;
}

static const char *header_of(const struct request *request, const char *name)
{
	for (const struct header *h = request->headers; h; h = h->next) {
		if (strcmp(h->name, name) == 0)
			return h->value;
	}
	return NULL;
}

/* One connection's state, handed down from step to step. */
struct context {
	struct session *session;
	struct request *request;
	const char *rule;
	char *out;
	size_t size, length;
	const struct step *step;
};

struct step {
	const char *name;
	size_t (*run)(struct context *context);
};

static size_t follow_steps(struct context *context);

DISTINCT static size_t next_step(struct context *context)
{
	context->step++;
	return follow_steps(context);
}

DISTINCT static size_t authorize(struct context *context)
{
	const char *cookie = header_of(context->request, "Cookie");
	char key[64];

	snprintf(key, sizeof(key), "%.40s/%s", context->session->user,
		 cookie ? "cookie" : "none");
	context->rule = cookie ? cookie : key;
	return next_step(context) + strlen(key);
}

DISTINCT static size_t count(struct context *context)
{
	struct session *session = context->session;
	struct session *neighbour = session->older ? session->older : session;
	uint64_t before = session->bytes;
	size_t length = next_step(context);

	counters[2].value += length;
	session->requests += neighbour->requests + before;
	return length;
}

DISTINCT static size_t answer(struct context *context)
{
	struct request *request = context->request;
	const char *agent = header_of(request, "User-Agent");
	const char *missing = header_of(request, "Authorization");

	context->length = (size_t)snprintf(context->out, context->size, "%s %s for %s",
					   request->method, request->path, agent);
	if (request->session->load > 1000)
		context->length += strlen(missing); /* the crash */
	return context->length;
}

static const struct step steps[] = {
	{ "authorize", authorize },
	{ "count", count },
	{ "answer", answer },
};

DISTINCT static size_t follow_steps(struct context *context)
{
	const struct step *step = context->step;
	size_t length = step->run(context);

	never = step->name[0];
	return length;
}

DISTINCT static size_t serve(const char *token)
{
	struct session *session = *bucket_of(token);
	char out[512];
	struct context context = { .out = out, .size = sizeof(out), .step = steps };

	while (session && strcmp(session->token, token) != 0)
		session = session->next;
	if (!session)
		return 0;
	current = session->last;
	context.session = session;
	context.request = session->last;
	session->bytes += follow_steps(&context);
	never = out[context.length % sizeof(out)];
	return context.length;
}

DISTINCT static uint64_t serve_all(struct session *from)
{
	struct session *recent[8] = { NULL };
	uint64_t sum = 0, number = 0;

	for (struct session *s = from; s; s = s->newer) {
		recent[number++ % 8] = s;
		sum += serve(s->token);
	}
	return sum + (recent[0] != NULL);
}

static void *work(void *argument)
{
	struct session *mine = argument;
	uint64_t sum = 0;

	for (int i = 0; i < 10 && mine; i++, mine = mine->newer) {
		current = mine->last;
		sum += mine->last->body_size;
	}
	pthread_mutex_lock(&forever);
	never = (int)sum;
	return mine;
}

int main(void)
{
	pthread_t workers[WORKERS];
	pthread_attr_t small;

	if (pthread_attr_init(&small) || pthread_attr_setstacksize(&small, STACK_SIZE))
		return 9;
	snprintf(listen_on, sizeof(listen_on), "127.0.0.1:%u",
		 1000 + random_number() % 9000);
	for (uint32_t i = 0; i < SESSIONS; i++)
		make_session(i);
	pthread_mutex_lock(&forever);
	for (int i = 0; i < WORKERS; i++) {
		if (pthread_create(&workers[i], &small, work,
				   i % 2 ? newest->older : oldest))
			return 9;
	}
	usleep(100000);
	return (int)serve_all(oldest);
}
