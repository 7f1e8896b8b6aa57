/* vector: the processor's widest vectors, through the compiler's extension,
 * and the tile of sums that fills its registers: MR rows of two vectors. */
#ifndef SER_NET_VECTOR_H
#define SER_NET_VECTOR_H

#include "net/nn.h"

#if defined(__AVX512F__) /* 32 registers */
enum { VECTOR_BYTES = 64, MR = 8 };
#elif defined(__AVX__) /* 16 */
enum { VECTOR_BYTES = 32, MR = 6 };
#elif defined(__aarch64__) /* 32 */
enum { VECTOR_BYTES = 16, MR = 8 };
#else
enum { VECTOR_BYTES = 16, MR = 4 };
#endif
enum { VECTOR = VECTOR_BYTES / sizeof(real), NR = 2 * VECTOR };

typedef real vector __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));

#endif
