package org.gatefold.backend.reference;

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
        for (int at = 0; at < n * size; at++) {
            h[at] = (float) (rectifies ? Math.max(0, input[at]) : Math.tanh(input[at]));
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
        for (int at = 0; at < n * size; at++) {
            double slope;
            if (rectifies) {
                slope = h[at] > 0 ? 1 : 0;
            } else {
                slope = 1 - h[at] * h[at];
            }
            dInput[at] = dh[at] * slope;
            dh[at] = 0;
        }
    }
}
