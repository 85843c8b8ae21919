package org.gatefold.layer.output;

import java.util.IdentityHashMap;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;

/**
 * A last layer that knows how likely labels are, by parameters of its own, so that what it gives is not all that a loss needs. Losses
 * find it, and what it was given, by what it gave.
 *
 * <p>As any layer; what a layer was given is remembered in the context, till it is applied again there.
 */
public abstract class LikelihoodLayer extends Layer {
    /** What a layer was given and gave in a step of a context. */
    public record Pass<L extends LikelihoodLayer>(L layer, Variable x, Variable output) {}

    /** The last pass of each layer. */
    private static final class Passes {
        private final IdentityHashMap<LikelihoodLayer, Pass<?>> last = new IdentityHashMap<>();
    }

    /** Remembers what was given for an output, which is given back. */
    protected final Variable remembered(Context context, Variable x, Variable output) {
        Passes passes = context.attached(Passes.class);
        if (passes == null) {
            passes = new Passes();
            context.attach(Passes.class, passes);
        }
        passes.last.put(this, new Pass<>(this, x, output));
        return output;
    }

    /**
     * The pass that gave an output.
     *
     * @param type of the layer
     * @throws IllegalArgumentException if no such layer gave it
     */
    public static <L extends LikelihoodLayer> Pass<L> of(Context context, Variable output, Class<L> type) {
        Pass<?> pass = find(context, output, type);
        if (pass == null) {
            throw new IllegalArgumentException("output: expected that of a layer of type " + type.getSimpleName()
                    + ", the last of the model, got one of another");
        }
        return new Pass<>(type.cast(pass.layer), pass.x, pass.output);
    }

    private static Pass<?> find(Context context, Variable output, Class<?> type) {
        Passes passes = context.attached(Passes.class);
        if (passes != null) {
            for (Pass<?> pass : passes.last.values()) {
                if (pass.output == output && type.isInstance(pass.layer)) {
                    return pass;
                }
            }
        }
        return null;
    }

    /** Whether an output is what such a layer gives to a loss in training, which need not be of the form that it gives in inference. */
    public static boolean isForLoss(Context context, Variable output) {
        return context.tape() != null && find(context, output, LikelihoodLayer.class) != null;
    }
}
