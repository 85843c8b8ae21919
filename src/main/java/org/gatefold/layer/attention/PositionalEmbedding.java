package org.gatefold.layer.attention;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * Adds a learned vector for its place to every step (Gehring et al. 2017; Devlin et al. 2019): {@code y[t] = x[t] + w[t]}, for sequences of
 * at most so many steps.
 *
 * <p>Parameter {@code NAME.w [most steps, F]}, at first normal with a deviation of 0.02, as in BERT.
 */
public final class PositionalEmbedding extends Positions {
    private final int most;
    private Initializer weights = Initializer.normal(0.02f);
    private Parameter w;

    private PositionalEmbedding(int most) {
        this.most = Arguments.requireAtLeast("most", 1, most);
    }

    /** Vectors for so many places. */
    public static PositionalEmbedding of(int most) {
        return new PositionalEmbedding(most);
    }

    static PositionalEmbedding described(Options options) {
        return of(options.integer("most")).weights(options.initializer("weights"));
    }

    /** First values of the vectors. */
    public PositionalEmbedding weights(Initializer initializer) {
        weights = option("weights", initializer);
        return this;
    }

    @Override
    public PositionalEmbedding named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("most", most, "weights", weights.toString());
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Form out = super.declare(parameters, in);
        Shape.requireProduct("layer '" + name() + "': most x features", Integer.MAX_VALUE, most, in.features());
        w = parameters.declare(name() + ".w", Shape.of(most, in.features()), weights);
        return out;
    }

    @Override
    Variable vectors(Context context, Variable x, int[] places, int needed, boolean streamed) {
        if (needed > most) {
            throw new IllegalArgumentException(name() + ": x: expected at most " + most + " steps, got " + needed);
        }
        Variable vectors = context.output("places", !w.isFrozen(), x.lengths(), x.shape());
        PickedRows.of(context, w, places, vectors);
        return vectors;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(steps, batch));
        PickedRows.account(memory, (long) steps * batch);
        memory.differentiable(output().elements(steps, batch));
    }
}
