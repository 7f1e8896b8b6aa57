/* failed: how a program tells those behind it in a pipe that it has failed, so
 * that they fail too and leave the message to it. */
#ifndef SER_BASE_FAILED_H
#define SER_BASE_FAILED_H

/* What it writes last, at an end of what others read: ASCII's CAN, "disregard what
 * was sent". No chunk and no line begins with it, so that a reader that does not know
 * it finds the input cut off. */
enum { FAILED_MARK = 0x18 };

/* Writes the mark to standard output where that is a pipe. */
void failed_tell(void);

/* For a reader that has found the mark at the end of an input: ST_DATA, without a
 * message (tool_end prints none) where fd is a pipe, as there the other program has
 * just printed its own. */
int failed_heard(int fd, const char *name);

#endif
