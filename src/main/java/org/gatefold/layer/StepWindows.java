package org.gatefold.layer;

import java.util.Map;
import org.gatefold.device.Scope;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Lengths;

/**
 * Windows over the steps of sequences: where each begins, how many there are, and how many of a row's own steps it has. Immutable.
 *
 * @param kernel elements of a window, at least 1
 * @param stride steps from one window to the next, at least 1
 * @param dilation steps from one element of a window to the next, at least 1
 * @param padding where steps are added
 * @param before steps added before, where the padding is explicit
 * @param after steps added behind, where the padding is explicit
 */
public record StepWindows(int kernel, int stride, int dilation, Padding padding, int before, int after) {
    /** Where steps are added to those that there are. */
    public enum Padding {
        /** None are. */
        VALID,
        /** On both sides, so that there are as many windows as steps; needs stride 1. */
        SAME,
        /** Before them alone, so that with stride 1 no window has a later step. */
        CAUSAL,
        /** As many as are given. */
        EXPLICIT
    }

    public StepWindows {
        Arguments.requireAtLeast("kernel", 1, kernel);
        Arguments.requireAtLeast("stride", 1, stride);
        Arguments.requireAtLeast("dilation", 1, dilation);
        Arguments.requireAtLeast("before", 0, before);
        Arguments.requireAtLeast("after", 0, after);
    }

    /** Windows of neighbouring steps, without padding. */
    public static StepWindows of(int kernel, int stride) {
        return new StepWindows(kernel, stride, 1, Padding.VALID, 0, 0);
    }

    /** As {@link #put} wrote them, with this dilation. */
    public static StepWindows described(Options options, int dilation) {
        return new StepWindows(
                options.integer("kernel"),
                options.integer("stride"),
                dilation,
                options.constant("padding", Padding.class),
                options.integer("before"),
                options.integer("after"));
    }

    /** Adds everything to a layer's options, the dilation where the layer has one. */
    public void put(Map<String, Object> options, boolean dilated) {
        options.put("kernel", kernel);
        options.put("stride", stride);
        if (dilated) {
            options.put("dilation", dilation);
        }
        options.put("padding", Options.text(padding));
        options.put("before", before);
        options.put("after", after);
    }

    public StepWindows withStride(int steps) {
        return new StepWindows(kernel, steps, dilation, padding, before, after);
    }

    public StepWindows withDilation(int steps) {
        return new StepWindows(kernel, stride, steps, padding, before, after);
    }

    /** With a padding that says itself how many steps it adds. */
    public StepWindows with(Padding way) {
        return new StepWindows(kernel, stride, dilation, way, 0, 0);
    }

    /** With so many steps added before and behind. */
    public StepWindows withPadding(int stepsBefore, int stepsAfter) {
        return new StepWindows(kernel, stride, dilation, Padding.EXPLICIT, stepsBefore, stepsAfter);
    }

    /** Checks when a layer is built that its padding and stride go together. */
    public void requireStrideFits(Layer layer) {
        if (padding == Padding.SAME && stride > 1) {
            throw new IllegalArgumentException("layer '" + layer.name()
                    + "': expected stride 1 with padding 'same', got " + stride + "; give the padding in steps");
        }
    }

    /** Steps that a window covers. */
    public int span() {
        return Math.addExact(Math.multiplyExact(dilation, kernel - 1), 1);
    }

    /** Steps added before the first. */
    public int paddedBefore() {
        return switch (padding) {
            case VALID, EXPLICIT -> before;
            case SAME -> (span() - 1) / 2;
            case CAUSAL -> span() - 1;
        };
    }

    /** Steps added in all. */
    private int padded() {
        return switch (padding) {
            case VALID, EXPLICIT -> Math.addExact(before, after);
            case SAME, CAUSAL -> span() - 1;
        };
    }

    /** Windows over so many steps; 0 if there are too few. */
    public int count(int steps) {
        int places = Math.addExact(steps, padded()) - span();
        return steps == 0 || places < 0 ? 0 : places / stride + 1;
    }

    /** Windows over so many steps, at least 1: for plans of memory, which run nothing that could refuse the steps. */
    public int planned(int steps) {
        return Math.max(1, count(steps));
    }

    /**
     * Windows over the steps of x.
     *
     * @throws IllegalArgumentException in the words of the layer, if there is none
     */
    public int require(Layer layer, int steps) {
        int made = count(steps);
        if (made < 1) {
            throw new IllegalArgumentException(
                    layer.name() + ": x: expected at least " + span() + " steps with the padding, got " + steps);
        }
        return made;
    }

    /** Whether each window ends at a step and has none behind it, so that a stream can give it as soon as that step has come. */
    public boolean endAtSteps() {
        return paddedBefore() == span() - 1 && padded() == span() - 1;
    }

    /** Whether windows follow each other without a gap, and have nothing but steps, so that each stands for itself. */
    public boolean standSideBySide() {
        return stride == span() && padded() == 0;
    }

    /**
     * Checks that a chunk of a stream has whole strides, so that the next one begins where a window does.
     *
     * @throws IllegalArgumentException in the words of the layer
     */
    public void requireWholeStrides(Layer layer, int steps) {
        if (steps % stride != 0) {
            throw new IllegalArgumentException("stream: layer '" + layer.name() + "' (" + layer.type()
                    + "): expected chunks that reach it as multiples of " + stride + " steps, its stride, got "
                    + steps);
        }
    }

    private boolean keepsLengths(int steps) {
        return stride == 1 && count(steps) == steps && padding != Padding.EXPLICIT;
    }

    /** How many windows each row has, of those over the whole sequence. */
    public Lengths lengths(Scope scope, Lengths lengths, int made) {
        if (lengths == null || keepsLengths(lengths.steps())) {
            return lengths;
        }
        int[] rows = lengths.toArray();
        for (int row = 0; row < rows.length; row++) {
            rows[row] = count(rows[row]);
        }
        return scope.lengths(made, rows);
    }

    /** Reports what {@link #lengths} takes from the step's arena. */
    public void account(StepMemory memory, int steps, int batch) {
        if (!keepsLengths(steps)) {
            memory.lengths(batch);
        }
    }
}
