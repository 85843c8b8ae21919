package org.gatefold.backend.cuda.recurrent;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.Gemm;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.backend.cuda.kernel.Operand;
import org.gatefold.backend.cuda.operation.CudaLinear;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * What one layer and direction does in a step: which products and kernels run on its lane. Whatever a step submits is
 * recorded, and must depend on the lane and the recurrent weights only; the kernels find the rest in the lane's frame.
 */
public abstract class StepKernels {
    protected final Kernels kernels;
    protected final Gemm gemm;
    protected final RecurrentSpec spec;
    protected final StepsLane lane;
    protected final Operand operand;
    protected final int hidden;

    /** P, features of h: H unless units are projected to it. */
    protected final int features;

    protected final int batch;
    protected final Weights weights;
    protected final StepOptions options;
    private final int column;
    private final StepFrame.Drop drop;

    /**
     * Which layer and direction it is and what it works with.
     *
     * @param drop of this layer's output
     */
    public record Setting(
            Kernels kernels,
            Gemm gemm,
            StepsLane lane,
            RecurrentSpec spec,
            Weights weights,
            int direction,
            StepFrame.Drop drop) {}

    /**
     * Addresses of the weights of one set: Wx and Wr as operands of products, Wh as the steps read it, b and peepholes in
     * floats.
     *
     * @param wx 0 where the input skips the product
     * @param p 0 without
     * @param wr 0 without a projection
     * @param norm 0 without layer normalisation
     */
    public record Weights(long wx, long wh, long b, long p, long wr, long norm) {}

    /**
     * What the gradients of Wh, b and peepholes are made from, over all steps of a segment, in the order of time.
     *
     * @param gates gate gradients {@code [n·B, G·H]}, floats
     * @param gateOperands the same as operands of products
     * @param candidates gradients of the recurrent part of the candidate {@code [n·B, H]}, floats; GRU only
     * @param candidateOperands the same as operands of products; where the reset gate is before the candidate's recurrent
     *     product, what that is of
     * @param hiddenOperands hidden states before the steps {@code [n·B, P]} as operands of products
     * @param cellsBefore cell states before the steps {@code [n·B, H]}, floats; LSTM only
     * @param cellsAfter cell states after the steps, likewise
     * @param givenOperands what of the steps is projected {@code [n·B, H]} as operands of products; 0 without a projection
     * @param projectedOperands gradients of projections {@code [n·B, P]}, likewise
     * @param rows n·B
     */
    public record Gathered(
            long gates,
            long gateOperands,
            long candidates,
            long candidateOperands,
            long hiddenOperands,
            long cellsBefore,
            long cellsAfter,
            long givenOperands,
            long projectedOperands,
            int rows) {}

    protected StepKernels(Setting setting) {
        this.kernels = setting.kernels();
        this.gemm = setting.gemm();
        this.lane = setting.lane();
        this.spec = setting.spec();
        this.operand = Operand.of(spec.precision());
        this.hidden = spec.hiddenSize();
        this.features = spec.projectionSize();
        this.batch = spec.batch();
        this.weights = setting.weights();
        this.options = StepOptions.of(spec, setting.direction());
        this.column = setting.direction() * features;
        this.drop = setting.drop();
    }

    /**
     * Takes the hidden state at an address, in floats, as that before the first step of a segment; not recorded.
     *
     * @param training whether masks are drawn
     */
    protected void begin(CUstream stream, long state, boolean training) {
        if (training && masksHidden()) {
            maskHidden(stream, state, lane.hidden(0), batch);
        } else {
            operand.convert(kernels, stream, state, lane.hidden(0), (long) batch * features);
        }
    }

    /** True if recurrent products take masked hidden states in training. */
    protected final boolean masksHidden() {
        return options.noise().recurrentDropout() > 0 && options.noise().drawn();
    }

    /**
     * Writes hidden states in floats as operands of products that are masked; not recorded.
     *
     * @param rows a multiple of the batch
     */
    protected final void maskHidden(CUstream stream, long from, long to, int rows) {
        float p = options.noise().recurrentDropout();
        kernels.launchLoop(
                stream,
                "mask_hidden_f32",
                (long) rows * features,
                KernelArguments.of()
                        .address(from)
                        .address(drop.seed())
                        .i32(drop.set())
                        .f32(p)
                        .f32(1f / (1f - p))
                        .address(to)
                        .i32(operand.code())
                        .i64(rows)
                        .i32(batch)
                        .i32(features));
    }

    /** Comes between the input products of a segment and its steps; not recorded. */
    protected void inputsMade(CUstream stream, Segment segment, long run) {}

    /**
     * Comes once the steps of a segment were run backward, and makes what products over it take, in their places; not recorded.
     *
     * @param into null if gradients of weights are not wanted
     */
    protected void stepsUndone(CUstream stream, Segment segment, long run, long lengths, Weights into) {}

    /** Recurrent product and gates of step j of a chunk. */
    protected abstract void forward(CUstream stream, int j);

    /** Comes before the steps of a segment are run backward; not recorded. */
    protected void beginBackward(CUstream stream, int steps) {}

    /** Gradients of the gates of step j of a chunk, and what goes back to the step before, in the lane's dh and dc. */
    protected abstract void backward(CUstream stream, int j);

    /** True if {@link #forwardStretch} takes the place of {@link #forward}. */
    protected boolean wholeForward() {
        return false;
    }

    /** Steps 0 to {@code steps - 1} in one launch; not recorded. */
    protected void forwardStretch(CUstream stream, int steps) {
        throw new IllegalStateException("steps are submitted one by one");
    }

    /** True if {@link #backwardStretch} takes the place of {@link #backward}. */
    protected boolean wholeBackward() {
        return false;
    }

    /** Steps {@code steps - 1} to 0 backward in one launch; not recorded. */
    protected void backwardStretch(CUstream stream, int steps) {
        throw new IllegalStateException("steps are submitted one by one");
    }

    /** Comes after the steps of a segment were run backward: from then on dh is complete; not recorded. */
    protected void endBackward(CUstream stream) {}

    /** Adds the gradients of Wh, b, peepholes and Wr over a segment. */
    protected abstract void accumulate(CUstream stream, Gathered gathered, Weights into);

    /**
     * The frame whose step 0 is a step of a segment.
     *
     * @param run where the segment keeps what belongs to it
     * @param output y or dy, whole; 0 if there is none
     * @param keep whether a backward pass will follow
     */
    protected final StepFrame frame(Segment segment, long run, int step, long output, long lengths, boolean keep) {
        long row = (long) batch * spec.outputSize();
        int time = segment.time(step);
        // Only what callers own can be off 16-byte alignment.
        boolean vector =
                hidden % 4 == 0 && features % 4 == 0 && (weights.b() | weights.p() | weights.norm() | output) % 16 == 0;
        return new StepFrame(
                segment.gatesFrom(run, step),
                segment.hiddenFrom(run, step),
                segment.extraFrom(run, step),
                new StepFrame.Part(output == 0 ? 0 : output + time * row * Float.BYTES, segment.timeStride() * row),
                segment.givenFrom(run, step),
                segment.projectedFrom(run, step),
                weights.b(),
                weights.p(),
                segment.normalFrom(run, step, weights.norm()),
                lengths,
                time,
                segment.timeStride(),
                spec.outputSize(),
                column,
                keep,
                vector,
                spec.cellClip(),
                drop);
    }

    protected final int gateColumns() {
        return spec.cell().gates() * hidden;
    }

    /** What every kernel of a step is told first. */
    protected final KernelArguments step(int j) {
        return step(j, hidden);
    }

    /** As {@link #step(int)} of kernels whose rows have so many units, or features of h. */
    protected final KernelArguments step(int j, int width) {
        return KernelArguments.of().address(lane.frame()).i32(j).i32(batch).i32(width);
    }

    /** What a kernel that comes after the recurrent product of step j is told. */
    protected final KernelArguments forwardStep(int j, long operands) {
        return step(j).address(lane.product()).address(operands).i32(operand.code());
    }

    /** What a kernel before the recurrent product's way back from step j is told, of cells that carry h alone. */
    protected final KernelArguments backwardStep(int j) {
        return step(j).address(lane.stateGradient(0))
                .address(lane.gateGradients())
                .i32(operand.code());
    }

    /** What a kernel that comes after {@link #multiplyCandidateBack} is told. */
    protected final KernelArguments backwardOfOperand(int j) {
        return step(j).address(lane.candidateOperandGradient())
                .address(lane.stateGradient(0))
                .address(lane.gateGradients())
                .i32(operand.code());
    }

    /** Launches a thread for every four units of a row. */
    protected final void launch(CUstream stream, String kernel, KernelArguments arguments) {
        launch(stream, kernel, hidden, arguments);
    }

    /** Launches a thread for every four units, or features of h, of a row. */
    protected final void launch(CUstream stream, String kernel, int width, KernelArguments arguments) {
        kernels.launch(stream, kernel, (long) batch * ((width + 3) / 4), arguments);
    }

    /**
     * Launches the kernel of the plain cell, or where the spec has options that which takes them, last.
     *
     * @param arguments of both
     */
    protected final void launch(CUstream stream, String plain, String withOptions, KernelArguments arguments) {
        if (plain()) {
            launch(stream, plain, arguments);
        } else {
            launch(stream, withOptions, arguments.struct(options.bytes()));
        }
    }

    /** True if kernels without options compute the cell. */
    protected final boolean plain() {
        return spec.options().isPlainButForCellClip();
    }

    /** The lane's product: the hidden state before step j times Whᵀ. */
    protected final void multiply(CUstream stream, int j) {
        multiply(stream, j, gateColumns());
    }

    /** The first columns of {@link #multiply(CUstream, int)}. */
    protected final void multiply(CUstream stream, int j, int columns) {
        gemm.timesTransposed(
                stream,
                new Gemm.Matrix(lane.hidden(j % 2), features),
                new Gemm.Matrix(weights.wh(), features),
                new Gemm.Matrix(lane.product(), gateColumns()),
                batch,
                columns,
                features,
                false);
    }

    /** Adds the lane's gate gradients times Wh, which step j of a chunk has made, to its dh. */
    protected final void multiplyBack(CUstream stream, int j) {
        multiplyBack(stream, j, gateColumns());
    }

    /** As {@link #multiplyBack(CUstream, int)} of the first gate gradients only. */
    protected final void multiplyBack(CUstream stream, int j, int columns) {
        boolean masked = masksHidden();
        // While steps run backward, there is no product.
        long gradients = masked ? lane.product() : lane.stateGradient(0);
        gemm.times(
                stream,
                new Gemm.Matrix(lane.gateGradients(), gateColumns()),
                new Gemm.Matrix(weights.wh(), features),
                new Gemm.Matrix(gradients, features),
                batch,
                features,
                columns,
                !masked);
        if (masked) {
            launch(
                    stream,
                    "add_masked_gradients_f32",
                    features,
                    step(j, features)
                            .address(gradients)
                            .address(lane.stateGradient(0))
                            .struct(options.bytes()));
        }
    }

    /** Wh of the candidate, whose block of rows comes last. */
    private Gemm.Matrix candidateWeights() {
        return new Gemm.Matrix(weights.wh() + 2L * hidden * hidden * operand.bytes(), hidden);
    }

    /** The candidate's columns among gate gradients that are operands of products. */
    protected final Gemm.Matrix candidateGradients(long gates) {
        return new Gemm.Matrix(gates + 2L * hidden * operand.bytes(), gateColumns());
    }

    /** The candidate's product, the last, with what the reset gate lets through of h. */
    protected final void multiplyCandidate(CUstream stream) {
        gemm.timesTransposed(
                stream,
                new Gemm.Matrix(lane.candidateOperand(), hidden),
                candidateWeights(),
                new Gemm.Matrix(lane.product() + 2L * hidden * Float.BYTES, gateColumns()),
                batch,
                hidden,
                hidden,
                false);
    }

    /** The way back through {@link #multiplyCandidate}, to the lane's gradient of its operand. */
    protected final void multiplyCandidateBack(CUstream stream) {
        gemm.times(
                stream,
                candidateGradients(lane.gateGradients()),
                candidateWeights(),
                new Gemm.Matrix(lane.candidateOperandGradient(), hidden),
                batch,
                hidden,
                hidden,
                false);
    }

    /** Gradients of Wh and b where every gate's recurrent product has the gradient of its input product. */
    protected final void accumulateAll(CUstream stream, Gathered gathered, Weights into) {
        int columns = gateColumns();
        gemm.transposedTimes(
                stream,
                new Gemm.Matrix(gathered.gateOperands(), columns),
                new Gemm.Matrix(gathered.hiddenOperands(), features),
                new Gemm.Matrix(into.wh(), features),
                columns,
                features,
                gathered.rows(),
                true);
        CudaLinear.columnSums(kernels, stream, gathered.gates(), into.b(), gathered.rows(), columns, columns);
    }

    /** As {@link #accumulateAll} where the candidate's recurrent product, the last, has a gradient and a bias of its own. */
    protected final void accumulateCandidateApart(CUstream stream, Gathered gathered, Weights into) {
        accumulateGru(
                stream,
                gathered,
                into,
                new Gemm.Matrix(gathered.candidateOperands(), hidden),
                new Gemm.Matrix(gathered.hiddenOperands(), hidden));
        accumulateCandidateBias(stream, gathered, into);
    }

    /** As {@link #accumulateAll} where the candidate's recurrent product is of what the reset gate lets through of h. */
    protected final void accumulateResetBefore(CUstream stream, Gathered gathered, Weights into) {
        accumulateGru(
                stream,
                gathered,
                into,
                candidateGradients(gathered.gateOperands()),
                new Gemm.Matrix(gathered.candidateOperands(), hidden));
    }

    /** The gradient of the bias of a candidate's recurrent part, the last. */
    protected final void accumulateCandidateBias(CUstream stream, Gathered gathered, Weights into) {
        CudaLinear.columnSums(
                kernels,
                stream,
                gathered.candidates(),
                into.b() + (long) gateColumns() * Float.BYTES,
                gathered.rows(),
                hidden,
                hidden);
    }

    /**
     * Gradients of Wh of a GRU, and of the biases of its gates.
     *
     * @param candidates gradients of the candidate's recurrent product, as operands
     * @param factors what that product is of, as operands
     */
    protected final void accumulateGru(
            CUstream stream, Gathered gathered, Weights into, Gemm.Matrix candidates, Gemm.Matrix factors) {
        int rows = gathered.rows();
        gemm.transposedTimes(
                stream,
                new Gemm.Matrix(gathered.gateOperands(), gateColumns()),
                new Gemm.Matrix(gathered.hiddenOperands(), hidden),
                new Gemm.Matrix(into.wh(), hidden),
                2 * hidden,
                hidden,
                rows,
                true);
        // The candidate's block of rows comes last.
        gemm.transposedTimes(
                stream,
                candidates,
                factors,
                new Gemm.Matrix(into.wh() + 2L * hidden * hidden * Float.BYTES, hidden),
                hidden,
                hidden,
                rows,
                true);
        CudaLinear.columnSums(kernels, stream, gathered.gates(), into.b(), rows, gateColumns(), gateColumns());
    }

    /** Gradients of peepholes, if there are any. */
    protected final void accumulatePeepholes(CUstream stream, Gathered gathered, Weights into) {
        if (into.p() == 0) {
            return;
        }
        kernels.launch(
                stream,
                "peephole_sums_f32",
                (hidden + 31) / 32,
                3,
                32,
                8,
                KernelArguments.of()
                        .address(gathered.gates())
                        .address(gathered.cellsBefore())
                        .address(gathered.cellsAfter())
                        .address(into.p())
                        .i64(gathered.rows())
                        .i32(hidden));
    }
}
