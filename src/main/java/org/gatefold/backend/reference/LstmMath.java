package org.gatefold.backend.reference;

/** LSTM: gates i, f, g, o, all of which are kept. */
final class LstmMath extends CellMath {
    private final float clip;

    /**
     * @param clip bound on |c|; 0 means none
     */
    LstmMath(float clip) {
        this.clip = clip;
    }

    @Override
    int kept() {
        return 4;
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
                int gate = row * 4 * size + unit;
                double i = sigmoid(input[gate]);
                double f = sigmoid(input[gate + size]);
                double g = Math.tanh(input[gate + 2 * size]);
                double o = sigmoid(input[gate + 3 * size]);
                c[at] = clipped((float) (f * previousC[at] + i * g));
                h[at] = (float) (o * Math.tanh(c[at]));
                kept[gate] = (float) i;
                kept[gate + size] = (float) f;
                kept[gate + 2 * size] = (float) g;
                kept[gate + 3 * size] = (float) o;
            }
        }
    }

    /** NaN stays NaN. */
    private float clipped(float c) {
        return clip > 0 ? Math.max(-clip, Math.min(clip, c)) : c;
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
                int gate = row * 4 * size + unit;
                double i = kept[gate];
                double f = kept[gate + size];
                double g = kept[gate + 2 * size];
                double o = kept[gate + 3 * size];
                double tanhC = Math.tanh(c[at]);
                boolean limited = clip > 0 && Math.abs(c[at]) >= clip;
                double dCell = limited ? 0 : dc[at] + dh[at] * o * (1 - tanhC * tanhC);
                dInput[gate] = dCell * g * i * (1 - i);
                dInput[gate + size] = dCell * previousC[at] * f * (1 - f);
                dInput[gate + 2 * size] = dCell * i * (1 - g * g);
                dInput[gate + 3 * size] = dh[at] * tanhC * o * (1 - o);
                dc[at] = dCell * f;
                dh[at] = 0;
            }
        }
    }
}
