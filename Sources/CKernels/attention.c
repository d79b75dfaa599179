#include "CKernels.h"
#include "vector.h"

KERNEL void ck_copy_heads(
    const float *x, int64_t key_stride, int64_t member_stride, int64_t token_stride, float *y, int64_t row_stride,
    int64_t H, int64_t S, int64_t group, int add, int64_t begin, int64_t end) {
  for (int64_t t = begin; t < end; t++) {
    for (int64_t h = 0; h < H; h++) {
      const float *from = x + h / group * key_stride + h % group * member_stride + t * token_stride;
      float *restrict to = y + t * row_stride + h * S;
      if (add)
        for (int64_t s = 0; s < S; s++) to[s] += from[s];
      else
        memcpy(to, from, S * sizeof(float));
    }
  }
}

KERNEL void ck_sum_heads(
    const float *x, int64_t key_stride, int64_t member_stride, int64_t token_stride, float *y, int64_t row_stride,
    int64_t K, int64_t S, int64_t group, int64_t begin, int64_t end) {
  for (int64_t t = begin; t < end; t++) {
    for (int64_t k = 0; k < K; k++) {
      float *restrict to = y + t * row_stride + k * S;
      for (int64_t member = 0; member < group; member++) {
        const float *from = x + k * key_stride + member * member_stride + t * token_stride;
        for (int64_t s = 0; s < S; s++) to[s] += from[s];
      }
    }
  }
}

KERNEL void ck_merge_attention(
    float *out, float *log_sum_exp, const float *other_out, const float *other_log_sum_exp, int64_t H, int64_t S,
    int64_t begin, int64_t end) {
  for (int64_t i = begin * H; i < end * H; i++) {
    float a = log_sum_exp[i], b = other_log_sum_exp[i];
    float maximum = a > b ? a : b;
    float wa = expf(a - maximum), wb = expf(b - maximum), sum = wa + wb;
    log_sum_exp[i] = maximum + logf(sum);
    wa /= sum;
    wb /= sum;
    float *restrict x = out + i * S;
    const float *y = other_out + i * S;
    for (int64_t s = 0; s < S; s++) x[s] = wa * x[s] + wb * y[s];
  }
}
