package org.gatefold.layer.attention;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.RealSteps;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.WholeSequenceLayer;
import org.gatefold.op.Arguments;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * Reduces the real steps of every row to one by a learned query, {@code [T, B, F]} to {@code [B, F]}: {@code y = Σ p[t] x[t]} with {@code p =
 * softmax over t of q · x[t] / √(F/heads)}, for each head with its part of the features. A row without steps gives 0.
 *
 * <p>Parameter {@code NAME.query [F]}, at first uniform within ±1/√F.
 */
public final class AttentionPooling extends WholeSequenceLayer {
    private final int heads;
    private Parameter query;

    private AttentionPooling(int heads) {
        super("reads all steps of a sequence, of which a stream keeps only a bounded number");
        this.heads = Arguments.requireAtLeast("heads", 1, heads);
    }

    /** One query over all features. */
    public static AttentionPooling create() {
        return of(1);
    }

    /** A query for each of so many parts of the features. */
    public static AttentionPooling of(int heads) {
        return new AttentionPooling(heads);
    }

    static AttentionPooling described(Options options) {
        return of(options.integer("heads"));
    }

    @Override
    public AttentionPooling named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("heads", heads);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        int features = in.features();
        if (features % heads != 0) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected heads that divide " + features + " features, got " + heads);
        }
        query = parameters.declare(name() + ".query", Shape.of(features), Initializer.UNIFORM_INVERSE_SQRT, features);
        return in.withSequence(false);
    }

    @Override
    protected Variable apply(Context context, Variable masked) {
        Variable x = RealSteps.gather(context, masked);
        int batch = x.shape().dim(1);
        int features = x.shape().dim(2);
        Variable rows = Functional.repeat(context, query, batch);
        AttentionSpec spec = new AttentionSpec(heads, (float) Math.sqrt((double) heads / features), false);
        return Attending.attend(context, spec, rows.reshape(1, batch, features), x, x, x.lengths())
                .reshape(batch, features);
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(1, batch));
        memory.tensor(batch);
        memory.tensor(batch);
        memory.tensor(batch);
        Attending.account(memory, heads, 1, steps, batch, output().features());
        // Keys and values give x gradients, of which only the first is written in place.
        memory.tensor(input().elements(steps, batch));
    }
}
