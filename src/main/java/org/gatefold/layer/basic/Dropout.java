package org.gatefold.layer.basic;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.SameFormLayer;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.elementwise.ElementwiseOp.Binary;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.tensor.Tensor;

/**
 * Inverted dropout (Srivastava et al. 2014): in training every element is 0 with probability p and else scaled by
 * {@code 1/(1-p)}; in inference it is passed on. No parameters; masks depend on seed and step of the context alone.
 */
public final class Dropout extends SameFormLayer {
    private final float p;
    private boolean locked;
    private boolean wholeSteps;

    private Dropout(float p) {
        if (!(p >= 0f && p < 1f)) {
            throw new IllegalArgumentException("p: expected 0 <= p < 1, got " + p);
        }
        this.p = p;
    }

    /** Drops with probability p. */
    public static Dropout of(float p) {
        return new Dropout(p);
    }

    static Dropout described(Options options) {
        Dropout dropout = of(options.real("p"));
        dropout = options.has("locked") && options.flag("locked") ? dropout.locked() : dropout;
        return options.has("wholeSteps") && options.flag("wholeSteps") ? dropout.wholeSteps() : dropout;
    }

    /**
     * Draws one mask a row and keeps it for all steps of the row's sequence: variational dropout (Gal and Ghahramani 2016), the
     * locked dropout of AWD-LSTM; Keras' {@code noise_shape} of 1 step.
     */
    public Dropout locked() {
        requireNotBuilt();
        locked = true;
        wholeSteps = false;
        return this;
    }

    /** Drops all numbers of a step or none: of the vectors of words, whole words, so that their neighbours have to do. */
    public Dropout wholeSteps() {
        requireNotBuilt();
        wholeSteps = true;
        locked = false;
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = Options.written("p", p);
        if (locked) {
            options.put("locked", true);
        }
        if (wholeSteps) {
            options.put("wholeSteps", true);
        }
        return options;
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    @Override
    protected Variable apply(Context context, Variable x) {
        if (!context.isTraining() || p == 0f) {
            return x;
        }
        long seed = context.nextDropoutSeed();
        ElementwiseOp op = context.op(ElementwiseOp.class);
        if (wholeSteps || (locked && input().sequence())) {
            Tensor mask = wholeSteps ? maskOfSteps(context, x, seed) : mask(context, x, seed);
            return compute(
                    context,
                    x,
                    y -> op.combine(Binary.MULTIPLY, x.value(), mask, y),
                    (y, dx) -> op.combine(Binary.MULTIPLY, y.gradient(), mask, dx));
        }
        return compute(
                context,
                x,
                y -> op.dropout(p, seed, 0, x.value(), y),
                (y, dx) -> op.dropout(p, seed, 0, y.gradient(), dx));
    }

    /** A mask of the shape of x, the same at all steps. */
    private Tensor mask(Context context, Variable x, long seed) {
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        int features = Math.toIntExact(x.shape().elements() / steps / batch);
        Tensor ones = context.scope().f32("ones", batch, features);
        ones.fill(1f);
        Tensor one = context.scope().f32("mask of a step", batch, features);
        context.op(ElementwiseOp.class).dropout(p, seed, 0, ones, one);
        int[] rows = new int[steps * batch];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i % batch;
        }
        Variable all = context.output("mask", false, null, x.shape());
        PickedRows.of(context, Variable.constant(one), steps, batch, rows, null, all);
        return all.value();
    }

    /** A mask of the shape of x, the same for all numbers of a step. */
    private Tensor maskOfSteps(Context context, Variable x, long seed) {
        int features = Math.toIntExact(output().size());
        int steps = Math.toIntExact(x.shape().elements() / features);
        Tensor ones = context.scope().f32("ones", steps, 1);
        ones.fill(1f);
        Tensor one = context.scope().f32("mask of steps", steps, 1);
        context.op(ElementwiseOp.class).dropout(p, seed, 0, ones, one);
        Tensor wide = context.scope().f32("ones of a step", features, 1);
        wide.fill(1f);
        Tensor all = context.scope().f32("mask", steps, features);
        context.op(LinearOp.class).forward(one, wide, null, all);
        return all.reshape(x.shape().toArray());
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        if (p > 0f) {
            super.account(memory, steps, batch);
            if (locked && input().sequence()) {
                long row = output().elements(1, batch);
                memory.tensor(row);
                memory.tensor(row);
                memory.tensor((long) steps * batch);
                memory.tensor(output().elements(steps, batch));
            } else if (wholeSteps) {
                long count = output().elements(steps, batch) / output().size();
                memory.tensor(count);
                memory.tensor(count);
                memory.tensor(output().size());
                memory.tensor(output().elements(steps, batch));
            }
        }
    }
}
