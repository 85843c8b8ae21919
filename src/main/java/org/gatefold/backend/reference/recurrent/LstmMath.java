package org.gatefold.backend.reference.recurrent;

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
    void forward(CellStep s, int at, int gate, int keep) {
        double i = sigmoid(s.input[gate]);
        double f = sigmoid(s.input[gate + s.size]);
        double g = Math.tanh(s.input[gate + 2 * s.size]);
        double o = sigmoid(s.input[gate + 3 * s.size]);
        s.c[at] = clipped((float) (f * s.previousC[at] + i * g));
        s.h[at] = (float) (o * Math.tanh(s.c[at]));
        s.kept[keep] = (float) i;
        s.kept[keep + s.size] = (float) f;
        s.kept[keep + 2 * s.size] = (float) g;
        s.kept[keep + 3 * s.size] = (float) o;
    }

    /** NaN stays NaN. */
    private float clipped(float c) {
        return clip > 0 ? Math.max(-clip, Math.min(clip, c)) : c;
    }

    @Override
    void backward(CellStep s, int at, int gate, int keep) {
        double i = s.kept[keep];
        double f = s.kept[keep + s.size];
        double g = s.kept[keep + 2 * s.size];
        double o = s.kept[keep + 3 * s.size];
        double tanhC = Math.tanh(s.c[at]);
        boolean limited = clip > 0 && Math.abs(s.c[at]) >= clip;
        double dCell = limited ? 0 : s.dc[at] + s.dh[at] * o * (1 - tanhC * tanhC);
        s.dInput[gate] = dCell * g * i * (1 - i);
        s.dInput[gate + s.size] = dCell * s.previousC[at] * f * (1 - f);
        s.dInput[gate + 2 * s.size] = dCell * i * (1 - g * g);
        s.dInput[gate + 3 * s.size] = s.dh[at] * tanhC * o * (1 - o);
        s.dc[at] = dCell * f;
        s.dh[at] = 0;
    }
}
