package org.gatefold.model;

import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.StepMemory;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;

/** How several values of a network become one: rows with rows, or sequences of equal lengths with each other. */
public enum Merge {
    /** The sum, element by element. */
    ADD,
    /** The product, element by element. */
    MULTIPLY,
    /** Side by side, the last dimension growing: Keras' Concatenate, {@code torch.cat} along the last dimension. */
    CONCATENATE;

    /**
     * Merges values; the way back is recorded if the context has a tape.
     *
     * @param values at least two, of forms that {@link #form} takes
     * @return a new value, in the arena of the context
     * @throws IllegalArgumentException if they do not fit each other
     */
    public Variable of(Context context, Variable... values) {
        requireSeveral(values.length);
        Variable merged = values[0];
        for (int i = 1; i < values.length; i++) {
            merged = pair(context, merged, values[i]);
        }
        return merged;
    }

    private Variable pair(Context context, Variable a, Variable b) {
        return switch (this) {
            case ADD -> Functional.add(context, a, b);
            case MULTIPLY -> Functional.multiply(context, a, b);
            case CONCATENATE -> Functional.concatenate(context, a, b);
        };
    }

    private static void requireSeveral(int count) {
        if (count < 2) {
            throw new IllegalArgumentException("values: expected at least 2, got " + count);
        }
    }

    /**
     * The form of merged values.
     *
     * @throws IllegalArgumentException if they cannot be merged
     */
    public Form form(List<Form> forms) {
        requireSeveral(forms.size());
        Form first = forms.get(0);
        long features = 0;
        for (Form form : forms) {
            boolean fits = form.type() == ElementType.F32
                    && (this == CONCATENATE
                            ? !form.dimensions().isEmpty()
                                    && form.withFeatures(first.last()).equals(first)
                            : form.equals(first));
            if (!fits) {
                throw new IllegalArgumentException("merge: expected values that " + this + " takes, got " + forms);
            }
            features += form.last();
        }
        if (this == CONCATENATE && features > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "merge: expected at most " + Integer.MAX_VALUE + " features side by side, got " + features);
        }
        return this == CONCATENATE ? first.withFeatures((int) features) : first;
    }

    /** Reports what {@link #of} and its way back take from the step's arena. */
    void account(StepMemory memory, List<Form> forms, int steps, int batch) {
        for (int i = 2; i <= forms.size(); i++) {
            List<Form> part = forms.subList(0, i);
            memory.differentiable(form(part).elements(steps, batch));
        }
    }
}
