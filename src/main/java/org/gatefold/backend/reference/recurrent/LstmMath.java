package org.gatefold.backend.reference.recurrent;

import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellOptions;

/** LSTM: gates i, f, g, o, all of which are kept. */
final class LstmMath extends CellMath {
    private final boolean coupled;
    private final boolean projects;
    private final boolean normalises;
    private final float clip;
    private final GateFunction gate;
    private final GateFunction candidate;
    private final GateFunction output;

    LstmMath(CellOptions options, CellActivations functions) {
        coupled = options.coupled();
        projects = options.projection() > 0;
        normalises = options.layerNorm();
        clip = options.cellClip();
        gate = new GateFunction(functions.gate(), options.gateClip());
        candidate = new GateFunction(functions.candidate(), options.gateClip());
        output = new GateFunction(functions.output(), 0f);
    }

    @Override
    int kept() {
        return 4;
    }

    @Override
    void forward(CellStep s, int at, int first, int keep) {
        int unit = at % s.size;
        double i = gate.value(s.input[first] + s.peephole(0, unit) * s.previousC[at]);
        double f = coupled ? 1 - i : gate.value(s.input[first + s.size] + s.peephole(1, unit) * s.previousC[at]);
        double g = candidate.value(s.input[first + 2 * s.size]);
        float cell = clipped((float) (f * s.previousC[at] + i * s.noise.candidate(at) * g));
        s.c[at] = mix(s.noise.staysC(at), s.previousC[at], cell);
        double o = gate.value(s.input[first + 3 * s.size] + s.peephole(2, unit) * s.c[at]);
        if (normalises) {
            s.normed[at] = cell;
        } else if (projects) {
            s.unprojected[at] = o * output.value(cell);
        } else {
            s.h[at] = mix(s.noise.staysH(at), s.previousH[at], o * output.value(cell));
        }
        s.kept[keep] = (float) i;
        s.kept[keep + s.size] = (float) f;
        s.kept[keep + 2 * s.size] = (float) g;
        s.kept[keep + 3 * s.size] = (float) o;
    }

    @Override
    void output(CellStep s, int at, int first, int keep) {
        double h = s.kept[keep + 3 * s.size] * output.value(s.normed[at]);
        s.h[at] = mix(s.noise.staysH(at), s.previousH[at], h);
    }

    @Override
    void made(CellStep s, int at, int first, int keep) {
        s.normed[at] = madeCell(s, at, keep);
    }

    /** What the step made of the cell state, which is not kept where a unit stayed. */
    private double madeCell(CellStep s, int at, int keep) {
        double i = s.kept[keep];
        double f = s.kept[keep + s.size];
        double g = s.kept[keep + 2 * s.size];
        return s.noise.staysC(at) == 0
                ? s.c[at]
                : clipped((float) (f * s.previousC[at] + i * s.noise.candidate(at) * g));
    }

    @Override
    void outputBackward(CellStep s, int at, int first, int keep) {
        double dNew = (1 - s.noise.staysH(at)) * s.dh[at];
        s.dNormed[at] = dNew * s.kept[keep + 3 * s.size] * output.slope(output.value(s.normed[at]));
    }

    /** NaN stays NaN. */
    private float clipped(float c) {
        return clip > 0 ? Math.max(-clip, Math.min(clip, c)) : c;
    }

    @Override
    void backward(CellStep s, int at, int first, int keep) {
        int unit = at % s.size;
        double i = s.kept[keep];
        double f = s.kept[keep + s.size];
        double g = s.kept[keep + 2 * s.size];
        double o = s.kept[keep + 3 * s.size];
        double scale = s.noise.candidate(at);
        double staysC = s.noise.staysC(at);
        double cell = madeCell(s, at, keep);
        double out = output.value(normalises ? s.normed[at] : cell);
        boolean limited = clip > 0 && Math.abs(cell) >= clip;
        double dNew = projects ? s.unprojected[at] : (1 - s.noise.staysH(at)) * s.dh[at];
        double dO = dNew * out * gate.slope(o);
        double dC = s.dc[at] + dO * s.peephole(2, unit);
        double through = normalises ? s.dNormed[at] : dNew * o * output.slope(out);
        double dCell = limited ? 0 : (1 - staysC) * dC + through;
        double past = dCell * s.previousC[at];
        double dI = (dCell * scale * g - (coupled ? past : 0)) * gate.slope(i);
        double dF = coupled ? 0 : past * gate.slope(f);
        s.dInput[first] = dI;
        s.dInput[first + s.size] = dF;
        s.dInput[first + 2 * s.size] = dCell * i * scale * candidate.slope(g);
        s.dInput[first + 3 * s.size] = dO;
        s.dc[at] = staysC * dC + dCell * f + dI * s.peephole(0, unit) + dF * s.peephole(1, unit);
        if (projects) {
            s.unprojected[at] = o * out;
        } else {
            s.dh[at] *= s.noise.staysH(at);
        }
    }
}
