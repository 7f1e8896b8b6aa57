/* tool: what every main does first and last, and messages on standard error. */
#ifndef SER_BASE_TOOL_H
#define SER_BASE_TOOL_H

#include <stdbool.h>

/* Names the program for messages, switches GSL's aborting error handler off and
 * sees to it that descriptors 0 to 2 are open. */
void tool_init(const char *name);

/* Prints "NAME: message" for the thread's last error where status says it
 * failed and there is one (see failed.h); returns status, for main. */
int tool_end(int status);

/* Prints "NAME: ..." as one line on standard error. */
void tool_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Bad records: how many may be passed over, and how many were. */
struct tool_skips {
	long most, n;
};

/* True where status is a bad record's (ST_DATA) and one more may be passed over:
 * counts it and prints the thread's message. */
bool tool_skip(struct tool_skips *s, int status);

/* A progress line, rewritten in place, only where standard error is a
 * terminal; an empty text clears it. */
void tool_progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
