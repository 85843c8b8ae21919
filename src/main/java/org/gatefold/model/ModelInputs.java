package org.gatefold.model;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/** What of a batch goes into a model. Stateless. */
public final class ModelInputs {
    private ModelInputs() {}

    /**
     * The inputs of a batch as a model takes them, by the model's names; sequences of one step as rows where it takes those.
     * Where both have one input, names do not matter.
     *
     * @throws IllegalArgumentException if an input is missing, or if the model takes rows and the batch has several steps
     */
    public static Map<String, Variable> of(Model model, DeviceBatch batch) {
        return of(model.inputs(), batch);
    }

    /** As {@link #of(Model, DeviceBatch)}, for inputs of these forms. */
    static Map<String, Variable> of(Map<String, Form> forms, DeviceBatch batch) {
        if (forms.size() == 1 && batch.inputs().size() == 1) {
            Map.Entry<String, Form> form = forms.entrySet().iterator().next();
            return Map.of(form.getKey(), of(form.getValue(), batch.inputs().get(0)));
        }
        List<String> given = batch.inputs().stream().map(DeviceColumn::name).toList();
        if (!given.containsAll(forms.keySet())) {
            throw new IllegalArgumentException("inputs: expected " + forms.keySet() + ", got " + given);
        }
        Map<String, Variable> inputs = new LinkedHashMap<>();
        forms.forEach((name, form) -> inputs.put(name, of(form, batch.input(name))));
        return inputs;
    }

    private static Variable of(Form form, DeviceColumn input) {
        if (form.sequence() || !input.form().sequence()) {
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
