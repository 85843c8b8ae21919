package org.gatefold.layer.output;

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
import org.gatefold.op.Arguments;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * A softmax over all classes that is trained on a few of them (Jean et al. 2015), TensorFlow's {@code sampled_softmax_loss}: each step
 * draws classes, the frequent ones more often, and the loss is the cross-entropy of a row's label among these, by logits less the
 * logarithm of how often each was expected. Trained by {@code Loss.nll()}; without dropout, as in evaluation, the softmax is the full one.
 *
 * <p>Parameters {@code NAME.w [V, F]}, at first uniform within ±1/√F, and {@code NAME.b [V]}, at first zero. The classes drawn follow from
 * the seed of the context and the number of the step, and are the same on every device. In padding x must be finite.
 */
public final class SampledSoftmax extends VocabularySoftmax {
    private static final float NEVER = -1e30f;
    private static final String REPLACEMENT = "replacement";
    private static final String LAZY = "lazy";

    private final int vocabulary;
    private final int samples;
    private boolean replacement;
    private boolean lazy;
    private Parameter w;
    private Parameter b;

    private SampledSoftmax(int vocabulary, int samples) {
        this.vocabulary = Arguments.requireAtLeast("vocabulary", 2, vocabulary);
        if (samples < 1 || samples > vocabulary) {
            throw new IllegalArgumentException(
                    "samples: expected 1 to " + vocabulary + ", the size of the vocabulary, got " + samples);
        }
        this.samples = samples;
    }

    /**
     * Over classes in the order of falling frequency, as {@code Vocabulary} numbers words.
     *
     * @param vocabulary number of classes
     * @param samples how many of them each step draws, for all of its rows together
     */
    public static SampledSoftmax of(int vocabulary, int samples) {
        return new SampledSoftmax(vocabulary, samples);
    }

    static SampledSoftmax described(Options options) {
        SampledSoftmax softmax = of(options.integer("vocabulary"), options.integer("samples"));
        softmax = options.flag(REPLACEMENT) ? softmax.withReplacement() : softmax;
        return options.flag(LAZY) ? softmax.lazy() : softmax;
    }

    /** Draws each class however often it comes, rather than till so many different ones are drawn. */
    public SampledSoftmax withReplacement() {
        requireNotBuilt();
        replacement = true;
        return this;
    }

    /**
     * Updates only the weights of classes that a step has looked at, so that its cost does not grow with the vocabulary; training differs
     * from that without as with {@code Embedding.lazy()}. Not with Lamb.
     */
    public SampledSoftmax lazy() {
        requireNotBuilt();
        lazy = true;
        return this;
    }

    @Override
    public SampledSoftmax named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("vocabulary", vocabulary, "samples", samples, REPLACEMENT, replacement, LAZY, lazy);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Form out = requireFeatures(in, vocabulary);
        int features = in.last();
        Shape.requireProduct("layer '" + name() + "': classes x features", Integer.MAX_VALUE, vocabulary, features);
        w = parameters.declare(
                name() + ".w", Shape.of(vocabulary, features), Initializer.UNIFORM_INVERSE_SQRT, features);
        b = parameters.declare(name() + ".b", Shape.of(vocabulary), Initializer.ZEROS);
        if (lazy) {
            parameters.updateByRows(w);
        }
        return out;
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    @Override
    void computeLogProbabilities(Context context, Tensor x, Tensor y) {
        context.op(LinearOp.class).forward(x, w.value(), b.value(), y);
        context.op(SoftmaxOp.class).forward(true, y, y);
    }

    @Override
    List<Term> terms(Context context, Variable x, Variable output, Tensor labels, Tensor weights, int ignored) {
        if (context.isTraining()) {
            return List.of(sampled(context, x, labels, weights, ignored));
        }
        Variable logits = output;
        if (context.tape() != null) {
            logits = Functional.linear(context, x, w, b);
            touchAll();
        }
        return List.of(new Term(logits, labels, ignored, weights, 1));
    }

    private void touchAll() {
        if (lazy && !w.isFrozen()) {
            int[] all = new int[vocabulary];
            for (int k = 0; k < vocabulary; k++) {
                all[k] = k;
            }
            w.touchedRows().add(all, vocabulary);
        }
    }

    private Term sampled(Context context, Variable x, Tensor labels, Tensor weights, int ignored) {
        int rows = x.shape().dim(0);
        SampledClasses drawn = context.carried(
                this,
                SampledClasses.class,
                made -> true,
                scope -> new SampledClasses(scope, name(), vocabulary, samples, input().last(), replacement));
        drawn.draw(context.nextDropoutSeed(), labels, weights, ignored);
        if (lazy && !w.isFrozen()) {
            w.touchedRows().add(drawn.touched(), vocabulary);
        }
        Variable others = Functional.linear(
                context,
                x,
                picked(context, w, drawn.classes(), samples),
                corrected(context, drawn.classes(), drawn.classCorrections(), samples)
                        .reshape(samples));
        Variable products = Functional.multiply(context, x, picked(context, w, drawn.rowClasses(), rows));
        Variable own = Functional.add(
                context,
                Functional.linear(context, products, Variable.constant(drawn.ones()), null),
                corrected(context, drawn.rowClasses(), drawn.rowCorrections(), rows));
        Variable logits = Functional.concatenate(context, own, others);
        remove(context, drawn, logits);
        Tensor targets = context.scope().i32("columns of labels", rows);
        targets.write(0, drawn.targets(), 0, rows);
        return new Term(logits, targets, SampledClasses.IGNORED, weights, 1);
    }

    /** Rows of a parameter, one for each class. */
    private static Variable picked(Context context, Parameter of, int[] classes, int count) {
        int features = of.shape().rank() == 1 ? 1 : of.shape().last();
        Variable rows = context.output("rows of classes", !of.isFrozen(), null, Shape.of(count, features));
        PickedRows.of(context, of, classes, count, rows);
        return rows;
    }

    /** {@code [count, 1]}: the biases of classes, with what they are corrected by. */
    private Variable corrected(Context context, int[] classes, float[] corrections, int count) {
        Tensor added = context.scope().f32("corrections", count, 1);
        added.write(0, corrections, 0, count);
        return Functional.add(context, picked(context, b, classes, count), Variable.constant(added));
    }

    /** Takes the label out of the classes drawn, where it is one of them. */
    private static void remove(Context context, SampledClasses drawn, Variable logits) {
        int count = drawn.hitCount();
        if (count > 0) {
            Tensor places = context.scope().i32("accidental hits", count);
            places.write(0, drawn.hits(), 0, count);
            Tensor order = context.scope().i32("order of hits", count);
            order.write(0, drawn.counting(), 0, count);
            Tensor never = context.scope().f32("never", count, 1);
            never.fill(NEVER);
            Tensor cells = logits.value().reshape(Math.toIntExact(logits.value().elements()), 1);
            context.op(EmbeddingOp.class).backward(places, order, never, cells);
        }
    }

    /** What the loss takes too; beside that a step takes three numbers for each label that it draws by chance. */
    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        int features = input().last();
        long rows = input().elements(steps, batch) / features;
        picked(memory, samples, features);
        picked(memory, samples, 1);
        corrected(memory, samples);
        picked(memory, rows, features);
        picked(memory, rows, 1);
        corrected(memory, rows);
        memory.differentiable(rows * features);
        memory.tensor(rows * features);
        memory.differentiable(rows);
        memory.differentiable(rows);
        memory.differentiable(rows * samples);
        memory.differentiable(rows * (samples + 1));
        memory.tensor(rows);
    }

    private static void picked(StepMemory memory, long rows, long features) {
        memory.differentiable(rows * features);
        PickedRows.account(memory, rows);
    }

    private static void corrected(StepMemory memory, long rows) {
        memory.tensor(rows);
        memory.differentiable(rows);
    }
}
