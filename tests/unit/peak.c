/* peak: runs a command and writes the most memory that it had (KB) to a file.
 *
 * peak FILE COMMAND [ARGUMENT...] */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct rusage used;
	int status = 0;
	pid_t child;
	FILE *f;

	if (argc < 3)
		return 99;
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		_exit(99);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || getrusage(RUSAGE_CHILDREN, &used) != 0)
		return 99;
	f = fopen(argv[1], "w");
	if (f == NULL || fprintf(f, "%ld\n", used.ru_maxrss) < 0 || fclose(f) != 0)
		return 99;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}
