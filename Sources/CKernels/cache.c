// Storing keys and values of sequences that grow. attend.c reads them.
#include "CKernels.h"
#include "vector.h"

// `narrow` is a constant to the compiler.

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
