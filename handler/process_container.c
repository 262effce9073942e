/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "handler/process_container.h"

#define HEX_ID 64

/* One component of a path, not NUL-terminated. */
struct part {
	const char *p;
	size_t n;
};

static struct part next_part(const char **path)
{
	struct part part;

	*path += strspn(*path, "/");
	part = (struct part){ *path, strcspn(*path, "/") };
	*path += part.n;
	return part;
}

static bool is(struct part part, const char *word)
{
	return part.n == strlen(word) && memcmp(part.p, word, part.n) == 0;
}

static bool skip_prefix(struct part *part, const char *prefix)
{
	size_t n = strlen(prefix);

	if (part->n < n || memcmp(part->p, prefix, n) != 0)
		return false;
	*part = (struct part){ part->p + n, part->n - n };
	return true;
}

static bool cut_suffix(struct part *part, const char *suffix)
{
	size_t n = strlen(suffix);

	if (part->n < n || memcmp(part->p + part->n - n, suffix, n) != 0)
		return false;
	part->n -= n;
	return true;
}

static bool is_made_of(struct part part, const char *letters)
{
	for (size_t i = 0; i < part.n; i++) {
		if (!part.p[i] || !strchr(letters, part.p[i]))
			return false;
	}
	return part.n > 0;
}

static bool is_hex_id(struct part part)
{
	return part.n == HEX_ID && is_made_of(part, "0123456789abcdef");
}

static bool is_name(struct part part)
{
	return part.n < PROCESS_CONTAINER_ID &&
	       is_made_of(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"0123456789_.:-\\@");
}

static void set(struct process_container *ret, const char *runtime, struct part id)
{
	ret->runtime = runtime;
	memcpy(ret->id, id.p, id.n);
	ret->id[id.n] = '\0';
}

/*
 * libpod-ID.scope, cri-containerd-ID, kubepods-pod1.slice:cri-containerd:ID. conmon, which looks after a container and
 * is none of it, has libpod-conmon-ID and crio-conmon-ID.
 */
static bool take_hex(struct part part, struct process_container *ret)
{
	static const struct {
		const char *prefix, *runtime;
	} table[] = {
		{ "libpod-payload-", "podman" },
		{ "libpod-", "podman" },
		{ "docker-", "docker" },
		{ "cri-containerd-", "containerd" },
		{ "cri-containerd:", "containerd" },
		{ "nerdctl-", "containerd" },
		{ "nerdctl:", "containerd" },
		{ "docker:", "docker" },
		{ "crio-", "cri-o" },
		{ "crio:", "cri-o" },
		{ "libpod:", "podman" },
	};
	const char *colon = memchr(part.p, ':', part.n);

	(void)cut_suffix(&part, ".scope"); /* cgroupfs has none */
	if (colon)
		part = (struct part){ colon + 1, part.n - (size_t)(colon + 1 - part.p) };
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct part id = part;

		if (skip_prefix(&id, table[i].prefix) && is_hex_id(id)) {
			set(ret, table[i].runtime, id);
			return true;
		}
	}
	return false;
}

/* A name of their own choice, or an id behind the folder of a runtime's. */
static bool take_named(struct part part, struct part before,
		       struct process_container *ret)
{
	struct part id = part;

	if (is(before, "docker") && is_hex_id(part))
		set(ret, "docker", part);
	else if (ret->pod[0] && is_hex_id(part))
		set(ret, "kubernetes", part);
	else if ((skip_prefix(&id, "lxc.payload.") ||
		  ((is(before, "lxc") || is(before, "lxc.payload")) && id.n > 0)) &&
		 is_name(id))
		set(ret, "lxc", id);
	else if (skip_prefix(&id, "machine-") && cut_suffix(&id, ".scope") && is_name(id))
		set(ret, "machine", id);
	else if (skip_prefix(&id, "systemd-nspawn@") && cut_suffix(&id, ".service") &&
		 is_name(id))
		set(ret, "nspawn", id);
	else
		return false;
	return true;
}

/* ALLOCATION.TASK.scope: a UUID, and a name. */
static bool take_nomad(struct part part, struct process_container *ret)
{
	static const size_t uuid = 36;

	if (!cut_suffix(&part, ".scope") || part.n <= uuid || part.p[uuid] != '.' ||
	    !is_made_of((struct part){ part.p, uuid }, "0123456789abcdef-") ||
	    !is_name(part))
		return false;
	set(ret, "nomad", part);
	return true;
}

/*
 * pod1b2c, or of systemd kubepods-burstable-pod1b2c_3d4e.slice, in which a dash would be a level.
 */
static void take_pod(struct part part, bool below_kubepods, struct process_container *ret)
{
	const char *at;

	if (skip_prefix(&part, "kubepods-")) {
		const char *end = memchr(part.p, ':', part.n);

		if (end)
			part.n = (size_t)(end - part.p);
		if (!cut_suffix(&part, ".slice"))
			return;
		at = memmem(part.p, part.n, "pod", 3);
		if (!at || (at != part.p && at[-1] != '-'))
			return;
		part = (struct part){ at, part.n - (size_t)(at - part.p) };
	} else if (!below_kubepods) {
		return;
	}
	if (!skip_prefix(&part, "pod") || part.n >= PROCESS_CONTAINER_POD ||
	    !is_made_of(part, "0123456789abcdef-_"))
		return;
	memcpy(ret->pod, part.p, part.n);
	ret->pod[part.n] = '\0';
	for (char *p = ret->pod; *p; p++) {
		if (*p == '_')
			*p = '-';
	}
}

/* user@1000.service, session-2.scope below a user's slice */
static bool is_users(struct part part, struct part before)
{
	struct part user = part, session = part;

	if (skip_prefix(&user, "user@") && cut_suffix(&user, ".service"))
		return true;
	return skip_prefix(&session, "session-") && cut_suffix(&session, ".scope") &&
	       skip_prefix(&before, "user-") && cut_suffix(&before, ".slice");
}

void process_container_find(const char *path, struct process_container *ret)
{
	struct part before = { "", 0 }, part;
	bool below_kubepods = false, below_nomad = false;

	*ret = (struct process_container){ .runtime = NULL };
	if (!path)
		return;
	for (part = next_part(&path); part.n > 0 && !ret->runtime;
	     before = part, part = next_part(&path)) {
		if (!ret->pod[0])
			take_pod(part, below_kubepods, ret);
		if (take_hex(part, ret) || take_named(part, before, ret) ||
		    (below_nomad && take_nomad(part, ret)))
			break;
		/* in a pod these are its root's names, not a user's of the machine */
		if (!ret->pod[0])
			ret->claimed |= is_users(part, before);
		below_kubepods |= is(part, "kubepods");
		below_nomad |= is(part, "nomad.slice") || is(part, "nomad");
	}
	if (!ret->runtime && !ret->pod[0])
		ret->claimed = false;
}

static int set_claim(const struct process_container *container, struct record *record)
{
	const char *runtime = container->runtime ? container->runtime : "";

	if (asprintf(&record->container_claim, "%s%s%s%s%s", runtime,
		     runtime[0] ? " " : "", container->id,
		     container->pod[0] ? " pod " : "", container->pod) >= 0)
		return 0;
	record->container_claim = NULL;
	return -ENOMEM;
}

static int set_text(char **member, const char *text)
{
	if (!text || !text[0])
		return 0;
	*member = strdup(text);
	return *member ? 0 : -ENOMEM;
}

int process_container_record(const char *path, struct record *record)
{
	struct process_container container;
	int r;

	process_container_find(path, &container);
	if (container.claimed)
		return set_claim(&container, record);
	r = set_text(&record->container_runtime, container.runtime);
	if (r == 0)
		r = set_text(&record->container_id, container.id);
	return r == 0 ? set_text(&record->pod_uid, container.pod) : r;
}
