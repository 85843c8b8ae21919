package org.gatefold.layer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.op.elementwise.ElementwiseOp;

/**
 * Inverted dropout (Srivastava et al. 2014): in training every element is 0 with probability p and else scaled by
 * {@code 1/(1-p)}; in inference it is passed on. No parameters; masks depend on seed and step of the context alone.
 */
public final class Dropout extends SameFormLayer {
    private final float p;

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
        return of(options.real("p"));
    }

    @Override
    public String type() {
        return "Dropout";
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("p", p);
        return options;
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        if (!context.isTraining() || p == 0f) {
            return x;
        }
        long seed = context.nextDropoutSeed();
        ElementwiseOp op = context.op(ElementwiseOp.class);
        return compute(
                context,
                x,
                y -> op.dropout(p, seed, 0, x.value(), y),
                (y, dx) -> op.dropout(p, seed, 0, y.gradient(), dx));
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        if (p > 0f) {
            super.account(memory, steps, batch);
        }
    }
}
