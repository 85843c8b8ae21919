package org.gatefold.autograd;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.tensor.Tensor;

/**
 * Records the backward steps of coarse operations in the order of the forward pass and runs them in reverse.
 *
 * <p>There is no broadcasting, no second order and no rewriting: whoever computes an output records how gradients flow
 * back through it. One tape serves step after step; {@link #clear()} keeps its list, so that recording allocates nothing
 * but the steps themselves. One thread at a time.
 */
public final class Tape {
    private final List<Variable> outputs = new ArrayList<>();
    private final List<BackwardStep> steps = new ArrayList<>();
    private boolean running;

    /** The way back through one operation. */
    @FunctionalInterface
    public interface BackwardStep {
        /** Reads the gradients of the operation's outputs and contributes to those of its inputs and parameters. */
        void run();
    }

    /** Records a step that runs only if something has contributed to the gradient of {@code output}. */
    public void record(Variable output, BackwardStep step) {
        requireNotRunning("record");
        outputs.add(output);
        steps.add(step);
    }

    /** Records a step that looks for itself which of its outputs have gradients. */
    public void record(BackwardStep step) {
        record(null, step);
    }

    /** Number of recorded steps. */
    public int size() {
        return steps.size();
    }

    /**
     * Gradients of a loss: sets the loss's own gradient to 1, runs all steps in reverse and forgets them.
     *
     * @param loss shape {@code [1]}
     * @throws IllegalArgumentException if the loss is not one number or does not depend on anything with a gradient
     */
    public void backward(Variable loss) {
        if (loss.value().elements() != 1) {
            throw new IllegalArgumentException("loss: expected one number, got shape " + loss.shape());
        }
        if (!loss.requiresGradient()) {
            throw new IllegalArgumentException("loss: depends on no parameter and no input that requires a gradient");
        }
        loss.gradient().fill(1f);
        backward();
    }

    /**
     * Gradients of a function whose gradient with respect to {@code output} is known, as PyTorch's
     * {@code output.backward(gradient)}: runs all steps in reverse and forgets them.
     *
     * @param gradient of the output's shape; read, neither copied nor changed, so that it must live until the variable
     *     does not
     * @throws IllegalArgumentException if the shapes differ or the output does not depend on anything with a gradient
     */
    public void backward(Variable output, Tensor gradient) {
        requireNotRunning("backward");
        if (!output.requiresGradient()) {
            throw new IllegalArgumentException("output: depends on no parameter and no input that requires a gradient");
        }
        output.seed(gradient);
        backward();
    }

    /**
     * Runs all steps in reverse, from gradients that the caller has contributed to the outputs, and forgets them.
     *
     * @throws IllegalStateException if nothing was recorded since the last backward pass
     */
    public void backward() {
        requireNotRunning("backward");
        if (steps.isEmpty()) {
            throw new IllegalStateException("tape: holds no steps; run a forward pass before every backward pass");
        }
        running = true;
        try {
            for (int i = steps.size() - 1; i >= 0; i--) {
                Variable output = outputs.get(i);
                if (output == null || output.hasGradient()) {
                    steps.get(i).run();
                }
            }
        } finally {
            running = false;
            clear();
        }
    }

    /** Forgets all steps. */
    public void clear() {
        requireNotRunning("clear");
        outputs.clear();
        steps.clear();
    }

    private void requireNotRunning(String call) {
        if (running) {
            throw new IllegalStateException("tape: " + call + " was called from a backward step");
        }
    }
}
