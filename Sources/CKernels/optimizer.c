#include "CKernels.h"
#include "vector.h"

KERNEL double ck_sum_of_squares(const float *x, int64_t begin, int64_t end) {
  VECTOR_MATH
  double sum = 0;
  for (int64_t i = begin; i < end; i++) sum += (double)x[i] * (double)x[i];
  return sum;
}

KERNEL void ck_sum_in_order(float *output, const float *const *vectors, int64_t count, int64_t n) {
  enum { BLOCK = 4096 };
  float sum[BLOCK];
  for (int64_t start = 0; start < n; start += BLOCK) {
    const int64_t length = n - start < BLOCK ? n - start : BLOCK;
    for (int64_t i = 0; i < length; i++) sum[i] = vectors[0][start + i];
    for (int64_t k = 1; k < count; k++)
      for (int64_t i = 0; i < length; i++) sum[i] += vectors[k][start + i];
    for (int64_t i = 0; i < length; i++) output[start + i] = sum[i];
  }
}

KERNEL void ck_adamw(
    float *parameter, const float *gradient, float *first_moment, float *second_moment, float gradient_scale,
    double learning_rate, double beta1, double beta2, double epsilon, double weight_decay, double correction1,
    double correction2, int64_t begin, int64_t end) {
  const float keep = (float)(1.0 - learning_rate * weight_decay);
  const float b1 = (float)beta1, c1 = (float)(1.0 - beta1), b2 = (float)beta2, c2 = (float)(1.0 - beta2);
  const float step = (float)(learning_rate / correction1), root = (float)(1.0 / sqrt(correction2));
  const float small = (float)epsilon;
  float *restrict w = parameter, *restrict m = first_moment, *restrict v = second_moment;
  for (int64_t i = begin; i < end; i++) {
    float g = gradient[i] * gradient_scale;
    m[i] = b1 * m[i] + c1 * g;
    v[i] = b2 * v[i] + c2 * g * g;
    w[i] = w[i] * keep - step * m[i] / (__builtin_elementwise_sqrt(v[i]) * root + small);
  }
}
