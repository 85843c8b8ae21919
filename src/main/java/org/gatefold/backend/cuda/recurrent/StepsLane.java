package org.gatefold.backend.cuda.recurrent;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.GraphCache;
import org.gatefold.backend.cuda.driver.Scratch;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Where the steps of one direction run: memory at fixed addresses, and the graphs that were recorded on it.
 *
 * <p>Steps run in chunks of 64, 32, ... 1, each of which is one graph. A graph depends on nothing but the lane and the
 * recurrent weights; what differs from pass to pass is read from a {@link StepFrame} in the lane. So a few graphs serve
 * every number of steps and every address. Where launches run whole stretches, there are no graphs. Owned by
 * {@link StepsLanes}.
 */
public final class StepsLane implements AutoCloseable {
    private static final int LONGEST_CHUNK = 64;

    /** Steps of one launch at most, lest a card with a display is without it for long; even, because buffers take turns. */
    private static final int LONGEST_STRETCH = 4096;

    private static final long ALIGNMENT = 256;

    private final CudaContext context;
    private final Kernels kernels;
    private final Size size;
    private final StepsVariant.Room room;
    private final GraphCache graphs;
    private final Scratch memory;
    private final long start;

    /** What decides on the memory and, with the weights, on the graphs. */
    public record Size(Cell cell, CellOptions options, int batch, int hidden, Precision precision, int directions) {
        /** What matters to the lanes of a spec: kernels read the bound of c from the frame. */
        static Size of(RecurrentSpec spec) {
            return new Size(
                    spec.cell(),
                    spec.options().withCellClip(0f),
                    spec.batch(),
                    spec.hiddenSize(),
                    spec.precision(),
                    spec.directions());
        }

        /** B·H. */
        public long states() {
            return (long) batch * hidden;
        }

        /** B·G·H. */
        public long gates() {
            return states() * cell.gates();
        }
    }

    /** A lane whose memory is zero. */
    StepsLane(CudaContext context, Kernels kernels, Size size, StepsVariant.Room room) {
        this.context = context;
        this.kernels = kernels;
        this.size = size;
        this.room = room;
        this.graphs = new GraphCache(context);
        this.memory = new Scratch(context);
        long bytes = words() + aligned(room.words()) - frame();
        this.start = memory.atLeast(bytes);
        clear(context.stream(), start, bytes);
    }

    /** Sets bytes to 0, here or elsewhere on the card. */
    public void clear(CUstream stream, long address, long bytes) {
        context.clear(stream, address, bytes);
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Address of the {@link StepFrame} that kernels read. */
    long frame() {
        return start;
    }

    /**
     * Address of a hidden state as an operand of products. Two take turns: step j of a chunk reads slot j % 2
     * and writes the other. Every chunk but the last, which may be a single step, ends where the next begins.
     */
    public long hidden(int slot) {
        return frame() + ALIGNMENT + slot * aligned(room.hidden());
    }

    /** Address of the recurrent product of a step {@code [B, G·H]}. */
    public long product() {
        return hidden(2);
    }

    /** Address of the gradients of a step's recurrent product {@code [B, G·H]} as an operand of products. */
    public long gateGradients() {
        return product() + aligned(room.product());
    }

    /**
     * Address of what the candidate's recurrent product is of, {@code [B, H]} as an operand of products, where the reset gate
     * is before it: while steps run forward, there are no gradients.
     */
    public long candidateOperand() {
        return gateGradients();
    }

    /** Address of the gradient of {@link #candidateOperand} in floats: while steps run backward, there is no product. */
    long candidateOperandGradient() {
        return product();
    }

    /**
     * Address of what of a step is projected to h, {@code [B, H]} as an operand of products: while steps run forward, there are
     * no gradients.
     */
    public long given() {
        return gateGradients();
    }

    /** Address of the projection of a step, {@code [B, P]} in floats: its gates have read their product. */
    public long projection() {
        return product();
    }

    /**
     * Address of the gradient of the projection of a step, {@code [B, P]} as an operand of products: the gradients of its gates
     * come after it.
     */
    public long projectionGradient() {
        return gateGradients();
    }

    /** Address of the gradient of {@link #given} in floats: while steps run backward, there is no product. */
    public long givenGradient() {
        return product();
    }

    /** Address of what a step hands to the step before it in the backward pass: 0 dh {@code [B, P]}, 1 dc {@code [B, H]}. */
    public long stateGradient(int which) {
        return gateGradients() + aligned(room.gateGradients()) + which * aligned(size.states() * Float.BYTES);
    }

    /** Address of the words by which blocks of a launch wait for each other. */
    public long words() {
        return stateGradient(2);
    }

    /**
     * Runs steps forward, in the order in which the direction reads them.
     *
     * @param frames the frame whose step 0 is a given step
     */
    void forward(CUstream stream, StepKernels cell, int steps, IntFunction<StepFrame> frames) {
        int chunk;
        for (int first = 0; first < steps; first += chunk) {
            chunk = cell.wholeForward() ? Math.min(LONGEST_STRETCH, steps - first) : chunk(steps - first);
            int count = chunk;
            if (cell.wholeForward()) {
                setFrame(stream, frames.apply(first));
                cell.forwardStretch(stream, count);
                continue;
            }
            run(stream, frames.apply(first), key(cell, count, 0), on -> {
                for (int j = 0; j < count; j++) {
                    cell.forward(on, j);
                }
            });
        }
    }

    /**
     * Runs steps backward, from the last to the first.
     *
     * @param frames the frame whose step 0 is a given step
     */
    void backward(CUstream stream, StepKernels cell, int steps, IntFunction<StepFrame> frames) {
        cell.beginBackward(stream, steps);
        int chunk;
        for (int end = steps; end > 0; end -= chunk) {
            chunk = cell.wholeBackward() ? lastStretch(end) : lastChunk(end);
            int count = chunk;
            if (cell.wholeBackward()) {
                setFrame(stream, frames.apply(end - count));
                cell.backwardStretch(stream, count);
                continue;
            }
            run(stream, frames.apply(end - count), key(cell, count, 1), on -> {
                for (int j = count - 1; j >= 0; j--) {
                    cell.backward(on, j);
                }
            });
        }
        cell.endBackward(stream);
    }

    /** Steps of the chunk to run when {@code left} are left. */
    private static int chunk(int left) {
        return Math.min(LONGEST_CHUNK, Integer.highestOneBit(left));
    }

    /** The last of the chunks that the first {@code steps} steps are cut into. */
    private static int lastChunk(int steps) {
        return Math.min(LONGEST_CHUNK, Integer.lowestOneBit(steps));
    }

    /** The last of the stretches that the first {@code steps} steps are cut into. */
    private static int lastStretch(int steps) {
        return (steps - 1) % LONGEST_STRETCH + 1;
    }

    private static List<Long> key(StepKernels cell, int count, int backward) {
        return List.of(cell.weights.wh(), cell.weights.wr(), (long) count, (long) backward);
    }

    private void run(CUstream stream, StepFrame frame, List<Long> key, Consumer<CUstream> steps) {
        setFrame(stream, frame);
        graphs.run(key, stream, steps);
    }

    private void setFrame(CUstream stream, StepFrame frame) {
        kernels.launch(
                stream,
                "set_step_frame",
                1,
                1,
                1,
                1,
                KernelArguments.of().struct(frame.bytes()).address(frame()));
    }

    @Override
    public void close() {
        graphs.close();
        memory.close();
    }
}
