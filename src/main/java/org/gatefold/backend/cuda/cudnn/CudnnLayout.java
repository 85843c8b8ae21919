package org.gatefold.backend.cuda.cudnn;

import java.util.List;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Where everything lies in the workspace and the reserve of a {@code cuda.cudnn} plan. All positions and sizes are in bytes;
 * every part starts at a multiple of 256. Immutable.
 *
 * <p>The workspace holds cuDNN's own, room for staged sequences and states, and in training or between stacks what goes from
 * one stack to the next. The reserve holds cuDNN's own for every stack, what cuDNN gave out for the first step, and the
 * outputs of all stacks but the last.
 */
final class CudnnLayout {
    private static final long ALIGNMENT = 256;

    /** States and gradients of states that a pass may have to stage: h and c of each. */
    private static final int STATES = 6;

    private static final int SEQUENCES = 4;
    private static final int BETWEEN = 3;

    private final List<CudnnStack> stacks;
    private final Mode mode;
    private final long sequenceRoom;
    private final long stateRoom;
    private final long outputRoom;
    private final long firstRoom;
    private final long workRoom;
    private final long gradientBytes;

    CudnnLayout(RecurrentSpec spec, Mode mode, CudnnType type, List<CudnnStack> stacks) {
        this.stacks = List.copyOf(stacks);
        this.mode = mode;
        long rows = (long) spec.steps() * spec.batch();
        long width = spec.outputSize();
        long states = 0;
        long work = 0;
        long weights = 0;
        for (CudnnStack stack : stacks) {
            width = Math.max(width, stack.spec().inputSize());
            states = Math.max(states, stack.stateElements());
            work = Math.max(work, stack.work());
            weights = Math.max(weights, stack.weightBytes());
        }
        this.sequenceRoom = aligned(rows * width * type.bytes());
        this.stateRoom = aligned(states * type.bytes());
        this.outputRoom = aligned(rows * spec.outputSize() * Float.BYTES);
        this.firstRoom = aligned((long) spec.batch() * spec.outputSize() * type.bytes());
        this.workRoom = aligned(work);
        this.gradientBytes = mode == Mode.TRAINING ? weights : 0;
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    List<CudnnStack> stacks() {
        return stacks;
    }

    /** Start of a staged sequence in the workspace: 0 x, 1 y, 2 dy, 3 dx. */
    long sequence(int which) {
        return workRoom + which * sequenceRoom;
    }

    private long statesStart() {
        return sequence(mode == Mode.TRAINING ? SEQUENCES : 2);
    }

    /** Start of staged states in the workspace. */
    long state(int which) {
        return statesStart() + which * stateRoom;
    }

    /** Start of one of three sequences {@code [T, B, D·P]} in the workspace, between stacks. */
    long between(int which) {
        return state(STATES) + which * outputRoom;
    }

    /** Bytes of the workspace; cuDNN's own stands at its start. */
    long workspaceBytes() {
        return between(stacks.size() > 1 ? BETWEEN : 0);
    }

    /** Bytes for the gradients of the weights of one stack. */
    long gradientBytes() {
        return gradientBytes;
    }

    /** Start of cuDNN's reserve of a stack. */
    long reserve(int stack) {
        long start = 0;
        for (int below = 0; below < stack; below++) {
            start += aligned(stacks.get(below).reserve());
        }
        return start;
    }

    /**
     * Start of the first step {@code [B, D·P]} of a stack's output, in the reserve: cuDNN wants back what it gave out, and
     * gives out something in the first step of empty rows, where the contract wants zeros.
     */
    long keptFirst(int stack) {
        return reserve(stacks.size()) + stack * firstRoom;
    }

    /** Start of the output of a stack that is not the last, in the reserve. */
    long keptOutput(int stack) {
        return keptFirst(stacks.size()) + stack * outputRoom;
    }

    long reserveBytes() {
        return mode == Mode.INFERENCE ? 0 : keptOutput(stacks.size() - 1);
    }

    /** Bytes that a plan holds: weights, their gradients, workspace. */
    long planBytes() {
        long weights = 0;
        for (CudnnStack stack : stacks) {
            weights += aligned(stack.weightBytes());
        }
        return weights + aligned(gradientBytes) + workspaceBytes();
    }
}
