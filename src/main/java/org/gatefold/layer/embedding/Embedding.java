package org.gatefold.layer.embedding;

import java.util.Arrays;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StepwiseLayer;
import org.gatefold.op.Arguments;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * A vector for each id: takes tokens {@code [T, B]} or ids {@code [B]} and gives {@code [T, B, D]} or {@code [B, D]};
 * PyTorch's and Keras' Embedding.
 *
 * <p>Parameter {@code NAME.w [V, D]}, at first uniform within ±0.05, as in Keras. Behind the length of a row it gives 0. An id
 * outside 0 to V-1 in the data is refused where the input goes to this layer as it is; elsewhere it gives a vector of NaN, which training
 * stops at.
 */
public final class Embedding extends StepwiseLayer {
    private static final int NO_PADDING = -1;

    private final int vocabulary;
    private final int features;
    private int paddingId = NO_PADDING;
    private float maxNorm;
    private boolean frozen;
    private boolean lazy;
    private Initializer weights = Initializer.uniform(0.05f);
    private Parameter w;

    private Embedding(int vocabulary, int features) {
        this.vocabulary = Arguments.requireAtLeast("vocabulary", 1, vocabulary);
        this.features = Arguments.requireAtLeast("features", 1, features);
    }

    /** A table of {@code vocabulary} vectors of so many features. */
    public static Embedding of(int vocabulary, int features) {
        return new Embedding(vocabulary, features);
    }

    static Embedding described(Options options) {
        Embedding embedding = of(options.integer("vocabulary"), options.integer("features"))
                .maxNorm(options.real("maxNorm"))
                .weights(options.initializer("weights"));
        int padding = options.integer("paddingId");
        embedding = padding == NO_PADDING ? embedding : embedding.paddingId(padding);
        embedding = options.has("lazy") && options.flag("lazy") ? embedding.lazy() : embedding;
        return options.flag("frozen") ? embedding.frozen() : embedding;
    }

    /** The id of padding: its vector is zeros at first and never trained, as PyTorch's {@code padding_idx}. */
    public Embedding paddingId(int id) {
        requireNotBuilt();
        if (id < 0 || id >= vocabulary) {
            throw new IllegalArgumentException("paddingId: expected 0 to " + (vocabulary - 1) + " in a vocabulary of "
                    + vocabulary + ", got " + id);
        }
        paddingId = id;
        return this;
    }

    /**
     * Shortens vectors to a Euclidean norm, as PyTorch's {@code max_norm}: in training the table's rows themselves, before
     * they are looked up; in inference what is looked up. 0, the default, for no limit.
     */
    public Embedding maxNorm(float norm) {
        requireNotBuilt();
        maxNorm = Arguments.requireNotNegative("maxNorm", norm);
        return this;
    }

    /** Does not train the table, unless it is unfrozen by name. */
    public Embedding frozen() {
        requireNotBuilt();
        frozen = true;
        return this;
    }

    /**
     * Updates only the vectors that a step has looked up, so that its cost does not grow with the vocabulary: TensorFlow Addons' LazyAdam,
     * PyTorch's {@code sparse=True} with SparseAdam. Training differs from that without: momentum moves no vector, and penalties shrink
     * none, in steps that do not look it up. The ids of each step are copied back to the host. Not for {@link TiedLinear} and not with
     * Lamb, which look at all vectors in each step.
     */
    public Embedding lazy() {
        requireNotBuilt();
        lazy = true;
        return this;
    }

    /** First values of the table. */
    public Embedding weights(Initializer initializer) {
        weights = option("weights", initializer);
        return this;
    }

    @Override
    public Embedding named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = Options.written(
                "vocabulary", vocabulary,
                "features", features,
                "paddingId", paddingId,
                "maxNorm", maxNorm,
                "frozen", frozen);
        if (lazy) {
            options.put("lazy", true);
        }
        options.put("weights", weights.toString());
        return options;
    }

    @Override
    protected ElementType inputType() {
        return ElementType.I32;
    }

    @Override
    public int knownIds() {
        return vocabulary;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        if (!in.dimensions().isEmpty()) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected one id per step [T, B] or per row [B], got " + in);
        }
        w = parameters.declare(name() + ".w", Shape.of(vocabulary, features), this::firstValues);
        if (frozen) {
            parameters.freeze(w.name());
        }
        if (lazy) {
            parameters.updateByRows(w);
        }
        return in.sequence() ? Form.sequences(features) : Form.rows(features);
    }

    private float[] firstValues(Shape shape, long seed) {
        float[] values = weights.values(vocabulary, features, features, seed);
        if (paddingId != NO_PADDING) {
            Arrays.fill(values, paddingId * features, (paddingId + 1) * features, 0f);
        }
        return values;
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        boolean trains = context.tape() != null && !w.isFrozen();
        boolean sequence = output().sequence();
        int batch = x.shape().dim(sequence ? 1 : 0);
        int steps = sequence ? x.shape().dim(0) : 1;
        int count = steps * batch;
        EmbeddingOp op = context.op(EmbeddingOp.class);
        // What a mask leaves out is looked up, too, and gets no gradient from what follows.
        Lengths lengths = x.lengths() != null && x.lengths().mask() != null ? null : x.lengths();
        Tensor ids = x.value().reshape(steps, batch);
        Variable y = context.output("y", trains, x.lengths(), output().shape(steps, batch));
        Tensor rows = y.value().reshape(steps, batch, features);
        if (!trains) {
            op.forward(ids, lengths, w.value(), maxNorm, rows);
            return y;
        }
        Tensor sorted = context.scope().i32("sorted ids", count);
        Tensor positions = context.scope().i32("positions of ids", count);
        op.sort(ids, lengths, vocabulary, paddingId, sorted, positions);
        if (lazy) {
            w.touchedRows().add(sorted.toInts(), vocabulary);
        }
        if (maxNorm > 0f) {
            op.renormalize(sorted, maxNorm, w.value());
            w.changed();
        }
        op.forward(ids, lengths, w.value(), 0f, rows);
        context.tape()
                .record(y, () -> op.backward(sorted, positions, y.gradient().reshape(count, features), w.gradient()));
        return y;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        long count = output().elements(steps, batch) / features;
        memory.differentiable(output().elements(steps, batch));
        memory.tensor(count);
        memory.tensor(count);
    }
}
