#include "tile.h"

typedef float eight __attribute__((vector_size(32)));
typedef float eight_anywhere __attribute__((vector_size(32), aligned(4)));

int ck_products_pay(void) {
#if defined(__x86_64__) && defined(__linux__)
  __builtin_cpu_init();
  return __builtin_cpu_is("amd") && __builtin_cpu_supports("x86-64-v4");
#else
  return 0;
#endif
}

/// y = xᵀ for 8 rows of x and 8 of y.
WIDE_INLINE void transpose(const float *x, int64_t x_stride, float *y, int64_t y_stride) {
  eight r[8], s[8];
  for (int i = 0; i < 8; i++) r[i] = *(const eight_anywhere *)(x + i * x_stride);
  for (int i = 0; i < 8; i += 2) {
    s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 2; j++) {
      r[i + j] = __builtin_shufflevector(s[i + j], s[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      r[i + j + 2] = __builtin_shufflevector(s[i + j], s[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int i = 0; i < 4; i++) {
    *(eight_anywhere *)(y + i * y_stride) = __builtin_shufflevector(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    *(eight_anywhere *)(y + (i + 4) * y_stride) =
        __builtin_shufflevector(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/// Packs one panel; its width is a constant to the compiler.
WIDE_INLINE void pack_panel(
    const float *x, int64_t row_stride, int64_t column_stride, float *y, int64_t width, int64_t rows, int64_t K) {
  int64_t k = 0;
  if (rows == width && row_stride == 1) {
    for (; k < K; k++) memcpy(y + k * width, x + k * column_stride, width * sizeof(float));
  } else if (rows == width && column_stride == 1) {
    // A cache line of each of eight rows at a time: with strides of a power of two, more rows would evict one another.
    for (; k + 16 <= K; k += 16)
      for (int64_t r = 0; r < width; r += 8) {
        transpose(x + r * row_stride + k, row_stride, y + k * width + r, width);
        transpose(x + r * row_stride + k + 8, row_stride, y + (k + 8) * width + r, width);
      }
  }
  for (; k < K; k++)
    for (int64_t r = 0; r < width; r++) y[k * width + r] = r < rows ? x[r * row_stride + k * column_stride] : 0;
}

WIDE void ck_pack_panels(
    const float *x, int64_t row_stride, int64_t column_stride, float *panels, int64_t width, int64_t rows, int64_t K,
    int64_t begin, int64_t end) {
  int64_t panel = begin;
  // Narrow panels of what lies row by row in memory: four at a time, so that each touch of a row takes whole cache lines.
  for (; width == ROWS && row_stride == 1 && panel + 4 <= end && (panel + 4) * ROWS <= rows; panel += 4)
    for (int64_t k = 0; k < K; k++)
      for (int64_t p = panel; p < panel + 4; p++)
        memcpy(panels + (p * K + k) * ROWS, x + p * ROWS + k * column_stride, ROWS * sizeof(float));
  for (; panel < end; panel++) {
    int64_t row = panel * width, count = rows - row < width ? rows - row : width;
    const float *from = x + row * row_stride;
    if (width == ROWS)
      pack_panel(from, row_stride, column_stride, panels + row * K, ROWS, count, K);
    else
      pack_panel(from, row_stride, column_stride, panels + row * K, COLUMNS, count, K);
  }
}

WIDE void ck_multiply_panels(
    const float *a_panels, const float *b_panels, int64_t K, float *out, int64_t out_stride, int add, int64_t row_begin,
    int64_t row_end, int64_t column_begin, int64_t column_end) {
  multiply_block(
      a_panels + row_begin * K, 1, ROWS, ROWS * K, b_panels + column_begin * K, COLUMNS * K, K,
      out + row_begin * out_stride + column_begin, out_stride, add, row_end - row_begin, column_end - column_begin);
}

WIDE void ck_multiply_few_rows(
    const float *a_panels, const float *b, int64_t b_stride, int64_t K, float *out, int64_t out_stride, int add,
    int64_t rows, int64_t column_begin, int64_t column_end) {
  multiply_any_block(
      a_panels, 1, ROWS, ROWS * K, b + column_begin, COLUMNS, b_stride, K, out + column_begin, out_stride, add, rows,
      column_end - column_begin);
}

void ck_add_transposed(const float *x, float *y, int64_t rows, int64_t columns, int64_t begin, int64_t end) {
  for (int64_t c = begin; c < end; c++)
    for (int64_t r = 0; r < rows; r++) y[c * rows + r] += x[r * columns + c];
}

WIDE void ck_multiply_rows(
    const float *a, int64_t a_stride, const float *b_panels, int64_t K, float *out, int64_t out_stride, int add,
    int64_t row_begin, int64_t row_end, int64_t column_begin, int64_t column_end) {
  multiply_contiguous_rows(
      a + row_begin * a_stride, a_stride, b_panels + column_begin * K, K, out + row_begin * out_stride + column_begin,
      out_stride, add, row_end - row_begin, column_end - column_begin);
}

int64_t ck_take(int64_t *next) { return __atomic_fetch_add(next, 1, __ATOMIC_RELAXED); }
