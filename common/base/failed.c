#include "base/failed.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

static bool
is_pipe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

void
failed_tell(void)
{
	const char mark = FAILED_MARK;

	if (!is_pipe(STDOUT_FILENO))
		return;
	signal(SIGPIPE, SIG_IGN); /* nobody may be left to read it */
	if (write(STDOUT_FILENO, &mark, 1) != 1)
		return; /* then they find the input cut off */
}

int
failed_heard(int fd, const char *name)
{
	if (is_pipe(fd))
		return err_set(ST_DATA, "%s", "");
	return err_set(ST_DATA, "%s: cut off: the program that wrote it failed; run that again", name);
}
