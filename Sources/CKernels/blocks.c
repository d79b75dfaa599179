// The block formats of ggml, widened as ggml's `dequantize_row_…` and the gguf package do: to the bit, so nothing is fused.
#include "CKernels.h"
#include "vector.h"

#define UNFUSED _Pragma("clang fp contract(off)")

enum { SMALL = 32, LARGE = 256 };

INLINE float half(const uint8_t *bytes) {
  uint16_t x;
  memcpy(&x, bytes, 2);
  uint32_t sign = (uint32_t)(x & 0x8000) << 16, exponent = x >> 10 & 31, fraction = x & 1023;
  uint32_t bits = sign | (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13;
  if (exponent == 0) {
    float value = (float)fraction * 0x1p-24f;
    return sign ? -value : value;
  }
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

/// Low halves of sixteen bytes, then high ones.
INLINE int nibble(const uint8_t *q, int i) { return i < 16 ? q[i] & 15 : q[i - 16] >> 4; }

INLINE int high_bit(const uint8_t *bits, int i) { return bits[i / 8] >> i % 8 & 1; }

KERNEL void ck_widen_q4_0(const uint8_t *x, float *y, int64_t blocks) {
  for (; blocks-- > 0; x += 18, y += SMALL) {
    float d = half(x);
    for (int i = 0; i < SMALL; i++) y[i] = d * (float)(nibble(x + 2, i) - 8);
  }
}

KERNEL void ck_widen_q4_1(const uint8_t *x, float *y, int64_t blocks) {
  UNFUSED
  for (; blocks-- > 0; x += 20, y += SMALL) {
    float d = half(x), m = half(x + 2);
    for (int i = 0; i < SMALL; i++) y[i] = d * (float)nibble(x + 4, i) + m;
  }
}

KERNEL void ck_widen_q5_0(const uint8_t *x, float *y, int64_t blocks) {
  for (; blocks-- > 0; x += 22, y += SMALL) {
    float d = half(x);
    for (int i = 0; i < SMALL; i++) y[i] = d * (float)((nibble(x + 6, i) | high_bit(x + 2, i) << 4) - 16);
  }
}

KERNEL void ck_widen_q5_1(const uint8_t *x, float *y, int64_t blocks) {
  UNFUSED
  for (; blocks-- > 0; x += 24, y += SMALL) {
    float d = half(x), m = half(x + 2);
    for (int i = 0; i < SMALL; i++) y[i] = d * (float)(nibble(x + 8, i) | high_bit(x + 4, i) << 4) + m;
  }
}

KERNEL void ck_widen_q8_0(const uint8_t *x, float *y, int64_t blocks) {
  for (; blocks-- > 0; x += 34, y += SMALL) {
    float d = half(x);
    for (int i = 0; i < SMALL; i++) y[i] = d * (float)(int8_t)x[2 + i];
  }
}

KERNEL void ck_widen_q2_k(const uint8_t *x, float *y, int64_t blocks) {
  UNFUSED
  for (; blocks-- > 0; x += 84, y += LARGE) {
    float d = half(x + 80), m = half(x + 82);
    for (int part = 0; part < 16; part++) {
      float scale = d * (float)(x[part] & 15), least = m * (float)(x[part] >> 4);
      const uint8_t *q = x + 16 + part / 8 * 32 + part % 2 * 16;
      for (int i = 0; i < 16; i++) y[16 * part + i] = scale * (float)(q[i] >> part % 8 / 2 * 2 & 3) - least;
    }
  }
}

KERNEL void ck_widen_q3_k(const uint8_t *x, float *y, int64_t blocks) {
  for (; blocks-- > 0; x += 110, y += LARGE) {
    const uint8_t *scales = x + 96;
    float d = half(x + 108);
    for (int part = 0; part < 16; part++) {
      int low = part < 8 ? scales[part] & 15 : scales[part - 8] >> 4, high = scales[8 + part % 4] >> part / 4 * 2 & 3;
      float scale = d * (float)((low | high << 4) - 32);
      const uint8_t *q = x + 32 + part / 8 * 32 + part % 2 * 16, *mask = x + part % 2 * 16;
      for (int i = 0; i < 16; i++) {
        int number = (q[i] >> part % 8 / 2 * 2 & 3) - (mask[i] >> part / 2 & 1 ? 0 : 4);
        y[16 * part + i] = scale * (float)number;
      }
    }
  }
}

/// Scale and least number of the eight parts of a block of Q4_K or Q5_K, six bits each.
INLINE void scale_and_least(const uint8_t *x, int part, int *scale, int *least) {
  if (part < 4) {
    *scale = x[part] & 63;
    *least = x[4 + part] & 63;
  } else {
    *scale = (x[4 + part] & 15) | (x[part - 4] >> 2 & 0x30);
    *least = x[4 + part] >> 4 | (x[part] >> 2 & 0x30);
  }
}

/// Q4_K, or Q5_K where each number has a fifth bit, which `high` bytes before the others hold.
INLINE void widen_with_least(const uint8_t *x, float *y, int64_t blocks, int high) {
  UNFUSED
  for (; blocks-- > 0; x += 144 + high, y += LARGE) {
    float d = half(x), m = half(x + 2);
    for (int part = 0; part < 8; part++) {
      int scale, least;
      scale_and_least(x + 4, part, &scale, &least);
      float factor = d * (float)scale, minimum = m * (float)least;
      const uint8_t *q = x + 16 + high + part / 2 * 32;
      for (int i = 0; i < 32; i++) {
        int number = q[i] >> part % 2 * 4 & 15;
        if (high) number |= (x[16 + i] >> part & 1) << 4;
        y[32 * part + i] = factor * (float)number - minimum;
      }
    }
  }
}

KERNEL void ck_widen_q4_k(const uint8_t *x, float *y, int64_t blocks) { widen_with_least(x, y, blocks, 0); }

KERNEL void ck_widen_q5_k(const uint8_t *x, float *y, int64_t blocks) { widen_with_least(x, y, blocks, 32); }

KERNEL void ck_widen_q6_k(const uint8_t *x, float *y, int64_t blocks) {
  for (; blocks-- > 0; x += 210, y += LARGE) {
    const int8_t *scales = (const int8_t *)(x + 192);
    float d = half(x + 208);
    for (int part = 0; part < 16; part++) {
      int side = part / 8, place = part % 8 * 16;
      float scale = d * (float)scales[part];
      const uint8_t *low = x + side * 64 + place % 64, *high = x + 128 + side * 32 + place % 32;
      for (int i = 0; i < 16; i++) {
        int number = (low[i] >> place / 64 * 4 & 15) | (high[i] >> place / 32 * 2 & 3) << 4;
        y[16 * part + i] = scale * (float)(number - 32);
      }
    }
  }
}
