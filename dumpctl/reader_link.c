/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "dumpctl/reader_link.h"
#include "store/record_list.h"
#include "store/valid.h"

#define HEAD offsetof(struct reader_message, bytes)

/* In place of a text's length: there is none. */
#define NO_TEXT UINT32_MAX

union control {
	char bytes[CMSG_SPACE(sizeof(int) * READER_FDS)];
	struct cmsghdr head;
};

int reader_link_open(int ret[2])
{
	const int room =
		4 * READER_BYTES; /* of half of it the kernel makes no two messages */

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) < 0)
		return -errno;
	for (size_t i = 0; i < 2; i++) /* it is as large by default, in most places */
		(void)setsockopt(ret[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return 0;
}

static void add_fds(struct msghdr *message, union control *control, const int *fds,
		    size_t n)
{
	*control = (union control){
		.head = {
			.cmsg_len = CMSG_LEN(n * sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		},
	};
	memcpy(CMSG_DATA(&control->head), fds, n * sizeof(int));
	message->msg_control = control->bytes;
	message->msg_controllen = CMSG_SPACE(n * sizeof(int));
}

int reader_link_send(int socket, const struct reader_message *message, const int *fds,
		     size_t n)
{
	struct iovec part = { (void *)message, HEAD + message->n };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control;
	ssize_t sent;

	if (n > READER_FDS)
		return -E2BIG;
	if (n > 0)
		add_fds(&header, &control, fds, n);
	do {
		sent = sendmsg(socket, &header, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* Return: 0: there is something to read, or its end; -ETIMEDOUT; negative errno. */
static int wait_for(int socket, int wait)
{
	struct pollfd fd = { .fd = socket, .events = POLLIN };
	int r;

	do {
		r = poll(&fd, 1, wait);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return r == 0 ? -ETIMEDOUT : 0;
}

/* They are this process' from here on, wanted or not. */
static void take_fds(struct msghdr *message, int ret[READER_FDS])
{
	const struct cmsghdr *cmsg = CMSG_FIRSTHDR(message);
	size_t n;

	for (size_t i = 0; i < READER_FDS; i++)
		ret[i] = -1;
	if (!cmsg || cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
		return;
	n = cmsg->cmsg_len - CMSG_LEN(0);
	if (n <= READER_FDS * sizeof(int))
		memcpy(ret, CMSG_DATA(cmsg), n);
}

/* What is there, or comes in time. Return: bytes; 0: the end; -ETIMEDOUT; negative errno. */
static ssize_t receive(int socket, int wait, struct msghdr *message)
{
	for (;;) {
		ssize_t n = recvmsg(socket, message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
		int r;

		if (n >= 0)
			return n;
		if (errno == EAGAIN) {
			r = wait_for(socket, wait);
			if (r < 0)
				return r;
		} else if (errno != EINTR) {
			return errno == ECONNRESET ? 0 : -errno;
		}
	}
}

int reader_link_receive(int socket, int wait, struct reader_message *ret,
			int ret_fds[READER_FDS])
{
	struct iovec part = { ret, sizeof(*ret) };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control;
	ssize_t n;

	if (ret_fds) {
		header.msg_control = control.bytes;
		header.msg_controllen = sizeof(control.bytes);
	}
	n = receive(socket, wait, &header);
	if (n <= 0)
		return (int)n;
	if (ret_fds)
		take_fds(&header, ret_fds);
	if ((size_t)n < HEAD || ret->n != (size_t)n - HEAD ||
	    (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return -EBADMSG;
	return 1;
}

static void put(struct reader_message *message, const void *p, size_t n)
{
	if (n > READER_BYTES - message->n)
		return;
	memcpy(message->bytes + message->n, p, n);
	message->n += (uint32_t)n;
}

void reader_put_number(struct reader_message *message, int64_t number)
{
	put(message, &number, sizeof(number));
}

void reader_put_raw(struct reader_message *message, const void *p, size_t n)
{
	put(message, p, n);
}

static void put_text(struct reader_message *message, const char *text, size_t size)
{
	uint32_t n = text ? (uint32_t)size : NO_TEXT;

	if (text && sizeof(n) + size > READER_BYTES - message->n)
		n = NO_TEXT; /* a text that is not known */
	put(message, &n, sizeof(n));
	if (n != NO_TEXT)
		put(message, text, n);
}

void reader_put_text(struct reader_message *message, const char *text)
{
	put_text(message, text, text ? strlen(text) : 0);
}

void reader_put_bytes(struct reader_message *message, struct bytes text)
{
	put_text(message, (const char *)text.p, text.n);
}

void reader_put_build_id(struct reader_message *message, const struct build_id *id)
{
	reader_put_number(message, id->state);
	reader_put_number(message, id->n);
	put(message, id->bytes, sizeof(id->bytes));
}

void reader_put_record(struct reader_message *message, const struct record *record)
{
	for (size_t i = 0; i < record_field_count; i++) {
		const struct record_field *field = &record_fields[i];

		if (field->kind == RECORD_NUMBER)
			reader_put_number(message, record_number(record, field));
		else
			reader_put_text(message, record_text(record, field));
	}
}

struct reader_rest reader_rest_of(const struct reader_message *message)
{
	return (struct reader_rest){ message->bytes, message->n, false };
}

/* Zeros where there is not so much left. */
static void take(struct reader_rest *rest, void *to, size_t n)
{
	if (n > rest->n || rest->bad) {
		memset(to, 0, n);
		rest->bad = true;
		return;
	}
	memcpy(to, rest->p, n);
	rest->p += n;
	rest->n -= n;
}

int64_t reader_take_number(struct reader_rest *rest)
{
	int64_t number;

	take(rest, &number, sizeof(number));
	return number;
}

void reader_take_raw(struct reader_rest *rest, void *to, size_t n)
{
	take(rest, to, n);
}

void reader_take_build_id(struct reader_rest *rest, struct build_id *ret)
{
	int64_t state = reader_take_number(rest), n = reader_take_number(rest);
	bool found = state == BUILD_ID_FOUND;

	*ret = (struct build_id){ .state = BUILD_ID_UNREAD };
	take(rest, ret->bytes, sizeof(ret->bytes));
	rest->bad |= state < 0 || state >= BUILD_ID_STATES ||
		     (found ? n < BUILD_ID_MIN || n > BUILD_ID_MAX : n != 0);
	if (rest->bad)
		return;
	ret->state = (enum build_id_state)state;
	ret->n = (uint8_t)n;
}

/* NULL: none, or bad. */
static const char *take_bytes(struct reader_rest *rest, size_t *ret_n)
{
	const char *text = (const char *)rest->p + sizeof(uint32_t);
	uint32_t n;

	take(rest, &n, sizeof(n));
	if (rest->bad || n == NO_TEXT)
		return NULL;
	if (n > rest->n || memchr(text, '\0', n)) {
		rest->bad = true;
		return NULL;
	}
	rest->p += n;
	rest->n -= n;
	*ret_n = n;
	return text;
}

int reader_take_text(struct reader_rest *rest, char **ret)
{
	size_t n;
	const char *text = take_bytes(rest, &n);

	*ret = NULL;
	if (rest->bad)
		return -EBADMSG;
	if (!text)
		return 0;
	*ret = strndup(text, n);
	return *ret ? 0 : -ENOMEM;
}

void reader_take_words(struct reader_rest *rest, char *ret, size_t size)
{
	size_t n = 0;
	const char *text = take_bytes(rest, &n);

	ret[0] = '\0';
	for (size_t i = 0; text && i < n; i++)
		rest->bad |= text[i] < ' ' || text[i] > '~';
	if (!text || rest->bad)
		return;
	if (n > size - 1)
		n = size - 1;
	memcpy(ret, text, n);
	ret[n] = '\0';
}

/* A list is printed as JSON, which must be text. */
static bool is_list(const char *text)
{
	json_t *array = record_list_json(text);

	json_decref(array);
	return array != NULL;
}

static int take_record_text(struct reader_rest *rest, const struct record_field *field,
			    struct record *record)
{
	size_t n = 0;
	const char *bytes = take_bytes(rest, &n), *text;
	int r;

	if (rest->bad || !bytes)
		return rest->bad ? -EBADMSG : 0;
	r = record_set_text(record, field, bytes, n);
	if (r < 0)
		return r;
	text = record_text(record, field);
	if ((field->list && !is_list(text)) ||
	    (field->offset == offsetof(struct record, id) && !record_id_valid(text)))
		return -EBADMSG;
	return 0;
}

static int take_record_number(struct reader_rest *rest, const struct record_field *field,
			      struct record *record)
{
	int64_t number = reader_take_number(rest);

	if (rest->bad ||
	    (number != RECORD_UNKNOWN && !record_number_valid(field, number)))
		return -EBADMSG;
	record_set_number(record, field, number);
	return 0;
}

int reader_take_record(struct reader_rest *rest, struct record *ret)
{
	int r = 0;

	record_init(ret);
	for (size_t i = 0; i < record_field_count && r == 0; i++) {
		const struct record_field *field = &record_fields[i];

		r = field->kind == RECORD_NUMBER ? take_record_number(rest, field, ret)
						 : take_record_text(rest, field, ret);
	}
	if (r < 0)
		record_done(ret);
	return r;
}
