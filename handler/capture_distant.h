/* SPDX-License-Identifier: MIT */
/*
 * Which memory of a process is of files that another machine or another process serves, and may wait for an answer that
 * does not come: what /proc/PID/maps has of a device that /proc/PID/mountinfo has with such a type (fs/proc/task_mmu.c,
 * show_map_vma; fs/proc_namespace.c, show_mountinfo). Both name the super block's device, so that subvolumes of btrfs
 * and several mounts of one file system agree. No I/O: the files are never touched.
 *
 * What cannot be seen so counts as near: a file system that is not mounted where the process is any more, or never was
 * (umount -l, descriptors from elsewhere), and what lies below another one. For overlayfs maps has the device of the
 * overlay (from Linux 6.8 on, whose type says nothing) or of the layer that the file is in, which the process may
 * have no mount of; for ecryptfs and loop devices the upper one's.
 */
#pragma once

#include "filter/bytes.h"
#include "filter/spans.h"

/*
 * Adds to ret, which is joined then. Both texts may be cut anywhere, or missing (n is 0): then what they do not tell
 * is near. May fail: see ret->failed.
 */
void capture_distant_find(struct bytes maps, struct bytes mountinfo, struct spans *ret);
