// A tile of a matrix product, which stays in registers while a panel of each factor streams by, and the copying into panels
// (Goto and van de Geijn, ACM TOMS 34(3), 2008).
#ifndef CARAVAN_TILE_H
#define CARAVAN_TILE_H

#include "CKernels.h"
#include "vector.h"

enum { ROWS = CK_PANEL_ROWS, COLUMNS = CK_PANEL_COLUMNS };

#ifdef CK_BFLOAT16
// Each place of a float holds two numbers in bfloat16, which are multiplied and added at once.
#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#define WIDE __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512)))
#define ADD_PRODUCT(sum, a, b) sum = (lanes)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)_mm512_set1_ps(a), (__m512bh)(b))
#else
#define WIDE
#define ADD_PRODUCT(sum, a, b) sum = add_pairs(sum, a - (lanes){0}, b)
INLINE lanes add_pairs(lanes sum, lanes a, lanes b) {
  lanes_u32 x = (lanes_u32)a, y = (lanes_u32)b;
  sum += (lanes)(x << 16) * (lanes)(y << 16);
  return sum + (lanes)(x & 0xFFFF0000) * (lanes)(y & 0xFFFF0000);
}
#endif
#elif defined(CK_PORTABLE)
#define WIDE KERNEL
#define WIDE_INLINE INLINE
#elif defined(__x86_64__) && defined(__linux__)
// The whole width of AVX-512, of which compilers use half unless told.
#define WIDE __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#else
#define WIDE
#endif
#ifndef WIDE_INLINE
#define WIDE_INLINE WIDE INLINE
#endif
#ifndef ADD_PRODUCT
#define ADD_PRODUCT(sum, a, b) sum += (a) * (b)
#endif

/// ROWS rows and one or two vectors of columns of out (+)= the sum over k of a's column k times b's row k: a's number for row r
/// and k is at r · a_row + k · a_step, b's rows are b_step apart.
WIDE_INLINE void multiply_tile(
    const float *a, int64_t a_row, int64_t a_step, const float *b, int64_t b_step, int64_t K, float *out,
    int64_t out_stride, int add, const int vectors) {
  lanes sum[ROWS][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < ROWS; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      sum[r][v] = (lanes){0};
      __builtin_prefetch(out + r * out_stride + v * LANES, 1);
    }
  for (int64_t k = 0; k < K; k++, a += a_step, b += b_step) {
    lanes b0 = *(const lanes_anywhere *)b, b1;
    if (vectors > 1) b1 = *(const lanes_anywhere *)(b + LANES);
#pragma clang loop unroll(full)
    for (int r = 0; r < ROWS; r++) {
      ADD_PRODUCT(sum[r][0], a[r * a_row], b0);
      if (vectors > 1) ADD_PRODUCT(sum[r][1], a[r * a_row], b1);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < ROWS; r++) {
    lanes_anywhere *row = (lanes_anywhere *)(out + r * out_stride);
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) row[v] = add ? row[v] + sum[r][v] : sum[r][v];
  }
}

/// A block of out (+)= a · b of any size: every ROWS rows of a begin a_tile further, every COLUMNS columns of b b_tile, and every
/// row of these b_step.
WIDE_INLINE void multiply_any_block(
    const float *a, int64_t a_row, int64_t a_step, int64_t a_tile, const float *b, int64_t b_tile, int64_t b_step,
    int64_t K, float *out, int64_t out_stride, int add, int64_t rows, int64_t columns) {
  for (int64_t column = 0; column < columns; column += COLUMNS, b += b_tile) {
    const float *a_at = a;
    for (int64_t row = 0; row < rows; row += ROWS, a_at += a_tile) {
      float *tile = out + row * out_stride + column;
      if (rows - row >= ROWS && columns - column >= COLUMNS) {
        multiply_tile(a_at, a_row, a_step, b, b_step, K, tile, out_stride, add, 2);
        continue;
      }
      // The ranks of adapters are few columns, often half a tile's.
      if (rows - row >= ROWS && columns - column == LANES) {
        multiply_tile(a_at, a_row, a_step, b, b_step, K, tile, out_stride, add, 1);
        continue;
      }
      float edge[ROWS * COLUMNS] __attribute__((aligned(64)));
      if (columns - column <= LANES)
        multiply_tile(a_at, a_row, a_step, b, b_step, K, edge, COLUMNS, 0, 1);
      else
        multiply_tile(a_at, a_row, a_step, b, b_step, K, edge, COLUMNS, 0, 2);
      for (int64_t r = 0; r < rows - row && r < ROWS; r++)
        for (int64_t c = 0; c < columns - column && c < COLUMNS; c++) {
          float *to = tile + r * out_stride + c;
          *to = add ? *to + edge[r * COLUMNS + c] : edge[r * COLUMNS + c];
        }
    }
  }
}

/// The same where b lies in panels.
WIDE_INLINE void multiply_block(
    const float *a, int64_t a_row, int64_t a_step, int64_t a_tile, const float *b, int64_t b_tile, int64_t K, float *out,
    int64_t out_stride, int add, int64_t rows, int64_t columns) {
  multiply_any_block(a, a_row, a_step, a_tile, b, b_tile, COLUMNS, K, out, out_stride, add, rows, columns);
}

/// The same where every row of a is contiguous and lies a_stride after the one before; K is at most CK_PANEL_DEPTH.
WIDE_INLINE void multiply_contiguous_rows(
    const float *a, int64_t a_stride, const float *b, int64_t K, float *out, int64_t out_stride, int add, int64_t rows,
    int64_t columns) {
  int64_t rest = rows % ROWS, whole = rows - rest;
  multiply_block(a, a_stride, 1, ROWS * a_stride, b, COLUMNS * K, K, out, out_stride, add, whole, columns);
  if (rest == 0) return;
  // A tile reads ROWS rows: the last ones are copied, so that it reads none that are not there.
  float copy[ROWS * CK_PANEL_DEPTH] = {0};
  for (int64_t r = 0; r < rest; r++) memcpy(copy + r * K, a + (whole + r) * a_stride, K * sizeof(float));
  multiply_block(copy, K, 1, 0, b, COLUMNS * K, K, out + whole * out_stride, out_stride, add, rest, columns);
}

#endif
