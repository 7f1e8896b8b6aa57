#include "base/tool.h"

#include <gsl/gsl_errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

static const char *program = "sertools";
static bool progress_shown;

void
tool_init(const char *name)
{
	program = name;
	gsl_set_error_handler_off(); /* it would abort */
}

void
tool_progress(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (!isatty(STDERR_FILENO))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (text[0] == '\0' && !progress_shown)
		return;
	fprintf(stderr, "\r\033[K%s", text);
	fflush(stderr);
	progress_shown = text[0] != '\0';
}

void
tool_say(const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	tool_progress("%s", "");
	fprintf(stderr, "%s: %s\n", program, text);
}

int
tool_end(int status)
{
	tool_progress("%s", "");
	if (status != ST_OK && status != ST_NO)
		tool_say("%s", err_text());
	return status;
}
