package org.gatefold.layer.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
import org.gatefold.layer.StreamStates;
import org.gatefold.layer.form.Numbers;
import org.gatefold.op.Arguments;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Adaptive softmax (Grave et al. 2017), PyTorch's AdaptiveLogSoftmaxWithLoss: classes by falling frequency, the first of them in a head,
 * the others in clusters, each a class of the head, whose softmax is computed for rows of the cluster alone, on features that are fewer
 * the rarer the classes are. Trained by {@code Loss.nll()}; the probabilities are exact ones and sum to 1.
 *
 * <p>With cutoffs {@code c0 < c1 < …} and n clusters, parameters are {@code NAME.head.w [c0 + n, F]}, {@code NAME.head.b [c0 + n]} if wanted,
 * and for cluster i {@code NAME.tail.i.0.w [D, F]} and {@code NAME.tail.i.1.w [classes, D]}, D being {@code F / divisor^(i + 1)}, rounded
 * down: PyTorch's names with {@code w} for {@code weight}. First values are PyTorch's, uniform within ±1/√inputs. In padding x must be
 * finite.
 */
public final class AdaptiveSoftmax extends VocabularySoftmax {
    private static final String HEAD_BIAS = "headBias";

    private final int vocabulary;
    private final int[] cutoffs;
    private float divisor = 4f;
    private boolean biased;
    private Parameter headW;
    private Parameter headB;
    private Parameter[] down;
    private Parameter[] up;

    private AdaptiveSoftmax(int vocabulary, int[] cutoffs) {
        Arguments.requireAtLeast("vocabulary", 2, vocabulary);
        boolean rising = cutoffs.length > 0;
        for (int i = 0; i < cutoffs.length; i++) {
            rising &= cutoffs[i] > (i == 0 ? 0 : cutoffs[i - 1]) && cutoffs[i] < vocabulary;
        }
        if (!rising) {
            throw new IllegalArgumentException("cutoffs: expected at least one, rising, of 1 to " + (vocabulary - 1)
                    + ", got " + Arrays.toString(cutoffs));
        }
        this.vocabulary = vocabulary;
        this.cutoffs = cutoffs;
    }

    /**
     * Over classes in the order of falling frequency, as {@code Vocabulary} numbers words.
     *
     * @param vocabulary number of classes
     * @param cutoffs first class of each cluster, rising; those before the first are the shortlist. For instance 2000, 10000
     */
    public static AdaptiveSoftmax of(int vocabulary, int... cutoffs) {
        return new AdaptiveSoftmax(vocabulary, cutoffs.clone());
    }

    static AdaptiveSoftmax described(Options options) {
        AdaptiveSoftmax softmax = of(options.integer("vocabulary"), Numbers.read(options.map("cutoffs")))
                .divisor(options.real("divisor"));
        return options.flag(HEAD_BIAS) ? softmax.headBias() : softmax;
    }

    /** By what each cluster's features are fewer than those of the one before, PyTorch's {@code div_value}: at least 1; 4 by default. */
    public AdaptiveSoftmax divisor(float value) {
        requireNotBuilt();
        if (!(value >= 1f) || Float.isInfinite(value)) {
            throw new IllegalArgumentException("divisor: expected a finite number >= 1, got " + value);
        }
        divisor = value;
        return this;
    }

    /** Gives the head a bias, at first as its weights, as PyTorch's {@code head_bias}. */
    public AdaptiveSoftmax headBias() {
        requireNotBuilt();
        biased = true;
        return this;
    }

    @Override
    public AdaptiveSoftmax named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        List<Integer> ends = Arrays.stream(cutoffs).boxed().toList();
        return Options.written(
                "vocabulary", vocabulary, "cutoffs", Numbers.written(ends), "divisor", divisor, HEAD_BIAS, biased);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Form out = requireFeatures(in, vocabulary);
        int features = in.last();
        Shape head = Shape.of(cutoffs[0] + cutoffs.length, features);
        headW = parameters.declare(name() + ".head.w", head, Initializer.UNIFORM_INVERSE_SQRT, features);
        headB = biased
                ? parameters.declare(
                        name() + ".head.b", Shape.of(head.dim(0)), Initializer.UNIFORM_INVERSE_SQRT, features)
                : null;
        down = new Parameter[cutoffs.length];
        up = new Parameter[cutoffs.length];
        for (int i = 0; i < cutoffs.length; i++) {
            int projected = (int) Math.floor(features / Math.pow(divisor, i + 1));
            if (projected < 1) {
                throw new IllegalArgumentException("layer '" + name() + "': expected at least "
                        + (long) Math.ceil(Math.pow(divisor, cutoffs.length)) + " features for " + cutoffs.length
                        + " clusters with divisor " + divisor + ", got " + features);
            }
            String tail = name() + ".tail." + i;
            down[i] = parameters.declare(
                    tail + ".0.w", Shape.of(projected, features), Initializer.UNIFORM_INVERSE_SQRT, features);
            up[i] = parameters.declare(
                    tail + ".1.w", Shape.of(classes(i), projected), Initializer.UNIFORM_INVERSE_SQRT, projected);
        }
        return out;
    }

    /** First class behind a cluster. */
    private int end(int cluster) {
        return cluster + 1 < cutoffs.length ? cutoffs[cluster + 1] : vocabulary;
    }

    private int classes(int cluster) {
        return end(cluster) - cutoffs[cluster];
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    private Clusters clusters(Context context) {
        return context.carried(this, Clusters.class, made -> true, scope -> {
            int[] ends = Arrays.copyOf(cutoffs, cutoffs.length + 1);
            ends[cutoffs.length] = vocabulary;
            return new Clusters(scope, name(), ends);
        });
    }

    @Override
    void computeLogProbabilities(Context context, Tensor x, Tensor y) {
        LinearOp linear = context.op(LinearOp.class);
        SoftmaxOp softmax = context.op(SoftmaxOp.class);
        SequenceOp columns = context.op(SequenceOp.class);
        int rows = x.shape().dim(0);
        Tensor head = context.scope().f32("head", rows, headW.shape().dim(0));
        linear.forward(x, headW.value(), headB == null ? null : headB.value(), head);
        softmax.forward(true, head, head);
        Tensor done = context.scope().f32("shortlist", rows, cutoffs[0]);
        Tensor links = context.scope().f32("clusters", rows, cutoffs.length);
        columns.split(head, done, links);
        for (int i = 0; i < cutoffs.length; i++) {
            Tensor low = context.scope().f32("projected", rows, down[i].shape().dim(0));
            linear.forward(x, down[i].value(), null, low);
            Tensor tail = context.scope().f32("tail", rows, classes(i));
            linear.forward(low, up[i].value(), null, tail);
            softmax.forward(true, tail, tail);
            Tensor link = context.scope().f32("cluster", rows, classes(i));
            linear.forward(links, clusters(context).owner(i), null, link);
            context.op(ElementwiseOp.class).addScaled(1f, link, tail);
            Tensor next = i + 1 < cutoffs.length ? context.scope().f32("classes", rows, end(i)) : y;
            columns.concatenate(done, tail, next);
            done = next;
        }
    }

    /** That of the shortlist and the clusters, for all rows; that of each cluster's classes, for its rows. */
    @Override
    List<Term> terms(Context context, Variable x, Variable output, Tensor labels, Tensor weights, int ignored) {
        Clusters clusters = clusters(context);
        clusters.divide(labels, weights, ignored);
        int rows = labels.shape().dim(0);
        List<Term> terms = new ArrayList<>(1 + cutoffs.length);
        Variable head = Functional.linear(context, x, headW, headB);
        terms.add(new Term(head, uploaded(context, clusters.headLabels(), rows), Clusters.IGNORED, weights, 1));
        for (int i = 0; i < cutoffs.length; i++) {
            int count = clusters.count(i);
            if (count > 0) {
                Variable own = context.output(
                        "rows of a cluster",
                        x.requiresGradient(),
                        null,
                        Shape.of(count, x.shape().dim(1)));
                PickedRows.of(context, x, 1, count, clusters.rows(i), null, own);
                Variable low = Functional.linear(context, own, down[i], null);
                Tensor counted = null;
                if (weights != null) {
                    counted = context.scope().f32("weights of a cluster", count);
                    counted.write(0, clusters.weights(i), 0, count);
                }
                terms.add(new Term(
                        Functional.linear(context, low, up[i], null),
                        uploaded(context, clusters.labels(i), count),
                        Clusters.IGNORED,
                        counted,
                        clusters.share(i)));
            }
        }
        return terms;
    }

    private static Tensor uploaded(Context context, int[] labels, int count) {
        Tensor tensor = context.scope().i32("labels", count);
        tensor.write(0, labels, 0, count);
        return tensor;
    }

    /** What the loss takes too, as if all rows were of the cluster that takes most. */
    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        long rows = input().elements(steps, batch) / input().last();
        memory.differentiable(rows * headW.shape().dim(0));
        memory.tensor(rows);
        int most = 0;
        for (int i = 1; i < cutoffs.length; i++) {
            most = classes(i) + down[i].shape().dim(0)
                            > classes(most) + down[most].shape().dim(0)
                    ? i
                    : most;
        }
        memory.differentiable(rows * input().last());
        memory.tensor(rows * input().last());
        PickedRows.account(memory, rows);
        memory.differentiable(rows * down[most].shape().dim(0));
        memory.differentiable(rows * classes(most));
        memory.tensor(rows);
        memory.tensor(rows);
    }
}
