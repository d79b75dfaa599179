// Products of numbers in bfloat16, two of them in the place of each float: the tile of product.c, with another multiplication.
#define CK_BFLOAT16
#include "tile.h"

int ck_bfloat16_products_pay(void) {
#if defined(__x86_64__) && defined(__linux__)
  return ck_products_pay() && __builtin_cpu_supports("avx512bf16");
#else
  return 0;
#endif
}

int ck_libtorch_multiplies_bfloat16(void) {
#if defined(__x86_64__) && defined(__linux__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v4");
#else
  return 1;
#endif
}

/// Packs one panel, whose width is a constant to the compiler, of K rows `stride` apart; `to` lies in pairs.
WIDE_INLINE void pack_pair(
    const uint16_t *first, const uint16_t *second, uint16_t *to, int64_t width, int64_t columns) {
  if (columns == width && second) {
    for (int64_t c = 0; c < width; c++) {
      to[2 * c] = first[c];
      to[2 * c + 1] = second[c];
    }
    return;
  }
  for (int64_t c = 0; c < width; c++) {
    to[2 * c] = c < columns ? first[c] : 0;
    to[2 * c + 1] = c < columns && second ? second[c] : 0;
  }
}

WIDE void ck_pack_pairs(
    const uint16_t *x, int64_t stride, float *panels, int64_t width, int64_t columns, int64_t K, int64_t begin,
    int64_t end) {
  int64_t pairs = (K + 1) / 2;
  // A cache line of each row at a time, which is one wide panel or four narrow ones.
  int64_t together = width == ROWS ? 4 : 1;
  for (int64_t panel = begin; panel < end; panel += together)
    for (int64_t pair = 0; pair < pairs; pair++) {
      const uint16_t *first = x + 2 * pair * stride, *second = 2 * pair + 1 < K ? first + stride : 0;
      for (int64_t p = panel; p < panel + together && p < end; p++) {
        int64_t column = p * width, count = columns - column < width ? columns - column : width;
        uint16_t *to = (uint16_t *)(panels + (p * pairs + pair) * width);
        if (width == ROWS)
          pack_pair(first + column, second ? second + column : 0, to, ROWS, count);
        else
          pack_pair(first + column, second ? second + column : 0, to, COLUMNS, count);
      }
    }
}

WIDE void ck_multiply_pair_panels(
    const float *a_panels, const float *b_panels, int64_t K, float *out, int64_t out_stride, int add, int64_t row_begin,
    int64_t row_end, int64_t column_begin, int64_t column_end) {
  multiply_block(
      a_panels + row_begin * K, 1, ROWS, ROWS * K, b_panels + column_begin * K, COLUMNS * K, K,
      out + row_begin * out_stride + column_begin, out_stride, add, row_end - row_begin, column_end - column_begin);
}

WIDE void ck_multiply_pair_rows(
    const float *a, int64_t a_stride, const float *b_panels, int64_t K, float *out, int64_t out_stride, int add,
    int64_t row_begin, int64_t row_end, int64_t column_begin, int64_t column_end) {
  multiply_contiguous_rows(
      a + row_begin * a_stride, a_stride, b_panels + column_begin * K, K, out + row_begin * out_stride + column_begin,
      out_stride, add, row_end - row_begin, column_end - column_begin);
}
