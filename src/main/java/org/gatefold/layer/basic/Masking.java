package org.gatefold.layer.basic;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Mask;
import org.gatefold.tensor.Tensor;

/**
 * Leaves out steps whose features all have one value, as Keras' {@code Masking}, or the tokens of a number, as its
 * {@code mask_zero}: recurrent layers and pooling behind it pass
 * them over, wherever they stand. Features are zeros there behind it; tokens go on unchanged. No parameters.
 *
 * <p>The values are read back from the device, once a step: on a GPU whoever knows the mask on the host hands it in there.
 */
public final class Masking extends Layer {
    private final float value;
    private final boolean ids;

    private Masking(float value, boolean ids) {
        this.value = value;
        this.ids = ids;
    }

    /** Leaves out steps of zeros. */
    public static Masking zeros() {
        return of(0f);
    }

    /** Leaves out steps of a value. */
    public static Masking of(float value) {
        return new Masking(value, false);
    }

    /** Leaves out tokens of an id, before they are looked up: Keras' {@code mask_zero}, for 0. */
    public static Masking tokens(int id) {
        return new Masking(id, true);
    }

    static Masking described(Options options) {
        float value = options.real("value");
        return options.has("ids") && options.flag("ids") ? tokens((int) value) : of(value);
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = Options.written("value", value);
        if (ids) {
            options.put("ids", true);
        }
        return options;
    }

    @Override
    protected ElementType inputType() {
        return ids ? ElementType.I32 : ElementType.F32;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        if (ids) {
            requireSequence(in);
        } else {
            requireFeatureSequence(in);
        }
        return in;
    }

    @Override
    protected void stream(StreamStates states) {
        states.leaveOutSteps();
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        Mask mask = mask(x);
        Variable y = writesZeros() ? zeroed(context, x, mask) : x;
        return y.reshape(context.scope().lengths(mask), x.shape().toArray());
    }

    /** Whether steps that are left out hold something else than zeros before. */
    private boolean writesZeros() {
        return !ids && value != 0f;
    }

    private static Variable zeroed(Context context, Variable x, Mask mask) {
        Tensor real = context.scope().f32("real", x.shape());
        float[] factors = new float[real.arraySize()];
        int features = factors.length / mask.steps() / mask.batch();
        for (int i = 0; i < factors.length; i++) {
            int column = i / features;
            factors[i] = mask.isReal(column % mask.batch(), column / mask.batch()) ? 1f : 0f;
        }
        real.write(factors);
        return Functional.multiply(context, x.reshape(x.shape().toArray()), Variable.constant(real));
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        if (writesZeros()) {
            memory.tensor(output().elements(steps, batch));
            memory.differentiable(output().elements(steps, batch));
        }
    }

    private static float[] floats(int[] tokens) {
        float[] values = new float[tokens.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = tokens[i];
        }
        return values;
    }

    /** Where steps are real: within the lengths, and with a feature of another value. */
    private Mask mask(Variable x) {
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        float[] values = ids ? floats(x.value().toInts()) : x.value().toFloats();
        int features = values.length / steps / batch;
        Lengths before = x.lengths();
        boolean[][] real = new boolean[batch][steps];
        for (int t = 0; t < steps; t++) {
            for (int row = 0; row < batch; row++) {
                boolean valid = before == null
                        || (t < before.of(row)
                                && (before.mask() == null || before.mask().isReal(row, t)));
                for (int j = 0; j < features && valid; j++) {
                    real[row][t] |= values[(t * batch + row) * features + j] != value;
                }
            }
        }
        return Mask.of(steps, real);
    }
}
