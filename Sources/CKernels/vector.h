// What the kernels share: one function compiled for several instruction sets, and an exponential that vectorizes.
#ifndef CARAVAN_VECTOR_H
#define CARAVAN_VECTOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
// The loader picks the best version for the processor; without this the baseline would be SSE2.
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif
#define INLINE static inline __attribute__((always_inline))

// Sums may be split over vector lanes and products fused with sums.
#define VECTOR_MATH _Pragma("clang fp reassociate(on) contract(fast)")
// Products may be fused with sums; nothing is summed in another order.
#define FUSED _Pragma("clang fp contract(fast)")
#define UNROLL _Pragma("clang loop unroll(full)")

// Sixteen numbers, which the compiler divides into as many registers as the processor needs.
enum { LANES = 16 };
typedef float lanes __attribute__((vector_size(4 * LANES)));
typedef float lanes_anywhere __attribute__((vector_size(4 * LANES), aligned(4)));
typedef float half_lanes __attribute__((vector_size(2 * LANES)));
typedef int32_t lanes_i32 __attribute__((vector_size(4 * LANES)));
typedef uint32_t lanes_u32 __attribute__((vector_size(4 * LANES)));

/// Rounds to bfloat16, to the nearest, ties to even.
INLINE uint16_t to_bfloat16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  // A NaN stays one, whatever its low bits.
  return x != x ? (uint16_t)((bits >> 16) | 0x40) : (uint16_t)rounded;
}

INLINE float from_bfloat16(uint16_t x) {
  uint32_t bits = (uint32_t)x << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

/// Bits that look random and depend on x alone: the mixing of MurmurHash3 (Appleby, 2011).
INLINE uint32_t mixed(uint32_t x) {
  x *= 0x9E3779B9u;
  x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
  x = (x ^ (x >> 13)) * 0xC2B2AE35u;
  return x ^ (x >> 16);
}

/// Rounds to bfloat16, up or down: cut off after a number from 0 to 65535 is added that depends on the place alone. A bfloat16
/// number stays itself, and others are above as often as they lie above.
INLINE uint16_t dithered(float x, uint32_t place) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  uint32_t rounded = (bits + (mixed(place) >> 16)) >> 16;
  return x != x ? (uint16_t)((bits >> 16) | 0x40) : (uint16_t)rounded;
}

/// The largest magnitude; no number where one of them is none.
INLINE float largest_magnitude(const float *x, int64_t count) {
  // As integers, magnitudes order like the numbers, and those that are none come last.
  int32_t largest = 0;
  for (int64_t i = 0; i < count; i++) {
    int32_t bits;
    memcpy(&bits, x + i, 4);
    bits &= 0x7FFFFFFF;
    largest = bits > largest ? bits : largest;
  }
  float magnitude;
  memcpy(&magnitude, &largest, 4);
  return magnitude;
}

/// e^x to about one unit in the last place: 2^n · e^r with |r| ≤ ln 2 / 2 and a polynomial for e^r.
INLINE float vector_exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  // Adding and subtracting 1.5 · 2^23 rounds to the nearest integer.
  const float rounder = 12582912.0f;
  float shifted = __builtin_fmaf(x, 1.44269504088896341f, rounder);
  float n = shifted - rounder;
  float r = __builtin_fmaf(n, -0.693359375f, x);
  r = __builtin_fmaf(n, 2.12194440e-4f, r);
  float p = 1.9875691500e-4f;
  p = __builtin_fmaf(p, r, 1.3981999507e-3f);
  p = __builtin_fmaf(p, r, 8.3334519073e-3f);
  p = __builtin_fmaf(p, r, 4.1665795894e-2f);
  p = __builtin_fmaf(p, r, 1.6666665459e-1f);
  p = __builtin_fmaf(p, r, 5.0000001201e-1f);
  p = __builtin_fmaf(p, r * r, r + 1.0f);
  int32_t bits;
  memcpy(&bits, &shifted, 4);
  // The low bits of `shifted` hold n.
  int32_t power = (bits + 127) << 23;
  float scale;
  memcpy(&scale, &power, 4);
  return p * scale;
}

/// tanh x to about two units in the last place: by e^2x, or near zero by a polynomial (Moshier's Cephes, `tanhf`).
INLINE float vector_tanh(float x) {
  float size = __builtin_fabsf(x), z = x * x;
  float far = 1.0f - 2.0f / (vector_exp(size + size) + 1.0f);
  float p = -5.70498872745e-3f;
  p = __builtin_fmaf(p, z, 2.06390887954e-2f);
  p = __builtin_fmaf(p, z, -5.37397155531e-2f);
  p = __builtin_fmaf(p, z, 1.33314422036e-1f);
  p = __builtin_fmaf(p, z, -3.33332819422e-1f);
  float near = __builtin_fmaf(p * z, x, x);
  return size < 0.625f ? near : __builtin_copysignf(far, x);
}

/// cap · tanh(x / cap).
INLINE float capped(float x, float cap) { return cap * vector_tanh(x / cap); }

/// The largest of `count` values; a NaN among them is passed over (the sums that follow it are NaN then).
INLINE float vector_max(const float *x, int64_t count) {
  // Sixteen running maxima: compilers do not vectorize a single one, for fear of NaN.
  float largest[LANES];
  int64_t i = 0;
  for (int j = 0; j < LANES; j++) largest[j] = -INFINITY;
  for (; i + LANES <= count; i += LANES)
    for (int j = 0; j < LANES; j++) largest[j] = x[i + j] > largest[j] ? x[i + j] : largest[j];
  float maximum = -INFINITY;
  for (; i < count; i++) maximum = x[i] > maximum ? x[i] : maximum;
  for (int j = 0; j < LANES; j++) maximum = largest[j] > maximum ? largest[j] : maximum;
  return maximum;
}

#endif
