package org.gatefold.backend.cuda.recurrent;

import org.gatefold.backend.cuda.kernel.Operand;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Where everything lies in the workspace and the reserve of a {@code cuda.steps} plan. All positions and sizes are in
 * bytes; every part starts at a multiple of 256.
 *
 * <p>A run is what one direction of one layer keeps of a segment of n steps: gates {@code [n, B, G·H]}, hidden states
 * {@code [n+1, B, P]}, and by cell the cell states {@code [n+1, B, H]} (LSTM) or the recurrent part of the candidate
 * {@code [n, B, H]} (GRU), or what that is of where the reset gate is before it; with a projection, in training, what is
 * projected {@code [n, B, H]} and the gradient of that projection {@code [n, B, P]}; with layer normalisation, in training, normal products
 * with x and with h and gradients of the latter {@code [n, B, G·H]}, inverse deviations {@code [n, B, products]} and, of an LSTM, gradients
 * of gain and shift of c {@code [n, B, 2·H]}.
 */
public final class StepsLayout {
    private static final long ALIGNMENT = 256;

    private final RecurrentSpec spec;
    private final Mode mode;
    private final Operand operand;

    public StepsLayout(RecurrentSpec spec, Mode mode) {
        this.spec = spec;
        this.mode = mode;
        this.operand = Operand.of(spec.precision());
    }

    /** Parts of a run, as distances from its start. */
    record Run(
            long gates,
            long hidden,
            long extra,
            long given,
            long projected,
            long normalX,
            long normalH,
            long inverses,
            long recurrentGradients,
            long shiftGradients,
            long bytes) {}

    private static long aligned(long floats) {
        return alignedBytes(floats * Float.BYTES);
    }

    private static long alignedBytes(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Floats of a cell state, or of the units of a gate, B·H. */
    long stateFloats() {
        return (long) spec.batch() * spec.hiddenSize();
    }

    /** Floats of a hidden state, B·P. */
    long hiddenFloats() {
        return (long) spec.batch() * spec.projectionSize();
    }

    /** Floats of the gates of a step, B·G·H. */
    long gateFloats() {
        return stateFloats() * spec.cell().gates();
    }

    /** Products of a row that layer normalisation takes by themselves: with x, with h, and of a candidate with what r lets through of h. */
    public int normedProducts() {
        return spec.options().resetBefore() ? 3 : 2;
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

    /** States that a run holds at once: in inference one, updated in place. */
    int states(int steps) {
        return mode == Mode.INFERENCE ? 1 : steps + 1;
    }

    Run run(int steps) {
        long gates = aligned(steps * gateFloats());
        long hidden = aligned(states(steps) * hiddenFloats());
        long extra = 0;
        if (spec.cell().hasCellState()) {
            extra = aligned(states(steps) * stateFloats());
        } else if (spec.cell() == Cell.GRU && mode == Mode.TRAINING) {
            extra = aligned(steps * stateFloats());
        }
        boolean projects = spec.projects() && mode == Mode.TRAINING;
        long given = gates + hidden + extra;
        long projected = given + (projects ? aligned(steps * stateFloats()) : 0);
        long normalX = projected + (projects ? aligned(steps * hiddenFloats()) : 0);
        boolean normalises = spec.options().layerNorm() && mode == Mode.TRAINING;
        long products = normalises ? gates : 0;
        long normalH = normalX + products;
        long inverses = normalH + products;
        long recurrentGradients = inverses + (normalises ? aligned((long) normedProducts() * steps * spec.batch()) : 0);
        long shiftGradients = recurrentGradients + products;
        return new Run(
                0,
                gates,
                gates + hidden,
                given,
                projected,
                normalX,
                normalH,
                inverses,
                recurrentGradients,
                shiftGradients,
                shiftGradients + (normalises && spec.cell().hasCellState() ? aligned(2L * steps * stateFloats()) : 0));
    }

    /** Bytes of the output of a layer. */
    long outputBytes() {
        return aligned((long) spec.steps() * spec.batch() * spec.outputSize());
    }

    private long hiddenBorderBytes() {
        return aligned(segments() * hiddenFloats());
    }

    private long cellBorderBytes() {
        return spec.cell().hasCellState() ? aligned(segments() * stateFloats()) : 0;
    }

    /** What one direction of one layer keeps: a run, or the states at the start of every segment. */
    private long keptBytes() {
        if (!recomputes()) {
            return run(spec.steps()).bytes();
        }
        return hiddenBorderBytes() + cellBorderBytes();
    }

    /** Start of what a weight set keeps, in the reserve. */
    long kept(int set) {
        return set * keptBytes();
    }

    /** Start of the cell states among the borders that a weight set keeps. */
    long keptCells(int set) {
        return kept(set) + hiddenBorderBytes();
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

    /** Start of one of two buffers for what goes between layers: outputs in inference, gradients in training. */
    long between(int which) {
        long size = spec.layers() > 1 ? outputBytes() : 0;
        return runsEnd() + which * size;
    }

    /** Start of the input with its padding cleared, {@code [T, B, I]}. */
    long clearedInput() {
        return between(2);
    }

    /**
     * Start of a layer's input as operands of products. In single precision, where operands are the floats themselves, this
     * and the following take no room.
     */
    long inputOperands() {
        long size = mode == Mode.TRAINING ? aligned((long) spec.steps() * spec.batch() * spec.inputSize()) : 0;
        return clearedInput() + size;
    }

    private long operandBytes(long elements) {
        return operand == Operand.F32 ? 0 : alignedBytes(elements * operand.bytes());
    }

    /** Start of a direction's gate gradients over a segment as operands of products. */
    long gateOperands(int direction) {
        int widest = Math.max(spec.inputSize(), spec.layers() > 1 ? spec.outputSize() : 0);
        long inputs = operandBytes((long) spec.steps() * spec.batch() * widest);
        return inputOperands() + inputs + direction * segmentOperandBytes();
    }

    /** Start of a direction's hidden states before the steps of a segment as operands of products. */
    long hiddenOperands(int direction) {
        return gateOperands(direction) + operandBytes(segmentSteps() * gateFloats());
    }

    /**
     * Start of a direction's gradients of the recurrent parts of candidates over a segment as operands of products; where the
     * reset gate is before those parts, of what they are of.
     */
    long candidateOperands(int direction) {
        return hiddenOperands(direction) + hiddenOperandBytes();
    }

    /** Hidden states that are masked in products need a place of their own in single precision, too. */
    private long hiddenOperandBytes() {
        long elements = segmentSteps() * hiddenFloats();
        boolean masked = spec.options().noise().recurrentDropout() > 0;
        return masked ? alignedBytes(elements * operand.bytes()) : operandBytes(elements);
    }

    private long segmentOperandBytes() {
        if (mode == Mode.INFERENCE) {
            return 0;
        }
        long projections = spec.projects() ? givenOperandBytes() + operandBytes(segmentSteps() * hiddenFloats()) : 0;
        long normed = spec.options().layerNorm() ? operandBytes(segmentSteps() * gateFloats()) : 0;
        return operandBytes(segmentSteps() * gateFloats())
                + hiddenOperandBytes()
                + candidateOperandBytes()
                + projections
                + normed;
    }

    private long candidateOperandBytes() {
        return spec.cell() == Cell.GRU ? operandBytes(segmentSteps() * stateFloats()) : 0;
    }

    private long givenOperandBytes() {
        return operandBytes(segmentSteps() * stateFloats());
    }

    /** Start of what of a direction is projected over a segment as operands of products. */
    long givenOperands(int direction) {
        return hiddenOperands(direction) + hiddenOperandBytes();
    }

    /** Start of the gradients of a direction's projections over a segment as operands of products. */
    long projectedOperands(int direction) {
        return givenOperands(direction) + givenOperandBytes();
    }

    /** Start of the gradients of a direction's products with h over a segment as operands of products, with layer normalisation. */
    long recurrentGradientOperands(int direction) {
        return candidateOperands(direction) + candidateOperandBytes();
    }

    long workspaceBytes() {
        return gateOperands(spec.directions());
    }
}
