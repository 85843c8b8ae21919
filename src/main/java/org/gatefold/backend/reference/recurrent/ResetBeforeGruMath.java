package org.gatefold.backend.reference.recurrent;

import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellOptions;

/**
 * GRU with the reset gate before the recurrent product of the candidate, which therefore comes between the reset gates and
 * the rest of a step: gates r, z, n, all of which are kept.
 */
final class ResetBeforeGruMath extends CellMath {
    private final GateFunction gate;
    private final GateFunction candidate;

    ResetBeforeGruMath(CellOptions options, CellActivations functions) {
        gate = new GateFunction(functions.gate(), options.gateClip());
        candidate = new GateFunction(functions.candidate(), options.gateClip());
    }

    @Override
    int kept() {
        return 3;
    }

    @Override
    int lateGates() {
        return 1;
    }

    @Override
    void lateOperand(CellStep s, int at, int first, int keep) {
        s.kept[keep] = (float) gate.value(s.input[first]);
        keptLateOperand(s, at, first, keep);
    }

    @Override
    void keptLateOperand(CellStep s, int at, int first, int keep) {
        s.late[at] = s.kept[keep] * s.noise.recurrent(at) * s.previousH[at];
    }

    @Override
    void forward(CellStep s, int at, int first, int keep) {
        double z = gate.value(s.input[first + s.size]);
        double n = candidate.value(s.input[first + 2 * s.size]);
        double h = (1 - z) * s.noise.candidate(at) * n + z * s.previousH[at];
        s.h[at] = mix(s.noise.staysH(at), s.previousH[at], h);
        s.kept[keep + s.size] = (float) z;
        s.kept[keep + 2 * s.size] = (float) n;
    }

    @Override
    void backward(CellStep s, int at, int first, int keep) {
        double z = s.kept[keep + s.size];
        double n = s.kept[keep + 2 * s.size];
        double scale = s.noise.candidate(at);
        double staysH = s.noise.staysH(at);
        double dNew = (1 - staysH) * s.dh[at];
        s.dInput[first + s.size] = dNew * (s.previousH[at] - scale * n) * gate.slope(z);
        s.dInput[first + 2 * s.size] = dNew * (1 - z) * scale * candidate.slope(n);
        s.dh[at] = staysH * s.dh[at] + dNew * z;
    }

    @Override
    void lateBackward(CellStep s, int at, int first, int keep) {
        double r = s.kept[keep];
        double dOperand = s.late[at] * s.noise.recurrent(at);
        s.dInput[first] = dOperand * s.previousH[at] * gate.slope(r);
        s.dh[at] += dOperand * r;
    }
}
