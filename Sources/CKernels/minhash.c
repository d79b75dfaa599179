#include "CKernels.h"
#include "vector.h"

KERNEL void ck_min_hash(
    const int32_t *hashes, int64_t count, const int32_t *factors, const int32_t *summands, int32_t *smallest) {
  // A few functions at a time, whose smallest values stay in registers while all hashes go by.
  enum { FUNCTIONS = 32 };
  for (int64_t first = 0; first < CK_MIN_HASHES; first += FUNCTIONS) {
    int32_t least[FUNCTIONS];
    for (int f = 0; f < FUNCTIONS; f++) least[f] = smallest[first + f];
    for (int64_t i = 0; i < count; i++)
      for (int f = 0; f < FUNCTIONS; f++) {
        int32_t value = (int32_t)((uint32_t)factors[first + f] * (uint32_t)hashes[i] + (uint32_t)summands[first + f]);
        least[f] = value < least[f] ? value : least[f];
      }
    for (int f = 0; f < FUNCTIONS; f++) smallest[first + f] = least[f];
  }
}
