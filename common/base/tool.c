#include "base/tool.h"

#include <fcntl.h>
#include <gsl/gsl_errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __GLIBC__ /* which the headers above define */
#include <malloc.h>
#endif

#include "base/err.h"
#include "base/replace.h"
#include "base/show.h"

#pragma weak gsl_set_error_handler_off /* a program that does not use GSL does not load it */

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

/* What would fail because there is nothing to read or no room at the moment is to be
 * waited for. The flag belongs to all who share the pipe or terminal, so it is opened
 * anew where that can be done; without waiting, as FIFOs would for the other side. */
static void
make_blocking(int fd)
{
	int flags = fcntl(fd, F_GETFL), own = -1;
	struct stat st;
	char name[32];

	if (flags == -1 || (flags & O_NONBLOCK) == 0 || fstat(fd, &st) != 0)
		return;
	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
		own = open(name, (flags & O_ACCMODE) | O_NONBLOCK | O_NOCTTY);
	if (own >= 0) {
		dup2(own, fd);
		close(own);
	}
	fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

/* glibc gives each thread an arena of 64 MiB of address space; where that has a limit
 * (ulimit -v), eight threads would leave nothing of 500 MB. */
static void
share_arena(void)
{
#ifdef M_ARENA_MAX
	struct rlimit space;

	if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
		mallopt(M_ARENA_MAX, 1);
#endif
}

void
tool_init(const char *name)
{
	share_arena();
	fill_descriptors();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		make_blocking(fd);
	signal(SIGXFSZ, SIG_IGN); /* a file that ulimit keeps small is an error of write() */
	program = name;
	if (gsl_set_error_handler_off != NULL)
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

void
tool_stop(int status, const char *file, const char *what)
{
	char line[1024], shown[768];
	const char *const part[] = { program, ": ", shown, ": ", what, "\n" };
	size_t n = 0;

	show_copy(shown, sizeof shown, file);
	for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
		for (const char *s = part[i]; *s != '\0' && n < sizeof line; s++)
			line[n++] = *s;
	replace_none();
	if (write(STDERR_FILENO, line, n) < 0)
		_exit(ST_SYS);
	_exit(status);
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
	bool done = status == ST_OK || status == ST_NO;
	int end = replace_all(done);

	if (done && end != ST_OK)
		status = end;
	tool_progress("%s", "");
	if (status != ST_OK && status != ST_NO && err_text()[0] != '\0')
		tool_say("%s", err_text());
	return status;
}
