#include "base/tool.h"

#include <fcntl.h>
#include <gsl/gsl_errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/show.h"

static const char *program = "sertools";
static bool progress_shown;

/* A file opened later must not become descriptor 2, where messages go: where one of
 * the first three is closed, it gets what fails as a closed one does. */
static void
fill_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(ST_SYS); /* whoever closed it cannot be told */
}

void
tool_init(const char *name)
{
	fill_descriptors();
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
	char text[2048], line[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	show_copy(line, sizeof line, text);
	tool_progress("%s", "");
	fprintf(stderr, "%s: %s\n", program, line);
}

bool
tool_skip(struct tool_skips *s, int status)
{
	if (status != ST_DATA || s->n >= s->most)
		return false;
	s->n++;
	tool_say("%s (skipped, %ld of at most %ld)", err_text(), s->n, s->most);
	return true;
}

int
tool_end(int status)
{
	tool_progress("%s", "");
	if (status != ST_OK && status != ST_NO && err_text()[0] != '\0')
		tool_say("%s", err_text());
	return status;
}
