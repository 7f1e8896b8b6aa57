#include "base/order.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

bool
order_differs(void)
{
	const uint16_t one = 1;
	unsigned char first;

	memcpy(&first, &one, 1);
	return first == 0;
}

void
order_turn(void *data, size_t size, uint64_t n)
{
	if (!order_differs() || size < 2)
		return;
	for (unsigned char *p = data; n > 0; n--, p += size)
		for (size_t i = 0; i < size / 2; i++) {
			unsigned char byte = p[i];

			p[i] = p[size - 1 - i];
			p[size - 1 - i] = byte;
		}
}

int
order_out(const void **data, size_t size, uint64_t n, void **own)
{
	*own = NULL;
	if (!order_differs() || size < 2 || n == 0)
		return ST_OK;
	*own = mem_zero((size_t)n, size);
	if (*own == NULL)
		return ST_SYS;
	memcpy(*own, *data, (size_t)n * size);
	order_turn(*own, size, n);
	*data = *own;
	return ST_OK;
}
