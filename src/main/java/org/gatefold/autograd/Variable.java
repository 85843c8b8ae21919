package org.gatefold.autograd;

import org.gatefold.device.Scope;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * A value with its gradient, and the valid steps of its rows when it is a padded time-major sequence.
 *
 * <p>The gradient is allocated when the first contribution comes, in the scope given at construction, and summed up by
 * further contributions. Views made by {@link #reshape} and {@link #part} share value and gradient with their origin.
 * Owns nothing; used by one thread at a time.
 */
public final class Variable {
    private final Tensor value;
    private final Lengths lengths;
    private final Scope scope;
    private final Variable origin;
    private final long from;
    private Tensor gradient;
    private boolean lent;

    private Variable(Tensor value, Lengths lengths, Scope scope, Variable origin, long from) {
        if (lengths != null && (value.shape().rank() < 2 || value.shape().dim(0) != lengths.steps())) {
            throw Shape.mismatch("value", "[" + lengths.steps() + ", B, ...] as its lengths say", value.shape());
        }
        this.value = value;
        this.lengths = lengths;
        this.scope = scope;
        this.origin = origin;
        this.from = from;
    }

    /** A value without a gradient. */
    public static Variable constant(Tensor value) {
        return new Variable(value, null, null, null, 0);
    }

    /**
     * A sequence without a gradient.
     *
     * @param value {@code [T, B, …]}, for instance {@code [T, B, features]}, or tokens {@code [T, B]}
     * @param lengths valid steps of each row; null means T for all
     */
    public static Variable constant(Tensor value, Lengths lengths) {
        return new Variable(value, lengths, null, null, 0);
    }

    /**
     * A value that requires a gradient.
     *
     * @param lengths valid steps of each row of a sequence; null means all, or that this is no sequence
     * @param scope where the gradient will live
     */
    public static Variable of(Tensor value, Lengths lengths, Scope scope) {
        if (scope == null) {
            throw new IllegalArgumentException("scope: expected the scope of the gradient, got null");
        }
        return new Variable(value, lengths, scope, null, 0);
    }

    public Tensor value() {
        return value;
    }

    public Shape shape() {
        return value.shape();
    }

    /** Valid steps of each row, if this is a sequence of rows of unequal length; otherwise null. */
    public Lengths lengths() {
        return lengths;
    }

    /** True if gradients flow into this variable. */
    public boolean requiresGradient() {
        return origin == null ? scope != null : origin.requiresGradient();
    }

    /** True if something has contributed to the gradient, of this variable or of the one that it is a view of. */
    public boolean hasGradient() {
        return origin == null ? gradient != null : origin.hasGradient();
    }

    /**
     * The gradient, of the value's shape; zeros if nothing has contributed yet.
     *
     * @throws IllegalStateException if this variable requires none
     */
    public Tensor gradient() {
        if (gradient == null) {
            gradient = origin == null
                    ? requireScope().zeros(gradientName(), shape())
                    : origin.ownGradient().part(gradientName(), from, shape());
        }
        return gradient;
    }

    /** The gradient, safe to add to: one that was lent is copied first. */
    private Tensor ownGradient() {
        if (lent) {
            Tensor own = requireScope().f32(gradientName(), shape());
            own.copyFrom(gradient);
            gradient = own;
            lent = false;
        }
        return gradient();
    }

    /** Takes a tensor of the caller's as the gradient, only to be read, if nothing has contributed; else adds it. */
    void seed(Tensor from) {
        if (!from.shape().equals(shape())) {
            throw Shape.mismatch("gradient", shape().toString(), from.shape());
        }
        requireScope();
        if (from.type() != value.type()) {
            throw new IllegalArgumentException("gradient: expected type " + value.type() + ", got " + from.type());
        }
        if (origin == null && gradient == null && from.memory().equals(value.memory())) {
            from.requireAlive();
            gradient = from;
            lent = true;
        } else {
            Tensor contribution = contribution();
            contribution.copyFrom(from);
            contributed(contribution);
        }
    }

    /**
     * A tensor of the value's shape for one contribution to the gradient: write all of it, then call
     * {@link #contributed} with it. The first contribution is written into the gradient itself.
     */
    public Tensor contribution() {
        if (origin != null) {
            if (!origin.hasGradient()) {
                if (origin.value.elements() == value.elements()) {
                    gradient = origin.contribution().part(gradientName(), 0, shape());
                }
                return gradient();
            }
        } else if (gradient == null) {
            gradient = requireScope().f32(gradientName(), shape());
            return gradient;
        }
        return requireScope().f32(gradientName(), shape());
    }

    /** Adds a written {@link #contribution} to the gradient, if it is not the gradient itself. */
    public void contributed(Tensor contribution) {
        Tensor sum = ownGradient();
        if (contribution != sum) {
            requireScope().device().operation(ElementwiseOp.class).addScaled(1f, contribution, sum);
        }
    }

    /** The same elements under another shape; not a sequence with lengths any more. Shares the gradient. */
    public Variable reshape(int... dimensions) {
        return new Variable(value.reshape(dimensions), null, null, root(), from);
    }

    /** As {@link #reshape}, for a sequence {@code [T, B, features]} with lengths. */
    public Variable reshape(Lengths newLengths, int... dimensions) {
        return new Variable(value.reshape(dimensions), newLengths, null, root(), from);
    }

    /** Elements {@code from} and following as a variable of their own; shares the gradient. */
    public Variable part(String name, long first, Shape shape) {
        return new Variable(value.part(name, first, shape), null, null, root(), from + first);
    }

    /** The same value as a constant: gradients stop here. */
    public Variable detached() {
        return new Variable(value, lengths, null, null, 0);
    }

    private Variable root() {
        return origin == null ? this : origin;
    }

    private Scope requireScope() {
        Scope own = root().scope;
        if (own == null) {
            throw new IllegalStateException("variable '" + value.name() + "' requires no gradient");
        }
        return own;
    }

    private String gradientName() {
        return "d" + value.name();
    }

    @Override
    public String toString() {
        return value + (lengths == null ? "" : " with " + lengths) + (requiresGradient() ? ", requires gradient" : "");
    }
}
