// Products with float32 weights.
//
// Every result of a product is summed in one order, lane by lane and then over the lanes, however many rows are computed
// beside it. So a sequence's numbers do not depend on what else is in the batch, nor on how its prompt was divided.
#include "CKernels.h"
#include "vector.h"

typedef float quarter_lanes __attribute__((vector_size(LANES)));

/// The sums over the lanes of four results, whose lanes beyond the eighth were added to the first eight, in one fixed order.
INLINE void sum_lanes(const half_lanes *h, float *sums) {
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
// input leaves it so much room that the loads of several rows at once are enough.
enum { ahead = 32768 };

// As many weights as stay in the second cache while all inputs pass by: they are asked for while the first ones do, and read
// from there for the others.
enum { weights_block = 393216 / sizeof(float) };

// A product whose tiles, of ROWS weight rows and INPUTS rows of x, leave their sums in registers: the sixteen lanes of a sum
// are one `vector`, or two where registers are half as wide.
//
// name_tile: y[m, n] (+)= Σ x[m, k] · w[n, k] for a tile of R weight rows and B rows of x.
// name_inputs: the same for the weight rows from `begin` to `end`.
// name: the same for M rows of x, a block of weights after the other.
#define PRODUCT(name, LINKAGE, INLINE_LINKAGE, vector, ROWS, INPUTS)                                                   \
  enum { name##_parts = sizeof(lanes) / sizeof(vector), name##_width = LANES / name##_parts };                         \
                                                                                                                       \
  INLINE_LINKAGE void name##_step(                                                                                     \
      vector (*sums)[name##_parts], const float *x, int64_t next_x, const float *w, int64_t next_w, const int R,       \
      const int B) {                                                                                                   \
    FUSED                                                                                                              \
    UNROLL for (int part = 0; part < name##_parts; part++) {                                                           \
      vector weights[ROWS], input;                                                                                     \
      UNROLL for (int r = 0; r < R; r++) memcpy(&weights[r], w + r * next_w + part * name##_width, sizeof(vector));    \
      UNROLL for (int b = 0; b < B; b++) {                                                                             \
        memcpy(&input, x + b * next_x + part * name##_width, sizeof input);                                            \
        UNROLL for (int r = 0; r < R; r++) sums[b * R + r][part] += input * weights[r];                                \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
                                                                                                                       \
  INLINE_LINKAGE void name##_tile(                                                                                     \
      const float *x, const float *w, float *y, int64_t K, int64_t stride, int add, int fetch, const int R,            \
      const int B) {                                                                                                   \
    vector sums[ROWS * INPUTS][name##_parts];                                                                          \
    UNROLL for (int i = 0; i < R * B; i++)                                                                             \
      UNROLL for (int part = 0; part < name##_parts; part++) sums[i][part] = (vector){0};                              \
    int64_t k = 0;                                                                                                     \
    for (; k + LANES <= K; k += LANES) {                                                                               \
      UNROLL for (int r = 0; r < R; r++)                                                                               \
        if (B > 1 && fetch) __builtin_prefetch(w + r * K + k + ahead / sizeof(float), 0, 2);                           \
      name##_step(sums, x + k, K, w + k, K, R, B);                                                                     \
    }                                                                                                                  \
    if (k < K) {                                                                                                       \
      float rest_x[INPUTS * LANES] = {0}, rest_w[ROWS * LANES] = {0};                                                  \
      for (int b = 0; b < B; b++) memcpy(rest_x + b * LANES, x + b * K + k, (K - k) * sizeof(float));                  \
      for (int r = 0; r < R; r++) memcpy(rest_w + r * LANES, w + r * K + k, (K - k) * sizeof(float));                  \
      name##_step(sums, rest_x, LANES, rest_w, LANES, R, B);                                                           \
    }                                                                                                                  \
    half_lanes halves[(ROWS * INPUTS + 3) / 4 * 4];                                                                    \
    float results[(ROWS * INPUTS + 3) / 4 * 4];                                                                        \
    UNROLL for (int i = 0; i < (R * B + 3) / 4 * 4; i++) {                                                             \
      half_lanes both[2] = {{0}, {0}};                                                                                 \
      if (i < R * B) memcpy(both, sums[i], sizeof both);                                                               \
      halves[i] = both[0] + both[1];                                                                                   \
    }                                                                                                                  \
    UNROLL for (int i = 0; i < R * B; i += 4) sum_lanes(halves + i, results + i);                                      \
    UNROLL for (int b = 0; b < B; b++)                                                                                 \
      UNROLL for (int r = 0; r < R; r++)                                                                               \
        y[b * stride + r] = add ? y[b * stride + r] + results[b * R + r] : results[b * R + r];                         \
  }                                                                                                                    \
                                                                                                                       \
  INLINE_LINKAGE void name##_inputs(                                                                                   \
      const float *x, const float *w, float *y, int64_t K, int64_t N, int add, int fetch, int64_t begin, int64_t end,  \
      const int B) {                                                                                                   \
    int64_t n = begin;                                                                                                 \
    for (; n + ROWS <= end; n += ROWS) name##_tile(x, w + n * K, y + n, K, N, add, fetch, ROWS, B);                    \
    for (; n < end; n++) name##_tile(x, w + n * K, y + n, K, N, add, fetch, 1, B);                                     \
  }                                                                                                                    \
                                                                                                                       \
  LINKAGE void name(                                                                                                   \
      const float *x, const float *w, float *y, int64_t M, int64_t K, int64_t N, int add, int64_t begin,               \
      int64_t end) {                                                                                                   \
    int64_t block = weights_block / (K > 0 ? K : 1) / ROWS * ROWS;                                                     \
    if (block < 4 * ROWS) block = 4 * ROWS;                                                                            \
    if (M <= INPUTS) block = end - begin;                                                                              \
    for (int64_t n = begin; n < end; n += block) {                                                                     \
      int64_t stop = end - n < block ? end : n + block, m = 0;                                                         \
      for (; m + INPUTS <= M; m += INPUTS)                                                                             \
        name##_inputs(x + m * K, w, y + m * N, K, N, add, m == 0, n, stop, INPUTS);                                    \
      const float *rest = x + m * K;                                                                                   \
      float *to = y + m * N;                                                                                           \
      switch (M - m) {                                                                                                 \
      case 5: name##_inputs(rest, w, to, K, N, add, m == 0, n, stop, INPUTS > 5 ? 5 : 1); break;                       \
      case 4: name##_inputs(rest, w, to, K, N, add, m == 0, n, stop, INPUTS > 4 ? 4 : 1); break;                       \
      case 3: name##_inputs(rest, w, to, K, N, add, m == 0, n, stop, INPUTS > 3 ? 3 : 1); break;                       \
      case 2: name##_inputs(rest, w, to, K, N, add, m == 0, n, stop, INPUTS > 2 ? 2 : 1); break;                       \
      case 1: name##_inputs(rest, w, to, K, N, add, m == 0, n, stop, 1); break;                                        \
      }                                                                                                                \
    }                                                                                                                  \
  }

// Twelve of AVX2's sixteen registers hold sums.
PRODUCT(product_portable, KERNEL static, INLINE, half_lanes, 2, 3)

#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
PRODUCT(product_wide, WIDE static, WIDE INLINE, lanes, 4, 6)
#endif

void ck_product_float32(
    const float *x, const float *w, float *y, int64_t M, int64_t K, int64_t N, int add, int64_t begin, int64_t end) {
#if defined(__x86_64__) && defined(__linux__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return product_wide(x, w, y, M, K, N, add, begin, end);
#endif
  product_portable(x, w, y, M, K, N, add, begin, end);
}
