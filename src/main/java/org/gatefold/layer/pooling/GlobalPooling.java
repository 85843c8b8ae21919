package org.gatefold.layer.pooling;

import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepwiseLayer;
import org.gatefold.op.pooling.PoolingSpec;
import org.gatefold.op.pooling.PoolingSpec.Kind;
import org.gatefold.tensor.Form;

/**
 * Reduces images to one number a channel, {@code [B, C, H, W]} to {@code [B, C]}, and films {@code [T, B, C, H, W]} to sequences {@code [T,
 * B, C]}; Keras' GlobalAveragePooling2D and GlobalMaxPooling2D. Steps are reduced by {@link TimePooling}.
 */
public final class GlobalPooling extends StepwiseLayer {
    private final Kind kind;

    private GlobalPooling(Kind kind) {
        this.kind = kind;
    }

    /** The mean of each channel. */
    public static GlobalPooling mean() {
        return new GlobalPooling(Kind.AVERAGE);
    }

    /** The largest number of each channel; the gradient goes to the first of equal ones. */
    public static GlobalPooling max() {
        return new GlobalPooling(Kind.MAX);
    }

    static GlobalPooling described(Options options) {
        return new GlobalPooling(options.constant("pooling", Kind.class));
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("pooling", Options.text(kind));
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        return Form.rows(requireImages(in).get(0)).withSequence(in.sequence());
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        List<Integer> image = input().dimensions();
        PoolingSpec spec = new PoolingSpec(kind, true, image.get(1), image.get(2), 1, 1, 0, 0, false);
        Form pooled = Form.rows(image.get(0), 1, 1).withSequence(input().sequence());
        int[] shape = x.shape().toArray();
        Variable y = WindowPooling.poolImages(context, spec, x, input(), pooled);
        return input().sequence()
                ? y.reshape(x.lengths(), shape[0], shape[1], image.get(0))
                : y.reshape(shape[0], image.get(0));
    }
}
