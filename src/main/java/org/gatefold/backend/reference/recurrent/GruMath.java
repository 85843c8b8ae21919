package org.gatefold.backend.reference.recurrent;

/** GRU with the reset gate behind the recurrent product: gates r, z, n; kept are r, z, n and the recurrent part of n. */
final class GruMath extends CellMath {
    @Override
    int kept() {
        return 4;
    }

    @Override
    boolean splitsRecurrence() {
        return true;
    }

    @Override
    void forward(CellStep s, int at, int gate, int keep) {
        double r = sigmoid(s.input[gate] + s.recurrent[gate]);
        double z = sigmoid(s.input[gate + s.size] + s.recurrent[gate + s.size]);
        double q = s.recurrent[gate + 2 * s.size];
        double candidate = Math.tanh(s.input[gate + 2 * s.size] + r * q);
        s.h[at] = (float) ((1 - z) * candidate + z * s.previousH[at]);
        s.kept[keep] = (float) r;
        s.kept[keep + s.size] = (float) z;
        s.kept[keep + 2 * s.size] = (float) candidate;
        s.kept[keep + 3 * s.size] = (float) q;
    }

    @Override
    void backward(CellStep s, int at, int gate, int keep) {
        double r = s.kept[keep];
        double z = s.kept[keep + s.size];
        double candidate = s.kept[keep + 2 * s.size];
        double q = s.kept[keep + 3 * s.size];
        double dCandidate = s.dh[at] * (1 - z) * (1 - candidate * candidate);
        double dR = dCandidate * q * r * (1 - r);
        double dZ = s.dh[at] * (s.previousH[at] - candidate) * z * (1 - z);
        s.dInput[gate] = dR;
        s.dInput[gate + s.size] = dZ;
        s.dInput[gate + 2 * s.size] = dCandidate;
        s.dRecurrent[gate] = dR;
        s.dRecurrent[gate + s.size] = dZ;
        s.dRecurrent[gate + 2 * s.size] = dCandidate * r;
        s.dh[at] *= z;
    }
}
