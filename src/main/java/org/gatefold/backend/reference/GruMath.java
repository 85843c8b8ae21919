package org.gatefold.backend.reference;

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
    void forward(
            int n,
            int size,
            double[] input,
            double[] recurrent,
            double[] previousH,
            double[] previousC,
            double[] h,
            double[] c,
            float[] kept) {
        for (int row = 0; row < n; row++) {
            for (int unit = 0; unit < size; unit++) {
                int at = row * size + unit;
                int gate = row * 3 * size + unit;
                int keep = row * 4 * size + unit;
                double r = sigmoid(input[gate] + recurrent[gate]);
                double z = sigmoid(input[gate + size] + recurrent[gate + size]);
                double q = recurrent[gate + 2 * size];
                double candidate = Math.tanh(input[gate + 2 * size] + r * q);
                h[at] = (float) ((1 - z) * candidate + z * previousH[at]);
                kept[keep] = (float) r;
                kept[keep + size] = (float) z;
                kept[keep + 2 * size] = (float) candidate;
                kept[keep + 3 * size] = (float) q;
            }
        }
    }

    @Override
    void backward(
            int n,
            int size,
            float[] kept,
            double[] previousH,
            double[] previousC,
            double[] h,
            double[] c,
            double[] dh,
            double[] dc,
            double[] dInput,
            double[] dRecurrent) {
        for (int row = 0; row < n; row++) {
            for (int unit = 0; unit < size; unit++) {
                int at = row * size + unit;
                int gate = row * 3 * size + unit;
                int keep = row * 4 * size + unit;
                double r = kept[keep];
                double z = kept[keep + size];
                double candidate = kept[keep + 2 * size];
                double q = kept[keep + 3 * size];
                double dCandidate = dh[at] * (1 - z) * (1 - candidate * candidate);
                double dR = dCandidate * q * r * (1 - r);
                double dZ = dh[at] * (previousH[at] - candidate) * z * (1 - z);
                dInput[gate] = dR;
                dInput[gate + size] = dZ;
                dInput[gate + 2 * size] = dCandidate;
                dRecurrent[gate] = dR;
                dRecurrent[gate + size] = dZ;
                dRecurrent[gate + 2 * size] = dCandidate * r;
                dh[at] *= z;
            }
        }
    }
}
