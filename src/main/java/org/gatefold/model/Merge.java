package org.gatefold.model;

import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.StepMemory;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/** How several values of a network become one: rows with rows, or sequences of equal lengths with each other. */
public enum Merge {
    /** The sum, element by element. */
    ADD,
    /** The product, element by element. */
    MULTIPLY,
    /** The first less the second, element by element; of two values. */
    SUBTRACT,
    /** The mean, element by element. */
    AVERAGE,
    /** The largest, element by element; where two are equal, the gradient is the later one's. */
    MAXIMUM,
    /** The smallest, element by element; where two are equal, the gradient is the later one's. */
    MINIMUM,
    /** Side by side, the last dimension growing: Keras' Concatenate, {@code torch.cat} along the last dimension. */
    CONCATENATE,
    /** Steps of the first value, by their places: of each row those that the second, a sequence of ids, tells one after the other. */
    GATHER,
    /** The first value, rows, at each step of the second, a sequence: a vector that a decoder reads anew at every step. */
    REPEAT;

    /**
     * Merges values; the way back is recorded if the context has a tape.
     *
     * @param values at least two, of forms that {@link #form} takes
     * @return a new value, in the arena of the context
     * @throws IllegalArgumentException if they do not fit each other
     */
    public Variable of(Context context, Variable... values) {
        requireSeveral(values.length);
        if (this == GATHER) {
            return gathered(context, values[0], values[1]);
        }
        if (this == REPEAT) {
            return repeated(context, values[0], values[1]);
        }
        Variable merged = values[0];
        for (int i = 1; i < values.length; i++) {
            merged = pair(context, merged, values[i]);
        }
        return this == AVERAGE ? Functional.scale(context, merged, 1f / values.length) : merged;
    }

    private Variable pair(Context context, Variable a, Variable b) {
        return switch (this) {
            case ADD, AVERAGE -> Functional.add(context, a, b);
            case MULTIPLY -> Functional.multiply(context, a, b);
            case SUBTRACT -> Functional.subtract(context, a, b);
            case MAXIMUM -> Functional.maximum(context, a, b);
            case MINIMUM -> Functional.minimum(context, a, b);
            case CONCATENATE -> Functional.concatenate(context, a, b);
            case GATHER, REPEAT -> throw new IllegalStateException(this + " takes steps, and joins none");
        };
    }

    /** A place that is none of a row's steps is an error of the caller's. */
    private static Variable gathered(Context context, Variable x, Variable places) {
        int batch = x.shape().dim(1);
        int made = places.shape().dim(0);
        int[] from = places.value().toInts();
        int[] rows = places.lengths() == null ? null : places.lengths().toArray();
        for (int i = 0; i < from.length; i++) {
            int row = i % batch;
            boolean real = rows == null || i / batch < rows[row];
            if (real && (from[i] < 0 || from[i] >= x.shape().dim(0))) {
                throw new IllegalArgumentException("merge: expected places of 0 to "
                        + (x.shape().dim(0) - 1) + ", got " + from[i] + " in row " + row);
            }
            from[i] = real ? from[i] * batch + row : 0;
        }
        Shape shape = Shape.of(made, batch, x.shape().last());
        Variable y = context.output("gathered", x.requiresGradient(), places.lengths(), shape);
        PickedRows.of(context, x, made, batch, from, places.lengths(), y);
        return y;
    }

    private static Variable repeated(Context context, Variable x, Variable like) {
        int steps = like.shape().dim(0);
        int batch = like.shape().dim(1);
        int[] from = new int[Math.multiplyExact(steps, batch)];
        for (int i = 0; i < from.length; i++) {
            from[i] = i % batch;
        }
        Shape shape = Shape.of(steps, batch, x.shape().last());
        Variable y = context.output("repeated", x.requiresGradient(), like.lengths(), shape);
        PickedRows.of(context, x, steps, batch, from, like.lengths(), y);
        return y;
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
        if (this == GATHER) {
            boolean fits = forms.size() == 2
                    && first.type() == ElementType.F32
                    && first.sequence()
                    && first.dimensions().size() == 1
                    && forms.get(1).equals(Form.tokens());
            if (!fits) {
                throw new IllegalArgumentException("merge: expected values that " + this + " takes, got " + forms);
            }
            return first;
        }
        if (this == REPEAT) {
            boolean fits = forms.size() == 2
                    && first.type() == ElementType.F32
                    && !first.sequence()
                    && first.dimensions().size() == 1
                    && forms.get(1).sequence();
            if (!fits) {
                throw new IllegalArgumentException("merge: expected values that " + this + " takes, got " + forms);
            }
            return first.withSequence(true);
        }
        if (this == SUBTRACT && forms.size() != 2) {
            throw new IllegalArgumentException("merge: expected two values, one less the other, got " + forms.size());
        }
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
        if (this == GATHER || this == REPEAT) {
            memory.differentiable(form(forms).elements(steps, batch));
            PickedRows.account(memory, (long) steps * batch);
            return;
        }
        for (int i = 2; i <= forms.size(); i++) {
            List<Form> part = forms.subList(0, i);
            long elements = form(part).elements(steps, batch);
            memory.differentiable(elements);
            if (this == MAXIMUM || this == MINIMUM) {
                memory.tensor(elements); // which of two is ahead
            }
        }
        if (this == AVERAGE) {
            memory.differentiable(form(forms).elements(steps, batch));
        }
    }
}
