/// GRU with the reset gate before the recurrent product of the candidate, as a cell of stepped
/// layers. Included inside an instruction set's namespace, after its Simd.
///
/// A cell of stepped layers: kGates gates, of which the first kEarly take the product with h and
/// the others one with an operand that the early gates decide. `a`: values of all gates.
#ifndef GATEFOLD_RESET_BEFORE_GRU_H
#define GATEFOLD_RESET_BEFORE_GRU_H

#include "recurrent/cell_functions.h"

/// Gates r, z, n.
struct ResetBeforeGru {
  static constexpr int kGates = 3;
  static constexpr int kEarly = 2;

  static GF_INLINE const GateFunction& function(const CellFunctions& own, int gate) {
    return gate < kEarly ? own.gate : own.candidate;
  }

  /// What the late gates' product takes, from early gates.
  static GF_INLINE Simd::F late_operand(const Simd::F (&a)[kGates], Simd::F h_before) {
    return Simd::mul(a[0], h_before);
  }

  static GF_INLINE Simd::F output(const Simd::F (&a)[kGates], Simd::F h_before,
                                  const NoiseLanes& noise) {
    Simd::F n = Simd::mul(a[2], noise.candidate);
    return mixed_state(noise.stays_h, h_before, Simd::fma(a[1], Simd::sub(h_before, n), n));
  }

  /// Replaces all gates that do not depend on the late operand's gradient by the gradients of their
  /// sums, and dh by what of it passes them.
  static GF_INLINE void backward(const CellFunctions& own, Simd::F (&a)[kGates], Simd::F h_before,
                                 const NoiseLanes& noise, Simd::F& dh) {
    using S = Simd;
    S::F z = a[1], n = a[2];
    S::F total = S::mul(S::sub(S::set1(1.0f), noise.stays_h), dh);
    S::F of_n = S::mul(S::sub(S::set1(1.0f), z), noise.candidate);
    a[1] = S::mul(S::mul(total, S::sub(h_before, S::mul(n, noise.candidate))),
                  function_slope(own.gate, z));
    a[2] = S::mul(S::mul(total, of_n), function_slope(own.candidate, n));
    dh = S::fma(total, z, S::mul(noise.stays_h, dh));
  }

  /// The same for those that do; d_late: gradient of the late operand.
  static GF_INLINE void late_backward(const CellFunctions& own, Simd::F (&a)[kGates],
                                      Simd::F h_before, Simd::F d_late, Simd::F& dh) {
    using S = Simd;
    S::F r = a[0];
    a[0] = S::mul(S::mul(d_late, h_before), function_slope(own.gate, r));
    dh = S::fma(d_late, r, dh);
  }
};

#endif  // GATEFOLD_RESET_BEFORE_GRU_H
