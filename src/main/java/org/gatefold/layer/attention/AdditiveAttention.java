package org.gatefold.layer.attention;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.Arguments;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Attention by the additive score of Bahdanau et al. 2015: {@code y[i] = Σ p[i, j] s[j]} with {@code p[i] = softmax over j of v · tanh(W x[i] +
 * U s[j])}, of the steps of sequences {@code [T, B, F]} to each other, or to the S steps of a source by {@link #forward(Context,
 * Variable, Variable)}. Steps behind the length of a row are not attended to; a row of none gives 0.
 *
 * <p>Parameters {@code NAME.query.w [units, F]}, W, {@code NAME.key.w [units, F]}, U, and {@code NAME.score.w [1, units]}, v, at first Glorot
 * uniform. Every pair of steps takes memory for its units and features: about {@code 5·T·S·B·units} numbers in training. In
 * padding it gives what follows from what stands there, which must be finite.
 */
public final class AdditiveAttention extends SourceAttention {
    private final int units;
    private Parameter query;
    private Parameter key;
    private Parameter score;

    private AdditiveAttention(int units) {
        this.units = Arguments.requireAtLeast("units", 1, units);
    }

    /** Scores by so many units. */
    public static AdditiveAttention of(int units) {
        return new AdditiveAttention(units);
    }

    static AdditiveAttention described(Options options) {
        AdditiveAttention made = of(options.integer("units"));
        return options.flag("causal") ? made.causal() : made;
    }

    /** Lets no step attend to a later one. */
    public AdditiveAttention causal() {
        setCausal();
        return this;
    }

    @Override
    public AdditiveAttention named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("units", units, "causal", isCausal());
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        Shape map = Shape.of(units, in.features());
        Shape.requireProduct("layer '" + name() + "': units x features", Integer.MAX_VALUE, units, in.features());
        query = parameters.declare(name() + ".query.w", map, Initializer.GLOROT_UNIFORM);
        key = parameters.declare(name() + ".key.w", map, Initializer.GLOROT_UNIFORM);
        score = parameters.declare(name() + ".score.w", Shape.of(1, units), Initializer.GLOROT_UNIFORM);
        return in;
    }

    @Override
    AttentionMemory prepare(Context context, Variable source) {
        return new AttentionMemory(Functional.linear(context, source, key, null), source);
    }

    @Override
    Attended attended(Context context, Variable x, AttentionMemory memory) {
        Variable source = memory.values();
        int queries = x.shape().dim(0);
        int batch = x.shape().dim(1);
        int keys = source.shape().dim(0);
        int columns = Math.multiplyExact(queries, batch);
        // A row of keys for each query of each row: pairs [T·B, S].
        int[] ofQueries = new int[Math.multiplyExact(columns, keys)];
        int[] ofKeys = new int[ofQueries.length];
        for (int i = 0; i < ofQueries.length; i++) {
            ofQueries[i] = i / keys;
            ofKeys[i] = i % keys * batch + i / keys % batch;
        }
        Variable q = Functional.linear(context, x, query, null);
        Variable k = memory.keys();
        Variable pairs = context.output(
                "pairs",
                q.requiresGradient() || k.requiresGradient(),
                null,
                Shape.of(ofQueries.length, q.shape().last()));
        PickedRows.sum(context, q, ofQueries, k, ofKeys, pairs);
        Variable units = Functional.activate(context, Activation.TANH, pairs);
        Variable scores = Functional.linear(context, units, score, null).reshape(queries, batch, keys);
        // Queries that are the scores themselves, since the keys are an identity.
        AttentionSpec spec = new AttentionSpec(1, 1f, isCausal());
        Variable identity = identity(context, keys, batch);
        Tensor weights = Attending.weights(context, spec, scores, identity);
        Variable y = Attending.attend(context, spec, scores, identity, source, source.lengths(), weights);
        return new Attended(y.reshape(x.lengths(), queries, batch, output().features()), weights);
    }

    private static Variable identity(Context context, int keys, int batch) {
        Tensor identity = context.scope().f32("identity", keys, batch, keys);
        float[] values = new float[Math.toIntExact(identity.elements())];
        for (int i = 0; i < keys * batch; i++) {
            values[i * keys + i / batch] = 1f;
        }
        identity.write(values);
        return Variable.constant(identity);
    }

    @Override
    void account(StepMemory memory, int queries, int keys, int batch) {
        int features = output().features();
        long columns = (long) queries * batch;
        long pairs = keys * columns;
        memory.differentiable(columns * units);
        memory.differentiable((long) keys * batch * units);
        memory.tensor(pairs * units);
        for (int i = 0; i < 2; i++) {
            memory.differentiable(pairs * units);
        }
        memory.differentiable(pairs);
        for (int i = 0; i < 2; i++) {
            PickedRows.account(memory, pairs);
        }
        // The identity wants no gradient, but the operation writes it.
        memory.tensor((long) keys * batch * keys);
        memory.tensor((long) keys * batch * keys);
        Attending.account(memory, 1, queries, keys, batch, features);
    }
}
