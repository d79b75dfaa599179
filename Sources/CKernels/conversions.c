#include "CKernels.h"
#include "vector.h"

KERNEL void ck_to_bfloat16(const float *x, uint16_t *y, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) y[i] = to_bfloat16(x[i]);
}

KERNEL void ck_from_bfloat16(const uint16_t *x, float *y, int add, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) y[i] = add ? y[i] + from_bfloat16(x[i]) : from_bfloat16(x[i]);
}

KERNEL void ck_dither(const float *x, uint16_t *y, int64_t place, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) y[i] = dithered(x[i], (uint32_t)(place + i));
}

KERNEL void ck_dither_floats(float *x, int64_t place, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) x[i] = from_bfloat16(dithered(x[i], (uint32_t)(place + i)));
}

KERNEL void ck_accumulate_bfloat16(
    const float *x, uint16_t *y, uint32_t seed, int64_t place, int64_t begin, int64_t end) {
  const uint32_t mask = mixed(seed);
  for (int64_t i = begin; i < end; i++) y[i] = dithered(from_bfloat16(y[i]) + x[i], (uint32_t)(place + i) ^ mask);
}

ck_movement ck_measure_movement(const float *w, const float *b, int64_t place, int64_t begin, int64_t end) {
  ck_movement sums = {0, 0, 0};
  for (int64_t i = begin; i < end; i++) {
    uint32_t here = (uint32_t)(place + i);
    double moved = (double)w[i] - b[i];
    sums.all += moved * moved;
    sums.dithered += moved * ((double)from_bfloat16(dithered(w[i], here)) - from_bfloat16(dithered(b[i], here)));
    sums.nearest += moved * ((double)from_bfloat16(to_bfloat16(w[i])) - from_bfloat16(to_bfloat16(b[i])));
  }
  return sums;
}
