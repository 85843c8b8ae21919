package org.gatefold.contract.oracle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.contract.Compare;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.op.Philox;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * The recurrent layers once more, in doubles, one number and one row after the other, written for reading and not from
 * any implementation: what the implementations are compared with. Its arrays may be changed between runs.
 */
public final class NaiveRecurrent {
    final double[] x;
    final double[] h0;
    final double[] c0;
    final List<double[]> wx = new ArrayList<>();
    final List<double[]> wh = new ArrayList<>();
    final List<double[]> b = new ArrayList<>();
    final List<double[]> p = new ArrayList<>();
    final List<double[]> wr = new ArrayList<>();
    final List<double[]> norm = new ArrayList<>();

    private final RecurrentCase given;
    private final RecurrentSpec spec;
    private final int size;

    /** Features of h: those of the projection, or all units. */
    private final int features;

    private final int gates;
    private final boolean lstm;
    private final boolean gru;
    private final CellOptions options;
    private boolean drawn;
    private final Map<String, double[]> results = new LinkedHashMap<>();

    /** One step of one row, as backward needs it. */
    private static final class Step {
        double[] in;
        double[] previousH;
        double[] previousC;
        double[] sum;
        double[] gate;
        double[] recurrent;
        double[] reset;
        double[] newC;
        double[] c;
        double[] h;

        /** What is projected to h, or null. */
        double[] unprojected;

        /** How much of the states before stays, and the scale of the candidate. */
        double[] staysH;

        double[] staysC;
        double[] scale;

        /** Scale of h where it enters the recurrent product, and what then enters it. */
        double[] recurrentScale;

        double[] operand;

        /** With layer normalisation: the normal products and the normal cell state, and what the output's function is taken of. */
        NaiveNorm normX;

        NaiveNorm normH;

        /** Of the candidate's product, where the reset gate is before it: that of the other gates is {@link #normH}. */
        NaiveNorm normReset;

        NaiveNorm normC;
        double[] shown;
    }

    NaiveRecurrent(RecurrentCase given) {
        this.given = given;
        this.spec = given.spec();
        this.size = spec.hiddenSize();
        this.features = spec.projectionSize();
        this.gates = spec.cell().gates() * size;
        this.options = spec.options();
        this.lstm = spec.cell().hasCellState();
        this.gru = spec.cell().name().equals("GRU");
        int rows = spec.weightSets() * spec.batch();
        x = Compare.doubles(given.x());
        h0 = given.h0() == null ? new double[rows * features] : Compare.doubles(given.h0());
        c0 = given.c0() == null ? new double[rows * size] : Compare.doubles(given.c0());
        given.wx().forEach(w -> wx.add(w == null ? identities() : Compare.doubles(w)));
        given.wh().forEach(w -> wh.add(Compare.doubles(w)));
        given.b().forEach(w -> b.add(Compare.doubles(w)));
        given.p().forEach(w -> p.add(Compare.doubles(w)));
        given.wr().forEach(w -> wr.add(Compare.doubles(w)));
        given.norm().forEach(w -> norm.add(Compare.doubles(w)));
    }

    /** Input weights that hand every gate the input as it is. */
    private double[] identities() {
        double[] weights = new double[gates * size];
        for (int row = 0; row < gates; row++) {
            weights[row * size + row % size] = 1;
        }
        return weights;
    }

    /** Outputs and final states in inference. */
    public static Map<String, double[]> inference(RecurrentCase given) {
        NaiveRecurrent naive = new NaiveRecurrent(given);
        naive.run(false);
        return naive.outputs();
    }

    /** Outputs, final states and all gradients in training. */
    public static Map<String, double[]> training(RecurrentCase given) {
        NaiveRecurrent naive = new NaiveRecurrent(given);
        naive.run(true);
        return naive.results;
    }

    private Map<String, double[]> outputs() {
        Map<String, double[]> outputs = new LinkedHashMap<>(results);
        outputs.keySet().removeIf(name -> name.startsWith("d"));
        return outputs;
    }

    /** The number whose gradients are taken: the outputs weighted with the gradients from above. */
    double loss() {
        run(true);
        return weighted("y", given.dy()) + weighted("hn", given.dhn()) + (lstm ? weighted("cn", given.dcn()) : 0);
    }

    private double weighted(String name, float[] weights) {
        double sum = 0;
        double[] values = results.get(name);
        for (int i = 0; weights != null && i < values.length; i++) {
            sum += values[i] == 0 ? 0 : values[i] * weights[i];
        }
        return sum;
    }

    Map<String, double[]> results() {
        return results;
    }

    private void run(boolean training) {
        drawn = training && options.noise().drawn();
        results.put("y", new double[spec.steps() * spec.batch() * spec.outputSize()]);
        results.put("hn", new double[h0.length]);
        results.put("dx", new double[x.length]);
        results.put("dh0", new double[h0.length]);
        if (lstm) {
            results.put("cn", new double[c0.length]);
            results.put("dc0", new double[c0.length]);
        }
        for (int set = 0; set < spec.weightSets(); set++) {
            results.put("dWx[" + set + "]", new double[wx.get(set).length]);
            results.put("dWh[" + set + "]", new double[wh.get(set).length]);
            results.put("db[" + set + "]", new double[b.get(set).length]);
            if (options.peepholes()) {
                results.put("dp[" + set + "]", new double[p.get(set).length]);
            }
            if (options.layerNorm()) {
                results.put("dNorm[" + set + "]", new double[norm.get(set).length]);
            }
            if (spec.projects()) {
                results.put("dWr[" + set + "]", new double[wr.get(set).length]);
            }
        }
        for (int row = 0; row < spec.batch(); row++) {
            runRow(row, training);
        }
        for (int set = 0; set < spec.weightSets(); set++) {
            if (spec.skipsInput(set / spec.directions())) {
                results.remove("dWx[" + set + "]");
            }
        }
    }

    private void runRow(int row, boolean training) {
        int length = given.length(row);
        double[][] in = new double[length][];
        for (int t = 0; t < length; t++) {
            int from = (t * spec.batch() + row) * spec.inputSize();
            in[t] = Arrays.copyOfRange(x, from, from + spec.inputSize());
        }
        List<Step[]> taken = new ArrayList<>();
        for (int layer = 0; layer < spec.layers(); layer++) {
            double[][] out = new double[length][spec.outputSize()];
            for (int d = 0; d < spec.directions(); d++) {
                taken.add(forward(row, layer, d, in, out));
            }
            in = out;
            if (training && layer < spec.layers() - 1) {
                mask(row, layer, in);
            }
        }
        for (int t = 0; t < length; t++) {
            System.arraycopy(in[t], 0, results.get("y"), outputIndex(t, row), spec.outputSize());
        }
        if (training) {
            backwardRow(row, length, taken);
        }
    }

    private int outputIndex(int t, int row) {
        return (t * spec.batch() + row) * spec.outputSize();
    }

    private void mask(int row, int layer, double[][] values) {
        for (int t = 0; t < values.length && spec.dropout() > 0; t++) {
            for (int j = 0; j < values[t].length; j++) {
                long element = (long) outputIndex(t, row) + j;
                values[t][j] = falls(layer, element, spec.dropout()) ? 0 : values[t][j] / (1 - (double) spec.dropout());
            }
        }
    }

    /** Whether an element of a stream of random numbers is one of those that fall out with probability p. */
    private boolean falls(int stream, long element, float p) {
        int[] words = new int[4];
        Philox.words(given.seed(), stream, element / 4, words);
        return Philox.uniform(words[(int) (element % 4)]) < p;
    }

    /** What zoneout lets stay of each unit: all or nothing where masks are drawn, else its expectation. */
    private double[] stays(int width, float p, int mask, int set, int t, int row) {
        double[] stays = new double[width];
        for (int u = 0; u < width; u++) {
            boolean falls = drawn && falls((mask << 24) + set, ((long) t * spec.batch() + row) * width + u, p);
            stays[u] = drawn ? falls ? 1 : 0 : p;
        }
        return stays;
    }

    private double[] scales(int width, float p, int mask, int set, int t, int row) {
        double[] scales = new double[width];
        for (int u = 0; u < width; u++) {
            boolean falls = drawn && falls((mask << 24) + set, ((long) t * spec.batch() + row) * width + u, p);
            scales[u] = !drawn ? 1 : falls ? 0 : 1 / (1 - (double) p);
        }
        return scales;
    }

    private static double[] times(double[] scales, double[] values) {
        double[] result = values.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] *= scales[i];
        }
        return result;
    }

    private boolean forwards(int d) {
        return d == 0 && spec.direction() != Direction.REVERSE;
    }

    private Step[] forward(int row, int layer, int d, double[][] in, double[][] out) {
        int set = layer * spec.directions() + d;
        int ofH = (set * spec.batch() + row) * features;
        int ofC = (set * spec.batch() + row) * size;
        double[] h = Arrays.copyOfRange(h0, ofH, ofH + features);
        double[] c = Arrays.copyOfRange(c0, ofC, ofC + size);
        Step[] steps = new Step[in.length];
        for (int k = 0; k < in.length; k++) {
            int t = forwards(d) ? k : in.length - 1 - k;
            Step step = new Step();
            step.in = in[t];
            step.previousH = h;
            step.previousC = c;
            step.staysH = stays(features, options.noise().zoneoutH(), 1, set, t, row);
            step.staysC = stays(size, options.noise().zoneoutC(), 2, set, t, row);
            step.scale = scales(size, options.noise().candidateDropout(), 3, set, t, row);
            step.recurrentScale = scales(features, options.noise().recurrentDropout(), 4, set, 0, row);
            step.operand = times(step.recurrentScale, h);
            cell(set, step);
            h = step.h;
            c = step.c;
            steps[k] = step;
            System.arraycopy(h, 0, out[t], d * features, features);
        }
        System.arraycopy(h, 0, results.get("hn"), ofH, features);
        if (lstm) {
            System.arraycopy(c, 0, results.get("cn"), ofC, size);
        }
        return steps;
    }

    private NaiveActivation gate(int set) {
        return new NaiveActivation(spec.activations(set % spec.directions()).gate(), options.gateClip());
    }

    private NaiveActivation candidate(int set) {
        return new NaiveActivation(spec.activations(set % spec.directions()).candidate(), options.gateClip());
    }

    private NaiveActivation output(int set) {
        return new NaiveActivation(spec.activations(set % spec.directions()).output(), 0);
    }

    private double peephole(int set, int gate, int unit) {
        return options.peepholes() ? p.get(set)[gate * size + unit] : 0;
    }

    private void cell(int set, Step s) {
        double[] input = product(wx.get(set), s.in);
        s.recurrent = product(wh.get(set), s.operand);
        if (options.layerNorm()) {
            s.normX = new NaiveNorm(input);
            s.normH = new NaiveNorm(Arrays.copyOf(s.recurrent, ofH()));
            input = s.normX.scaled(norm.get(set), 0);
            s.recurrent = Arrays.copyOf(s.normH.scaled(norm.get(set), gates), gates);
        }
        for (int j = 0; j < gates; j++) {
            input[j] += b.get(set)[j];
        }
        s.sum = new double[gates];
        s.gate = new double[gates];
        s.h = new double[size];
        s.c = new double[size];
        s.newC = new double[size];
        for (int j = 0; j < gates; j++) {
            s.sum[j] = input[j] + s.recurrent[j];
        }
        if (lstm) {
            lstm(set, s);
        } else if (gru) {
            gru(set, s, input);
        } else {
            for (int u = 0; u < size; u++) {
                s.h[u] = s.scale[u] * candidate(set).value(s.sum[u]);
            }
        }
        if (spec.projects()) {
            s.unprojected = s.h;
            s.h = product(wr.get(set), s.unprojected);
        }
        for (int u = 0; u < features; u++) {
            s.h[u] = s.staysH[u] * s.previousH[u] + (1 - s.staysH[u]) * s.h[u];
        }
    }

    /** How many sums, the first of all, take the product with h. */
    private int ofH() {
        return options.resetBefore() ? 2 * size : gates;
    }

    private void lstm(int set, Step s) {
        double bound = options.cellClip() > 0 ? options.cellClip() : Double.POSITIVE_INFINITY;
        for (int u = 0; u < size; u++) {
            int f = size + u;
            int g = 2 * size + u;
            int o = 3 * size + u;
            s.sum[u] += peephole(set, 0, u) * s.previousC[u];
            s.sum[f] += peephole(set, 1, u) * s.previousC[u];
            s.gate[u] = gate(set).value(s.sum[u]);
            s.gate[f] = options.coupled() ? 1 - s.gate[u] : gate(set).value(s.sum[f]);
            s.gate[g] = candidate(set).value(s.sum[g]);
            double sum = s.gate[f] * s.previousC[u] + s.gate[u] * s.gate[g] * s.scale[u];
            s.newC[u] = Math.max(-bound, Math.min(bound, sum));
            s.c[u] = s.staysC[u] * s.previousC[u] + (1 - s.staysC[u]) * s.newC[u];
            s.sum[o] += peephole(set, 2, u) * s.c[u];
            s.gate[o] = gate(set).value(s.sum[o]);
        }
        s.shown = s.newC;
        if (options.layerNorm()) {
            s.normC = new NaiveNorm(s.newC);
            s.shown = s.normC.scaled(norm.get(set), 2 * gates);
            for (int u = 0; u < size; u++) {
                s.shown[u] += norm.get(set)[2 * gates + size + u];
            }
        }
        for (int u = 0; u < size; u++) {
            s.h[u] = s.gate[3 * size + u] * output(set).value(s.shown[u]);
        }
    }

    private void gru(int set, Step s, double[] input) {
        for (int j = 0; j < 2 * size; j++) {
            s.gate[j] = gate(set).value(s.sum[j]);
        }
        s.reset = new double[size];
        for (int u = 0; u < size; u++) {
            s.reset[u] = s.gate[u] * s.operand[u];
        }
        double[] ofReset = product(wh.get(set), s.reset);
        if (options.layerNorm() && options.resetBefore()) {
            s.normReset = new NaiveNorm(Arrays.copyOfRange(ofReset, 2 * size, gates));
            System.arraycopy(s.normReset.scaled(norm.get(set), gates + 2 * size), 0, ofReset, 2 * size, size);
        }
        for (int u = 0; u < size; u++) {
            int n = 2 * size + u;
            if (options.resetBefore()) {
                s.sum[n] = input[n] + ofReset[n];
            } else {
                s.recurrent[n] += b.get(set)[3 * size + u];
                s.sum[n] = input[n] + s.gate[u] * s.recurrent[n];
            }
            s.gate[n] = candidate(set).value(s.sum[n]);
            double z = s.gate[size + u];
            s.h[u] = (1 - z) * s.gate[n] * s.scale[u] + z * s.previousH[u];
        }
    }

    private void backwardRow(int row, int length, List<Step[]> taken) {
        double[][] dOut = new double[length][spec.outputSize()];
        for (int t = 0; t < length && given.dy() != null; t++) {
            for (int j = 0; j < spec.outputSize(); j++) {
                dOut[t][j] = given.dy()[outputIndex(t, row) + j];
            }
        }
        for (int layer = spec.layers() - 1; layer >= 0; layer--) {
            double[][] dIn = new double[length][spec.inputOf(layer)];
            for (int d = 0; d < spec.directions(); d++) {
                backward(row, layer, d, taken.get(layer * spec.directions() + d), dOut, dIn);
            }
            dOut = dIn;
            if (layer > 0) {
                mask(row, layer - 1, dOut);
            }
        }
        for (int t = 0; t < length; t++) {
            int to = (t * spec.batch() + row) * spec.inputSize();
            System.arraycopy(dOut[t], 0, results.get("dx"), to, spec.inputSize());
        }
    }

    private void backward(int row, int layer, int d, Step[] steps, double[][] dOut, double[][] dIn) {
        int set = layer * spec.directions() + d;
        int ofH = (set * spec.batch() + row) * features;
        int ofC = (set * spec.batch() + row) * size;
        double[] dh = slice(given.dhn(), ofH, features);
        double[] dc = slice(given.dcn(), ofC, size);
        for (int k = steps.length - 1; k >= 0; k--) {
            int t = forwards(d) ? k : steps.length - 1 - k;
            for (int u = 0; u < features; u++) {
                dh[u] += dOut[t][d * features + u];
            }
            stepBack(set, steps[k], dh, dc, dIn[t]);
        }
        System.arraycopy(dh, 0, results.get("dh0"), ofH, features);
        if (lstm) {
            System.arraycopy(dc, 0, results.get("dc0"), ofC, size);
        }
    }

    private static double[] slice(float[] values, int from, int count) {
        return values == null ? new double[count] : Compare.doubles(Arrays.copyOfRange(values, from, from + count));
    }

    /** Turns the gradients of a step's h and c into those of the step before, adding to dIn and the weights. */
    private void stepBack(int set, Step s, double[] dh, double[] dc, double[] dIn) {
        double[] dSum = new double[gates];
        double[] dBefore = new double[features];
        double[] dOperand = new double[features];
        double[] dBias = results.get("db[" + set + "]");
        double[] dWh = results.get("dWh[" + set + "]");
        double[] dStays = new double[features];
        for (int u = 0; u < features; u++) {
            dStays[u] = dh[u] * s.staysH[u];
            dh[u] -= dStays[u];
        }
        if (lstm) {
            double[] dGiven = dh;
            if (spec.projects()) {
                dGiven = new double[size];
                productBack(wr.get(set), s.unprojected, dh, dGiven, results.get("dWr[" + set + "]"));
            }
            lstmBack(set, s, dGiven, dc, dSum);
        } else if (gru) {
            gruBack(set, s, dh, dSum, dBefore);
        } else {
            for (int u = 0; u < size; u++) {
                dSum[u] = dh[u] * s.scale[u] * candidate(set).slope(s.sum[u]);
            }
        }
        if (gru && options.resetBefore()) {
            double[] dReset = new double[size];
            double[] dOfReset = Arrays.copyOfRange(dSum, 2 * size, gates);
            if (options.layerNorm()) {
                dOfReset =
                        s.normReset.back(dOfReset, norm.get(set), results.get("dNorm[" + set + "]"), gates + 2 * size);
            }
            productBack(wh.get(set), s.reset, placed(dOfReset, 2 * size), dReset, dWh);
            for (int u = 0; u < size; u++) {
                dSum[u] = dReset[u] * s.operand[u] * gate(set).slope(s.sum[u]);
                dOperand[u] += dReset[u] * s.gate[u];
            }
            double[] dGates = Arrays.copyOf(dSum, 2 * size);
            if (options.layerNorm()) {
                dGates = s.normH.back(dGates, norm.get(set), results.get("dNorm[" + set + "]"), gates);
            }
            productBack(wh.get(set), s.operand, placed(dGates, 0), dOperand, dWh);
        } else {
            double[] dRecurrent = dSum.clone();
            for (int u = 0; u < size && gru; u++) {
                dRecurrent[2 * size + u] *= s.gate[u];
                dBias[3 * size + u] += dRecurrent[2 * size + u];
            }
            if (options.layerNorm()) {
                dRecurrent = s.normH.back(dRecurrent, norm.get(set), results.get("dNorm[" + set + "]"), gates);
            }
            productBack(wh.get(set), s.operand, dRecurrent, dOperand, dWh);
        }
        for (int j = 0; j < gates; j++) {
            dBias[j] += dSum[j];
        }
        if (options.layerNorm()) {
            dSum = s.normX.back(dSum, norm.get(set), results.get("dNorm[" + set + "]"), 0);
        }
        productBack(wx.get(set), s.in, dSum, dIn, results.get("dWx[" + set + "]"));
        for (int u = 0; u < features; u++) {
            dh[u] = dBefore[u] + dStays[u] + s.recurrentScale[u] * dOperand[u];
        }
    }

    private void lstmBack(int set, Step s, double[] dh, double[] dc, double[] dSum) {
        double[] dShown = new double[size];
        for (int u = 0; u < size; u++) {
            dShown[u] = dh[u] * s.gate[3 * size + u] * output(set).slope(s.shown[u]);
        }
        double[] dMade = dShown;
        if (options.layerNorm()) {
            double[] dNorm = results.get("dNorm[" + set + "]");
            for (int u = 0; u < size; u++) {
                dNorm[2 * gates + size + u] += dShown[u];
            }
            dMade = s.normC.back(dShown, norm.get(set), dNorm, 2 * gates);
        }
        for (int u = 0; u < size; u++) {
            int f = size + u;
            int g = 2 * size + u;
            int o = 3 * size + u;
            dSum[o] = dh[u] * output(set).value(s.shown[u]) * gate(set).slope(s.sum[o]);
            double ofC = dc[u] + dSum[o] * peephole(set, 2, u);
            double total = (1 - s.staysC[u]) * ofC + dMade[u];
            if (options.cellClip() > 0 && Math.abs(s.newC[u]) >= options.cellClip()) {
                total = 0;
            }
            double dForget = total * s.previousC[u];
            double dIn = total * s.gate[g] * s.scale[u];
            if (options.coupled()) {
                dIn -= dForget;
                dForget = 0;
            }
            dSum[u] = dIn * gate(set).slope(s.sum[u]);
            dSum[f] = dForget * gate(set).slope(s.sum[f]);
            dSum[g] = total * s.gate[u] * s.scale[u] * candidate(set).slope(s.sum[g]);
            dc[u] = s.staysC[u] * ofC
                    + total * s.gate[f]
                    + dSum[u] * peephole(set, 0, u)
                    + dSum[f] * peephole(set, 1, u);
            if (options.peepholes()) {
                double[] dp = results.get("dp[" + set + "]");
                dp[u] += dSum[u] * s.previousC[u];
                dp[size + u] += dSum[f] * s.previousC[u];
                dp[2 * size + u] += dSum[o] * s.c[u];
            }
        }
    }

    private void gruBack(int set, Step s, double[] dh, double[] dSum, double[] dBefore) {
        for (int u = 0; u < size; u++) {
            double z = s.gate[size + u];
            double n = s.gate[2 * size + u] * s.scale[u];
            dSum[2 * size + u] = dh[u] * (1 - z) * s.scale[u] * candidate(set).slope(s.sum[2 * size + u]);
            dSum[size + u] = dh[u] * (s.previousH[u] - n) * gate(set).slope(s.sum[size + u]);
            dSum[u] = dSum[2 * size + u] * s.recurrent[2 * size + u] * gate(set).slope(s.sum[u]);
            dBefore[u] = dh[u] * z;
        }
    }

    /** Gradients of all gates' sums that are 0 but for some. */
    private double[] placed(double[] values, int from) {
        double[] result = new double[gates];
        System.arraycopy(values, 0, result, from, values.length);
        return result;
    }

    private double[] product(double[] w, double[] v) {
        double[] result = new double[w.length / v.length];
        for (int j = 0; j < result.length; j++) {
            for (int k = 0; k < v.length; k++) {
                result[j] += round(w[j * v.length + k]) * round(v[k]);
            }
        }
        return result;
    }

    private void productBack(double[] w, double[] v, double[] dResult, double[] dv, double[] dw) {
        for (int j = 0; j < dResult.length; j++) {
            for (int k = 0; k < v.length; k++) {
                dv[k] += round(w[j * v.length + k]) * round(dResult[j]);
                dw[j * v.length + k] += round(v[k]) * round(dResult[j]);
            }
        }
    }

    /** Rounds an operand of a product as the spec says: to the nearest number of the format, ties to even, or not at all. */
    private double round(double value) {
        return switch (spec.precision()) {
            case F32 -> value;
            case BF16 -> round(value, 7, -126, 0x1.fep127);
            case TF32 -> round(value, 10, -126, 0x1.ffcp127);
            case F16 -> round(value, 10, -14, 65504);
        };
    }

    private static double round(double value, int fractionBits, int leastExponent, double greatest) {
        double unit = Math.scalb(1.0, Math.max(Math.getExponent(value), leastExponent) - fractionBits);
        double rounded = Math.rint(value / unit) * unit;
        return Math.abs(rounded) > greatest ? Math.copySign(Double.POSITIVE_INFINITY, value) : rounded;
    }
}
