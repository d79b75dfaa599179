#include "CKernels.h"
#include "vector.h"

KERNEL void ck_to_bfloat16(const float *x, uint16_t *y, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) y[i] = to_bfloat16(x[i]);
}

KERNEL void ck_from_bfloat16(const uint16_t *x, float *y, int add, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) y[i] = add ? y[i] + from_bfloat16(x[i]) : from_bfloat16(x[i]);
}
