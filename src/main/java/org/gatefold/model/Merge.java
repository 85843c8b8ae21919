package org.gatefold.model;

import java.util.Arrays;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.elementwise.ElementwiseOp.Binary;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

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
        requireFit(a.shape(), b.shape());
        Lengths lengths = lengths(a, b);
        boolean differentiable = a.requiresGradient() || b.requiresGradient();
        int n = a.shape().last();
        int m = b.shape().last();
        Shape shape = this == CONCATENATE ? a.shape().withLast(n + m) : a.shape();
        Variable y = context.output("y", differentiable, lengths, shape);
        ElementwiseOp elementwise = context.op(ElementwiseOp.class);
        switch (this) {
            case ADD -> elementwise.combine(Binary.ADD, a.value(), b.value(), y.value());
            case MULTIPLY -> elementwise.combine(Binary.MULTIPLY, a.value(), b.value(), y.value());
            case CONCATENATE ->
                context.op(SequenceOp.class)
                        .concatenate(
                                a.value().matrix(),
                                b.value().matrix(),
                                y.value().matrix());
        }
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                switch (this) {
                    case ADD -> {
                        contribute(a, da -> da.copyFrom(y.gradient()));
                        contribute(b, db -> db.copyFrom(y.gradient()));
                    }
                    case MULTIPLY -> {
                        contribute(a, da -> elementwise.combine(Binary.MULTIPLY, y.gradient(), b.value(), da));
                        contribute(b, db -> elementwise.combine(Binary.MULTIPLY, y.gradient(), a.value(), db));
                    }
                    case CONCATENATE -> split(context, y, a, b);
                }
            });
        }
        return y;
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

    private static void split(Context context, Variable y, Variable a, Variable b) {
        Tensor da = a.requiresGradient() ? a.contribution() : context.scope().f32("da", a.shape());
        // The same value twice: its first part must be added before the second takes its place.
        Tensor db = b == a || !b.requiresGradient() ? context.scope().f32("db", b.shape()) : b.contribution();
        context.op(SequenceOp.class).split(y.gradient().matrix(), da.matrix(), db.matrix());
        if (a.requiresGradient()) {
            a.contributed(da);
        }
        if (b.requiresGradient()) {
            b.contributed(db);
        }
    }

    private static Lengths lengths(Variable a, Variable b) {
        Lengths ours = a.lengths();
        Lengths theirs = b.lengths();
        if (ours != theirs && !Arrays.equals(valid(a), valid(b))) {
            throw new IllegalArgumentException("merge: expected sequences of equal lengths, got "
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

    private void requireFit(Shape a, Shape b) {
        if (!(this == CONCATENATE ? a.withLast(b.last()) : a).equals(b)) {
            throw new IllegalArgumentException(
                    "merge: expected values that " + this + " takes, got " + a + " and " + b);
        }
        requireFeatures((long) a.last() + b.last());
    }

    private void requireFeatures(long count) {
        if (this == CONCATENATE && count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "merge: expected at most " + Integer.MAX_VALUE + " features side by side, got " + count);
        }
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
        requireFeatures(features);
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
