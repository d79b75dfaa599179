#include "CKernels.h"
#include "vector.h"

KERNEL void ck_to_bfloat16(const float *x, uint16_t *y, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) y[i] = to_bfloat16(x[i]);
}

KERNEL void ck_from_bfloat16(const uint16_t *x, float *y, int add, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) y[i] = add ? y[i] + from_bfloat16(x[i]) : from_bfloat16(x[i]);
}

/// A number from 0 to 65535 that depends on a place alone, or half of a step of bfloat16.
INLINE uint32_t threshold(uint32_t place, int dithered) { return dithered ? mixed(place) >> 16 : 0x8000; }

KERNEL void ck_split(const float *x, uint16_t *half, uint16_t *rest, int dithered, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, 4);
    bits += threshold((uint32_t)i, dithered);
    half[i] = (uint16_t)(bits >> 16);
    rest[i] = (uint16_t)bits;
  }
}

KERNEL void ck_join(const uint16_t *half, const uint16_t *rest, float *x, int dithered, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) {
    uint32_t bits = ((uint32_t)half[i] << 16 | rest[i]) - threshold((uint32_t)i, dithered);
    memcpy(x + i, &bits, 4);
  }
}
