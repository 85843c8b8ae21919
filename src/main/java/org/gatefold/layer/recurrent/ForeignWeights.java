package org.gatefold.layer.recurrent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.gatefold.layer.Parameter;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights.Part;

/** Turns the weights of one layer between Gatefold's and another system's arrays. One thread at a time. */
final class ForeignWeights {
    private final Recurrent core;
    private final RecurrentSpec form;
    private final boolean biased;
    private final int size;
    private final int features;
    private final int gates;

    /**
     * @param biased whether the layer has a bias
     */
    ForeignWeights(Recurrent core, boolean biased) {
        this.core = core;
        this.form = core.form();
        this.biased = biased;
        this.size = form.hiddenSize();
        this.features = form.projectionSize();
        this.gates = form.cell().gates();
    }

    /** Takes over the other system's arrays. */
    void set(WeightLayout layout, List<float[]> arrays) {
        List<Map<Part, float[]>> sets = read(layout, arrays);
        for (int set = 0; set < sets.size(); set++) {
            List<Part> parts = core.parts(set);
            for (int i = 0; i < parts.size(); i++) {
                Parameter parameter = core.parameters(set).get(i);
                if (parameter != null) {
                    parameter.set(sets.get(set).get(parts.get(i)));
                }
            }
        }
    }

    /** The weights as the other system's arrays. */
    List<float[]> get(WeightLayout layout) {
        List<Map<Part, float[]>> sets = new ArrayList<>();
        for (int set = 0; set < form.weightSets(); set++) {
            Map<Part, float[]> values = new EnumMap<>(Part.class);
            List<Part> parts = core.parts(set);
            for (int i = 0; i < parts.size(); i++) {
                Parameter parameter = core.parameters(set).get(i);
                values.put(
                        parts.get(i),
                        parameter == null
                                ? new float[form.biasSize()]
                                : parameter.value().toFloats());
            }
            sets.add(values);
        }
        return write(layout, sets);
    }

    /** For every layer and direction the values of each part. */
    private List<Map<Part, float[]>> read(WeightLayout layout, List<float[]> arrays) {
        requireInputWeights(layout);
        return switch (layout) {
            case PYTORCH -> readSets(layout, arrays, 2);
            case KERAS -> readSets(layout, arrays, 1);
            case ONNX -> readOnnx(arrays);
        };
    }

    private List<float[]> write(WeightLayout layout, List<Map<Part, float[]>> sets) {
        requireInputWeights(layout);
        requireOptions(layout);
        if (layout == WeightLayout.ONNX) {
            return writeOnnx(sets);
        }
        requireNoPeepholes(layout);
        List<float[]> arrays = new ArrayList<>();
        for (Map<Part, float[]> set : sets) {
            float[] wx = blocks(set.get(Part.WX), order(layout), false);
            float[] wh = blocks(set.get(Part.WH), order(layout), false);
            float[][] biases = splitBias(layout, set.get(Part.B));
            if (layout == WeightLayout.KERAS) {
                arrays.add(transposed(wx, gates * size));
                arrays.add(transposed(wh, gates * size));
            } else {
                arrays.addAll(List.of(wx, wh));
            }
            if (biased && layout == WeightLayout.KERAS) {
                arrays.add(resetsAfter() ? joined(biases[0], biases[1]) : biases[0]);
            } else if (biased) {
                arrays.addAll(List.of(biases));
            }
            if (form.projects()) {
                arrays.add(set.get(Part.WR));
            }
        }
        return arrays;
    }

    /** Row block g of this system is block {@code order[g]} of the other's. */
    private int[] order(WeightLayout layout) {
        return switch (form.cell()) {
            case LSTM -> layout == WeightLayout.ONNX ? new int[] {0, 2, 3, 1} : new int[] {0, 1, 2, 3};
            case GRU -> layout == WeightLayout.PYTORCH ? new int[] {0, 1, 2} : new int[] {1, 0, 2};
            case RNN_TANH, RNN_RELU -> new int[] {0};
        };
    }

    /** Peepholes are of i, f, o here, of i, o, f in ONNX. */
    private static final int[] PEEPHOLE_ORDER = {0, 2, 1};

    private boolean resetsAfter() {
        return form.cell() == Cell.GRU && !form.options().resetBefore();
    }

    private void requireNoPeepholes(WeightLayout layout) {
        if (form.options().peepholes()) {
            throw new IllegalArgumentException("layout: " + layout + " has no peepholes, which this layer has");
        }
    }

    private void requireInputWeights(WeightLayout layout) {
        if (form.skipsInput(0)) {
            throw new IllegalArgumentException("layout: " + layout
                    + " has input weights of every layer, and this layer's input skips the product");
        }
    }

    private void requireOptions(WeightLayout layout) {
        if (form.options().layerNorm()) {
            throw new IllegalArgumentException(
                    "layout: " + layout + " has no layer normalisation, which this layer has");
        }
        if (core.isNormed()) {
            throw new IllegalArgumentException(
                    "layout: " + layout + " has no batch normalisation, which this layer has");
        }
        if (form.projects() && layout != WeightLayout.PYTORCH) {
            throw new IllegalArgumentException("layout: " + layout + " has no projection, which this layer has");
        }
    }

    private List<Map<Part, float[]>> readSets(WeightLayout layout, List<float[]> arrays, int biases) {
        requireNoPeepholes(layout);
        requireOptions(layout);
        int sets = form.weightSets();
        int least = form.projects() ? 3 : 2;
        int most = least + biases;
        if (arrays.size() != least * sets && arrays.size() != most * sets) {
            throw new IllegalArgumentException("arrays: expected " + most * sets + ", or " + least * sets
                    + " without biases (layers x directions: " + sets + "), got " + arrays.size());
        }
        int each = arrays.size() / sets;
        List<Map<Part, float[]>> result = new ArrayList<>();
        for (int set = 0; set < sets; set++) {
            int at = set * each;
            int in = form.inputOf(set / form.directions());
            float[] wx = require(arrays, at, gates * size * in);
            float[] wh = require(arrays, at + 1, gates * size * features);
            float[] ofInput = new float[gates * size];
            float[] ofState = new float[gates * size];
            if (layout == WeightLayout.KERAS) {
                wx = transposed(wx, in);
                wh = transposed(wh, size);
                if (each == most) {
                    float[] bias = require(arrays, at + 2, (resetsAfter() ? 2 : 1) * gates * size);
                    ofInput = Arrays.copyOf(bias, gates * size);
                    ofState = Arrays.copyOfRange(bias, gates * size, 2 * gates * size);
                }
            } else if (each == most) {
                ofInput = require(arrays, at + 2, gates * size);
                ofState = require(arrays, at + 3, gates * size);
            }
            Map<Part, float[]> parts = parts(layout, wx, wh, ofInput, ofState);
            if (form.projects()) {
                parts.put(Part.WR, require(arrays, at + each - 1, features * size));
            }
            result.add(parts);
        }
        return result;
    }

    private Map<Part, float[]> parts(WeightLayout layout, float[] wx, float[] wh, float[] ofInput, float[] ofState) {
        int[] order = order(layout);
        Map<Part, float[]> set = new EnumMap<>(Part.class);
        set.put(Part.WX, blocks(wx, order, true));
        set.put(Part.WH, blocks(wh, order, true));
        set.put(Part.B, joinBias(blocks(ofInput, order, true), blocks(ofState, order, true)));
        return set;
    }

    private List<Map<Part, float[]>> readOnnx(List<float[]> arrays) {
        requireOptions(WeightLayout.ONNX);
        requireOneLayer();
        boolean peepholes = form.options().peepholes();
        int most = peepholes ? 4 : 3;
        if (arrays.size() < (peepholes ? 4 : 2) || arrays.size() > most) {
            throw new IllegalArgumentException(
                    "arrays: expected W, R, " + (peepholes ? "B and P" : "and perhaps B") + ", got " + arrays.size());
        }
        int directions = form.directions();
        int rows = gates * size;
        float[] w = require(arrays, 0, directions * rows * form.inputSize());
        float[] r = require(arrays, 1, directions * rows * size);
        boolean biased = arrays.size() > 2 && arrays.get(2).length > 0;
        float[] b = biased ? require(arrays, 2, directions * 2 * rows) : new float[directions * 2 * rows];
        float[] p = peepholes ? require(arrays, 3, directions * 3 * size) : new float[0];
        List<Map<Part, float[]>> result = new ArrayList<>();
        for (int d = 0; d < directions; d++) {
            Map<Part, float[]> set = parts(
                    WeightLayout.ONNX,
                    slice(w, d, directions),
                    slice(r, d, directions),
                    slice(b, 2 * d, 2 * directions),
                    slice(b, 2 * d + 1, 2 * directions));
            if (peepholes) {
                set.put(Part.PEEPHOLES, blocks(slice(p, d, directions), PEEPHOLE_ORDER, true));
            }
            result.add(set);
        }
        return result;
    }

    private List<float[]> writeOnnx(List<Map<Part, float[]>> sets) {
        requireOneLayer();
        List<float[]> w = new ArrayList<>();
        List<float[]> r = new ArrayList<>();
        List<float[]> b = new ArrayList<>();
        List<float[]> p = new ArrayList<>();
        int[] order = order(WeightLayout.ONNX);
        for (Map<Part, float[]> set : sets) {
            w.add(blocks(set.get(Part.WX), order, false));
            r.add(blocks(set.get(Part.WH), order, false));
            b.addAll(List.of(splitBias(WeightLayout.ONNX, set.get(Part.B))));
            if (form.options().peepholes()) {
                p.add(blocks(set.get(Part.PEEPHOLES), PEEPHOLE_ORDER, false));
            }
        }
        List<float[]> arrays = new ArrayList<>();
        for (List<float[]> parts : List.of(w, r, b, p)) {
            if (!parts.isEmpty()) {
                arrays.add(joined(parts.toArray(float[][]::new)));
            }
        }
        return arrays;
    }

    private void requireOneLayer() {
        if (form.layers() > 1) {
            throw new IllegalArgumentException("layout: ONNX describes one layer, this one stacks " + form.layers());
        }
    }

    /** Both biases are added, but for that of a recurrent product which the reset gate multiplies. */
    private float[] joinBias(float[] ofInput, float[] ofState) {
        float[] bias = new float[form.biasSize()];
        for (int i = 0; i < ofInput.length; i++) {
            if (!biased && (ofInput[i] != 0f || ofState[i] != 0f)) {
                throw new IllegalArgumentException("arrays: expected no bias, which this layer has not, or zeros");
            }
            boolean apart = resetsAfter() && i >= 2 * size;
            bias[i] = apart ? ofInput[i] : ofInput[i] + ofState[i];
            if (apart) {
                bias[i + size] = ofState[i];
            }
        }
        return bias;
    }

    /** The bias as one of the input and one of the state, in the other system's order. */
    private float[][] splitBias(WeightLayout layout, float[] bias) {
        float[] ofInput = Arrays.copyOf(bias, gates * size);
        float[] ofState = new float[gates * size];
        if (resetsAfter()) {
            System.arraycopy(bias, 3 * size, ofState, 2 * size, size);
        }
        return new float[][] {blocks(ofInput, order(layout), false), blocks(ofState, order(layout), false)};
    }

    /** Brings row blocks from the other system's order to this one's, or back. */
    private static float[] blocks(float[] values, int[] order, boolean here) {
        int length = values.length / order.length;
        float[] result = new float[values.length];
        for (int block = 0; block < order.length; block++) {
            int from = here ? order[block] : block;
            int to = here ? block : order[block];
            System.arraycopy(values, from * length, result, to * length, length);
        }
        return result;
    }

    private static float[] transposed(float[] values, int rows) {
        int columns = values.length / rows;
        float[] result = new float[values.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                result[j * rows + i] = values[i * columns + j];
            }
        }
        return result;
    }

    private static float[] slice(float[] values, int index, int count) {
        int length = values.length / count;
        return Arrays.copyOfRange(values, index * length, (index + 1) * length);
    }

    private static float[] joined(float[]... arrays) {
        int length = 0;
        for (float[] array : arrays) {
            length += array.length;
        }
        float[] result = new float[length];
        int at = 0;
        for (float[] array : arrays) {
            System.arraycopy(array, 0, result, at, array.length);
            at += array.length;
        }
        return result;
    }

    private static float[] require(List<float[]> arrays, int index, int length) {
        float[] array = arrays.get(index);
        if (array.length != length) {
            throw new IllegalArgumentException(
                    "arrays[" + index + "]: expected " + length + " numbers, got " + array.length);
        }
        return array;
    }
}
