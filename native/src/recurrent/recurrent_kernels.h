/// Everything of the recurrent operation that is compiled per instruction set. Included inside an
/// instruction set's namespace, after its Product is named, by the recurrent_*_level.cpp files.
#ifndef GATEFOLD_RECURRENT_KERNELS_H
#define GATEFOLD_RECURRENT_KERNELS_H

#include "recurrent/recurrent_backward.h"
#include "recurrent/recurrent_forward.h"
#include "recurrent/recurrent_pack.h"

static void recurrent_forward(const RecurrentCall& call, const Team& team) {
  switch (call.spec->cell) {
    case GF_GRU:
      forward_stack<GruCell>(call, team);
      break;
    case GF_RNN_TANH:
      forward_stack<PlainCell<false>>(call, team);
      break;
    case GF_RNN_RELU:
      forward_stack<PlainCell<true>>(call, team);
      break;
    default:
      forward_stack<LstmCell>(call, team);
  }
  Product::release();
}

static void recurrent_backward(const RecurrentCall& call, const Team& team) {
  switch (call.spec->cell) {
    case GF_GRU:
      backward_stack<GruCell>(call, team);
      break;
    case GF_RNN_TANH:
      backward_stack<PlainCell<false>>(call, team);
      break;
    case GF_RNN_RELU:
      backward_stack<PlainCell<true>>(call, team);
      break;
    default:
      backward_stack<LstmCell>(call, team);
  }
  Product::release();
}

#endif  // GATEFOLD_RECURRENT_KERNELS_H
