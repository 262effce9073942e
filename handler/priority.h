/* SPDX-License-Identifier: MIT */
/* What others are to have first: processor, disk, and memory when it runs out. */
#pragma once

/*
 * This thread comes after others for processor and disk. Once the crashed process is gone: before,
 * its service waits for this very thread.
 */
void priority_lower(void);

/* This thread comes after all others for the processor, for good. */
void priority_lowest(void);

/* When memory runs out, this process is to end before any service does. */
void priority_expendable(void);
