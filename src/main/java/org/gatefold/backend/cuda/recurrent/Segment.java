package org.gatefold.backend.cuda.recurrent;

import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Some consecutive steps of one direction, in the order in which it reads them, and where a run keeps what belongs to
 * them. Step j of the segment is step {@code firstStep + j} of the reading order.
 *
 * <p>In a run, gates stand in the order of time; so do the hidden states, such that the states before the steps are rows
 * that match the gates and one product over all of them gives the gradient of Wh. A reverse run is therefore filled from
 * its end.
 */
public final class Segment {
    private final RecurrentSpec spec;
    private final StepsLayout layout;
    private final StepsLayout.Run parts;
    private final boolean inference;
    private final boolean reversed;
    private final int firstStep;
    public final int steps;

    Segment(RecurrentSpec spec, Mode mode, StepsLayout layout, int direction, int index) {
        this.spec = spec;
        this.layout = layout;
        this.parts = layout.run(layout.segmentSteps());
        this.inference = mode == Mode.INFERENCE;
        this.reversed = direction == 1 || spec.direction() == Direction.REVERSE;
        this.firstStep = index * layout.segmentSteps();
        this.steps = Math.min(layout.segmentSteps(), spec.steps() - firstStep);
    }

    /** t of step j. */
    int time(int j) {
        return reversed ? spec.steps() - 1 - (firstStep + j) : firstStep + j;
    }

    /** The smallest t of the segment. */
    public int begin() {
        return reversed ? spec.steps() - firstStep - steps : firstStep;
    }

    /** What t grows by from a step to the next: 1 or -1. */
    int timeStride() {
        return reversed ? -1 : 1;
    }

    private long slot(int j) {
        return inference ? 0 : (reversed ? steps - j : j);
    }

    private long stateStride() {
        return inference ? 0 : timeStride() * layout.stateFloats();
    }

    private long hiddenStride() {
        return inference ? 0 : timeStride() * layout.hiddenFloats();
    }

    /** Gates of the whole segment, in the order of time. */
    public long gates(long run) {
        return run + parts.gates();
    }

    /** Gates of step j and those after it. */
    StepFrame.Part gatesFrom(long run, int j) {
        return new StepFrame.Part(
                gates(run) + (time(j) - begin()) * layout.gateFloats() * Float.BYTES,
                timeStride() * layout.gateFloats());
    }

    /** Hidden state before step j, which is that after step j - 1. */
    long hidden(long run, int j) {
        return run + parts.hidden() + slot(j) * layout.hiddenFloats() * Float.BYTES;
    }

    /** Hidden states before step j and those after it. */
    StepFrame.Part hiddenFrom(long run, int j) {
        return new StepFrame.Part(hidden(run, j), hiddenStride());
    }

    /** Hidden states before all steps, in the order of time. */
    long hiddenBefore(long run) {
        return run + parts.hidden() + (reversed ? layout.hiddenFloats() * Float.BYTES : 0);
    }

    /** Cell state before step j; 0 for cells without one. */
    long cellState(long run, int j) {
        return spec.cell().hasCellState() ? run + parts.extra() + slot(j) * layout.stateFloats() * Float.BYTES : 0;
    }

    /** Cell states before all steps, in the order of time, of cells that have one. */
    long cellsBefore(long run) {
        return run + parts.extra() + (reversed ? layout.stateFloats() * Float.BYTES : 0);
    }

    /** Cell states after all steps, likewise. */
    long cellsAfter(long run) {
        return run + parts.extra() + (reversed ? 0 : layout.stateFloats() * Float.BYTES);
    }

    /**
     * Recurrent part of the candidate of the whole segment, in the order of time; where the reset gate is before it, what
     * that is of.
     */
    public long candidates(long run) {
        return run + parts.extra();
    }

    /** What of the whole segment is projected, in the order of time. */
    long given(long run) {
        return run + parts.given();
    }

    /** Gradients of the projections of the whole segment, likewise. */
    long projected(long run) {
        return run + parts.projected();
    }

    /** What of step j and those after it is projected; nothing where no backward pass will follow. */
    StepFrame.Part givenFrom(long run, int j) {
        return partFrom(given(run), j, layout.stateFloats());
    }

    /** Gradients of the projections of step j and those after it. */
    StepFrame.Part projectedFrom(long run, int j) {
        return partFrom(projected(run), j, layout.hiddenFloats());
    }

    /** Normal products with x of the whole segment, in the order of time, then their gradients; gates where none are kept. */
    public long normalX(long run) {
        return keepsNormal() ? run + parts.normalX() : gates(run);
    }

    /** Normal products with h, likewise. */
    public long normalH(long run) {
        return run + parts.normalH();
    }

    /** Gradients of products with h, likewise. */
    long recurrentGradients(long run) {
        return run + parts.recurrentGradients();
    }

    /** Gradients of the shift and the gain of c, likewise. */
    public long shiftGradients(long run) {
        return run + parts.shiftGradients();
    }

    /** Inverse deviations of products with x and with h, likewise; 0 where none are kept. */
    public long inverses(long run) {
        return keepsNormal() ? run + parts.inverses() : 0;
    }

    /** Where products with x stand, and once the steps were run backward their gradients, in the order of time. */
    long inputProducts(long run) {
        return spec.options().layerNorm() ? normalX(run) : gates(run);
    }

    private boolean keepsNormal() {
        return spec.options().layerNorm() && !inference;
    }

    /** What layer normalisation keeps of step j and those after it. */
    StepFrame.Normal normalFrom(long run, int j, long weights) {
        if (!spec.options().layerNorm()) {
            return StepFrame.Normal.NONE;
        }
        int before = time(j) - begin();
        long gates = before * layout.gateFloats() * Float.BYTES;
        long products = normalX(run) + gates;
        if (inference) {
            return new StepFrame.Normal(weights, products, 0, 0, 0, 0);
        }
        return new StepFrame.Normal(
                weights,
                products,
                normalH(run) + gates,
                inverses(run) + (long) before * layout.normedProducts() * spec.batch() * Float.BYTES,
                recurrentGradients(run) + gates,
                shiftGradients(run) + before * 2L * layout.stateFloats() * Float.BYTES);
    }

    private StepFrame.Part partFrom(long all, int j, long floats) {
        if (inference || !spec.projects()) {
            return StepFrame.Part.NONE;
        }
        return new StepFrame.Part(all + (time(j) - begin()) * floats * Float.BYTES, timeStride() * floats);
    }

    /** What a cell keeps beside h, from step j on: cell states before the steps, or recurrent parts of candidates. */
    StepFrame.Part extraFrom(long run, int j) {
        if (spec.cell().hasCellState()) {
            return new StepFrame.Part(cellState(run, j), stateStride());
        }
        long candidate = candidates(run) + (time(j) - begin()) * layout.stateFloats() * Float.BYTES;
        return new StepFrame.Part(inference ? 0 : candidate, stateStride());
    }
}
