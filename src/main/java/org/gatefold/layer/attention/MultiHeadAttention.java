package org.gatefold.layer.attention;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.RealSteps;
import org.gatefold.layer.Sourced;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.layer.basic.Linear;
import org.gatefold.op.Arguments;
import org.gatefold.op.attention.AttentionOp;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Scaled dot-product attention with several heads (Vaswani et al. 2017), of the steps of sequences {@code [T, B, F]} to each
 * other, or to those of another by {@link #forward(Context, Variable, Variable)}; PyTorch's and Keras' MultiheadAttention.
 * Steps behind the length of a row are not attended to, nor those that a mask leaves out; with {@link #causal} masks are refused.
 *
 * <p>Three affine maps of F features to those of all heads, together F unless {@link #headSize} says other, and one back: parameters
 * {@code NAME.query.w}, {@code NAME.query.b}, the same of {@code key}, {@code value} and {@code output}, at first as those of
 * {@link Linear}. In padding it gives what follows from what stands there, which must be finite.
 */
public final class MultiHeadAttention extends Layer implements Sourced {
    private final int heads;
    private int headSize;
    private boolean biased = true;
    private boolean causal;
    private Linear query;
    private Linear key;
    private Linear value;
    private Linear result;

    private MultiHeadAttention(int heads) {
        this.heads = Arguments.requireAtLeast("heads", 1, heads);
    }

    /** Attention with so many heads, a divisor of the features unless {@link #headSize} is set. */
    public static MultiHeadAttention of(int heads) {
        return new MultiHeadAttention(heads);
    }

    static MultiHeadAttention described(Options options) {
        MultiHeadAttention made = of(options.integer("heads"));
        if (options.has("headSize")) {
            made.headSize(options.integer("headSize"));
        }
        if (options.has("withoutBias")) {
            made.withoutBias();
        }
        return options.flag("causal") ? made.causal() : made;
    }

    /** Features of queries, keys and values of each head, Keras' {@code key_dim}; by default those of the input over the heads. */
    public MultiHeadAttention headSize(int features) {
        requireNotBuilt();
        headSize = Arguments.requireAtLeast("headSize", 1, features);
        return this;
    }

    public int heads() {
        return heads;
    }

    /** Features of each head. */
    public int headSize() {
        requireBuilt();
        return width() / heads;
    }

    /** Leaves the biases of all four maps out. */
    public MultiHeadAttention withoutBias() {
        requireNotBuilt();
        biased = false;
        return this;
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
    protected Map<String, Object> options() {
        Map<String, Object> options = Options.written("heads", heads, "causal", causal);
        if (headSize > 0) {
            options.put("headSize", headSize);
        }
        if (!biased) {
            options.put("withoutBias", true);
        }
        return options;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        if (headSize == 0 && in.features() % heads != 0) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected heads that divide " + in.features() + " features, got " + heads);
        }
        int width = headSize > 0 ? Math.multiplyExact(heads, headSize) : in.features();
        query = map(parameters, "query", in, width);
        key = map(parameters, "key", in, width);
        value = map(parameters, "value", in, width);
        result = map(parameters, "output", in.withFeatures(width), in.features());
        return in;
    }

    private Linear map(ParameterStore parameters, String what, Form in, int features) {
        Linear linear = biased ? Linear.of(features) : Linear.of(features).withoutBias();
        linear.build(parameters, name() + "." + what, in);
        return linear;
    }

    /** Features of all heads. */
    private int width() {
        return query.output().features();
    }

    @Override
    protected void stream(StreamStates states) {
        if (!causal) {
            throw states.refusal(this, "attends to later steps; with causal() it does not");
        }
        if (states.mostSteps() == 0) {
            throw states.refusal(
                    this, "attends to all earlier steps: say how many a sequence has at most, stream(rows, mostSteps)");
        }
        states.requireAllSteps(this);
        StreamedSteps.declare(states, this);
        states.declare(this, "keys", states.mostSteps(), width(), null);
        states.declare(this, "values", states.mostSteps(), width(), null);
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        StreamedSteps stream = StreamedSteps.of(context, this, x.shape().dim(0));
        return stream == null ? attend(context, x, x) : streamed(context, x, stream);
    }

    /** One step after the other attends to those that its row has had. */
    private Variable streamed(Context context, Variable x, StreamedSteps stream) {
        int steps = x.shape().dim(0);
        int rows = x.shape().dim(1);
        int most = context.attached(StreamStates.class).mostSteps();
        int all = stream.longest() + steps;
        if (all > most) {
            throw new IllegalArgumentException("stream: layer '" + name() + "' keeps at most " + most
                    + " steps of a sequence, as the stream was told, got " + all);
        }
        Variable q = query.forward(context, x);
        Tensor keys = stream.extended(1, key.forward(context, x).value());
        Tensor values = stream.extended(2, value.forward(context, x).value());
        AttentionSpec spec = spec(false);
        Variable y = context.output("y", false, null, q.shape());
        Shape step = Shape.of(1, rows, width());
        Tensor weights = context.scope().f32("weights", rows, heads, 1, all);
        int[] lengths = new int[rows];
        for (int t = 0; t < steps; t++) {
            for (int row = 0; row < rows; row++) {
                lengths[row] = stream.before(row) + t + 1;
            }
            long at = t * step.elements();
            context.op(AttentionOp.class)
                    .forward(
                            spec,
                            q.value().part("query", at, step),
                            keys,
                            values,
                            context.scope().lengths(all, lengths),
                            weights,
                            y.value().part("y of a step", at, step));
        }
        return result.forward(context, y);
    }

    /**
     * Attention of the steps of one sequence to those of another.
     *
     * @param x queries, of the form {@link #input()}
     * @param source keys and values, of the same form; may have other steps and lengths, of as many rows
     * @return of the form {@link #output()}, with the steps and lengths of x
     */
    @Override
    public Variable forward(Context context, Variable x, Variable source) {
        requireBuilt();
        requireInput(x);
        input().require(name() + ": source", source.value());
        return attend(context, x, source);
    }

    private Variable attend(Context context, Variable x, Variable source) {
        Variable q = query.forward(context, x);
        Variable real = RealSteps.ofSource(context, source, causal);
        Variable k = key.forward(context, real);
        Variable v = value.forward(context, real);
        Variable y = Attending.attend(context, spec(causal), q, k, v, real.lengths());
        return result.forward(context, y);
    }

    private AttentionSpec spec(boolean toEarlierStepsAlone) {
        int size = width() / heads;
        return new AttentionSpec(heads, (float) (1 / Math.sqrt(size)), toEarlierStepsAlone);
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        footprint(memory, steps, steps, batch);
    }

    @Override
    public void footprint(StepMemory memory, int steps, int sourceSteps, int batch) {
        requireBuilt();
        query.footprint(memory, steps, batch);
        key.footprint(memory, sourceSteps, batch);
        value.footprint(memory, sourceSteps, batch);
        Attending.account(memory, heads, steps, sourceSteps, batch, width());
        result.footprint(memory, steps, batch);
        // Three maps give gradients, of which only the first is written in place where a sequence attends to itself,
        // and
        // one of the source otherwise, as x is needed further on.
        memory.tensor(output().elements(steps, batch));
        memory.tensor(output().elements(sourceSteps, batch));
    }
}
