#include "narrow.h"

INLINE int64_t weights_size(int64_t K) { return (K + 1) / 2 * STEP; }

int64_t ck_bfloat16_weights_size(int64_t N, int64_t K) { return (N + PANEL - 1) / PANEL * weights_size(K); }

KERNEL void ck_bfloat16_pack_weights(
    const float *w, uint8_t *packed, int64_t N, int64_t K, int64_t place, int64_t begin, int64_t end) {
  for (int64_t p = begin; p < end; p++) {
    uint16_t *panel = (uint16_t *)(packed + p * weights_size(K));
    float block[PANEL][LANES];
    for (int64_t k = 0; k < K; k += 2, panel += 2 * PANEL) {
      if (k % LANES == 0) copy_block(w, N, K, p, k, block);
      float numbers[2 * PANEL];
      UNROLL for (int r = 0; r < PANEL; r++) memcpy(numbers + 2 * r, block[r] + k % LANES, 2 * sizeof(float));
      for (int i = 0; i < 2 * PANEL; i++)
        panel[i] = dithered(numbers[i], (uint32_t)(place + (p * PANEL + i / 2) * K + k + i % 2));
    }
  }
}

void ck_bfloat16_unpack_row(const uint8_t *packed, int64_t row, float *y, int64_t K) {
  const uint16_t *from = (const uint16_t *)(packed + row / PANEL * weights_size(K)) + row % PANEL * 2;
  for (int64_t k = 0; k < K; k++) y[k] = from_bfloat16(from[k / 2 * (STEP / 2) + k % 2]);
}

/// Bytes of one row of a tile.
INLINE int64_t input_size(int64_t K) { return (K + 1) / 2 * 4; }

int64_t ck_bfloat16_inputs_size(int64_t M, int64_t K) { return padded_rows(M) * input_size(K); }

KERNEL void ck_bfloat16_pack_inputs(
    const float *x, uint8_t *packed, int64_t M, int64_t K, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) {
    int64_t unit = i % units_of(K), m = i / units_of(K) * TILE, k = unit * COLUMNS;
    int64_t rows = M - m < TILE ? M - m : TILE, columns = K - k < COLUMNS ? K - k : COLUMNS;
    int64_t width = tile_width(rows);
    uint8_t *to = packed + m * input_size(K) + unit * 2 * COLUMNS * width;
    for (int64_t b = 0; b < width; b++) {
      uint16_t numbers[COLUMNS] = {0};
      for (int64_t c = 0; b < rows && c < columns; c++) numbers[c] = to_bfloat16(x[(m + b) * K + k + c]);
      for (int64_t s = 0; s < (columns + 1) / 2; s++) memcpy(to + (s * width + b) * 4, numbers + 2 * s, 4);
    }
  }
}

/// sum += the products of each lane's two weights with two numbers of an input.
INLINE void dot_portable(lanes *sum, const lanes_u32 *weights, const uint32_t *input) {
  FUSED
  lanes_u32 x = *input - (lanes_u32){0};
  lanes_u32 bits[4] = {*weights << 16, *weights & 0xFFFF0000, x << 16, x & 0xFFFF0000};
  lanes numbers[4];
  memcpy(numbers, bits, sizeof bits);
  *sum += numbers[0] * numbers[2];
  *sum += numbers[1] * numbers[3];
}

#define PRODUCT(name, TARGET, LINKAGE, dot)                                                                            \
  TARGET INLINE void name##_tile(                                                                                      \
      const uint8_t *x, const uint8_t *w, float *y, int64_t K, int64_t N, int64_t rows, int64_t count, int add,        \
      const int B) {                                                                                                   \
    lanes sum[TILE];                                                                                                   \
    ask_for_tile(y, N, rows);                                                                                          \
    UNROLL for (int b = 0; b < B; b++) sum[b] = (lanes){0};                                                            \
    const uint32_t *input = (const uint32_t *)x;                                                                       \
    for (int64_t k = 0; k < K; k += 2, input += B, w += STEP) {                                                        \
      lanes_u32 weights;                                                                                               \
      ask_ahead(w, B);                                                                                                 \
      memcpy(&weights, w, sizeof weights);                                                                             \
      UNROLL for (int b = 0; b < B; b++) dot(&sum[b], &weights, input + b);                                            \
    }                                                                                                                  \
    store_tile(sum, y, N, rows, count, add);                                                                           \
  }                                                                                                                    \
                                                                                                                       \
  LINKAGE void name(                                                                                                   \
      const uint8_t *inputs, const uint8_t *weights, float *y, int64_t M, int64_t K, int64_t N, int add,               \
      int64_t begin, int64_t end) {                                                                                    \
    for (int64_t n = begin * PANEL; n < end * PANEL; n += PANEL)                                                       \
      for (int64_t m = 0; m < M; m += TILE) {                                                                          \
        int64_t rows = M - m < TILE ? M - m : TILE;                                                                    \
        FOR_WIDTH(                                                                                                     \
            tile_width(rows), name##_tile, inputs + m * input_size(K), weights + n / PANEL * weights_size(K),          \
            y + m * N + n, K, N, rows, N - n, add)                                                                     \
      }                                                                                                                \
  }

PRODUCT(product_portable, , KERNEL static, dot_portable)

#ifdef CARAVAN_WIDE
#define WIDE __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512)))
WIDE INLINE void dot_wide(lanes *sum, const lanes_u32 *weights, const uint32_t *input) {
  *sum = (lanes)_mm512_dpbf16_ps((__m512)*sum, (__m512bh)*weights, (__m512bh)_mm512_set1_epi32((int)*input));
}
PRODUCT(product_wide, WIDE, WIDE static, dot_wide)
#endif

void ck_bfloat16_product(
    const uint8_t *inputs, const uint8_t *weights, float *y, int64_t M, int64_t K, int64_t N, int add, int64_t begin,
    int64_t end) {
#ifdef CARAVAN_WIDE
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16"))
    return product_wide(inputs, weights, y, M, K, N, add, begin, end);
#endif
  product_portable(inputs, weights, y, M, K, N, add, begin, end);
}
