// Numbers in 8 bits by a map of 256 values (8-bit optimizers, arXiv 2110.02861).
#include "CKernels.h"
#include "vector.h"

enum { BLOCK = CK_DYNAMIC_BLOCK };

/// The place of the value of an ascending map that is nearest; of two that are as near, the lower one's.
INLINE uint8_t nearest_place(const float *map, float x) {
  int low = 0;
  UNROLL for (int step = 128; step > 0; step /= 2) {
    float middle = (map[low + step - 1] + map[low + step]) / 2;
    low += x > middle ? step : 0;
  }
  return (uint8_t)low;
}

KERNEL void ck_dynamic_quantize(
    const float *x, int64_t count, const float *map, uint8_t *codes, float *scales, int64_t begin, int64_t end) {
  for (int64_t b = begin; b < end; b++) {
    const float *numbers = x + b * BLOCK;
    int64_t n = count - b * BLOCK < BLOCK ? count - b * BLOCK : BLOCK;
    float scale = largest_magnitude(numbers, n);
    float inverse = scale < 1e-38f ? 0 : 1.0f / scale;
    scales[b] = scale;
    for (int64_t i = 0; i < n; i++) codes[b * BLOCK + i] = nearest_place(map, numbers[i] * inverse);
  }
}
