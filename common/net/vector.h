/* vector: the processor's widest vectors, through the compiler's extension,
 * and the tile of sums that fills its registers: MR rows of NV vectors. */
#ifndef SER_NET_VECTOR_H
#define SER_NET_VECTOR_H

#include "net/nn.h"

#if defined(__AVX512F__) /* 32 registers */
enum { VECTOR_BYTES = 64, MR = 6, NV = 4 };
#elif defined(__AVX__) /* 16 */
enum { VECTOR_BYTES = 32, MR = 6, NV = 2 };
#elif defined(__aarch64__) /* 32 */
enum { VECTOR_BYTES = 16, MR = 6, NV = 4 };
#else
enum { VECTOR_BYTES = 16, MR = 4, NV = 2 };
#endif
enum { VECTOR = VECTOR_BYTES / sizeof(real), NR = NV * VECTOR };

typedef real vector __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));

/* Where the vector begins that should at the k-th of n values, VECTOR of them at least:
 * the last may overlap the one before. */
static inline size_t
vector_at(size_t k, size_t n)
{
	return k + VECTOR <= n ? k : n - VECTOR;
}

#endif
