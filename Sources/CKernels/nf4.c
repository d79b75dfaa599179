// NormalFloat of 4 bits (QLoRA, arXiv 2305.14314), to the bit as bitsandbytes computes it.
#include "CKernels.h"
#include "vector.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#define CARAVAN_WIDE
#endif

enum { BLOCK = CK_NF4_BLOCK, VALUES = CK_NF4_VALUES };

// Quantiles of the normal distribution between -1 and 1, zero among them (appendix E).
static const float values[VALUES] = {
    -1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f,
    -0.18477343022823334f, -0.09105003625154495f, 0.0f, 0.07958029955625534f, 0.16093020141124725f,
    0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f};

const float *ck_nf4_values(void) { return values; }

KERNEL void ck_nf4_quantize(
    const float *w, int64_t count, uint8_t *codes, float *scales, int64_t begin, int64_t end) {
  for (int64_t b = begin; b < end; b++) {
    int64_t n = count - b * BLOCK < BLOCK ? count - b * BLOCK : BLOCK;
    float numbers[BLOCK] = {0};
    memcpy(numbers, w + b * BLOCK, n * sizeof(float));
    float scale = largest_magnitude(numbers, n);
    // A block of zeros is one of zeros again.
    float divisor = scale < 1e-38f ? 1e-38f : scale, inverse = 1.0f / divisor;
    if (n == BLOCK) {
      for (int i = 0; i < BLOCK; i++) numbers[i] *= inverse;
    } else {
      for (int i = 0; i < BLOCK; i++) numbers[i] /= divisor;
      scale = divisor;
    }
    scales[b] = scale;
    int32_t nearest[BLOCK] = {0};
    // The number of midpoints that lie below: a number in the middle belongs to the lower value.
    UNROLL for (int v = 0; v + 1 < VALUES; v++) {
      float middle = (values[v] + values[v + 1]) / 2;
      for (int i = 0; i < BLOCK; i++) nearest[i] += numbers[i] > middle;
    }
    uint8_t *to = codes + b * (BLOCK / 2);
    for (int64_t i = 0; i < n; i += 2) to[i / 2] = (uint8_t)(nearest[i] << 4 | nearest[i + 1]);
  }
}

/// What a block's values are multiplied by.
INLINE float scale_of(const ck_nf4 *w, int64_t block) {
  // The product is rounded before the sum, as bitsandbytes does it in two steps.
  _Pragma("clang fp contract(off)")
  if (w->scales) return w->scales[block];
  float product = w->map[w->scale_codes[block]] * w->scale_scales[block / CK_DYNAMIC_BLOCK];
  return product + w->scale_offset;
}

/// The numbers of a whole block. Values are scaled once and looked up sixty-four times.
INLINE void widen_portable(const uint8_t *codes, const float *scaled, float *y) {
  for (int i = 0; i < BLOCK / 2; i++) {
    y[2 * i] = scaled[codes[i] >> 4];
    y[2 * i + 1] = scaled[codes[i] & 15];
  }
}

#define WIDEN(name, TARGET, LINKAGE, widen_block)                                                                      \
  LINKAGE void name(const ck_nf4 *w, float *y, int64_t begin, int64_t end) {                                           \
    while (begin < end) {                                                                                              \
      int64_t block = begin / BLOCK, stop = (block + 1) * BLOCK < end ? (block + 1) * BLOCK : end;                     \
      float scale = scale_of(w, block), scaled[VALUES];                                                                \
      for (int v = 0; v < VALUES; v++) scaled[v] = values[v] * scale;                                                  \
      if (stop - begin == BLOCK) {                                                                                     \
        widen_block(w->codes + block * (BLOCK / 2), scaled, y);                                                        \
        y += BLOCK;                                                                                                    \
      } else {                                                                                                         \
        for (int64_t i = begin; i < stop; i++) *y++ = scaled[i % 2 == 0 ? w->codes[i / 2] >> 4 : w->codes[i / 2] & 15]; \
      }                                                                                                                \
      begin = stop;                                                                                                    \
    }                                                                                                                  \
  }

WIDEN(widen_numbers, , static, widen_portable)

#ifdef CARAVAN_WIDE
// Bytes become pairs of 32 bits, whose low four are a code; lookups pass over the bits above.
#define WIDE __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
WIDE INLINE void widen_wide(const uint8_t *codes, const float *scaled, float *y) {
  __m512 table = _mm512_loadu_ps(scaled);
  UNROLL for (int i = 0; i < BLOCK; i += 16) {
    __m512i bytes = _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(codes + i / 2)));
    __m512i pairs = _mm512_or_si512(_mm512_srli_epi64(bytes, 4), _mm512_slli_epi64(bytes, 32));
    _mm512_storeu_ps(y + i, _mm512_permutexvar_ps(pairs, table));
  }
}
WIDEN(widen_numbers_wide, WIDE, WIDE static, widen_wide)

#define MEDIUM __attribute__((target("arch=x86-64-v3")))
MEDIUM INLINE void widen_medium(const uint8_t *codes, const float *scaled, float *y) {
  __m256 low = _mm256_loadu_ps(scaled), high = _mm256_loadu_ps(scaled + 8);
  UNROLL for (int i = 0; i < BLOCK; i += 8) {
    __m256i bytes = _mm256_cvtepu8_epi64(_mm_loadu_si32(codes + i / 2));
    __m256i pairs = _mm256_or_si256(_mm256_srli_epi64(bytes, 4), _mm256_slli_epi64(bytes, 32));
    __m256 upper = _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 28));
    __m256 result = _mm256_blendv_ps(
        _mm256_permutevar8x32_ps(low, pairs), _mm256_permutevar8x32_ps(high, pairs), upper);
    _mm256_storeu_ps(y + i, result);
  }
}
WIDEN(widen_numbers_medium, MEDIUM, MEDIUM static, widen_medium)
#endif

void ck_nf4_widen(const ck_nf4 *w, float *y, int64_t begin, int64_t end) {
#ifdef CARAVAN_WIDE
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return widen_numbers_wide(w, y, begin, end);
  if (__builtin_cpu_supports("x86-64-v3")) return widen_numbers_medium(w, y, begin, end);
#endif
  widen_numbers(w, y, begin, end);
}
