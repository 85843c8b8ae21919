package org.gatefold.backend.reference.recurrent;

import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellOptions;

/** The plain recurrent cell; its gradient needs nothing but h. */
final class RnnMath extends CellMath {
    private final GateFunction candidate;

    RnnMath(CellOptions options, CellActivations functions) {
        candidate = new GateFunction(functions.candidate(), options.gateClip());
    }

    @Override
    int kept() {
        return 0;
    }

    @Override
    void forward(CellStep s, int at, int first, int keep) {
        s.h[at] = (float) candidate.value(s.input[at]);
    }

    @Override
    void backward(CellStep s, int at, int first, int keep) {
        s.dInput[at] = s.dh[at] * candidate.slope(s.h[at]);
        s.dh[at] = 0;
    }
}
