// How numbers of a recurrent layer are rounded: where they are stored, and as operands of products.
// Sums and activations are in double and stand for those in fp32 of the real library.
#pragma once

#include "../../runtime/number_formats.h"
#include "../descriptor/rnn_descriptor.h"

namespace sim {

struct RnnPrecision {
  enum class Operand { kExact, kTf32, kHalf };
  int storage;
  Operand operands;

  // fp32 operands become TF32 wherever the math type lets tensor cores in, and half where it says
  // so; half operands are exact.
  static RnnPrecision of(const RnnDescriptor& rnn, bool hasTf32) {
    Operand operands = Operand::kExact;
    if (rnn.dataType == kDnnHalf) operands = Operand::kHalf;
    if (rnn.dataType == kDnnFloat && rnn.mathType != kMathFma && hasTf32) {
      operands = rnn.mathType == kMathAllowConversion ? Operand::kHalf : Operand::kTf32;
    }
    return {rnn.dataType, operands};
  }

  double stored(double value) const {
    if (storage == kDnnDouble) return value;
    auto single = static_cast<float>(value);
    return storage == kDnnHalf ? f16ToFloat(floatToF16(single)) : single;
  }
  double operand(double value) const {
    switch (operands) {
      case Operand::kTf32:
        return roundToTf32(static_cast<float>(value));
      case Operand::kHalf:
        return f16ToFloat(floatToF16(static_cast<float>(value)));
      default:
        return value;
    }
  }
};

}  // namespace sim
