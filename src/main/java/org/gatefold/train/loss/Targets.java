package org.gatefold.train.loss;

import java.util.List;
import java.util.function.Predicate;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.BatchColumn;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** The one target that a loss looks at, and target and output as rows of a matrix, one per target row. Stateless. */
final class Targets {
    private static final String NUMBERS = "numeric targets";
    private static final String LABELS = "labels";

    private Targets() {}

    static DeviceColumn numbers(DeviceBatch batch, String loss) {
        return one(batch.targets(), target -> target.form().type() == ElementType.F32, NUMBERS, loss);
    }

    static BatchColumn numbers(Batch batch, String loss) {
        return one(batch.targets(), BatchColumn::holdsNumbers, NUMBERS, loss);
    }

    static DeviceColumn labels(DeviceBatch batch, String loss) {
        return one(batch.targets(), target -> target.form().type() == ElementType.I32, LABELS, loss);
    }

    static BatchColumn labels(Batch batch, String loss) {
        return one(batch.targets(), target -> !target.holdsNumbers(), LABELS, loss);
    }

    private static <C> C one(List<C> targets, Predicate<C> kind, String wanted, String loss) {
        require(!targets.isEmpty(), wanted, loss);
        if (targets.size() > 1) {
            throw new IllegalArgumentException("batch: expected one target for " + loss + ", got " + targets.size()
                    + "; choose with on(output, target)");
        }
        C target = targets.get(0);
        require(kind.test(target), wanted, loss);
        return target;
    }

    private static void require(boolean met, String wanted, String loss) {
        if (!met) {
            throw new IllegalArgumentException("batch: expected " + wanted + " for " + loss + ", got none");
        }
    }

    /** A target as {@code [N, F]}, or labels as {@code [N]}. */
    static Tensor rows(DeviceColumn target) {
        Tensor value = target.value();
        int rows = count(target);
        return target.form().type() == ElementType.I32
                ? value.reshape(rows)
                : value.reshape(rows, Math.toIntExact(value.elements() / rows));
    }

    private static int count(DeviceColumn target) {
        Shape shape = target.value().shape();
        return target.form().sequence() ? Math.multiplyExact(shape.dim(0), shape.dim(1)) : shape.dim(0);
    }

    /**
     * An output as {@code [N, F]}.
     *
     * @throws IllegalArgumentException if the output is per row where the targets are per step, or the other way round
     */
    static Tensor rows(Variable output, DeviceColumn target) {
        Shape shape = output.shape();
        boolean perStep = target.form().sequence();
        int inner = Math.max(1, target.form().dimensions().size());
        if (shape.rank() != (perStep ? 2 : 1) + inner) {
            throw Shape.mismatch(
                    "output",
                    perStep
                            ? "[T, B, F] because targets are given per step"
                            : "[B, F] because targets are given per row",
                    shape);
        }
        int rows = count(target);
        long outputRows = perStep ? (long) shape.dim(0) * shape.dim(1) : shape.dim(0);
        if (outputRows != rows) {
            throw Shape.mismatch("output", "of " + rows + " rows as the targets", shape);
        }
        return output.value().reshape(rows, Math.toIntExact(shape.elements() / rows));
    }

    /**
     * Checks that labels that count are classes. Costs nothing unless one is too large; where the label that is ignored is itself no class,
     * such labels are not looked for.
     *
     * @param ignored a label that may be there
     * @throws IllegalArgumentException naming the first label that is not below the number of classes
     */
    static void requireClasses(DeviceColumn target, int classes, int ignored) {
        if (target.idBound() <= classes || ignored >= classes) {
            return;
        }
        int[] labels = target.value().toInts();
        float[] weights = target.weights() == null ? null : target.weights().toFloats();
        int rows = target.value().shape().dim(target.form().sequence() ? 1 : 0);
        for (int n = 0; n < labels.length; n++) {
            if (labels[n] >= classes && (weights == null || weights[n] != 0)) {
                throw wrongLabel(
                        target.form().sequence(),
                        n,
                        rows,
                        "a class below " + classes + ", the columns of the output",
                        labels[n]);
            }
        }
    }

    /** @throws IllegalArgumentException if a label that counts is negative and not the one that is ignored */
    static void requireNotNegative(BatchColumn target, int n, int ignored) {
        int label = target.id(n);
        if (label < 0 && label != ignored && target.weight(n) != 0) {
            throw wrongLabel(
                    target.form().sequence(), n, target.rows(), "a class, or a label that the loss is ignoring", label);
        }
    }

    /**
     * A label that cannot be.
     *
     * @param n its place among target rows
     * @param rows of the batch
     */
    static IllegalArgumentException wrongLabel(boolean sequence, int n, int rows, String expected, int label) {
        return new IllegalArgumentException("label " + (sequence ? n / rows + " " : "") + "of row " + n % rows
                + " of the batch: expected " + expected + ", got " + label);
    }
}
