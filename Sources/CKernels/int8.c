#include "narrow.h"

typedef uint8_t lanes_u8 __attribute__((vector_size(LANES)));
typedef int16_t lanes_i16 __attribute__((vector_size(64)));

/// What numbers of this magnitude are multiplied by to become integers in -127...127.
INLINE float inverse_scale(float largest) { return largest > 1e-30f ? 127.0f / largest : 0; }

/// The nearest integer.
INLINE int32_t nearest(float x) {
  // Adding 1.5 · 2^23 leaves the integer in the low bits.
  float shifted = x + 12582912.0f;
  int32_t bits;
  memcpy(&bits, &shifted, 4);
  return bits - 0x4B400000;
}

/// The nearest integers plus 128, as bytes: processors multiply signed bytes by unsigned ones.
INLINE void store_nearest(const lanes *x, uint8_t *to) {
  lanes shifted = *x + 12582912.0f;
  lanes_i32 bits;
  memcpy(&bits, &shifted, sizeof bits);
  lanes_u8 bytes = __builtin_convertvector(bits - 0x4B400000 + 128, lanes_u8);
  memcpy(to, &bytes, sizeof bytes);
}

INLINE int64_t weights_size(int64_t K) { return (K + 3) / 4 * STEP; }

int64_t ck_int8_weights_size(int64_t N, int64_t K) { return (N + PANEL - 1) / PANEL * weights_size(K); }

KERNEL void ck_int8_pack_weights(
    const float *w, uint8_t *packed, float *scales, int64_t N, int64_t K, int64_t begin, int64_t end) {
  for (int64_t p = begin; p < end; p++) {
    uint8_t *panel = packed + p * weights_size(K);
    float inverses[4 * PANEL], block[PANEL][LANES];
    for (int64_t r = 0; r < PANEL; r++) {
      int64_t n = p * PANEL + r;
      float largest = n < N ? largest_magnitude(w + n * K, K) : 0;
      scales[n] = largest / 127.0f;
      for (int i = 0; i < 4; i++) inverses[4 * r + i] = inverse_scale(largest);
    }
    for (int64_t k = 0; k < K; k += 4, panel += STEP) {
      if (k % LANES == 0) copy_block(w, N, K, p, k, block);
      // Four numbers each of four rows are one vector.
      UNROLL for (int r = 0; r < PANEL; r += 4) {
        lanes numbers, inverse;
        UNROLL for (int i = 0; i < 4; i++) memcpy((float *)&numbers + 4 * i, block[r + i] + k % LANES, 16);
        memcpy(&inverse, inverses + 4 * r, sizeof inverse);
        numbers *= inverse;
        store_nearest(&numbers, panel + 4 * r);
      }
    }
  }
}

void ck_int8_unpack_row(const uint8_t *packed, const float *scales, int64_t row, float *y, int64_t K) {
  const uint8_t *from = packed + row / PANEL * weights_size(K) + row % PANEL * 4;
  for (int64_t k = 0; k < K; k++) y[k] = scales[row] * (float)(from[k / 4 * STEP + k % 4] - 128);
}

// A tile of inputs is, unit by unit, the scales of its rows, what their sums start from, and its steps.

/// Bytes of one row of a tile.
INLINE int64_t input_size(int64_t K) { return units_of(K) * 8 + (K + 3) / 4 * 4; }

int64_t ck_narrow_units(int64_t M, int64_t K) { return (M + TILE - 1) / TILE * units_of(K); }

int64_t ck_int8_inputs_size(int64_t M, int64_t K) { return padded_rows(M) * input_size(K); }

KERNEL void ck_int8_pack_inputs(
    const float *x, uint8_t *packed, int64_t M, int64_t K, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) {
    int64_t unit = i % units_of(K), m = i / units_of(K) * TILE, k = unit * COLUMNS;
    int64_t rows = M - m < TILE ? M - m : TILE, columns = K - k < COLUMNS ? K - k : COLUMNS;
    int64_t width = tile_width(rows);
    float *scales = (float *)(packed + m * input_size(K) + unit * (8 + COLUMNS) * width);
    int32_t *starts = (int32_t *)scales + width, *steps = starts + width;
    for (int64_t b = 0; b < width; b++) {
      int8_t integers[COLUMNS] = {0};
      float largest = 0;
      int32_t sum = 0;
      if (b < rows) {
        const float *row = x + (m + b) * K + k;
        largest = largest_magnitude(row, columns);
        float inverse = inverse_scale(largest);
        for (int64_t c = 0; c < columns; c++) {
          int32_t integer = nearest(row[c] * inverse);
          sum += integer;
          integers[c] = (int8_t)integer;
        }
      }
      scales[b] = largest / 127.0f;
      // For the 128 in each weight.
      starts[b] = -128 * sum;
      for (int64_t s = 0; s < (columns + 3) / 4; s++) memcpy(steps + s * width + b, integers + 4 * s, 4);
    }
  }
}

/// sum += the products of each lane's four weights with four numbers of an input.
INLINE void dot_portable(lanes_i32 *sum, const lanes_i32 *weights, const int32_t *input) {
  lanes_i32 four = *input - (lanes_i32){0};
  lanes_i16 w, x;
  memcpy(&w, weights, sizeof w);
  memcpy(&x, &four, sizeof x);
  // A lane's numbers 0 and 2, and 1 and 3, in 16 bits.
  lanes_i16 even = w & 255, odd = (w >> 8) & 255, x_even = (x << 8) >> 8, x_odd = x >> 8;
  lanes_i16 products = even * x_even, others = odd * x_odd;
  lanes_i32 a, b;
  memcpy(&a, &products, sizeof a);
  memcpy(&b, &others, sizeof b);
  *sum += (a << 16 >> 16) + (a >> 16) + (b << 16 >> 16) + (b >> 16);
}

#define PRODUCT(name, TARGET, LINKAGE, dot)                                                                            \
  TARGET INLINE void name##_tile(                                                                                      \
      const uint8_t *x, const uint8_t *w, const float *scales, float *y, int64_t K, int64_t N, int64_t rows,           \
      int64_t count, int add, const int B) {                                                                           \
    FUSED                                                                                                              \
    lanes total[TILE], scale;                                                                                          \
    ask_for_tile(y, N, rows);                                                                                          \
    UNROLL for (int b = 0; b < B; b++) total[b] = (lanes){0};                                                          \
    for (int64_t k = 0; k < K; k += COLUMNS) {                                                                         \
      const float *x_scales = (const float *)x;                                                                        \
      const int32_t *starts = (const int32_t *)x + B, *input = starts + B;                                             \
      lanes_i32 sum[TILE];                                                                                             \
      UNROLL for (int b = 0; b < B; b++) sum[b] = starts[b] - (lanes_i32){0};                                          \
      int64_t steps = ((K - k < COLUMNS ? K - k : COLUMNS) + 3) / 4;                                                   \
      for (int64_t s = 0; s < steps; s++, input += B, w += STEP) {                                                     \
        lanes_i32 weights;                                                                                             \
        ask_ahead(w, B);                                                                                               \
        memcpy(&weights, w, sizeof weights);                                                                           \
        UNROLL for (int b = 0; b < B; b++) dot(&sum[b], &weights, input + b);                                          \
      }                                                                                                                \
      UNROLL for (int b = 0; b < B; b++) total[b] += __builtin_convertvector(sum[b], lanes) * x_scales[b];             \
      x = (const uint8_t *)input;                                                                                      \
    }                                                                                                                  \
    memcpy(&scale, scales, sizeof scale);                                                                              \
    UNROLL for (int b = 0; b < B; b++) total[b] *= scale;                                                              \
    store_tile(total, y, N, rows, count, add);                                                                         \
  }                                                                                                                    \
                                                                                                                       \
  LINKAGE void name(                                                                                                   \
      const uint8_t *inputs, const uint8_t *weights, const float *scales, float *y, int64_t M, int64_t K, int64_t N,   \
      int add, int64_t begin, int64_t end) {                                                                           \
    for (int64_t n = begin * PANEL; n < end * PANEL; n += PANEL)                                                       \
      for (int64_t m = 0; m < M; m += TILE) {                                                                          \
        int64_t rows = M - m < TILE ? M - m : TILE;                                                                    \
        FOR_WIDTH(                                                                                                     \
            tile_width(rows), name##_tile, inputs + m * input_size(K), weights + n / PANEL * weights_size(K),          \
            scales + n, y + m * N + n, K, N, rows, N - n, add)                                                         \
      }                                                                                                                \
  }

PRODUCT(product_portable, , KERNEL static, dot_portable)

#ifdef CARAVAN_WIDE
#define WIDE __attribute__((target("arch=x86-64-v4,avx512vnni"), min_vector_width(512)))
WIDE INLINE void dot_wide(lanes_i32 *sum, const lanes_i32 *weights, const int32_t *input) {
  *sum = (lanes_i32)_mm512_dpbusd_epi32((__m512i)*sum, (__m512i)*weights, _mm512_set1_epi32(*input));
}
PRODUCT(product_wide, WIDE, WIDE static, dot_wide)
#endif

void ck_int8_product(
    const uint8_t *inputs, const uint8_t *weights, const float *scales, float *y, int64_t M, int64_t K, int64_t N,
    int add, int64_t begin, int64_t end) {
#ifdef CARAVAN_WIDE
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512vnni"))
    return product_wide(inputs, weights, scales, y, M, K, N, add, begin, end);
#endif
  product_portable(inputs, weights, scales, y, M, K, N, add, begin, end);
}

// Weights that are widened before they are multiplied lie row by row.

KERNEL void ck_int8_quantize(
    const float *w, int8_t *integers, float *scales, int64_t K, int64_t begin, int64_t end) {
  const int64_t blocks = (K + CK_INT8_BLOCK - 1) / CK_INT8_BLOCK;
  for (int64_t b = begin * blocks; b < end * blocks; b++) {
    int64_t k = b % blocks * CK_INT8_BLOCK, n = K - k < CK_INT8_BLOCK ? K - k : CK_INT8_BLOCK;
    const float *from = w + b / blocks * K + k;
    int8_t *to = integers + b / blocks * K + k;
    float largest = largest_magnitude(from, n), inverse = inverse_scale(largest);
    scales[b] = largest / 127.0f;
    for (int64_t i = 0; i < n; i++) to[i] = (int8_t)nearest(from[i] * inverse);
  }
}

KERNEL void ck_int8_widen(
    const int8_t *integers, const float *scales, float *y, int64_t K, int64_t begin, int64_t end) {
  const int64_t blocks = (K + CK_INT8_BLOCK - 1) / CK_INT8_BLOCK;
  for (int64_t b = begin * blocks; b < end * blocks; b++) {
    int64_t k = b % blocks * CK_INT8_BLOCK, n = K - k < CK_INT8_BLOCK ? K - k : CK_INT8_BLOCK;
    const int8_t *from = integers + b / blocks * K + k;
    float *to = y + (b / blocks - begin) * K + k, scale = scales[b];
    for (int64_t i = 0; i < n; i++) to[i] = scale * (float)from[i];
  }
}
