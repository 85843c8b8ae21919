package org.gatefold.backend.cuda;

import org.gatefold.op.Cell;
import org.gatefold.op.Mode;
import org.gatefold.op.RecurrentSpec;

/**
 * Where everything lies in the workspace and the reserve of a {@code cuda.steps} plan. All positions and sizes are in
 * bytes; every part starts at a multiple of 256.
 *
 * <p>A run is what one direction of one layer keeps of a stretch of n steps: gates {@code [n, B, G·H]}, hidden states
 * {@code [n+1, B, H]}, and by cell the cell states {@code [n+1, B, H]} (LSTM) or the recurrent part of the candidate
 * {@code [n, B, H]} (GRU).
 */
final class StepsLayout {
    private static final long ALIGNMENT = 256;

    private final RecurrentSpec spec;
    private final Mode mode;

    StepsLayout(RecurrentSpec spec, Mode mode) {
        this.spec = spec;
        this.mode = mode;
    }

    /** Parts of a run, as distances from its start. */
    record Run(long gates, long hidden, long extra, long bytes) {}

    private static long aligned(long floats) {
        return (floats * Float.BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Floats of a state, B·H. */
    long stateFloats() {
        return (long) spec.batch() * spec.hiddenSize();
    }

    /** Floats of the gates of a step, B·G·H. */
    long gateFloats() {
        return stateFloats() * spec.cell().gates();
    }

    /** True if only the borders of segments are kept. */
    boolean recomputes() {
        return mode == Mode.TRAINING && spec.recomputeSegment() > 0 && spec.recomputeSegment() < spec.steps();
    }

    /** Steps of a segment; all of them unless the plan recomputes. */
    int segmentSteps() {
        return recomputes() ? spec.recomputeSegment() : spec.steps();
    }

    int segments() {
        return (spec.steps() + segmentSteps() - 1) / segmentSteps();
    }

    /** States that a run holds at once: in inference two take turns. */
    int states(int steps) {
        return mode == Mode.INFERENCE ? 2 : steps + 1;
    }

    Run run(int steps) {
        long gates = aligned(steps * gateFloats());
        long hidden = aligned(states(steps) * stateFloats());
        long extra = 0;
        if (spec.cell().hasCellState()) {
            extra = hidden;
        } else if (spec.cell() == Cell.GRU && mode == Mode.TRAINING) {
            extra = aligned(steps * stateFloats());
        }
        return new Run(0, gates, gates + hidden, gates + hidden + extra);
    }

    /** Bytes of the output of a layer. */
    long outputBytes() {
        return aligned((long) spec.steps() * spec.batch() * spec.outputSize());
    }

    private long borderBytes() {
        return aligned(segments() * stateFloats());
    }

    /** What one direction of one layer keeps: a run, or the states at the start of every segment. */
    private long keptBytes() {
        if (!recomputes()) {
            return run(spec.steps()).bytes();
        }
        return borderBytes() * (spec.cell().hasCellState() ? 2 : 1);
    }

    /** Start of what a weight set keeps, in the reserve. */
    long kept(int set) {
        return set * keptBytes();
    }

    /** Start of the cell states among the borders that a weight set keeps. */
    long keptCells(int set) {
        return kept(set) + borderBytes();
    }

    /** Start of the output of a layer that is not the last, in the reserve. */
    long keptOutput(int layer) {
        return kept(spec.weightSets()) + layer * outputBytes();
    }

    long reserveBytes() {
        return mode == Mode.INFERENCE ? 0 : keptOutput(spec.layers() - 1);
    }

    /** Start of a direction's run in the workspace: inference and recomputation. */
    long workRun(int direction) {
        return direction * run(segmentSteps()).bytes();
    }

    private long runsEnd() {
        return mode == Mode.INFERENCE || recomputes() ? workRun(spec.directions()) : 0;
    }

    /** Start of a direction's recurrent product {@code [B, G·H]}; used by the GRU. */
    long product(int direction) {
        long size = spec.cell() == Cell.GRU ? aligned(gateFloats()) : 0;
        return runsEnd() + direction * size;
    }

    /** Start of a direction's state gradient {@code [B, H]}: 0 hidden, 1 cell. */
    long stateGradient(int direction, int which) {
        long size = mode == Mode.TRAINING ? aligned(stateFloats()) : 0;
        return product(spec.directions()) + (direction * 2L + which) * size;
    }

    /** Start of one of two buffers for what goes between layers: outputs in inference, gradients in training. */
    long between(int which) {
        long size = spec.layers() > 1 ? outputBytes() : 0;
        return stateGradient(spec.directions(), 0) + which * size;
    }

    /** Start of the input with its padding cleared, {@code [T, B, I]}. */
    long clearedInput() {
        return between(2);
    }

    long workspaceBytes() {
        long input = mode == Mode.TRAINING ? aligned((long) spec.steps() * spec.batch() * spec.inputSize()) : 0;
        return clearedInput() + input;
    }
}
