#include "CKernels.h"
#include "vector.h"

KERNEL void ck_to_bfloat16(const float *x, uint16_t *y, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, 4);
    uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    // A NaN stays one, whatever its low bits.
    y[i] = x[i] != x[i] ? (uint16_t)((bits >> 16) | 0x40) : (uint16_t)rounded;
  }
}

KERNEL void ck_from_bfloat16(const uint16_t *x, float *y, int add, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) {
    uint32_t bits = (uint32_t)x[i] << 16;
    float value;
    memcpy(&value, &bits, 4);
    y[i] = add ? y[i] + value : value;
  }
}
