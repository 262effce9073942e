/* SPDX-License-Identifier: MIT */
/*
 * Which container a process was in, by the path of its control group alone. Pure.
 *
 * The outermost name counts: what is below it, its own root may have made (a container in a container, or a name that
 * looks like one). Below user@UID.service, and in a session, every name is that user's claim: they are given these
 * groups to do with them what they like.
 *
 * Who makes which: podman libpod-ID; docker /docker/ID and docker-ID; containerd's plug-in for Kubernetes
 * cri-containerd-ID; CRI-O crio-ID; the kubelet's cgroupfs driver /kubepods/.../podUID/ID; all with .scope where systemd
 * makes them, and as SLICE:PREFIX:ID where a runtime takes systemd's form for a path; LXC lxc.payload.NAME and lxc/NAME;
 * systemd-nspawn machine-NAME.scope and systemd-nspawn@NAME.service; Nomad ALLOCATION.TASK.scope below nomad.slice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "store/record.h"

/* 64 hexadecimal digits, or a name: machine names and Nomad's have at most as many bytes as a host name. */
#define PROCESS_CONTAINER_ID 128

/* A pod's uid is a UUID; a static pod's is a hash. */
#define PROCESS_CONTAINER_POD 64

struct process_container {
	const char *runtime; /* static: "podman", ...; NULL: it was in none */
	char id[PROCESS_CONTAINER_ID]; /* "": only the pod is known */
	char pod[PROCESS_CONTAINER_POD]; /* its uid; "": it was in none */
	bool claimed; /* a user may have made this up */
};

/* path: of the process' control group; NULL: unknown. */
void process_container_find(const char *path, struct process_container *ret);

/* Into the record: a claim is never where a fact would be. Return: 0 or -ENOMEM. */
int process_container_record(const char *path, struct record *record) _must_check_;
