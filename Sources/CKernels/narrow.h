// Products with weights of 8 or 16 bits, in integer and bfloat16 arithmetic.
//
// Weights lie in panels of sixteen rows, a panel in steps of four bytes a row: one vector, whose lane r holds a piece of row
// r. Inputs lie in tiles of up to sixteen rows, in steps of four bytes a row too. A step multiplies a vector of weights
// by the four bytes of each input, broadcast: a result is summed in one lane, in the order of the columns, however many
// inputs stand beside it, and the weights are one stream from memory.
#ifndef CARAVAN_NARROW_H
#define CARAVAN_NARROW_H

#include "CKernels.h"
#include "vector.h"

enum { PANEL = CK_NARROW_ROWS, COLUMNS = CK_NARROW_COLUMNS, STEP = 64, TILE = 16 };

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#define CARAVAN_WIDE
#endif

/// Asks for weights ahead of those at `w`, for a tile of B inputs. One input is done so fast that the processor's own
/// prefetching works at the speed of memory; many keep the first cache for themselves.
INLINE void ask_ahead(const uint8_t *w, const int B) {
  if (B > 8)
    __builtin_prefetch(w + 8192, 0, 2);
  else if (B > 1)
    __builtin_prefetch(w + 4096, 0, 3);
}

/// The rows of a tile for so many inputs: there are kernels for some numbers only, and rows that are too many are zeros.
INLINE int64_t tile_width(int64_t rows) {
  return rows > 12 ? 16 : rows > 8 ? 12 : rows > 4 ? 8 : rows > 2 ? 4 : rows;
}

/// The rows of all tiles.
INLINE int64_t padded_rows(int64_t M) { return M / TILE * TILE + tile_width(M % TILE); }

/// The units of a tile's columns.
INLINE int64_t units_of(int64_t K) { return (K + COLUMNS - 1) / COLUMNS; }

/// Copies the columns from `k` on, at most sixteen, of a panel's rows; zeros where there are fewer rows or columns. Rows are often
/// a power of two apart, where they take each other's lines of the cache, so that a line is read at once.
INLINE void copy_block(const float *w, int64_t N, int64_t K, int64_t panel, int64_t k, float block[PANEL][LANES]) {
  int64_t rows = N - panel * PANEL < PANEL ? N - panel * PANEL : PANEL, columns = K - k < LANES ? K - k : LANES;
  const float *from = w + panel * PANEL * K + k;
  if (rows == PANEL && columns == LANES) {
    UNROLL for (int r = 0; r < PANEL; r++) memcpy(block[r], from + r * K, sizeof block[r]);
    return;
  }
  memset(block, 0, PANEL * sizeof block[0]);
  for (int64_t r = 0; r < rows; r++) memcpy(block[r], from + r * K, columns * sizeof(float));
}

/// Calls `tile` with the width as a constant.
#define FOR_WIDTH(width, tile, ...)                                                                                    \
  switch (width) {                                                                                                     \
  case 16: tile(__VA_ARGS__, 16); break;                                                                               \
  case 12: tile(__VA_ARGS__, 12); break;                                                                               \
  case 8: tile(__VA_ARGS__, 8); break;                                                                                 \
  case 4: tile(__VA_ARGS__, 4); break;                                                                                 \
  case 2: tile(__VA_ARGS__, 2); break;                                                                                 \
  default: tile(__VA_ARGS__, 1);                                                                                       \
  }

/// Asks for the lines that a tile's results will be written to, so that writing does not wait for memory.
INLINE void ask_for_tile(const float *y, int64_t stride, int64_t rows) {
  for (int64_t b = 0; b < rows; b++) __builtin_prefetch(y + b * stride, 1);
}

/// y (+)= a tile's results, of which `rows` are of inputs and `count` lanes of weights.
INLINE void store_tile(const lanes *results, float *y, int64_t stride, int64_t rows, int64_t count, int add) {
  for (int64_t b = 0; b < rows; b++, y += stride) {
    if (count >= PANEL) {
      lanes_anywhere *to = (lanes_anywhere *)y;
      *to = add ? *to + results[b] : results[b];
    } else {
      for (int64_t i = 0; i < count; i++) y[i] = add ? y[i] + results[b][i] : results[b][i];
    }
  }
}

#endif
