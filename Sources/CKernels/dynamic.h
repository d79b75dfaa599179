// Places of numbers in the maps of 256 values whose decades have twice as many values as the one below (arXiv 2110.02861).
#ifndef CARAVAN_DYNAMIC_H
#define CARAVAN_DYNAMIC_H

#include "vector.h"

/// Of the values from zero on, `values`: the place of the largest that is not above x, for x from 0 to 1, or of a neighbour
/// where rounding leads to one. The highest of the seven decades, from 0.1 to 1, has `highest` values.
INLINE int32_t place_below(float x, int32_t highest) {
  int32_t count = highest;
  // Powers of ten and whole numbers are computed and not looked up, so that this is done for a vector of numbers.
  UNROLL for (int decade = 0; decade < 6; decade++) {
    int below = x < 0.1f;
    x = below ? x * 10.0f : x;
    count = below ? count / 2 : count;
  }
  // Values are the middles of equal parts of a decade.
  float parts = (x - 0.1f) * ((float)count / 0.9f) + 0.5f;
  // A signed map has as many values below a decade as in it, zero among them, and an unsigned one has one less.
  int32_t start = highest > 64 ? count - 1 : count;
  return start - 1 + (int32_t)(parts > 0 ? parts : 0);
}

/// The place in the signed map of the value that is nearest to x, from -1 to 1. There is no -1.
INLINE uint8_t nearest_place(const float *map, float x) {
  const float *values = map + 127;
  float magnitude = fabsf(x);
  int32_t below = place_below(magnitude, 64);
  below = below > 127 ? 127 : below;
  int32_t place = below + (magnitude - values[below] > 0.5f * (values[below + 1] - values[below]));
  return (uint8_t)(x < 0 ? 127 - (place > 127 ? 127 : place) : 127 + place);
}

/// The place in the unsigned map of one of the two values beside x, from 0 to 1, so that their mean over all `chance`, from 0
/// to less than 1, is x. What is not zero does not become zero.
INLINE uint8_t random_place(const float *map, float x, float chance) {
  int32_t below = place_below(x, 128);
  below = below > 254 ? 254 : below;
  int32_t place = below + (x - map[below] > chance * (map[below + 1] - map[below]));
  return (uint8_t)(place == 0 && x > 0 ? 1 : place);
}

#endif
