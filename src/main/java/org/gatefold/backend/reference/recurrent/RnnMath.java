package org.gatefold.backend.reference.recurrent;

import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.CellOptions;

/** The plain recurrent cell; its gradient needs nothing but h, or with noise what h was made of. */
final class RnnMath extends CellMath {
    private final GateFunction candidate;
    private final boolean noisy;

    RnnMath(CellOptions options, CellActivations functions) {
        candidate = new GateFunction(functions.candidate(), options.gateClip());
        noisy = !options.noise().equals(CellNoise.NONE);
    }

    @Override
    int kept() {
        return noisy ? 1 : 0;
    }

    @Override
    void forward(CellStep s, int at, int first, int keep) {
        float value = (float) candidate.value(s.input[at]);
        s.h[at] = mix(s.noise.staysH(at), s.previousH[at], s.noise.candidate(at) * value);
        if (noisy) {
            s.kept[at] = value;
        }
    }

    @Override
    void backward(CellStep s, int at, int first, int keep) {
        double staysH = s.noise.staysH(at);
        double slope = candidate.slope(noisy ? s.kept[at] : s.h[at]);
        s.dInput[at] = (1 - staysH) * s.dh[at] * s.noise.candidate(at) * slope;
        s.dh[at] *= staysH;
    }
}
