package org.gatefold.layer.output;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.crf.CrfOp;
import org.gatefold.op.crf.CrfScores;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.elementwise.ElementwiseOp.Binary;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Linear-chain conditional random field on top of a tagger (Huang et al. 2015, Lample et al. 2016): the labels of a sequence are scored
 * together, by the emissions that come in, {@code [T, B, K]}, and by what follows what. It is trained by {@code Loss.crf()}.
 *
 * <p>In training the emissions pass through. In inference it gives the labels of the highest score, as 1 at the label of each step and 0
 * elsewhere, so that metrics see what is decoded; {@link #tags} reads labels from that. A row all of whose sequences are forbidden gives
 * NaN.
 *
 * <p>Parameters {@code NAME.transitions [K, K]}, from the row's label to the column's, {@code NAME.start [K]} and {@code NAME.end [K]},
 * at first uniform within ±0.1.
 */
public final class Crf extends LikelihoodLayer {
    /** A label that is not known. */
    public static final int UNKNOWN = -1;

    private static final Initializer FIRST = Initializer.uniform(0.1f);
    private static final String CONSTRAINTS = "constraints";

    private CrfConstraints constraints;
    private Parameter transitions;
    private Parameter start;
    private Parameter end;

    private Crf() {}

    /** A field over as many labels as features come in. */
    public static Crf create() {
        return new Crf();
    }

    static Crf described(Options options) {
        Crf crf = create();
        return options.has(CONSTRAINTS) ? crf.constraints(CrfConstraints.parse(options.text(CONSTRAINTS))) : crf;
    }

    /** Forbids transitions, starts and ends: they are never decoded, have no part in probabilities, and targets may not have them. */
    public Crf constraints(CrfConstraints value) {
        requireNotBuilt();
        if (value == null) {
            throw new IllegalArgumentException("constraints: expected constraints, got null");
        }
        constraints = value;
        return this;
    }

    @Override
    public Crf named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        if (constraints != null) {
            options.put(CONSTRAINTS, constraints.toString());
        }
        return options;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        int labels = in.last();
        if (labels < 2 || (constraints != null && constraints.labels() != labels)) {
            throw new IllegalArgumentException("layer '" + name() + "': expected emissions of "
                    + (constraints == null ? "at least 2" : constraints.labels()) + " labels, got " + in);
        }
        transitions = parameters.declare(name() + ".transitions", Shape.of(labels, labels), FIRST);
        start = parameters.declare(name() + ".start", Shape.of(labels), FIRST);
        end = parameters.declare(name() + ".end", Shape.of(labels), FIRST);
        return in;
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        requireNoHoles(x.lengths());
        if (context.tape() != null) {
            return remembered(context, x, x.reshape(x.lengths(), x.shape().toArray()));
        }
        Variable y = context.output("best labels", false, x.lengths(), x.shape());
        context.op(EmbeddingOp.class)
                .forward(path(context, x), x.lengths(), masks(context).oneHot(), 0f, y.value());
        return remembered(context, x, y);
    }

    private void requireNoHoles(Lengths lengths) {
        if (lengths != null && lengths.mask() != null) {
            throw new IllegalArgumentException("layer '" + name()
                    + "': expected all steps of a row real up to its length, got a mask; gather the real steps first");
        }
    }

    private CrfMasks masks(Context context) {
        int labels = input().last();
        return context.carried(this, CrfMasks.class, made -> true, scope -> new CrfMasks(scope, labels, constraints));
    }

    private CrfScores scores(Context context) {
        if (constraints == null) {
            return new CrfScores(transitions.value(), start.value(), end.value());
        }
        CrfMasks masks = masks(context);
        return new CrfScores(
                sum(context, transitions, masks.transitions()),
                sum(context, start, masks.start()),
                sum(context, end, masks.end()));
    }

    private static Tensor sum(Context context, Parameter scores, Tensor mask) {
        Tensor sum = context.scope().f32("allowed scores", scores.shape());
        context.op(ElementwiseOp.class).combine(Binary.ADD, scores.value(), mask, sum);
        return sum;
    }

    private Tensor path(Context context, Variable emissions) {
        Shape shape = emissions.shape();
        Tensor path = context.scope().i32("path", shape.dim(0), shape.dim(1));
        Tensor best = context.scope().f32("scores of paths", shape.dim(1));
        context.op(CrfOp.class).decode(scores(context), emissions.value(), emissions.lengths(), path, best);
        return path;
    }

    /**
     * The labels of the highest score (Viterbi 1967), for programs that run layers themselves.
     *
     * @param emissions of the form {@link #input()}
     * @return by row, cut to its length; -1 all along a row without a sequence that is allowed
     */
    public int[][] decode(Context context, Variable emissions) {
        requireBuilt();
        requireInput(emissions);
        requireNoHoles(emissions.lengths());
        int steps = emissions.shape().dim(0);
        int batch = emissions.shape().dim(1);
        return rows(path(context, emissions).toInts(), steps, batch, emissions.lengths());
    }

    private static int[][] rows(int[] labels, int steps, int batch, Lengths lengths) {
        int[][] rows = new int[batch][];
        for (int b = 0; b < batch; b++) {
            rows[b] = new int[lengths == null ? steps : lengths.of(b)];
            for (int t = 0; t < rows[b].length; t++) {
                rows[b][t] = labels[t * batch + b];
            }
        }
        return rows;
    }

    /**
     * The labels that a prediction says, {@code Prediction.sequences()} or {@code Model.predictSequences}.
     *
     * @param decoded {@code [B][T][K]}, as this layer gives in inference
     * @return by row: the place of the 1; -1 where there is none
     */
    public static int[][] tags(float[][][] decoded) {
        int[][] tags = new int[decoded.length][];
        for (int b = 0; b < tags.length; b++) {
            tags[b] = new int[decoded[b].length];
            for (int t = 0; t < tags[b].length; t++) {
                float[] step = decoded[b][t];
                int k = step.length - 1;
                while (k >= 0 && step[k] != 1f) {
                    k--;
                }
                tags[b][t] = k;
            }
        }
        return tags;
    }

    /**
     * The log probabilities of labels; recorded if the context has a tape.
     *
     * @param x emissions, as the layer was given
     * @param labels {@code [T, B]}, read
     * @param weights of rows, {@code [B]}, those of weight 0 need not keep the constraints; null for 1
     * @return {@code [B]}
     */
    public Variable logLikelihood(Context context, Variable x, Tensor labels, Tensor weights) {
        if (constraints != null) {
            requireAllowed(x, labels, weights);
        }
        return logLikelihood(context, x, scores(context), labels, null);
    }

    /**
     * The log probabilities of the labels that are known, whatever the others are (Tsuboi et al. 2008); recorded if the context has a tape.
     *
     * @param x emissions, as the layer was given
     * @param labels in the order of {@code [T, B]}, {@link #UNKNOWN} where not known
     * @return {@code [B]}, 0 for a row without a known label
     */
    public Variable logLikelihood(Context context, Variable x, int[] labels) {
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        int count = x.shape().dim(2);
        if (constraints != null) {
            int[][] rows = rows(labels, steps, batch, x.lengths());
            for (int b = 0; b < batch; b++) {
                constraints.requireKnown(b, rows[b]);
            }
        }
        int[] lines = labels.clone();
        for (int n = 0; n < lines.length; n++) {
            lines[n] = lines[n] == UNKNOWN ? count : lines[n];
        }
        Tensor ids = context.scope().i32("known labels", steps, batch);
        ids.write(lines);
        Tensor allowed = context.scope().f32("emissions of what is known", x.shape());
        context.op(EmbeddingOp.class).forward(ids, x.lengths(), masks(context).known(), 0f, allowed);
        context.op(ElementwiseOp.class).combine(Binary.ADD, x.value(), allowed, allowed);
        CrfScores scores = scores(context);
        Tensor path = context.scope().i32("labels", steps, batch);
        Tensor best = context.scope().f32("scores of labels", batch);
        context.op(CrfOp.class).decode(scores, allowed, x.lengths(), path, best);
        return logLikelihood(context, x, scores, path, allowed);
    }

    /**
     * Log probabilities of labels.
     *
     * @param allowed emissions that are −∞ for labels other than known ones, among whose sequences {@code labels} is: then the log
     *     probabilities of all of these together, log Z of them less log Z of x; null for that of {@code labels} alone
     */
    private Variable logLikelihood(Context context, Variable x, CrfScores scores, Tensor labels, Tensor allowed) {
        int batch = x.shape().dim(1);
        boolean trains = x.requiresGradient() || !transitions.isFrozen() || !start.isFrozen() || !end.isFrozen();
        Variable y = context.output("log probability", trains, null, Shape.of(batch));
        CrfOp op = context.op(CrfOp.class);
        op.logLikelihood(scores, x.value(), x.lengths(), labels, y.value());
        ElementwiseOp sums = context.op(ElementwiseOp.class);
        if (allowed != null) {
            Tensor among = context.scope().f32("log probability among those allowed", batch);
            op.logLikelihood(scores, allowed, x.lengths(), labels, among);
            sums.addScaled(-1f, among, y.value());
        }
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.requiresGradient()
                        ? x.contribution()
                        : context.scope().f32("dx", x.shape());
                CrfScores gradients =
                        new CrfScores(gradient(context, transitions), gradient(context, start), gradient(context, end));
                op.logLikelihoodBackward(scores, x.value(), x.lengths(), labels, y.gradient(), dx, gradients);
                if (allowed != null) {
                    Tensor less = context.scope().f32("gradient among those allowed", batch);
                    sums.scale(-1f, y.gradient(), less);
                    Tensor also = context.scope().f32("dx among those allowed", x.shape());
                    op.logLikelihoodBackward(scores, allowed, x.lengths(), labels, less, also, gradients);
                    sums.addScaled(1f, also, dx);
                }
                if (x.requiresGradient()) {
                    x.contributed(dx);
                }
            });
        }
        return y;
    }

    private static Tensor gradient(Context context, Parameter parameter) {
        return parameter.isFrozen()
                ? context.scope().zeros("gradient of what is frozen", parameter.shape())
                : parameter.gradient();
    }

    private void requireAllowed(Variable x, Tensor labels, Tensor weights) {
        int[][] rows = rows(labels.toInts(), x.shape().dim(0), x.shape().dim(1), x.lengths());
        float[] counts = weights == null ? null : weights.toFloats();
        for (int b = 0; b < rows.length; b++) {
            if (counts == null || counts[b] != 0f) {
                constraints.require(b, rows[b]);
            }
        }
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        // What comes in goes out; the rest belongs to the loss.
    }
}
