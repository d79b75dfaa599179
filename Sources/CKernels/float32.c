// Products with float32 weights.
//
// Every result of a product is summed in one order, lane by lane and then over the lanes, however many rows are computed
// beside it. So a sequence's numbers do not depend on what else is in the batch, nor on how its prompt was divided.
#include "CKernels.h"
#include "vector.h"

typedef float quarter_lanes __attribute__((vector_size(LANES)));

/// The sums over the lanes of four vectors, in one fixed order.
INLINE void sum_lanes(const lanes *x, float *sums) {
  half_lanes h[4];
  UNROLL for (int i = 0; i < 4; i++) h[i] =
      __builtin_shufflevector(x[i], x[i], 0, 1, 2, 3, 4, 5, 6, 7) +
      __builtin_shufflevector(x[i], x[i], 8, 9, 10, 11, 12, 13, 14, 15);
  half_lanes a = __builtin_shufflevector(h[0], h[1], 0, 1, 2, 3, 8, 9, 10, 11) +
                 __builtin_shufflevector(h[0], h[1], 4, 5, 6, 7, 12, 13, 14, 15);
  half_lanes b = __builtin_shufflevector(h[2], h[3], 0, 1, 2, 3, 8, 9, 10, 11) +
                 __builtin_shufflevector(h[2], h[3], 4, 5, 6, 7, 12, 13, 14, 15);
  half_lanes c = __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13) +
                 __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15);
  quarter_lanes d = __builtin_shufflevector(c, c, 0, 2, 4, 6) + __builtin_shufflevector(c, c, 1, 3, 5, 7);
  memcpy(sums, &d, sizeof d);
}

// How far ahead weights are asked for, in bytes, into the second cache, where several inputs keep the processor busy. One
// input leaves it so much room that the loads of four rows at once are enough.
enum { ahead = 32768 };

/// y[m, n] (+)= Σ x[m, k] · w[n, k] for a tile of R weight rows and B rows of x.
INLINE void product_tile(
    const float *x, const float *w, float *y, int64_t K, int64_t stride, int add, const int R, const int B) {
  FUSED
  lanes sums[16];
  UNROLL for (int i = 0; i < 16; i++) sums[i] = (lanes){0};
  int64_t k = 0;
  for (; k + 16 <= K; k += 16) {
    lanes weight[4];
    UNROLL for (int r = 0; r < R; r++) {
      if (B > 1) __builtin_prefetch(w + r * K + k + ahead / sizeof(float), 0, 2);
      memcpy(&weight[r], w + r * K + k, sizeof(lanes));
    }
    UNROLL for (int b = 0; b < B; b++) {
      lanes input;
      memcpy(&input, x + b * K + k, sizeof input);
      UNROLL for (int r = 0; r < R; r++) sums[b * 4 + r] += input * weight[r];
    }
  }
  if (k < K) {
    for (int r = 0; r < R; r++) {
      lanes weight = {0};
      memcpy(&weight, w + r * K + k, (K - k) * sizeof(float));
      for (int b = 0; b < B; b++) {
        lanes input = {0};
        memcpy(&input, x + b * K + k, (K - k) * sizeof(float));
        sums[b * 4 + r] += input * weight;
      }
    }
  }
  UNROLL for (int b = 0; b < B; b++) {
    float result[4];
    sum_lanes(sums + 4 * b, result);
    for (int r = 0; r < R; r++) y[b * stride + r] = add ? y[b * stride + r] + result[r] : result[r];
  }
}

INLINE void product_rows(
    const float *x, const float *w, float *y, int64_t M, int64_t K, int64_t stride, int add, const int R) {
  int64_t m = 0;
  for (; m + 4 <= M; m += 4) product_tile(x + m * K, w, y + m * stride, K, stride, add, R, 4);
  switch (M - m) {
  case 3: product_tile(x + m * K, w, y + m * stride, K, stride, add, R, 3); break;
  case 2: product_tile(x + m * K, w, y + m * stride, K, stride, add, R, 2); break;
  case 1: product_tile(x + m * K, w, y + m * stride, K, stride, add, R, 1); break;
  }
}

KERNEL void ck_product_float32(
    const float *x, const float *w, float *y, int64_t M, int64_t K, int64_t N, int add, int64_t begin, int64_t end) {
  // As many rows of x at a time as stay in the cache beside the weights.
  for (int64_t first = 0; first < M; first += 64) {
    int64_t rows = M - first < 64 ? M - first : 64;
    const float *input = x + first * K;
    int64_t n = begin;
    for (; n + 4 <= end; n += 4) product_rows(input, w + n * K, y + first * N + n, rows, K, N, add, 4);
    for (; n < end; n++) product_rows(input, w + n * K, y + first * N + n, rows, K, N, add, 1);
  }
}
