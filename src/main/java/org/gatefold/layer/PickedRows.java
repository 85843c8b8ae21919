package org.gatefold.layer;

import org.gatefold.autograd.Variable;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * Rows of one value at places of another, any number of times each; gradients add up in the order of the places, so that the same
 * arguments give the same bits. Stateless.
 */
public final class PickedRows {
    private PickedRows() {}

    /**
     * Fills y with rows of x, and records the way back.
     *
     * @param x of any shape, seen as rows that are as long as those of y
     * @param steps of y, seen as {@code [steps, columns, features]}
     * @param from for every row of y the index of the row of x; more numbers are passed over
     * @param valid steps of each column, behind which y is 0; null means all
     * @param y written; requires a gradient if x does
     */
    public static void of(Context context, Variable x, int steps, int columns, int[] from, Lengths valid, Variable y) {
        of(context, x, steps, columns, from, valid, y, y.value());
    }

    /** The rows go to {@code to}, and what comes back is the gradient of y. */
    private static void of(
            Context context, Variable x, int steps, int columns, int[] from, Lengths valid, Variable y, Tensor to) {
        int features = Math.toIntExact(y.shape().elements() / steps / columns);
        int rows = Math.toIntExact(x.shape().elements() / features);
        Gathering gathering = gather(
                context, x.value().reshape(rows, features), steps, columns, from, valid, y, to, x.requiresGradient());
        if (gathering != null) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                dx.fill(0f);
                gathering.back(dx.reshape(rows, features));
                x.contributed(dx);
            });
        }
    }

    /**
     * Fills y with rows of a parameter, seen as rows that are as long as those of y; the way back adds to its gradient.
     *
     * @param from for every row of y the index of the row of the parameter
     */
    public static void of(Context context, Parameter table, int[] from, Variable y) {
        of(context, table, from, from.length, y);
    }

    /**
     * As {@link #of(Context, Parameter, int[], Variable)}, by an array that is kept from step to step.
     *
     * @param count rows of y, and how many numbers of {@code from} there are
     */
    public static void of(Context context, Parameter table, int[] from, int count, Variable y) {
        int features = Math.toIntExact(y.shape().elements() / count);
        int rows = Math.toIntExact(table.shape().elements() / features);
        Gathering gathering = gather(
                context,
                table.value().reshape(rows, features),
                1,
                count,
                from,
                null,
                y,
                y.value(),
                y.requiresGradient() && !table.isFrozen());
        if (gathering != null) {
            context.tape().record(y, () -> gathering.back(table.gradient().reshape(rows, features)));
        }
    }

    /**
     * Fills y with the sums of rows of two values; both ways back read its gradient as it stands.
     *
     * @param x seen as rows that are as long as those of y
     * @param xFrom for every row of y the index of the row of x
     * @param z likewise, added
     * @param zFrom for every row of y the index of the row of z
     * @param y {@code [N, F]}, written; requires a gradient if x or z does
     */
    public static void sum(Context context, Variable x, int[] xFrom, Variable z, int[] zFrom, Variable y) {
        of(context, x, 1, xFrom.length, xFrom, null, y);
        Tensor added = context.scope().f32("rows added", y.shape());
        of(context, z, 1, zFrom.length, zFrom, null, y, added);
        context.op(ElementwiseOp.class).combine(ElementwiseOp.Binary.ADD, y.value(), added, y.value());
    }

    /** Reports what picking so many rows takes from the step's arena, beside the output. */
    public static void account(StepMemory memory, long rows) {
        memory.tensor(rows);
        memory.tensor(rows);
        memory.tensor(rows);
    }

    /** A gradient on its way back to a table. */
    private interface Gathering {
        void back(Tensor gradient);
    }

    private static Gathering gather(
            Context context,
            Tensor table,
            int steps,
            int columns,
            int[] from,
            Lengths valid,
            Variable y,
            Tensor to,
            boolean differentiable) {
        EmbeddingOp op = context.op(EmbeddingOp.class);
        int features = table.shape().last();
        Tensor ids = context.scope().i32("rows picked", steps, columns);
        int count = steps * columns;
        ids.write(0, from, 0, count);
        op.forward(ids, valid, table, 0f, to.reshape(steps, columns, features));
        if (!differentiable || context.tape() == null) {
            return null;
        }
        Tensor sorted = context.scope().i32("rows sorted", count);
        Tensor positions = context.scope().i32("places of rows", count);
        op.sort(ids, valid, table.shape().dim(0), -1, sorted, positions);
        return gradient -> op.backward(sorted, positions, y.gradient().reshape(count, features), gradient);
    }
}
