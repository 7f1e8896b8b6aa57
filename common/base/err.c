#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/show.h"

enum { ERR_MAX = 1024 };

static _Thread_local char message[ERR_MAX];
static _Thread_local int last;
static _Thread_local bool located;

int
err_vset(int status, const char *fmt, va_list ap)
{
	char text[ERR_MAX]; /* fmt's arguments may point into message */

	vsnprintf(text, sizeof text, fmt, ap);
	show_copy(message, sizeof message, text); /* one line, whatever names it quotes */
	last = status;
	located = false;
	return status;
}

int
err_set(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(status, fmt, ap);
	va_end(ap);
	return status;
}

int
err_sys(const char *fmt, ...)
{
	int code = errno;
	va_list ap;

	va_start(ap, fmt);
	err_vset(ST_SYS, fmt, ap);
	va_end(ap);
	return err_set(ST_SYS, "%s: %s", message, strerror(code));
}

int
err_opening(void)
{
	return errno == ENOMEM || errno == EMFILE || errno == ENFILE || errno == EIO ? ST_SYS : ST_DATA;
}

int
err_prefix(const char *fmt, ...)
{
	char text[ERR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return message[0] == '\0' ? last : err_set(last, "%s: %s", text, message);
}

int
err_locate(void)
{
	located = true;
	return last;
}

bool
err_located(void)
{
	return located;
}

void
err_keep(struct err_kept *k, int status)
{
	k->status = status;
	k->message = status == ST_OK ? NULL : strdup(message);
}

int
err_recall(struct err_kept *k)
{
	if (k->status != ST_OK)
		err_set(k->status, "%s", k->message == NULL ? "out of memory" : k->message);
	err_forget(k);
	return k->status;
}

void
err_forget(struct err_kept *k)
{
	free(k->message);
	k->message = NULL;
}

const char *
err_text(void)
{
	return message;
}

int
err_status(void)
{
	return last;
}
