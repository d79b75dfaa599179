// Attention to the keys and values of sequences that grow.
//
// Queries that see the same keys pass over them together: a token's heads that share a key head, and tokens of one sequence. A
// query's result is computed by the same operations in the same order whatever it is grouped with, so that its bits depend neither
// on the batch nor on how a prompt was divided.
#include "CKernels.h"
#include "tile.h"

// Keys that are scored at a time, and queries that pass over them while they stay in the second cache.
enum { BLOCK = 128, QUERIES = 24 };

// A tile's queries leave their sums in registers: four for each, of AVX2's sixteen or AVX-512's thirty-two.
#ifdef CK_PORTABLE
typedef half_lanes vector;
typedef uint16_t vector_u16 __attribute__((vector_size(LANES)));
typedef uint32_t vector_u32 __attribute__((vector_size(2 * LANES)));
enum { WIDTH = LANES / 2, TILE = 3 };
#else
typedef lanes vector;
typedef uint16_t vector_u16 __attribute__((vector_size(2 * LANES)));
typedef lanes_u32 vector_u32;
enum { WIDTH = LANES, TILE = 6 };
#endif

/// One head of one token on its way through the blocks of keys.
typedef struct {
  const float *query;
  float *out;
  /// The keys that it sees.
  int64_t first, end;
  /// The largest score so far, and lane by lane the sum of exponentials below it.
  float maximum;
  lanes total;
  /// The scores of a block of keys, then their exponentials; what has been summed is less by `shrink` then.
  float p[BLOCK], shrink;
} attending;

// `narrow`, `i`, `B` and `C` are constants to the compiler in all of these. Vectors pass by pointer: in registers they would have
// another calling convention for each instruction set.

/// Where a cache's number `index` is.
WIDE_INLINE const void *number(const void *cache, int64_t index, const int narrow) {
  return (const char *)cache + index * (narrow ? 2 : 4);
}

/// Loads vector `i` of those from number `index` on; of each line, the first asks for the same place of `next`, so that memory
/// works ahead.
WIDE_INLINE void load(const void *cache, const void *next, int64_t index, const int i, const int narrow, vector *to) {
  const void *from = number(cache, index += WIDTH * i, narrow);
  if (WIDTH * i % (narrow ? 32 : 16) == 0) __builtin_prefetch(number(next, index, narrow), 0, 2);
  if (narrow) {
    vector_u16 numbers;
    memcpy(&numbers, from, sizeof numbers);
    vector_u32 bits = __builtin_convertvector(numbers, vector_u32) << 16;
    memcpy(to, &bits, sizeof bits);
  } else {
    memcpy(to, from, sizeof *to);
  }
}

/// p = factor · query · key for B queries and `count` keys, whole vectors of them; asks for what is `next`.
WIDE_INLINE void score(
    attending *queries, const void *keys, const void *next, const int narrow, int64_t count, int64_t S, float factor,
    const int B) {
  FUSED
  const float *q[TILE];
  UNROLL for (int b = 0; b < B; b++) q[b] = queries[b].query;
  for (int64_t t = 0; t < count; t += LANES) {
    UNROLL for (int part = 0; part < LANES / WIDTH; part++) {
      // Four sums, so that one need not wait for the other.
      vector sums[TILE][4], key;
      UNROLL for (int b = 0; b < B; b++)
        UNROLL for (int i = 0; i < 4; i++) sums[b][i] = (vector){0};
      int64_t s = 0;
      for (; s + 4 <= S; s += 4) {
        UNROLL for (int i = 0; i < 4; i++) {
          load(keys, next, t * S + LANES * s, LANES / WIDTH * i + part, narrow, &key);
          UNROLL for (int b = 0; b < B; b++) sums[b][i] += q[b][s + i] * key;
        }
      }
      for (; s < S; s++) {
        load(keys, next, t * S + LANES * s, part, narrow, &key);
        UNROLL for (int b = 0; b < B; b++) sums[b][0] += q[b][s] * key;
      }
      UNROLL for (int b = 0; b < B; b++) {
        vector sum = factor * ((sums[b][0] + sums[b][1]) + (sums[b][2] + sums[b][3]));
        memcpy(queries[b].p + t + WIDTH * part, &sum, sizeof sum);
      }
    }
  }
}

/// p = e^(score - maximum) for the keys from `start` on that a query sees, and 0 for those before and behind; what came before is
/// scaled down where a larger score appears (FlashAttention's running softmax).
WIDE_INLINE void exponentiate(attending *query, int64_t start, int64_t count, float cap) {
  float *p = query->p;
  int64_t unseen = query->first - start, padded = (count + LANES - 1) / LANES * LANES;
  if (cap > 0)
    for (int64_t t = 0; t < padded; t++) p[t] = capped(p[t], cap);
  // What lies beyond the last key in memory may be anything.
  for (int64_t t = count; t < padded; t++) p[t] = -INFINITY;
  for (int64_t t = 0; t < unseen; t++) p[t] = -INFINITY;
  float largest = vector_max(p, padded);
  query->shrink = 1;
  if (largest > query->maximum) {
    query->shrink = vector_exp(query->maximum - largest);
    query->maximum = largest;
  }
  float maximum = query->maximum;
  for (int64_t t = 0; t < padded; t++) p[t] = vector_exp(p[t] - maximum);
  for (int64_t t = count; t < padded; t++) p[t] = 0;
  for (int64_t t = 0; t < unseen; t++) p[t] = 0;
  query->total *= query->shrink;
  for (int64_t t = 0; t < padded; t += LANES) query->total += *(const lanes_anywhere *)(p + t);
}

/// y *= shrink in `count` columns. It stands by itself, so that it is not fused with the sum that follows.
WIDE_INLINE void shrink(attending *query, int64_t S) {
  for (int64_t s = 0; s < S; s++) query->out[s] *= query->shrink;
}

/// y += Σ p[t] · value[t] for B queries, in C vectors of columns; asks for what is `next`.
WIDE_INLINE void add_columns(
    attending *queries, const void *values, const void *next, const int narrow, int64_t column, int64_t begin, int64_t end,
    int64_t S, const int B, const int C) {
  FUSED
  vector sums[TILE][4], value;
  UNROLL for (int b = 0; b < B; b++)
    UNROLL for (int c = 0; c < C; c++) memcpy(&sums[b][c], queries[b].out + column + WIDTH * c, sizeof(vector));
  for (int64_t t = begin; t < end; t++) {
    UNROLL for (int c = 0; c < C; c++) {
      load(values, next, t * S + column, c, narrow, &value);
      UNROLL for (int b = 0; b < B; b++) sums[b][c] += queries[b].p[t] * value;
    }
  }
  UNROLL for (int b = 0; b < B; b++)
    UNROLL for (int c = 0; c < C; c++) memcpy(queries[b].out + column + WIDTH * c, &sums[b][c], sizeof(vector));
}

/// The same for the values from `begin` to `end` in all columns.
WIDE_INLINE void add_values(
    attending *queries, const void *values, const void *next, const int narrow, int64_t begin, int64_t end, int64_t S,
    const int B) {
  FUSED
  int64_t column = 0;
  for (; column + 4 * WIDTH <= S; column += 4 * WIDTH)
    add_columns(queries, values, next, narrow, column, begin, end, S, B, 4);
  for (; column + WIDTH <= S; column += WIDTH)
    add_columns(queries, values, next, narrow, column, begin, end, S, B, 1);
  for (; column < S; column++)
    for (int b = 0; b < B; b++) {
      float sum = queries[b].out[column];
      for (int64_t t = begin; t < end; t++) {
        const void *value = number(values, t * S + column, narrow);
        sum += queries[b].p[t] * (narrow ? from_bfloat16(*(const uint16_t *)value) : *(const float *)value);
      }
      queries[b].out[column] = sum;
    }
}

/// B queries' share of the block of keys from `start` on.
WIDE_INLINE void attend_tile(
    attending *queries, int64_t start, const void *keys, const void *values, const void *next, const int narrow, int64_t S,
    float factor, float cap, const int B) {
  int64_t counts[TILE], least = BLOCK, most = 0;
  UNROLL for (int b = 0; b < B; b++) {
    int64_t count = queries[b].end - start;
    counts[b] = count < 0 ? 0 : count < BLOCK ? count : BLOCK;
    least = counts[b] < least ? counts[b] : least;
    most = counts[b] > most ? counts[b] : most;
  }
  if (most == 0) return;
  score(queries, keys, values, narrow, most, S, factor, B);
  for (int b = 0; b < B; b++)
    if (counts[b]) {
      exponentiate(queries + b, start, counts[b], cap);
      shrink(queries + b, S);
    }
  add_values(queries, values, next, narrow, 0, least, S, B);
  // The keys that not all see.
  for (int b = 0; b < B; b++)
    if (counts[b] > least) add_values(queries + b, values, next, narrow, least, counts[b], S, 1);
}

/// The first key that a token at a position sees.
INLINE int64_t first_seen(int64_t position, int64_t window) {
  return window && position >= window ? position + 1 - window : 0;
}

WIDE_INLINE void attend(
    const float *query, int64_t stride, void *const *keys, void *const *values, const int32_t *positions,
    const int32_t *capacities, const int narrow, float *out, int64_t N, int64_t H, int64_t K, int64_t S, float factor,
    int64_t window, float cap, int64_t begin, int64_t end) {
  attending queries[QUERIES];
  int64_t G = H / K;
  for (int64_t row = begin, count; row < end; row += count) {
    int64_t key_head = row / (N * G), n = row / G % N, last = 0;
    int64_t first_block = first_seen(positions[n], window) / LANES * LANES;
    int64_t head_at = key_head * capacities[n] * S;
    for (count = 0; count < QUERIES && row + count < end; count++) {
      int64_t other = (row + count) / G % N, first = first_seen(positions[other], window), key_end = positions[other] + 1;
      if ((row + count) / (N * G) != key_head || keys[other] != keys[n] || first / LANES * LANES != first_block) break;
      int64_t head = key_head * G + (row + count) % G;
      attending *a = &queries[count];
      a->query = query + other * stride + head * S;
      a->out = out + (other * H + head) * S;
      memset(a->out, 0, S * sizeof(float));
      a->first = first;
      a->end = key_end;
      a->maximum = -INFINITY;
      a->total = (lanes){0};
      last = key_end > last ? key_end : last;
    }
    for (int64_t start = first_block; start < last; start += BLOCK) {
      const void *k = number(keys[n], head_at + start * S, narrow), *v = number(values[n], head_at + start * S, narrow);
      const void *next = k;
      if (start + BLOCK < last) {
        next = number(k, BLOCK * S, narrow);
      } else if (row + count < end) {
        int64_t other = (row + count) / G % N;
        next = number(keys[other], (row + count) / (N * G) * capacities[other] * S, narrow);
      }
      int64_t i = 0;
      for (; i + TILE <= count; i += TILE) attend_tile(queries + i, start, k, v, next, narrow, S, factor, cap, TILE);
      switch (count - i) {
      case 5: attend_tile(queries + i, start, k, v, next, narrow, S, factor, cap, TILE > 5 ? 5 : 1); break;
      case 4: attend_tile(queries + i, start, k, v, next, narrow, S, factor, cap, TILE > 4 ? 4 : 1); break;
      case 3: attend_tile(queries + i, start, k, v, next, narrow, S, factor, cap, TILE > 3 ? 3 : 1); break;
      case 2: attend_tile(queries + i, start, k, v, next, narrow, S, factor, cap, 2); break;
      case 1: attend_tile(queries + i, start, k, v, next, narrow, S, factor, cap, 1); break;
      }
    }
    for (int64_t i = 0; i < count; i++) {
      float sum = 0;
      for (int l = 0; l < LANES; l++) sum += queries[i].total[l];
      for (int64_t s = 0; s < S; s++) queries[i].out[s] /= sum;
    }
  }
}

WIDE void ck_attend_wide(
    const float *query, int64_t stride, void *const *keys, void *const *values, const int32_t *positions,
    const int32_t *capacities, int narrow, float *out, int64_t N, int64_t H, int64_t K, int64_t S, float factor,
    int64_t window, float cap, int64_t begin, int64_t end) {
  if (narrow)
    attend(query, stride, keys, values, positions, capacities, 1, out, N, H, K, S, factor, window, cap, begin, end);
  else
    attend(query, stride, keys, values, positions, capacities, 0, out, N, H, K, S, factor, window, cap, begin, end);
}
