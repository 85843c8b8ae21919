package org.gatefold.backend.reference.recurrent;

/** The plain recurrent cell; its gradient needs nothing but h. */
final class RnnMath extends CellMath {
    private final boolean rectifies;

    /**
     * @param rectifies true for max(0, a), false for tanh(a)
     */
    RnnMath(boolean rectifies) {
        this.rectifies = rectifies;
    }

    @Override
    int kept() {
        return 0;
    }

    @Override
    void forward(CellStep s, int at, int gate, int keep) {
        s.h[at] = (float) (rectifies ? Math.max(0, s.input[at]) : Math.tanh(s.input[at]));
    }

    @Override
    void backward(CellStep s, int at, int gate, int keep) {
        double slope;
        if (rectifies) {
            slope = s.h[at] > 0 ? 1 : 0;
        } else {
            slope = 1 - s.h[at] * s.h[at];
        }
        s.dInput[at] = s.dh[at] * slope;
        s.dh[at] = 0;
    }
}
