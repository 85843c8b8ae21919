package org.gatefold.layer.convolution;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.op.Arguments;
import org.gatefold.op.convolution.ConvolutionOp;
import org.gatefold.op.convolution.ConvolutionSpec;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * What convolutions share: filters, groups, weights and the pass itself.
 *
 * @param <L> the layer that options give back
 */
abstract class Convolution<L extends Convolution<L>> extends Layer {
    private final int filters;
    private int groups = 1;
    private boolean biased = true;
    private Initializer weights = Initializer.UNIFORM_INVERSE_SQRT;
    private Initializer bias = Initializer.UNIFORM_INVERSE_SQRT;
    private Parameter w;
    private Parameter b;

    Convolution(int filters) {
        this.filters = Arguments.requireAtLeast("filters", 1, filters);
    }

    abstract L self();

    final int filters() {
        return filters;
    }

    final int groups() {
        return groups;
    }

    /** Reads the options that all convolutions have. */
    final L configured(Options options) {
        groups(options.integer("groups"));
        weights(options.initializer("weights"));
        bias(options.initializer("bias"));
        return options.flag("biased") ? self() : withoutBias();
    }

    /** Writes the options that all convolutions have. */
    final Map<String, Object> options(Map<String, Object> own) {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("filters", filters);
        options.putAll(own);
        options.put("groups", groups);
        options.put("biased", biased);
        options.put("weights", weights.toString());
        options.put("bias", bias.toString());
        return options;
    }

    /** Divides channels and filters into so many groups that know nothing of each other; 1 by default. */
    public final L groups(int count) {
        requireNotBuilt();
        groups = Arguments.requireAtLeast("groups", 1, count);
        return self();
    }

    /** Leaves b out. */
    public final L withoutBias() {
        requireNotBuilt();
        biased = false;
        return self();
    }

    /** First values of w; by default uniform within ±1/√n, n being the numbers that an output reads, as in PyTorch. */
    public final L weights(Initializer initializer) {
        weights = option("weights", initializer);
        return self();
    }

    /** First values of b; by default as those of w. */
    public final L bias(Initializer initializer) {
        bias = option("bias", initializer);
        return self();
    }

    @Override
    public L named(String newName) {
        super.named(newName);
        return self();
    }

    /** Declares w {@code [filters, channels/groups, kernel…]} and b. */
    final void declare(ParameterStore parameters, int channels, int... kernel) {
        if (channels % groups != 0 || filters % groups != 0) {
            throw new IllegalArgumentException("layer '" + name() + "': expected groups that divide " + channels
                    + " channels and " + filters + " filters, got " + groups);
        }
        int[] dimensions = new int[2 + kernel.length];
        dimensions[0] = filters;
        dimensions[1] = channels / groups;
        System.arraycopy(kernel, 0, dimensions, 2, kernel.length);
        Shape shape = Shape.of(dimensions);
        int fan = Math.toIntExact(shape.elements() / filters);
        w = parameters.declare(name() + ".w", shape, (form, seed) -> weights.values(filters, fan, fan, seed));
        b = biased ? parameters.declare(name() + ".b", Shape.of(filters), bias, fan) : null;
    }

    /** The pass, to an output of a shape. */
    final Variable convolve(Context context, ConvolutionSpec spec, Variable x, Lengths lengths, Shape shape) {
        ConvolutionOp op = context.op(ConvolutionOp.class);
        boolean trainsW = !w.isFrozen();
        boolean trainsB = b != null && !b.isFrozen();
        Variable y = context.output("y", trainsW || trainsB || x.requiresGradient(), lengths, shape);
        op.forward(spec, x.value(), x.lengths(), w.value(), b == null ? null : b.value(), y.value());
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.requiresGradient() ? x.contribution() : null;
                op.backward(
                        spec,
                        x.value(),
                        x.lengths(),
                        w.value(),
                        y.gradient(),
                        dx,
                        trainsW ? w.gradient() : null,
                        trainsB ? b.gradient() : null);
                if (dx != null) {
                    x.contributed(dx);
                }
            });
        }
        return y;
    }
}
