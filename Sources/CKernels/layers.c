#include "CKernels.h"
#include "vector.h"

KERNEL void ck_rms_norm_forward(
    const float *x, const float *weight, float *y, float *scale, int64_t D, float epsilon, int64_t begin, int64_t end) {
  VECTOR_MATH
  for (int64_t n = begin; n < end; n++) {
    const float *row = x + n * D;
    float *restrict out = y + n * D;
    float squares = 0;
    for (int64_t d = 0; d < D; d++) squares += row[d] * row[d];
    float s = 1.0f / sqrtf(squares / (float)D + epsilon);
    scale[n] = s;
    for (int64_t d = 0; d < D; d++) out[d] = weight[d] * (row[d] * s);
  }
}

KERNEL void ck_rms_norm_backward_input(
    const float *x, const float *weight, const float *scale, const float *dy, float *dx, int64_t D, int64_t begin,
    int64_t end) {
  VECTOR_MATH
  for (int64_t n = begin; n < end; n++) {
    const float *row = x + n * D, *gradient = dy + n * D;
    float *restrict out = dx + n * D;
    float s = scale[n], dot = 0;
    for (int64_t d = 0; d < D; d++) dot += gradient[d] * weight[d] * row[d];
    float projection = dot * s * s / (float)D;
    for (int64_t d = 0; d < D; d++) out[d] += s * (gradient[d] * weight[d] - row[d] * projection);
  }
}

KERNEL void ck_rms_norm_backward_weight(
    const float *x, const float *scale, const float *dy, float *weight_gradient, int64_t N, int64_t D, int64_t begin,
    int64_t end) {
  for (int64_t n = 0; n < N; n++) {
    float s = scale[n];
    for (int64_t d = begin; d < end; d++) weight_gradient[d] += dy[n * D + d] * (x[n * D + d] * s);
  }
}

KERNEL void ck_head_norm_forward(
    float *x, const float *weight, float *kept, float *scale, int64_t row_stride, int64_t heads, int64_t S, float epsilon,
    int64_t begin, int64_t end) {
  VECTOR_MATH
  for (int64_t n = begin; n < end; n++) {
    for (int64_t h = 0; h < heads; h++) {
      float *restrict head = x + n * row_stride + h * S;
      float squares = 0;
      for (int64_t i = 0; i < S; i++) squares += head[i] * head[i];
      float s = 1.0f / sqrtf(squares / (float)S + epsilon);
      if (kept) {
        scale[n * heads + h] = s;
        float *restrict before = kept + (n * heads + h) * S;
        for (int64_t i = 0; i < S; i++) before[i] = head[i];
      }
      for (int64_t i = 0; i < S; i++) head[i] = weight[i] * (head[i] * s);
    }
  }
}

KERNEL void ck_head_norm_backward_weight(
    const float *x, const float *scale, const float *dy, float *weight_gradient, int64_t row_stride, int64_t N,
    int64_t heads, int64_t S, int64_t begin, int64_t end) {
  for (int64_t n = 0; n < N; n++) {
    for (int64_t h = 0; h < heads; h++) {
      const float *gradient = dy + n * row_stride + h * S, *head = x + (n * heads + h) * S;
      float s = scale[n * heads + h];
      for (int64_t i = begin; i < end; i++) weight_gradient[i] += gradient[i] * (head[i] * s);
    }
  }
}

KERNEL void ck_head_norm_backward_input(
    const float *x, const float *weight, const float *scale, float *dx, int64_t row_stride, int64_t heads, int64_t S,
    int64_t begin, int64_t end) {
  VECTOR_MATH
  for (int64_t n = begin; n < end; n++) {
    for (int64_t h = 0; h < heads; h++) {
      const float *head = x + (n * heads + h) * S;
      float *restrict gradient = dx + n * row_stride + h * S;
      float s = scale[n * heads + h], dot = 0;
      for (int64_t i = 0; i < S; i++) dot += gradient[i] * weight[i] * head[i];
      float projection = dot * s * s / (float)S;
      for (int64_t i = 0; i < S; i++) gradient[i] = s * (gradient[i] * weight[i] - head[i] * projection);
    }
  }
}

KERNEL void ck_rotary(
    float *x, const float *cosine, const float *sine, const int32_t *positions, int64_t row_stride, int64_t heads,
    int64_t S, int64_t turned, float direction, int64_t begin, int64_t end) {
  int64_t half = turned / 2;
  for (int64_t n = begin; n < end; n++) {
    const float *c = cosine + positions[n] * half, *s = sine + positions[n] * half;
    for (int64_t h = 0; h < heads; h++) {
      float *restrict first = x + n * row_stride + h * S, *restrict second = first + half;
      for (int64_t i = 0; i < half; i++) {
        float a = first[i], b = second[i], turn = direction * s[i];
        first[i] = a * c[i] - b * turn;
        second[i] = b * c[i] + a * turn;
      }
    }
  }
}

KERNEL void ck_swiglu_forward(const float *gate_up, float *y, int64_t F, int64_t begin, int64_t end) {
  for (int64_t n = begin; n < end; n++) {
    const float *gate = gate_up + n * 2 * F, *up = gate + F;
    float *restrict out = y + n * F;
    for (int64_t f = 0; f < F; f++) out[f] = gate[f] / (1.0f + vector_exp(-gate[f])) * up[f];
  }
}

KERNEL void ck_swiglu_backward(float *gate_up, const float *dy, int64_t F, int64_t begin, int64_t end) {
  for (int64_t n = begin; n < end; n++) {
    float *restrict gate = gate_up + n * 2 * F, *restrict up = gate + F;
    const float *gradient = dy + n * F;
    for (int64_t f = 0; f < F; f++) {
      float sigmoid = 1.0f / (1.0f + vector_exp(-gate[f]));
      float silu = gate[f] * sigmoid;
      gate[f] = gradient[f] * up[f] * (sigmoid + silu * (1.0f - sigmoid));
      up[f] = gradient[f] * silu;
    }
  }
}

// The slope of GELU's argument at zero, √(2/π), and the weight of its cube.
static const float gelu_slope = 0.7978845608028654f, gelu_cube = 0.044715f;

KERNEL void ck_geglu_forward(const float *gate_up, float *y, int64_t F, int64_t begin, int64_t end) {
  for (int64_t n = begin; n < end; n++) {
    const float *gate = gate_up + n * 2 * F, *up = gate + F;
    float *restrict out = y + n * F;
    for (int64_t f = 0; f < F; f++) {
      float x = gate[f];
      out[f] = 0.5f * x * (1.0f + vector_tanh(gelu_slope * (x + gelu_cube * x * x * x))) * up[f];
    }
  }
}

KERNEL void ck_geglu_backward(float *gate_up, const float *dy, int64_t F, int64_t begin, int64_t end) {
  for (int64_t n = begin; n < end; n++) {
    float *restrict gate = gate_up + n * 2 * F, *restrict up = gate + F;
    const float *gradient = dy + n * F;
    for (int64_t f = 0; f < F; f++) {
      float x = gate[f], t = vector_tanh(gelu_slope * (x + gelu_cube * x * x * x));
      float inner = gelu_slope * (1.0f + 3.0f * gelu_cube * x * x);
      float gelu = 0.5f * x * (1.0f + t);
      gate[f] = gradient[f] * up[f] * (0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * inner);
      up[f] = gradient[f] * gelu;
    }
  }
}

KERNEL void ck_add_bias(float *y, const float *bias, int64_t D, int64_t begin, int64_t end) {
  for (int64_t n = begin; n < end; n++)
    for (int64_t d = 0; d < D; d++) y[n * D + d] += bias[d];
}

KERNEL void ck_bias_backward(
    const float *dy, float *bias_gradient, int64_t N, int64_t D, int64_t begin, int64_t end) {
  for (int64_t n = 0; n < N; n++)
    for (int64_t d = begin; d < end; d++) bias_gradient[d] += dy[n * D + d];
}

KERNEL void ck_gather_rows(
    const float *x, const int32_t *rows, float *y, int64_t D, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) memcpy(y + i * D, x + (int64_t)rows[i] * D, D * sizeof(float));
}

KERNEL void ck_scatter_add_rows(
    float *x, const int32_t *rows, const float *y, int64_t count, int64_t D, int64_t begin, int64_t end) {
  for (int64_t i = 0; i < count; i++) {
    float *restrict row = x + (int64_t)rows[i] * D;
    for (int64_t d = begin; d < end; d++) row[d] += y[i * D + d];
  }
}

KERNEL void ck_add(const float *a, const float *b, float *sum, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) sum[i] = a[i] + b[i];
}

KERNEL void ck_add_scaled(const float *a, const float *b, float factor, float *sum, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) sum[i] = a[i] + factor * b[i];
}

KERNEL void ck_scale(float *x, float factor, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) x[i] *= factor;
}
