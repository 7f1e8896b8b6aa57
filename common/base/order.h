/* order: numbers in files are little-endian, and so is what is hashed, that all
 * machines give the same bytes. */
#ifndef SER_BASE_ORDER_H
#define SER_BASE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True where the machine's numbers are big-endian. */
bool order_differs(void);

/* Turns n numbers of size bytes between the file's order and the machine's. */
void order_turn(void *data, size_t size, uint64_t n);

/* *data as a file has it: as it is, or turned in a copy, *own, which the caller
 * frees (NULL where there is none). */
int order_out(const void **data, size_t size, uint64_t n, void **own);

#endif
