#include "dynamic.h"

#include "CKernels.h"

enum { BLOCK = CK_DYNAMIC_BLOCK };

// Looking up values in a map does not touch what is written.
#define APART _Pragma("clang loop vectorize(assume_safety)")

KERNEL void ck_dynamic_quantize(
    const float *x, int64_t count, const float *map, uint8_t *codes, float *scales, int64_t begin, int64_t end) {
  for (int64_t b = begin; b < end; b++) {
    const float *numbers = x + b * BLOCK;
    int64_t n = count - b * BLOCK < BLOCK ? count - b * BLOCK : BLOCK;
    float scale = largest_magnitude(numbers, n);
    float inverse = scale < 1e-38f ? 0 : 1.0f / scale;
    scales[b] = scale;
    APART for (int64_t i = 0; i < n; i++) codes[b * BLOCK + i] = nearest_place(map, numbers[i] * inverse);
  }
}

/// A number in 0..<1 that depends on nothing but a place and a seed.
INLINE float chance(uint32_t place, uint32_t seed) {
  return (float)(int32_t)(mixed(place ^ mixed(seed)) >> 8) * 0x1p-24f;
}

KERNEL void ck_adamw_8bit(
    float *parameter, const float *gradient, const ck_moments *moments, int64_t count, uint32_t seed,
    float gradient_scale, double learning_rate, double beta1, double beta2, double epsilon, double weight_decay,
    double correction1, double correction2, int64_t begin, int64_t end) {
  const float keep = (float)(1.0 - learning_rate * weight_decay);
  const float b1 = (float)beta1, c1 = (float)(1.0 - beta1), b2 = (float)beta2, c2 = (float)(1.0 - beta2);
  const float step = (float)(learning_rate / correction1), root = (float)(1.0 / sqrt(correction2));
  const float small = (float)epsilon;
  for (int64_t b = begin; b < end; b++) {
    int64_t start = b * BLOCK, n = count - start < BLOCK ? count - start : BLOCK;
    uint8_t *first = moments->first + start, *roots = moments->root + start;
    float *w = parameter + start, first_scale = moments->first_scales[b], root_scale = moments->root_scales[b];
    float m[BLOCK], r[BLOCK];
    APART for (int64_t i = 0; i < n; i++) {
      float g = gradient[start + i] * gradient_scale, before = moments->unsigned_map[roots[i]] * root_scale;
      m[i] = b1 * (moments->signed_map[first[i]] * first_scale) + c1 * g;
      r[i] = __builtin_elementwise_sqrt(b2 * (before * before) + c2 * g * g);
      w[i] = w[i] * keep - step * m[i] / (r[i] * root + small);
    }
    moments->first_scales[b] = first_scale = largest_magnitude(m, n);
    moments->root_scales[b] = root_scale = largest_magnitude(r, n);
    float first_inverse = first_scale < 1e-38f ? 0 : 1.0f / first_scale;
    float root_inverse = root_scale < 1e-38f ? 0 : 1.0f / root_scale;
    APART for (int64_t i = 0; i < n; i++) {
      first[i] = nearest_place(moments->signed_map, m[i] * first_inverse);
      roots[i] = random_place(moments->unsigned_map, r[i] * root_inverse, chance((uint32_t)(start + i), seed));
    }
  }
}
