// Dropout of h where it enters the recurrent product: one mask for all steps of a row.
//
// @hot: add_masked_gradients_f32

#include "common/grid.cuh"
#include "common/recurrent/cell_noise.cuh"

using namespace gatefold;

// operands [N,H] = x [N,H] times the scales of row n mod batch, whose elements in the stream are
// b*H + j; rounded to nearest, ties to even. N is a multiple of batch. Grid-stride loop over
// elements.
extern "C" __global__ void __launch_bounds__(256)
    mask_hidden_f32(const float* __restrict__ x, const unsigned long long* __restrict__ seed,
                    unsigned set, float p, float keep_scale, void* __restrict__ operands, int type,
                    long long rows, int batch, int hidden) {
  const unsigned stream = kRecurrentMask << 24 | set;
  const long long states = static_cast<long long>(batch) * hidden;
  for (long long i = first_element(); i < rows * hidden; i += grid_size()) {
    Quad q = zero_quad();
    q.v[0] = x[i] * dropout_scale_at(*seed, stream, static_cast<unsigned long long>(i % states), p,
                                     keep_scale);
    store_operand(operands, static_cast<size_t>(i), q, 1, false, type);
  }
}

// dh [B,H] += the gradients of a step's masked h [B,H], times the scales of that mask. Thread
// mapping and frame as in lstm_gates.cu.
extern "C" __global__ void __launch_bounds__(256)
    add_masked_gradients_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                             const float* __restrict__ gradients, float* __restrict__ dh,
                             StepOptions options) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid || !is_data(f, step_time(f, j), it.row)) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  Quad d = load_quad(gradients + state, it.count, it.vector);
  d = recurrent_masked(d, f, options, batch, hidden, it);
  add_quad(d, load_quad(dh + state, it.count, it.vector));
  store_quad(dh + state, d, it.count, it.vector);
}
