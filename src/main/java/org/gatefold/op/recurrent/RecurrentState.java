package org.gatefold.op.recurrent;

import org.gatefold.op.Arguments;
import org.gatefold.tensor.Tensor;

/**
 * States of all layers and directions at one end of the sequence, or their gradients.
 *
 * @param h {@code [L·D, B, P]}, index {@code layer * D + direction}; P is H without a projection
 * @param c {@code [L·D, B, H]}; null for cells without a cell state
 */
public record RecurrentState(Tensor h, Tensor c) {
    void check(String argument, RecurrentSpec spec, String memory) {
        int sets = spec.weightSets();
        Arguments.requireF32(argument + ".h", h, sets, spec.batch(), spec.projectionSize());
        if (spec.cell().hasCellState()) {
            Arguments.requireF32(argument + ".c", c, sets, spec.batch(), spec.hiddenSize());
        } else if (c != null) {
            throw new IllegalArgumentException(argument + ".c: expected null, a " + spec.cell() + " has no cell state");
        }
        Arguments.requireSameMemory(memory, h, c);
    }
}
