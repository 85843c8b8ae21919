package org.gatefold.train;

import java.util.Arrays;
import org.gatefold.autograd.Variable;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.model.Model;
import org.gatefold.tensor.Shape;

/** What of a batch goes into a model. Stateless. */
final class ModelInputs {
    private ModelInputs() {}

    /**
     * A batch as a model takes it; sequences of one step as rows if it takes those.
     *
     * @throws IllegalArgumentException if there are several inputs, or if the model takes rows and the batch has several
     *     steps
     */
    static Variable of(Model model, DeviceBatch batch) {
        if (batch.inputs().size() != 1) {
            throw new IllegalArgumentException("inputs: expected one, as the model takes, got "
                    + batch.inputs().stream().map(DeviceColumn::name).toList());
        }
        DeviceColumn input = batch.inputs().get(0);
        if (model.input().sequence() || !input.form().sequence()) {
            return Variable.constant(input.value(), input.lengths());
        }
        Shape shape = input.value().shape();
        if (shape.dim(0) != 1) {
            throw Shape.mismatch("inputs", "[1, B, F] because the model takes rows", shape);
        }
        int[] dimensions = shape.toArray();
        return Variable.constant(input.value().reshape(Arrays.copyOfRange(dimensions, 1, dimensions.length)));
    }
}
