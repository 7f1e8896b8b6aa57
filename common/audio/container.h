/* container: checks that an audio file has all the audio that its header
 * claims. libsndfile reads a file that is cut off without an error. */
#ifndef SER_AUDIO_CONTAINER_H
#define SER_AUDIO_CONTAINER_H

#include <stddef.h>

/* Checks the size of the audio that the headers of WAV, RF64, W64, AIFF, AU,
 * CAF and NIST SPHERE files give, and that an Ogg stream has its last page.
 * ST_DATA where the file was cut off or its header never finished. Other
 * formats, and headers that leave the size open (WAV written to a pipe), pass. */
int container_check(const unsigned char *data, size_t size);

#endif
