package org.gatefold.backend.cuda.cudnn;

import java.util.stream.IntStream;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.tensor.Lengths;

/**
 * Brings the tensors of one pass before cuDNN, and its results back. A tensor is used where it lies, unless cuDNN cannot
 * take it as it is: in another precision, not aligned, to be read backwards, or with padding and empty rows, in which
 * anything may stand that must not have an effect. One thread at a time.
 *
 * <p>Addresses of tensors are of floats, 0 where they are not given; rooms are memory of the caller's for a copy.
 */
final class CudnnOperands {
    private static final int ALIGNMENT = 16;

    private final CudaContext context;
    private final Kernels kernels;
    private final CudnnType type;
    private final int steps;
    private final int batch;
    private final boolean reversed;
    private final Lengths lengths;
    private final boolean empty;

    CudnnOperands(CudaContext context, Kernels kernels, CudnnType type, RecurrentSpec spec, Lengths given) {
        this.context = context;
        this.kernels = kernels;
        this.type = type;
        this.steps = spec.steps();
        this.batch = spec.batch();
        this.reversed = spec.direction() == Direction.REVERSE;
        boolean padded = given != null && given.total() < (long) steps * batch;
        this.lengths = padded ? given : null;
        this.empty = padded && IntStream.of(given.toArray()).anyMatch(length -> length == 0);
    }

    /** How long the rows are; null if all are of T steps. */
    int[] lengths() {
        return lengths == null ? null : lengths.toArray();
    }

    private long onDevice() {
        return lengths == null ? 0 : lengths.onDevice().address();
    }

    private boolean fits(long address) {
        return type.isFloat() && address % ALIGNMENT == 0;
    }

    /** Where cuDNN reads a sequence {@code [T, B, features]}; one that is not given is zeros. */
    long input(long sequence, long room, int features) {
        if (sequence != 0 && fits(sequence) && !reversed && lengths == null) {
            return sequence;
        }
        return stage(sequence, room, features);
    }

    /**
     * Where cuDNN reads an output of its own again, whose padding is zeros by now.
     *
     * @param kept the first step, as {@link #keepFirst} has kept it
     */
    long ownOutput(long sequence, long room, long kept, int features) {
        if (!empty) {
            return fits(sequence) && !reversed ? sequence : stage(sequence, room, features);
        }
        stage(sequence, room, features);
        copyFirst(kept, room, features);
        return room;
    }

    /** Keeps the first step of what cuDNN has written, if something stands there that will be cleared: in empty rows. */
    void keepFirst(long written, long kept, int features) {
        if (empty) {
            copyFirst(written, kept, features);
        }
    }

    private void copyFirst(long from, long to, int features) {
        context.copy(context.stream(), to, from, (long) batch * features * type.bytes());
    }

    private long stage(long sequence, long room, int features) {
        copySequence("stage_sequence_f32_to_" + type.suffix(), sequence, room, features);
        return room;
    }

    /** Where cuDNN writes a sequence; {@link #finish} has to follow. */
    long output(long sequence, long room) {
        return sequence != 0 && fits(sequence) && !reversed ? sequence : room;
    }

    /** Brings a sequence that cuDNN has written to where it is wanted, with zeros in its padding. */
    void finish(long written, long sequence, int features) {
        if (sequence == 0) {
            return;
        }
        if (written != sequence) {
            copySequence("stage_sequence_" + type.suffix() + "_to_f32", written, sequence, features);
        } else if (lengths != null) {
            kernels.launchLoop(
                    context.stream(),
                    "zero_padding_f32",
                    (long) steps * batch * features,
                    KernelArguments.of()
                            .address(sequence)
                            .address(onDevice())
                            .i32(steps)
                            .i32(batch)
                            .i32(features));
        }
    }

    private void copySequence(String kernel, long from, long to, int features) {
        kernels.launchLoop(
                context.stream(),
                kernel,
                (long) steps * batch * features,
                KernelArguments.of()
                        .address(from)
                        .address(onDevice())
                        .address(to)
                        .i32(steps)
                        .i32(batch)
                        .i32(features)
                        .i32(reversed ? 1 : 0));
    }

    /** Where cuDNN reads states {@code [sets, B, features]}: zeros in empty rows. States that are not given are zeros to cuDNN. */
    long stateInput(long states, long room, int sets, int features) {
        if (states == 0 || (fits(states) && !empty)) {
            return states;
        }
        copyStates("stage_states_f32_to_" + type.suffix(), states, 0, room, sets, features);
        return room;
    }

    /** Where cuDNN writes states; {@link #finishState} has to follow. */
    long stateOutput(long states, long room) {
        return states == 0 || (fits(states) && !empty) ? states : room;
    }

    /**
     * Brings states that cuDNN has written to where they are wanted.
     *
     * @param passed what goes through empty rows: the states at the other end; 0 means zeros
     */
    void finishState(long written, long states, long passed, int sets, int features) {
        if (written != states) {
            copyStates("stage_states_" + type.suffix() + "_to_f32", written, passed, states, sets, features);
        }
    }

    private void copyStates(String kernel, long from, long passed, long to, int sets, int features) {
        kernels.launchLoop(
                context.stream(),
                kernel,
                (long) sets * batch * features,
                KernelArguments.of()
                        .address(from)
                        .address(passed)
                        .address(onDevice())
                        .address(to)
                        .i32(sets)
                        .i32(batch)
                        .i32(features));
    }
}
