package org.gatefold.layer;

import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.gatefold.autograd.Variable;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.elementwise.ElementwiseOp.Binary;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Functions of variables, for forward passes of a program's own; PyTorch's {@code torch.nn.functional}. Each gives a new
 * variable in the arena of the context and records the way back if the context has a tape. There is no broadcasting: values that are
 * combined have one shape. Stateless; belongs to the thread of the context that is given.
 */
public final class Functional {
    private Functional() {}

    /** {@code a + b}. */
    public static Variable add(Context context, Variable a, Variable b) {
        return combined(context, Binary.ADD, a, b, (op, y) -> {
            contribute(a, da -> da.copyFrom(y.gradient()));
            contribute(b, db -> db.copyFrom(y.gradient()));
        });
    }

    /** {@code a - b}. */
    public static Variable subtract(Context context, Variable a, Variable b) {
        return combined(context, Binary.SUBTRACT, a, b, (op, y) -> {
            contribute(a, da -> da.copyFrom(y.gradient()));
            contribute(b, db -> op.scale(-1f, y.gradient(), db));
        });
    }

    /** {@code a * b}, element by element. */
    public static Variable multiply(Context context, Variable a, Variable b) {
        return combined(context, Binary.MULTIPLY, a, b, (op, y) -> {
            contribute(a, da -> op.combine(Binary.MULTIPLY, y.gradient(), b.value(), da));
            contribute(b, db -> op.combine(Binary.MULTIPLY, y.gradient(), a.value(), db));
        });
    }

    /** {@code (a + b) / 2}. */
    public static Variable average(Context context, Variable a, Variable b) {
        return combined(context, Binary.AVERAGE, a, b, (op, y) -> {
            contribute(a, da -> op.scale(0.5f, y.gradient(), da));
            contribute(b, db -> op.scale(0.5f, y.gradient(), db));
        });
    }

    /** {@code a / b}, element by element. */
    public static Variable divide(Context context, Variable a, Variable b) {
        return combined(context, Binary.DIVIDE, a, b, (op, y) -> {
            contribute(a, da -> op.combine(Binary.DIVIDE, y.gradient(), b.value(), da));
            contribute(b, db -> {
                op.combine(Binary.DIVIDE, y.gradient(), b.value(), db);
                op.combine(Binary.MULTIPLY, db, y.value(), db);
                op.scale(-1f, db, db);
            });
        });
    }

    /** The larger of a and b, element by element; where they are equal, the gradient is b's. */
    public static Variable maximum(Context context, Variable a, Variable b) {
        return extreme(context, Binary.MAXIMUM, a, b);
    }

    /** The smaller of a and b, element by element; where they are equal, the gradient is b's. */
    public static Variable minimum(Context context, Variable a, Variable b) {
        return extreme(context, Binary.MINIMUM, a, b);
    }

    /** The gradient is a's where what it is ahead by is positive, as that of a rectifier. */
    private static Variable extreme(Context context, Binary operator, Variable a, Variable b) {
        Variable first = operator == Binary.MAXIMUM ? a : b;
        Variable second = operator == Binary.MAXIMUM ? b : a;
        return combined(context, operator, a, b, (op, y) -> {
            Tensor ahead = context.scope().f32("ahead", y.shape());
            op.combine(Binary.SUBTRACT, first.value(), second.value(), ahead);
            op.activateBackward(Activation.RELU, ahead, ahead, y.gradient(), ahead);
            contribute(a, da -> da.copyFrom(ahead));
            contribute(b, db -> op.combine(Binary.SUBTRACT, y.gradient(), ahead, db));
        });
    }

    /** {@code factor * x}. */
    public static Variable scale(Context context, Variable x, float factor) {
        return SameFormLayer.compute(
                context, x, y -> elementwise(context).scale(factor, x.value(), y), (y, dx) -> elementwise(context)
                        .scale(factor, y.gradient(), dx));
    }

    /** {@code f(x)}, element by element. */
    public static Variable activate(Context context, Activation function, Variable x) {
        return SameFormLayer.compute(
                context, x, y -> elementwise(context).activate(function, x.value(), y), (y, dx) -> elementwise(context)
                        .activateBackward(function, x.value(), y.value(), y.gradient(), dx));
    }

    /**
     * {@code x Wᵀ + b} on rows or on every step.
     *
     * @param x {@code […, I]}
     * @param w {@code [O, I]}
     * @param b {@code [O]}; null for none
     * @return {@code […, O]}
     */
    public static Variable linear(Context context, Variable x, Parameter w, Parameter b) {
        return linear(
                context,
                x,
                w.value(),
                w.isFrozen() ? null : w::gradient,
                b == null ? null : b.value(),
                b == null || b.isFrozen() ? null : b::gradient);
    }

    /**
     * {@code x Wᵀ + b} by weights that are values, for instance rows picked from a table.
     *
     * @param x {@code […, I]}
     * @param w {@code [O, I]}
     * @param b {@code [O]}; null for none
     * @return {@code […, O]}
     */
    public static Variable linear(Context context, Variable x, Variable w, Variable b) {
        return linear(
                context,
                x,
                w.value(),
                w.requiresGradient() ? w::gradient : null,
                b == null ? null : b.value(),
                b == null || !b.requiresGradient() ? null : b::gradient);
    }

    /** By sums of gradients that are added to; null where none is wanted. */
    private static Variable linear(
            Context context, Variable x, Tensor w, Supplier<Tensor> dw, Tensor b, Supplier<Tensor> db) {
        Shape shape = x.shape().withLast(w.shape().dim(0));
        Variable y = context.output("y", dw != null || db != null || x.requiresGradient(), x.lengths(), shape);
        Tensor rows = x.value().matrix();
        context.op(LinearOp.class).forward(rows, w, b, y.value().matrix());
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.requiresGradient() ? x.contribution() : null;
                context.op(LinearOp.class)
                        .backward(
                                rows,
                                w,
                                y.gradient().matrix(),
                                dx == null ? null : dx.matrix(),
                                dw == null ? null : dw.get(),
                                db == null ? null : db.get());
                if (dx != null) {
                    x.contributed(dx);
                }
            });
        }
        return y;
    }

    /** Side by side, the last dimension growing. */
    public static Variable concatenate(Context context, Variable a, Variable b) {
        requireFit(a.shape().withLast(b.shape().last()), b.shape());
        long features = (long) a.shape().last() + b.shape().last();
        if (features > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "b: expected at most " + Integer.MAX_VALUE + " features side by side, got " + features);
        }
        Variable y = output(context, a, b, a.shape().withLast((int) features));
        context.op(SequenceOp.class)
                .concatenate(a.value().matrix(), b.value().matrix(), y.value().matrix());
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor da = a.requiresGradient()
                        ? a.contribution()
                        : context.scope().f32("da", a.shape());
                // The same value twice: its first part must be added before the second takes its place.
                Tensor db = b == a || !b.requiresGradient() ? context.scope().f32("db", b.shape()) : b.contribution();
                context.op(SequenceOp.class).split(y.gradient().matrix(), da.matrix(), db.matrix());
                if (a.requiresGradient()) {
                    a.contributed(da);
                }
                if (b.requiresGradient()) {
                    b.contributed(db);
                }
            });
        }
        return y;
    }

    /**
     * Equal parts of every row, for instance gates.
     *
     * @param x {@code [N, count·F]}
     * @return {@code count} variables {@code [N, F]}
     */
    public static Variable[] split(Context context, Variable x, int count) {
        Shape shape = x.shape();
        if (shape.rank() != 2 || count < 1 || shape.last() % count != 0) {
            throw Shape.mismatch("x", "[N, " + count + " * F]", shape);
        }
        int rows = shape.dim(0);
        int features = shape.last() / count;
        Variable apart = context.output("parts", x.requiresGradient(), null, Shape.of(count, rows, features));
        SequenceOp op = context.op(SequenceOp.class);
        op.transpose(x.value().reshape(rows, count, features), apart.value());
        if (apart.requiresGradient()) {
            context.tape().record(apart, () -> {
                Tensor dx = x.contribution();
                op.transpose(apart.gradient(), dx.reshape(rows, count, features));
                x.contributed(dx);
            });
        }
        Variable[] parts = new Variable[count];
        Shape part = Shape.of(rows, features);
        for (int i = 0; i < count; i++) {
            parts[i] = apart.part("part " + i, i * part.elements(), part);
        }
        return parts;
    }

    /**
     * A parameter as every row of a matrix.
     *
     * @param vector {@code [F]}
     * @param rows N
     * @return {@code [N, F]}
     */
    public static Variable repeat(Context context, Parameter vector, int rows) {
        int features = Math.toIntExact(vector.shape().elements());
        Variable y = context.output("rows", !vector.isFrozen(), null, Shape.of(rows, features));
        PickedRows.of(context, vector, new int[rows], y);
        return y;
    }

    /** @param back contributes to a and b; gets the result, whose gradient is complete */
    private static Variable combined(
            Context context, Binary operator, Variable a, Variable b, BiConsumer<ElementwiseOp, Variable> back) {
        requireFit(a.shape(), b.shape());
        Variable y = output(context, a, b, a.shape());
        elementwise(context).combine(operator, a.value(), b.value(), y.value());
        if (y.requiresGradient()) {
            context.tape().record(y, () -> back.accept(elementwise(context), y));
        }
        return y;
    }

    private static Variable output(Context context, Variable a, Variable b, Shape shape) {
        return context.output("y", a.requiresGradient() || b.requiresGradient(), lengths(a, b), shape);
    }

    private static ElementwiseOp elementwise(Context context) {
        return context.op(ElementwiseOp.class);
    }

    /** Writes all of the tensor that it is given. */
    private interface Gradient {
        void write(Tensor gradient);
    }

    private static void contribute(Variable to, Gradient gradient) {
        if (to.requiresGradient()) {
            Tensor contribution = to.contribution();
            gradient.write(contribution);
            to.contributed(contribution);
        }
    }

    private static void requireFit(Shape a, Shape b) {
        if (!a.equals(b)) {
            throw Shape.mismatch("b", "as a, " + a, b);
        }
    }

    private static Lengths lengths(Variable a, Variable b) {
        Lengths ours = a.lengths();
        Lengths theirs = b.lengths();
        if (ours != theirs && !Arrays.equals(valid(a), valid(b))) {
            throw new IllegalArgumentException("values: expected sequences of equal lengths, got "
                    + Arrays.toString(valid(a)) + " and " + Arrays.toString(valid(b)));
        }
        return ours == null ? theirs : ours;
    }

    private static int[] valid(Variable value) {
        if (value.lengths() != null) {
            return value.lengths().toArray();
        }
        int[] all = new int[value.shape().rank() == 3 ? value.shape().dim(1) : 0];
        Arrays.fill(all, value.shape().dim(0));
        return all;
    }
}
