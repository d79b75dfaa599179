// Keys and values of sequences that grow: storing them, and attention to them.
#include "CKernels.h"
#include "vector.h"

typedef uint16_t lanes_u16 __attribute__((vector_size(2 * LANES)));
typedef float half_lanes_anywhere __attribute__((vector_size(2 * LANES), aligned(4)));
typedef uint16_t half_lanes_u16 __attribute__((vector_size(LANES)));
typedef uint32_t half_lanes_u32 __attribute__((vector_size(2 * LANES)));

// Keys that are scored at a time.
enum { BLOCK = 128 };

// `narrow` is a constant to the compiler in all of these. Vectors pass by pointer: in registers they would have another
// calling convention for each instruction set.

/// Where a cache's number `index` is.
INLINE const void *number(const void *cache, int64_t index, const int narrow) {
  return (const char *)cache + index * (narrow ? 2 : 4);
}

/// Loads sixteen numbers, and asks for the line in the same place of `next`, so that memory works ahead.
INLINE void load(const void *cache, const void *next, int64_t index, const int narrow, lanes *to) {
  const void *from = number(cache, index, narrow);
  if (!narrow || index % 32 == 0) __builtin_prefetch(number(next, index, narrow), 0, 2);
  if (narrow) {
    lanes_u16 numbers;
    memcpy(&numbers, from, sizeof numbers);
    lanes_u32 bits = __builtin_convertvector(numbers, lanes_u32) << 16;
    memcpy(to, &bits, sizeof bits);
  } else {
    memcpy(to, from, sizeof *to);
  }
}

INLINE void store(void *cache, int64_t index, const int narrow, float x) {
  if (narrow)
    ((uint16_t *)cache)[index] = to_bfloat16(x);
  else
    ((float *)cache)[index] = x;
}

INLINE void store_keys(
    const float *x, int64_t stride, void *const *keys, void *const *values, const int32_t *positions,
    const int32_t *capacities, const int narrow, int64_t H, int64_t K, int64_t S, int64_t begin, int64_t end) {
  for (int64_t n = begin; n < end; n++) {
    int64_t position = positions[n], capacity = capacities[n];
    for (int64_t head = 0; head < K; head++) {
      const float *key = x + n * stride + (H + head) * S, *value = key + K * S;
      int64_t key_at = head * capacity * S + position / 16 * 16 * S + position % 16;
      int64_t value_at = (head * capacity + position) * S;
      for (int64_t s = 0; s < S; s++) store(keys[n], key_at + 16 * s, narrow, key[s]);
      for (int64_t s = 0; s < S; s++) store(values[n], value_at + s, narrow, value[s]);
    }
  }
}

KERNEL void ck_store_keys(
    const float *x, int64_t stride, void *const *keys, void *const *values, const int32_t *positions,
    const int32_t *capacities, int narrow, int64_t H, int64_t K, int64_t S, int64_t begin, int64_t end) {
  if (narrow)
    store_keys(x, stride, keys, values, positions, capacities, 1, H, K, S, begin, end);
  else
    store_keys(x, stride, keys, values, positions, capacities, 0, H, K, S, begin, end);
}

/// scores = factor · q · key for `count` keys, whole vectors of them; asks for what is `next`.
INLINE void score(
    const float *q, const void *keys, const void *next, const int narrow, float *scores, int64_t count, int64_t S,
    float factor) {
  FUSED
  for (int64_t t = 0; t < count; t += 16) {
    // Four sums, so that one need not wait for the other.
    lanes sums[4] = {{0}, {0}, {0}, {0}}, key;
    int64_t s = 0;
    for (; s + 4 <= S; s += 4) {
      UNROLL for (int i = 0; i < 4; i++) {
        load(keys, next, t * S + 16 * (s + i), narrow, &key);
        sums[i] += q[s + i] * key;
      }
    }
    for (; s < S; s++) {
      load(keys, next, t * S + 16 * s, narrow, &key);
      sums[0] += q[s] * key;
    }
    lanes sum = factor * ((sums[0] + sums[1]) + (sums[2] + sums[3]));
    memcpy(scores + t, &sum, sizeof sum);
  }
}

/// y = shrink · y + Σ p[t] · value[t], in the 16 · C columns from `column`; asks for what is `next`.
INLINE void add_values(
    const float *p, const void *values, const void *next, const int narrow, float *y, int64_t column, int64_t count,
    int64_t S, float shrink, const int C) {
  FUSED
  lanes sums[C], value;
  UNROLL for (int c = 0; c < C; c++) sums[c] = shrink * *(const lanes_anywhere *)(y + column + 16 * c);
  for (int64_t t = 0; t < count; t++) {
    UNROLL for (int c = 0; c < C; c++) {
      load(values, next, t * S + column + 16 * c, narrow, &value);
      sums[c] += p[t] * value;
    }
  }
  UNROLL for (int c = 0; c < C; c++) *(lanes_anywhere *)(y + column + 16 * c) = sums[c];
}

/// The same in the eight columns from `column`.
INLINE void add_eight_values(
    const float *p, const void *values, const int narrow, float *y, int64_t column, int64_t count, int64_t S,
    float shrink) {
  FUSED
  half_lanes sums = shrink * *(const half_lanes_anywhere *)(y + column);
  for (int64_t t = 0; t < count; t++) {
    const void *from = number(values, t * S + column, narrow);
    half_lanes value;
    if (narrow) {
      half_lanes_u16 numbers;
      memcpy(&numbers, from, sizeof numbers);
      half_lanes_u32 bits = __builtin_convertvector(numbers, half_lanes_u32) << 16;
      memcpy(&value, &bits, sizeof bits);
    } else {
      memcpy(&value, from, sizeof value);
    }
    sums += p[t] * value;
  }
  *(half_lanes_anywhere *)(y + column) = sums;
}

INLINE void attend(
    const float *query, int64_t stride, void *const *keys, void *const *values, const int32_t *positions,
    const int32_t *capacities, const int narrow, float *out, int64_t H, int64_t K, int64_t S, float factor,
    int64_t window, float cap, int64_t begin, int64_t end) {
  FUSED
  for (int64_t pair = begin; pair < end; pair++) {
    int64_t n = pair / H, head = pair % H, length = (int64_t)positions[n] + 1;
    int64_t first = window && length > window ? length - window : 0;
    int64_t head_at = head / (H / K) * capacities[n] * S;
    const float *q = query + n * stride + head * S;
    float *y = out + pair * S;
    memset(y, 0, S * sizeof(float));
    float maximum = -INFINITY;
    lanes total = {0};
    // Blocks of keys, what came before scaled down where a larger score appears (FlashAttention's running softmax).
    for (int64_t start = first / 16 * 16; start < length; start += BLOCK) {
      int64_t count = length - start < BLOCK ? length - start : BLOCK, padded = (count + 15) / 16 * 16;
      const void *k = number(keys[n], head_at + start * S, narrow), *v = number(values[n], head_at + start * S, narrow);
      const void *next = k;
      if (start + BLOCK < length)
        next = number(k, BLOCK * S, narrow);
      else if (pair + 1 < end)
        next = number(keys[(pair + 1) / H], (pair + 1) % H / (H / K) * capacities[(pair + 1) / H] * S, narrow);
      float p[BLOCK];
      score(q, k, v, narrow, p, count, S, factor);
      if (cap > 0)
        for (int64_t t = 0; t < padded; t++) p[t] = capped(p[t], cap);
      // What lies beyond the last key in memory may be anything.
      for (int64_t t = count; t < padded; t++) p[t] = -INFINITY;
      for (int64_t t = 0; t < first - start; t++) p[t] = -INFINITY;
      float largest = vector_max(p, padded), shrink = 1;
      if (largest > maximum) {
        shrink = vector_exp(maximum - largest);
        maximum = largest;
      }
      for (int64_t t = 0; t < padded; t++) p[t] = vector_exp(p[t] - maximum);
      for (int64_t t = count; t < padded; t++) p[t] = 0;
      for (int64_t t = 0; t < first - start; t++) p[t] = 0;
      total *= shrink;
      for (int64_t t = 0; t < padded; t += 16) total += *(const lanes_anywhere *)(p + t);
      int64_t s = 0;
      for (; s + 64 <= S; s += 64) add_values(p, v, next, narrow, y, s, count, S, shrink, 4);
      for (; s + 16 <= S; s += 16) add_values(p, v, next, narrow, y, s, count, S, shrink, 1);
      for (; s + 8 <= S; s += 8) add_eight_values(p, v, narrow, y, s, count, S, shrink);
      for (; s < S; s++) {
        float sum = shrink * y[s];
        for (int64_t t = 0; t < count; t++)
          sum += p[t] * (narrow ? from_bfloat16(((const uint16_t *)v)[t * S + s]) : ((const float *)v)[t * S + s]);
        y[s] = sum;
      }
    }
    float sum = 0;
    for (int i = 0; i < 16; i++) sum += total[i];
    for (int64_t s = 0; s < S; s++) y[s] /= sum;
  }
}

KERNEL void ck_attend(
    const float *query, int64_t stride, void *const *keys, void *const *values, const int32_t *positions,
    const int32_t *capacities, int narrow, float *out, int64_t H, int64_t K, int64_t S, float factor, int64_t window,
    float cap, int64_t begin, int64_t end) {
  if (narrow)
    attend(query, stride, keys, values, positions, capacities, 1, out, H, K, S, factor, window, cap, begin, end);
  else
    attend(query, stride, keys, values, positions, capacities, 0, out, H, K, S, factor, window, cap, begin, end);
}
