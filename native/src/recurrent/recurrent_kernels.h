/// Everything of the recurrent operation that is compiled per instruction set. Included inside an
/// instruction set's namespace, after its Product is named, by the recurrent_*_level.cpp files.
#ifndef GATEFOLD_RECURRENT_KERNELS_H
#define GATEFOLD_RECURRENT_KERNELS_H

#include "recurrent/recurrent_backward.h"
#include "recurrent/recurrent_forward.h"
#include "recurrent/recurrent_pack.h"

/// Calls body(Cell()) for the cells of a call.
template <class Body>
static GF_INLINE void for_cell(const RecurrentCall& call, const Body& body) {
  switch (call.spec->cell) {
    case GF_GRU:
      call.options ? body(GruOptionCell()) : body(GruCell());
      break;
    case GF_RNN_TANH:
      call.options ? body(PlainOptionCell()) : body(PlainCell<false>());
      break;
    case GF_RNN_RELU:
      call.options ? body(PlainOptionCell()) : body(PlainCell<true>());
      break;
    default:
      call.options ? body(LstmOptionCell()) : body(LstmCell());
  }
  Product::release();
}

static void recurrent_forward(const RecurrentCall& call, const Team& team) {
  for_cell(call, [&](auto cell) { forward_stack<decltype(cell)>(call, team); });
}

static void recurrent_backward(const RecurrentCall& call, const Team& team) {
  for_cell(call, [&](auto cell) { backward_stack<decltype(cell)>(call, team); });
}

#endif  // GATEFOLD_RECURRENT_KERNELS_H
