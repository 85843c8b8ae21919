package org.gatefold.backend.reference.recurrent;

import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellOptions;

/** GRU with the reset gate behind the recurrent product: gates r, z, n; kept are r, z, n and the recurrent part of n. */
final class GruMath extends CellMath {
    private final GateFunction gate;
    private final GateFunction candidate;

    GruMath(CellOptions options, CellActivations functions) {
        gate = new GateFunction(functions.gate(), options.gateClip());
        candidate = new GateFunction(functions.candidate(), options.gateClip());
    }

    @Override
    int kept() {
        return 4;
    }

    @Override
    boolean splitsRecurrence() {
        return true;
    }

    @Override
    void forward(CellStep s, int at, int first, int keep) {
        double r = gate.value(s.input[first] + s.recurrent[first]);
        double z = gate.value(s.input[first + s.size] + s.recurrent[first + s.size]);
        double q = s.recurrent[first + 2 * s.size];
        double n = candidate.value(s.input[first + 2 * s.size] + r * q);
        double h = (1 - z) * s.noise.candidate(at) * n + z * s.previousH[at];
        s.h[at] = mix(s.noise.staysH(at), s.previousH[at], h);
        s.kept[keep] = (float) r;
        s.kept[keep + s.size] = (float) z;
        s.kept[keep + 2 * s.size] = (float) n;
        s.kept[keep + 3 * s.size] = (float) q;
    }

    @Override
    void backward(CellStep s, int at, int first, int keep) {
        double r = s.kept[keep];
        double z = s.kept[keep + s.size];
        double n = s.kept[keep + 2 * s.size];
        double q = s.kept[keep + 3 * s.size];
        double scale = s.noise.candidate(at);
        double staysH = s.noise.staysH(at);
        double dNew = (1 - staysH) * s.dh[at];
        double dN = dNew * (1 - z) * scale * candidate.slope(n);
        double dR = dN * q * gate.slope(r);
        double dZ = dNew * (s.previousH[at] - scale * n) * gate.slope(z);
        s.dInput[first] = dR;
        s.dInput[first + s.size] = dZ;
        s.dInput[first + 2 * s.size] = dN;
        s.dRecurrent[first] = dR;
        s.dRecurrent[first + s.size] = dZ;
        s.dRecurrent[first + 2 * s.size] = dN * r;
        s.dh[at] = staysH * s.dh[at] + dNew * z;
    }
}
