/* SPDX-License-Identifier: MIT */
/*
 * Paths of control groups as container runtimes make them, in both forms of their drivers, nested and not; what looks
 * like one and is none; and names that a user or a container chose.
 */
#include <string.h>

#include "tests/unit/table.h"

#include "handler/process_container.h"

#define A64  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UUID "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
#define POD_ "1b4e28ba_2fa1_11d2_883f_0016d3cca427"

struct row {
	const char *name, *path;
	const char *runtime, *id, *pod; /* NULL: none */
	bool claimed;
};

static const struct row rows[] = {
	{ "unknown", NULL, NULL, NULL, NULL, false },
	{ "the root", "/", NULL, NULL, NULL, false },
	{ "a service", "/system.slice/nginx.service", NULL, NULL, NULL, false },
	{ "a session", "/user.slice/user-1000.slice/session-2.scope", NULL, NULL, NULL,
	  false },
	{ "a user's service",
	  "/user.slice/user-1000.slice/user@1000.service/app.slice/a.service", NULL, NULL,
	  NULL, false },

	{ "podman, systemd", "/machine.slice/libpod-" A64 ".scope", "podman", A64, NULL,
	  false },
	{ "podman, its payload", "/machine.slice/libpod-" A64 ".scope/container",
	  "podman", A64, NULL, false },
	{ "podman, cgroupfs", "/libpod_parent/libpod-" A64, "podman", A64, NULL, false },
	{ "podman, in a pod of its own",
	  "/machine.slice/machine-libpod_pod_" B64 ".slice/libpod-" A64 ".scope",
	  "podman", A64, NULL, false },
	{ "podman, split", "/system.slice/a.service/libpod-payload-" A64, "podman", A64,
	  NULL, false },
	{ "podman's monitor", "/machine.slice/libpod-conmon-" A64 ".scope", NULL, NULL,
	  NULL, false },
	{ "podman, rootless",
	  "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" A64
	  ".scope/container",
	  "podman", A64, NULL, true },
	{ "podman, rootless, in a session",
	  "/user.slice/user-1000.slice/session-2.scope/libpod-" A64, "podman", A64, NULL,
	  true },

	{ "docker, systemd", "/system.slice/docker-" A64 ".scope", "docker", A64, NULL,
	  false },
	{ "docker, cgroupfs", "/docker/" A64, "docker", A64, NULL, false },
	{ "docker, of a unit in it", "/docker/" A64 "/system.slice/a.service", "docker",
	  A64, NULL, false },
	{ "docker, rootless",
	  "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" A64 ".scope",
	  "docker", A64, NULL, true },
	{ "docker in docker", "/docker/" A64 "/docker/" B64, "docker", A64, NULL, false },
	{ "ECS", "/ecs/" UUID "/docker-" A64 ".scope", "docker", A64, NULL, false },
	{ "ECS, systemd", "/ecstasks.slice/ecstasks-1b4e.slice/docker-" A64 ".scope",
	  "docker", A64, NULL, false },
	{ "docker, an unparsed form", "/system.slice:docker:" A64, "docker", A64, NULL,
	  false },

	{ "Kubernetes, containerd, systemd",
	  "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD_
	  ".slice/cri-containerd-" A64 ".scope",
	  "containerd", A64, UUID, false },
	{ "Kubernetes, guaranteed",
	  "/kubepods.slice/kubepods-pod" POD_ ".slice/cri-containerd-" A64 ".scope",
	  "containerd", A64, UUID, false },
	{ "Kubernetes, containerd, an unparsed form",
	  "/system.slice/containerd.service/kubepods-besteffort-pod" POD_
	  ".slice:cri-containerd:" A64,
	  "containerd", A64, UUID, false },
	{ "Kubernetes, cgroupfs", "/kubepods/burstable/pod" UUID "/" A64, "kubernetes",
	  A64, UUID, false },
	{ "Kubernetes, cgroupfs, guaranteed", "/kubepods/pod" UUID "/" A64, "kubernetes",
	  A64, UUID, false },
	{ "Kubernetes, CRI-O, systemd",
	  "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" POD_
	  ".slice/crio-" A64 ".scope",
	  "cri-o", A64, UUID, false },
	{ "Kubernetes, CRI-O, cgroupfs", "/kubepods/besteffort/pod" UUID "/crio-" A64,
	  "cri-o", A64, UUID, false },
	{ "Kubernetes, docker",
	  "/kubepods.slice/kubepods-pod" POD_ ".slice/docker-" A64 ".scope", "docker",
	  A64, UUID, false },
	{ "Kubernetes, a static pod",
	  "/kubepods/burstable/pod0123456789abcdef0123456789abcdef/" A64, "kubernetes",
	  A64, "0123456789abcdef0123456789abcdef", false },
	{ "a pod, and nothing in it", "/kubepods/burstable/pod" UUID, NULL, NULL, UUID,
	  false },
	{ "kind: a cluster in a container",
	  "/docker/" A64 "/kubelet/kubepods/pod" UUID "/" B64, "docker", A64, NULL,
	  false },
	{ "CRI-O's monitor",
	  "/kubepods.slice/kubepods-pod" POD_ ".slice/crio-conmon-" A64 ".scope", NULL,
	  NULL, UUID, false },

	{ "LXC", "/lxc.payload.web", "lxc", "web", NULL, false },
	{ "LXC, of a unit in it", "/lxc.payload.web/system.slice/a.service", "lxc", "web",
	  NULL, false },
	{ "LXC, older", "/lxc/101/ns", "lxc", "101", NULL, false },
	{ "LXC's monitor", "/lxc.monitor.web", NULL, NULL, NULL, false },
	{ "nspawn, by machinectl", "/machine.slice/systemd-nspawn@web.service/payload",
	  "nspawn", "web", NULL, false },
	{ "nspawn, by hand", "/machine.slice/machine-web.scope/payload", "machine", "web",
	  NULL, false },
	{ "a machine with a dash", "/machine.slice/machine-web\\x2d1.scope", "machine",
	  "web\\x2d1", NULL, false },
	{ "Nomad", "/nomad.slice/share.slice/" UUID ".web.scope", "nomad", UUID ".web",
	  NULL, false },

	{ "a container's own name for a group", "/docker/" A64 "/docker-" B64 ".scope",
	  "docker", A64, NULL, false },
	{ "a user's own name",
	  "/user.slice/user-1001.slice/user@1001.service/app.slice/cri-containerd-" A64
	  ".scope",
	  "containerd", A64, NULL, true },
	{ "an id that is too short", "/docker/aaaa", NULL, NULL, NULL, false },
	{ "an id with other letters",
	  "/docker/Gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  NULL, NULL, NULL, false },
	{ "an id that is too long", "/docker/" A64 "a", NULL, NULL, NULL, false },
	{ "hex digits behind nothing", "/" A64, NULL, NULL, NULL, false },
	{ "a name with a blank", "/lxc.payload.a b", NULL, NULL, NULL, false },
	{ "a name that is too long", "/lxc.payload." A64 A64, NULL, NULL, NULL, false },
	{ "no name", "/lxc.payload.", NULL, NULL, NULL, false },
	{ "a pod of nobody's", "/system.slice/pod" UUID "/a", NULL, NULL, NULL, false },
	{ "a pod with other letters", "/kubepods/podxyz/" A64, NULL, NULL, NULL, false },
	{ "nerdctl", "/system.slice/nerdctl-" A64 ".scope", "containerd", A64, NULL,
	  false },
	{ "nerdctl, an unparsed form", "/system.slice:nerdctl:" A64, "containerd", A64,
	  NULL, false },
	{ "Kubernetes, docker, an unparsed form",
	  "/kubepods-burstable-pod" POD_ ".slice:docker:" A64, "docker", A64, UUID,
	  false },
	{ "podman, started anew from its unit", "/system.slice/web.service/libpod-" A64,
	  "podman", A64, NULL, false },
	{ "podman, rootless, as a user's service",
	  "/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/"
	  "libpod-payload-" A64,
	  "podman", A64, NULL, true },
	{ "LXC, unprivileged, in a session",
	  "/user.slice/user-1000.slice/session-2.scope/lxc.payload.web", "lxc", "web",
	  NULL, true },
	{ "a virtual machine of libvirt",
	  "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator", "machine",
	  "qemu\\x2d1\\x2dweb", NULL, false },
	{ "podman's monitor, rootless",
	  "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-conmon-" A64
	  ".scope",
	  NULL, NULL, NULL, false },
	{ "a pod's own name for a user's group", "/kubepods/pod" UUID "/a/user@0.service",
	  NULL, NULL, UUID, false },
	{ "a pod's own name for another pod",
	  "/kubepods/pod" UUID "/a/kubepods-pod0123.slice", NULL, NULL, UUID, false },
	{ "a user's own name for a pod",
	  "/user.slice/user-1001.slice/user@1001.service/kubepods/pod" UUID, NULL, NULL,
	  UUID, true },
	{ "a container's own name for a pod",
	  "/docker/" A64 "/kubepods/pod" UUID "/crio-" B64, "docker", A64, NULL, false },
	{ "slashes", "////docker////" A64 "//", "docker", A64, NULL, false },
	{ "deleted", "/docker/" A64 " (deleted)", NULL, NULL, NULL, false },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct process_container got;

	process_container_find(row->path, &got);
	if (row->runtime)
		assert_string_equal(got.runtime, row->runtime);
	else
		assert_null(got.runtime);
	assert_string_equal(got.id, row->id ? row->id : "");
	assert_string_equal(got.pod, row->pod ? row->pod : "");
	assert_int_equal(got.claimed, row->claimed);
}

static void assert_text(const char *got, const char *want)
{
	if (!want)
		assert_null(got);
	else
		assert_string_equal(got, want);
}

/* A claim is in the record, but in none of the fields that are facts. */
static void test_record(void **state)
{
	const struct row *row = *state;
	_cleanup_record_ struct record record;
	bool fact = !row->claimed;

	record_init(&record);
	assert_int_equal(process_container_record(row->path, &record), 0);
	assert_text(record.container_runtime, fact ? row->runtime : NULL);
	assert_text(record.container_id, fact ? row->id : NULL);
	assert_text(record.pod_uid, fact ? row->pod : NULL);
	assert_int_equal(record.container_claim != NULL, !fact);
	if (fact)
		return;
	assert_non_null(strstr(record.container_claim, row->id ? row->id : row->pod));
	assert_true(strlen(record.container_claim) > 0);
}

int main(void)
{
	int failed = RUN_TABLE(rows, test_row);

	return failed + RUN_TABLE(rows, test_record);
}
