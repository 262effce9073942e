/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/io.h"
#include "handler/process_handover.h"

/* A stream of the kernel's own takes a header whole (net/unix/af_unix.c): it is in one buffer. */
struct header {
	uint32_t kind, fds;
	uint64_t n;
};

union control {
	char bytes[CMSG_SPACE(sizeof(int) * HANDOVER_FDS)];
	struct cmsghdr head;
};

int handover_open(int ret[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret) < 0 ? -errno : 0;
}

/* control: of sendmsg(2), n bytes; NULL: none. */
static int send_header(int socket, struct header *header, void *control, size_t n)
{
	struct iovec part = { header, sizeof(*header) };
	const struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = n,
	};
	ssize_t sent;

	do {
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	return sent == sizeof(*header) ? 0 : -EIO;
}

int handover_send(int socket, uint32_t kind, const void *bytes, size_t n)
{
	struct header header = { .kind = kind, .n = n };
	int r = send_header(socket, &header, NULL, 0);

	return r == 0 && n > 0 ? io_write_full(socket, bytes, n) : r;
}

int handover_send_fds(int socket, uint32_t kind, const int fds[HANDOVER_FDS])
{
	struct header header = { .kind = kind, .fds = HANDOVER_FDS };
	const size_t n = sizeof(int) * HANDOVER_FDS;
	union control control = {
		.head = {
			.cmsg_len = CMSG_LEN(n),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		},
	};

	memcpy(CMSG_DATA(&control.head), fds, n);
	return send_header(socket, &header, control.bytes, sizeof(control.bytes));
}

/* Return: 0: there is something to read, or its end; -ETIMEDOUT; negative errno. */
static int wait_for(int socket, int64_t until)
{
	struct pollfd fd = { .fd = socket, .events = POLLIN };
	int64_t left;
	int r;

	do {
		left = until - clock_usec(CLOCK_MONOTONIC);
		if (left <= 0)
			return -ETIMEDOUT;
		left = left / 1000 + 1;
		r = poll(&fd, 1, left < INT_MAX ? (int)left : INT_MAX);
	} while (r == 0 || (r < 0 && errno == EINTR));
	return r < 0 ? -errno : 0;
}

static int receive_bytes(int socket, int64_t until, struct handover *ret)
{
	for (size_t at = 0; at < ret->n;) {
		int r = wait_for(socket, until);
		ssize_t n;

		if (r < 0)
			return r;
		n = recv(socket, ret->bytes + at, ret->n - at, MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EBADMSG;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* They are this process' from here on, wanted or not. */
static void take_fds(struct msghdr *message, struct handover *ret)
{
	const struct cmsghdr *cmsg = CMSG_FIRSTHDR(message);

	if (cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS &&
	    cmsg->cmsg_len == CMSG_LEN(sizeof(ret->fds)))
		memcpy(ret->fds, CMSG_DATA(cmsg), sizeof(ret->fds));
}

/* Return: as handover_receive(). */
static int receive_header(int socket, struct header *header, struct handover *ret)
{
	union control control;
	struct iovec part = { header, sizeof(*header) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 ? -errno : 0;
	take_fds(&message, ret);
	if (n != sizeof(*header) || (message.msg_flags & MSG_CTRUNC) ||
	    (header->fds > 0) != (ret->fds[0] >= 0))
		return -EBADMSG;
	return 1;
}

int handover_receive(int socket, size_t cap, int64_t until, struct handover *ret)
{
	struct header header = { .kind = 0 };
	int r = wait_for(socket, until);

	*ret = (struct handover){ .fds = { -1, -1 } };
	if (r == 0)
		r = receive_header(socket, &header, ret);
	if (r == 1 && header.n > cap)
		r = -EBADMSG;
	if (r == 1) {
		ret->kind = header.kind;
		ret->n = header.n;
		ret->bytes = malloc(ret->n + 1);
		r = ret->bytes ? receive_bytes(socket, until, ret) : -ENOMEM;
		r = r == 0 ? 1 : r;
	}
	if (r != 1)
		handover_done(ret);
	else
		ret->bytes[ret->n] = '\0';
	return r;
}

void handover_done(struct handover *message)
{
	free(message->bytes);
	for (size_t i = 0; i < HANDOVER_FDS; i++)
		cleanup_fd(&message->fds[i]);
	*message = (struct handover){ .fds = { -1, -1 } };
}
