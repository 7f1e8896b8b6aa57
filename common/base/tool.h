/* tool: what every main does first and last, and messages on standard error. */
#ifndef SER_BASE_TOOL_H
#define SER_BASE_TOOL_H

#include <stdbool.h>

/* Names the program for messages, switches GSL's aborting error handler off and
 * sees to it that descriptors 0 to 2 are open, and waited for. */
void tool_init(const char *name);

/* Puts complete outputs in place where status is ST_OK or ST_NO; otherwise prints
 * "NAME: message" for the thread's last error, where there is one (see failed.h).
 * Returns the status, for main. */
int tool_end(int status);

/* Ends the program at once, in a signal handler: no file appears; "NAME: file: what"
 * is printed, status is the exit status. */
_Noreturn void tool_stop(int status, const char *file, const char *what);

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
