package org.gatefold.layer.attention;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Linear;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.Arguments;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Form;

/**
 * Scaled dot-product attention with several heads (Vaswani et al. 2017), of the steps of sequences {@code [T, B, F]} to each
 * other, or to those of another by {@link #forward(Context, Variable, Variable)}; PyTorch's and Keras' MultiheadAttention.
 * Steps behind the length of a row are not attended to.
 *
 * <p>Four affine maps of F by F: parameters {@code NAME.query.w}, {@code NAME.query.b}, the same of {@code key}, {@code value} and
 * {@code output}, at first as those of {@link Linear}. In padding it gives what follows from what stands there, which must be
 * finite.
 */
public final class MultiHeadAttention extends Layer {
    private final int heads;
    private boolean causal;
    private Linear query;
    private Linear key;
    private Linear value;
    private Linear result;

    private MultiHeadAttention(int heads) {
        this.heads = Arguments.requireAtLeast("heads", 1, heads);
    }

    /** Attention with so many heads, a divisor of the features. */
    public static MultiHeadAttention of(int heads) {
        return new MultiHeadAttention(heads);
    }

    static MultiHeadAttention described(Options options) {
        MultiHeadAttention made = of(options.integer("heads"));
        return options.flag("causal") ? made.causal() : made;
    }

    /** Lets no step attend to a later one. */
    public MultiHeadAttention causal() {
        requireNotBuilt();
        causal = true;
        return this;
    }

    @Override
    public MultiHeadAttention named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    public String type() {
        return "MultiHeadAttention";
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("heads", heads);
        options.put("causal", causal);
        return options;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        if (in.features() % heads != 0) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected heads that divide " + in.features() + " features, got " + heads);
        }
        query = map(parameters, "query", in);
        key = map(parameters, "key", in);
        value = map(parameters, "value", in);
        result = map(parameters, "output", in);
        return in;
    }

    private Linear map(ParameterStore parameters, String what, Form in) {
        Linear linear = Linear.of(in.features());
        linear.build(parameters, name() + "." + what, in);
        return linear;
    }

    @Override
    protected void stream(StreamStates states) {
        throw states.refusal(this, "reads all steps of a sequence, of which a stream keeps only a bounded number");
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        return attend(context, x, x);
    }

    /**
     * Attention of the steps of one sequence to those of another.
     *
     * @param x queries, of the form {@link #input()}
     * @param source keys and values, of the same form; may have other steps and lengths, of as many rows
     * @return of the form {@link #output()}, with the steps and lengths of x
     */
    public Variable forward(Context context, Variable x, Variable source) {
        requireBuilt();
        requireInput(x);
        input().require(name() + ": source", source.value());
        return attend(context, x, source);
    }

    private Variable attend(Context context, Variable x, Variable source) {
        Variable q = query.forward(context, x);
        Variable k = key.forward(context, source);
        Variable v = value.forward(context, source);
        int size = input().features() / heads;
        AttentionSpec spec = new AttentionSpec(heads, (float) (1 / Math.sqrt(size)), causal);
        Variable y = Attending.attend(context, spec, q, k, v, source.lengths());
        return result.forward(context, y);
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        query.footprint(memory, steps, batch);
        key.footprint(memory, steps, batch);
        value.footprint(memory, steps, batch);
        Attending.account(memory, heads, steps, steps, batch, output().features());
        result.footprint(memory, steps, batch);
        // Three maps give x gradients, of which only the first is written in place.
        memory.tensor(output().elements(steps, batch));
        memory.tensor(output().elements(steps, batch));
    }
}
