package org.gatefold.op.recurrent;

import org.gatefold.op.Arguments;

/**
 * Which functions a cell applies where.
 *
 * @param gate of the gates: i, f, o of an LSTM, r, z of a GRU; a plain cell has none and ignores it
 * @param candidate of what is offered to the state: g of an LSTM, n of a GRU, h of a plain cell
 * @param output of the cell state on its way out; only an LSTM has one, others ignore it
 */
public record CellActivations(GateActivation gate, GateActivation candidate, GateActivation output) {
    public CellActivations {
        Arguments.requireGiven("gate", gate);
        Arguments.requireGiven("candidate", candidate);
        Arguments.requireGiven("output", output);
    }

    /** Those of the cell's own equations. */
    public static CellActivations of(Cell cell) {
        return new CellActivations(
                GateActivation.SIGMOID,
                cell == Cell.RNN_RELU ? GateActivation.RELU : GateActivation.TANH,
                GateActivation.TANH);
    }
}
