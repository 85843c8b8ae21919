package org.gatefold.op.optimizer;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.op.Arguments;
import org.gatefold.op.Philox;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Tensor;

/**
 * One optimiser on one flat parameter buffer: its state, gradient norm and clipping, and the fused update.
 *
 * <p>Owns its state through a scope of its own. One thread at a time.
 */
public abstract class OptimizerPlan implements AutoCloseable {
    /** The stream of random numbers that noise is of: "nois". */
    public static final int NOISE = 0x6E6F6973;

    private final Scope scope;
    private final OptimizerSpec spec;
    private final Tensor parameters;
    private final Tensor gradients;
    private final List<Tensor> states = new ArrayList<>();
    private final SegmentTable table;

    /** For implementations: {@code scope} is the plan's own and is closed with it. */
    protected OptimizerPlan(Scope scope, OptimizerSpec spec, Tensor parameters, Tensor gradients) {
        int size = Arguments.requireRank("parameters", parameters, 1, "[P]").dim(0);
        Arguments.requireF32("gradients", gradients, size);
        Arguments.requireSameMemory(scope.memoryName(), parameters, gradients);
        Arguments.requireDisjoint("parameters", parameters, gradients);
        if (spec.segments().end() > size) {
            throw new IllegalArgumentException(
                    "segments: end at element " + spec.segments().end() + " of " + size);
        }
        this.scope = scope;
        this.spec = spec;
        this.parameters = parameters;
        this.gradients = gradients;
        this.table = new SegmentTable(scope, spec.segments());
        for (int i = 0; i < spec.rule().states(); i++) {
            states.add(scope.zeros("optimizer state " + i, size));
        }
        if (spec.rule().initialState() != 0f) {
            states.forEach(state -> state.fill(spec.rule().initialState()));
        }
    }

    public final UpdateRule rule() {
        return spec.rule();
    }

    public final UpdateRule.Penalty penalty() {
        return spec.penalty();
    }

    public final Segments segments() {
        return spec.segments();
    }

    /** The parts of the buffer that updates, norms and limits see: all segments, but for what {@link #limit} takes away. */
    public final SegmentTable table() {
        return table;
    }

    /**
     * Limits a segment to some of its rows, till the next call: updates, norms and limits of gradients see no others, and the state of
     * the others stays. The gradients of rows that are left out are taken for 0 without being read, so that an update costs as much as
     * the rows that are named; TensorFlow Addons' LazyAdam, PyTorch's SparseAdam.
     *
     * @param segment by its number in {@link #segments()}
     * @param width elements of a row, a divisor of the segment's length
     * @param rows their numbers, ascending, each once
     * @param count how many of them, the first ones, there are
     * @throws IllegalStateException if the rule needs norms of whole parameters
     */
    public final void limit(int segment, int width, int[] rows, int count) {
        if (spec.rule() instanceof UpdateRule.Lamb) {
            throw new IllegalStateException("rule: " + spec.rule() + " takes norms of whole parameters, '"
                    + segments().list().get(segment).name() + "' is to be updated by rows");
        }
        Call call = Call.begin(parameters);
        try {
            requireAlive();
            table.limit(segment, width, rows, count);
        } finally {
            call.end();
        }
    }

    protected final Tensor parameters() {
        return parameters;
    }

    protected final Tensor gradients() {
        return gradients;
    }

    protected final Scope scope() {
        return scope;
    }

    /** The state tensors, {@code [P]} each, in the order that the rule documents; for checkpoints. */
    public final List<Tensor> states() {
        return List.copyOf(states);
    }

    /** As {@link #gradientNorm(float, float, Tensor, Tensor, Tensor)}, for gradients that are not scaled, and nothing else required. */
    public final void gradientNorm(float maxNorm, Tensor squares, Tensor result) {
        gradientNorm(maxNorm, 1f, null, squares, result);
    }

    /**
     * The norm of all gradients and what to multiply them by so that it is at most {@code maxNorm}, as PyTorch's
     * clip_grad_norm_. Gradients of a scaled loss are {@code lossScale} times the true ones: the norm is that of the true
     * ones, and the factor undoes the scaling too, so that no pass over the gradients is needed for it.
     *
     * @param maxNorm greater than 0; infinity for no clipping
     * @param lossScale greater than 0 and finite; 1 for gradients that are not scaled
     * @param required {@code [N]}, read: numbers without which there is to be no update either, losses for instance, or the factor of an
     *     update that has to be made before; null for none
     * @param squares {@code [S]}, written: the sum of squares of every part ({@link #table()}) of the gradients as they are, summed in a
     *     fixed order in double precision
     * @param result {@code [2]}, written: the Euclidean norm of the true gradients, and
     *     {@code min(1, maxNorm / (norm + 1e-6)) / lossScale}, or NaN if the norm, or a number that is required, is
     *     not finite
     */
    public final void gradientNorm(float maxNorm, float lossScale, Tensor required, Tensor squares, Tensor result) {
        if (!(maxNorm > 0f)) {
            throw new IllegalArgumentException("maxNorm: expected a value > 0, got " + maxNorm);
        }
        Arguments.requirePositive("lossScale", lossScale);
        Call call = Call.begin(parameters);
        try {
            requireAlive();
            Arguments.requireF32("squares", squares, table.count());
            Arguments.requireF32("result", result, 2);
            if (required != null) {
                Arguments.requireRank("required", required, 1, "[N]");
            }
            Arguments.requireSameMemory(scope.memoryName(), required, squares, result);
            Arguments.requireDisjoint("squares", squares, required, result);
            Arguments.requireDisjoint("result", result, required);
            computeGradientNorm(maxNorm, lossScale, required, squares, result);
        } finally {
            call.end();
        }
    }

    /** Limits every gradient to {@code -limit..limit}; NaN stays NaN. */
    public final void clipValue(float limit) {
        Arguments.requirePositive("limit", limit);
        Call call = Call.begin(parameters);
        try {
            requireAlive();
            computeClipValue(limit);
        } finally {
            call.end();
        }
    }

    /**
     * Adds Gaussian noise to the gradients of all parts ({@link #table()}), after Neelakantan et al. 2015, so that what {@link #update}
     * takes, the gradients times {@code scale}, has noise of a deviation: clipping by norm comes before the noise, though it is the update
     * that applies it.
     *
     * <p>The number z of element e of the flat buffer follows from its place alone, so that it is the same on all backends but for rounding:
     * with the key {@code Philox.derive(seed, step, }{@value #NOISE}{@code )}, the counter (e/4 low, e/4 high, {@value #NOISE}, 0), and for
     * its words w {@code a = ((w >>> 8) + 1) / 2^24} and {@code b = (w >>> 8) / 2^24}, numbers 0 and 1 of a block are {@code r cos(2π b1)}
     * and {@code r sin(2π b1)}, {@code r = sqrt(-2 ln a0)} (Box and Muller 1958); 2 and 3 are those of words 2 and 3.
     *
     * @param deviation at least 0
     * @param seed the same seed and step give the same noise
     * @param step counts updates from 1
     * @param scale {@code [1]}, what the update multiplies with, read; null means 1. If it is not finite or 0, nothing is written
     */
    public final void addNoise(float deviation, long seed, long step, Tensor scale) {
        Arguments.requireNotNegative("deviation", deviation);
        requireStep(step);
        Call call = Call.begin(parameters);
        try {
            requireAlive();
            requireScale(scale);
            computeNoise(deviation, Philox.derive(seed, step, NOISE), scale);
        } finally {
            call.end();
        }
    }

    private static void requireStep(long step) {
        if (step < 1) {
            throw new IllegalArgumentException("step: expected at least 1, got " + step);
        }
    }

    private void requireScale(Tensor scale) {
        Arguments.optionalF32("scale", scale, 1);
        Arguments.requireSameMemory(scope.memoryName(), scale);
    }

    /**
     * Updates all parameters.
     *
     * @param learningRate at least 0
     * @param step counts updates from 1, for bias corrections
     * @param scale {@code [1]}, multiplied with every gradient, read; null means 1. If it is not finite, nothing is
     *     written: neither parameters nor state
     */
    public final void update(float learningRate, long step, Tensor scale) {
        Arguments.requireNotNegative("learningRate", learningRate);
        requireStep(step);
        Call call = Call.begin(parameters);
        try {
            requireAlive();
            requireScale(scale);
            computeUpdate(learningRate, step, scale);
        } finally {
            call.end();
        }
    }

    private void requireAlive() {
        if (scope.isClosed()) {
            throw new IllegalStateException("plan: is closed");
        }
        parameters.requireAlive();
        gradients.requireAlive();
    }

    /** Implemented by backends; arguments are checked. */
    protected abstract void computeGradientNorm(
            float maxNorm, float lossScale, Tensor required, Tensor squares, Tensor result);

    /** Implemented by backends; arguments are checked. */
    protected abstract void computeClipValue(float limit);

    /** Implemented by backends; arguments are checked, and {@code key} is that of the step. */
    protected abstract void computeNoise(float deviation, long key, Tensor scale);

    /** Implemented by backends; arguments are checked. */
    protected abstract void computeUpdate(float learningRate, long step, Tensor scale);

    /** Frees the state. */
    @Override
    public void close() {
        scope.close();
    }
}
