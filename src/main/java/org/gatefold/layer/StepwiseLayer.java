package org.gatefold.layer;

/** A layer each of whose steps stands for itself, so that any stream can run it; a pass takes its output, unless it says more. */
public abstract class StepwiseLayer extends Layer {
    @Override
    protected final void stream(StreamStates states) {}

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(steps, batch));
    }
}
