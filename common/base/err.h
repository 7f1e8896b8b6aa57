/* err: one error message a thread, and the statuses every tool exits with. */
#ifndef SER_BASE_ERR_H
#define SER_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

/* Exit statuses, and what every function that can fail returns. */
enum status {
	ST_OK = 0,    /* done */
	ST_NO = 1,    /* ran, and the answer is no */
	ST_USAGE = 2, /* the command line is wrong */
	ST_DATA = 3,  /* malformed, truncated or wrong input */
	ST_SYS = 4,   /* the system refused: memory, disk, pipe */
};

/* Sets this thread's message and returns status, so that callers write
 * `return err_set(ST_DATA, "...")`. The message is one line without prefix. */
int err_set(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int err_vset(int status, const char *fmt, va_list ap);

/* As err_set(ST_SYS, ...), followed by ": " and what errno means. */
int err_sys(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* By errno, the status where an input cannot be opened: ST_DATA, but ST_SYS where the
 * system has no memory or descriptor for it, or its disk fails. */
int err_opening(void);

/* Puts "prefix: " before this thread's message, unless that is empty; returns its
 * status. */
int err_prefix(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Says that this thread's message names its line of a recipe, which nobody has to
 * add; returns its status. err_located is true until the next message. */
int err_locate(void);
bool err_located(void);

/* A status with its message, put aside for later or for another thread. Zero-initialise;
 * err_recall makes the message this thread's own, forgets it and returns the status, and
 * err_forget just forgets it. */
struct err_kept {
	int status;
	char *message;
};
void err_keep(struct err_kept *k, int status);
int err_recall(struct err_kept *k);
void err_forget(struct err_kept *k);

/* This thread's last message and status; valid until the next err_ call. */
const char *err_text(void);
int err_status(void);

#endif
