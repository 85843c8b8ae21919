package org.gatefold.benchmarks.contract;

/** What is done, and timed, in one iteration. */
public enum Pass {
    /** The outputs {@code y, hn, cn}, with nothing kept for a backward pass. */
    INFERENCE("inference", 1),
    /** The forward pass of training and the whole backward pass from a given {@code dy}: dx and all weight gradients. */
    TRAINING_PASS("fwd+bwd", 3),
    /** Forward, mean squared error, backward to the weights, clipping by global norm, Adam. */
    TRAINING_STEP("train-step", 3);

    private final String label;
    private final int forwardPasses;

    Pass(String label, int forwardPasses) {
        this.label = label;
        this.forwardPasses = forwardPasses;
    }

    public String label() {
        return label;
    }

    /** Floating-point operations by which rates are stated, for all contestants the same. */
    public double flops(LayerShape shape) {
        return forwardPasses * shape.forwardFlops();
    }

    public static Pass ofLabel(String label) {
        for (Pass pass : values()) {
            if (pass.label.equals(label)) {
                return pass;
            }
        }
        throw new IllegalArgumentException("pass must be inference, fwd+bwd or train-step, got " + label);
    }
}
