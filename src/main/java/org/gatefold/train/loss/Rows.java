package org.gatefold.train.loss;

import java.util.function.Consumer;
import org.gatefold.autograd.Variable;
import org.gatefold.data.DeviceBatch;
import org.gatefold.model.Model;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** What goes into a model, and what comes out as rows of a matrix, one per target row. Stateless. */
public final class Rows {
    private Rows() {}

    /**
     * A batch as a model takes it: sequences, or rows if it takes those and every sequence is one step.
     *
     * @throws IllegalArgumentException if the model takes rows and the batch has several steps
     */
    public static Variable inputs(Model model, DeviceBatch batch) {
        if (model.input().sequence()) {
            return Variable.constant(batch.inputs(), batch.lengths());
        }
        Shape shape = batch.inputs().shape();
        if (shape.dim(0) != 1) {
            throw Shape.mismatch("inputs", "[1, B, F] because the model takes rows", shape);
        }
        return Variable.constant(batch.inputs().reshape(shape.dim(1), shape.dim(2)));
    }

    /**
     * The output as {@code [N, F]}.
     *
     * @param rows N as the batch's targets have it
     * @throws IllegalArgumentException if the output is per row where the targets are per step, or the other way round
     */
    static Tensor of(Variable output, DeviceBatch batch, int rows) {
        Shape shape = output.shape();
        if (batch.perStep() && shape.rank() != 3) {
            throw Shape.mismatch("output", "[T, B, F] because targets are given per step", shape);
        }
        if (!batch.perStep() && shape.rank() != 2) {
            throw Shape.mismatch("output", "[B, F] because targets are given per row", shape);
        }
        if (shape.rows() != rows) {
            throw Shape.mismatch("output", "of " + rows + " rows as the targets", shape);
        }
        return output.value().reshape(rows, shape.last());
    }

    /** Lets {@code compute} write the output's gradient as a matrix of {@code shape}, or gives it null if none is wanted. */
    static void contribute(Variable output, Shape shape, Consumer<Tensor> compute) {
        if (!output.requiresGradient()) {
            compute.accept(null);
            return;
        }
        Tensor gradient = output.contribution();
        compute.accept(gradient.reshape(shape.toArray()));
        output.contributed(gradient);
    }
}
