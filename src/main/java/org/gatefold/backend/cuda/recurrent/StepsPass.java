package org.gatefold.backend.cuda.recurrent;

import java.util.List;
import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.driver.SideStream;
import org.gatefold.backend.cuda.kernel.Gemm;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Operand;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.tensor.Tensor;

/**
 * What a forward and a backward pass share: addresses, streams, and the forward steps, which the backward pass repeats
 * where it recomputes. Addresses of tensors that are not given are 0.
 *
 * @param lanes where the steps run
 * @param kept the reserve; 0 in inference
 */
record StepsPass(
        StepsRecurrent op,
        RecurrentSpec spec,
        Mode mode,
        StepsLayout layout,
        List<StepKernels.Weights> weights,
        StepsLanes lanes,
        long workspace,
        long seed,
        long x,
        long lengths,
        long y,
        long kept) {

    static long address(Tensor tensor) {
        return tensor == null ? 0 : tensor.address();
    }

    boolean training() {
        return kept != 0;
    }

    /** The second direction's stream; null if all runs on one. */
    SideStream sideStream() {
        return layout.recomputes() ? null : lanes.sideStream();
    }

    /** One stream for each direction; the second, if it is one of its own, goes on from where the trunk stands. */
    CUstream[] streams(CUstream trunk) {
        return new CUstream[] {
            trunk, sideStream() == null ? trunk : sideStream().fork(trunk)
        };
    }

    /** Lets the trunk wait for the second direction. */
    void join(CUstream trunk) {
        if (sideStream() != null) {
            sideStream().join(trunk);
        }
    }

    int set(int layer, int direction) {
        return layer * spec.directions() + direction;
    }

    Segment segment(int direction, int index) {
        return new Segment(spec, mode, layout, direction, index);
    }

    StepKernels cell(int layer, int direction) {
        float p = training() && layer < spec.layers() - 1 ? spec.dropout() : 0f;
        return op.cell(new StepKernels.Setting(
                op.kernels(),
                op.gemm(spec.precision(), direction),
                lanes.lane(direction),
                spec,
                weights.get(set(layer, direction)),
                direction,
                new StepFrame.Drop(seed, p, layer, set(layer, direction))));
    }

    /** Start of the run of a weight set: its own in the reserve, or its direction's in the workspace. */
    long run(int layer, int direction) {
        return training() && !layout.recomputes()
                ? kept + layout.kept(set(layer, direction))
                : workspace + layout.workRun(direction);
    }

    /** The input of a layer. */
    long input(int layer) {
        return layer == 0 ? x : output(layer - 1);
    }

    /** The output of a layer. */
    long output(int layer) {
        if (layer == spec.layers() - 1) {
            return y;
        }
        return training() ? kept + layout.keptOutput(layer) : workspace + layout.between(layer % 2);
    }

    /** Address of the first row of step t of a sequence with {@code features} columns. */
    long row(long sequence, int t, int features, Operand type) {
        return sequence + (long) t * spec.batch() * features * type.bytes();
    }

    Operand operand() {
        return Operand.of(spec.precision());
    }

    /** Where floats stand as operands of products: in single precision where they are, else at a place in the workspace. */
    long operands(long floats, long place) {
        return operand() == Operand.F32 ? floats : workspace + place;
    }

    /** Puts floats where {@link #operands} says that they stand as operands of products. */
    long convert(CUstream stream, long floats, long place, long count) {
        long operands = operands(floats, place);
        if (operands != floats) {
            operand().convert(op.kernels(), stream, floats, operands, count);
        }
        return operands;
    }

    /** The input of a layer as operands of products, in {@code [T, B, features]}. */
    long inputOperands(CUstream stream, int layer, long input) {
        return convert(stream, input, layout.inputOperands(), (long) spec.steps() * spec.batch() * spec.inputOf(layer));
    }

    /** Start of a weight set's part of hidden states {@code [L·D, B, P]}. */
    long hiddenPart(RecurrentState states, int set) {
        return states == null ? 0 : states.h().address() + set * layout.hiddenFloats() * Float.BYTES;
    }

    /** Start of a weight set's part of cell states {@code [L·D, B, H]}. */
    long cellPart(RecurrentState states, int set) {
        return states == null || states.c() == null
                ? 0
                : states.c().address() + set * layout.stateFloats() * Float.BYTES;
    }

    /** Sets a hidden state {@code [B, P]} to another, or to zeros if {@code source} is 0; does nothing if {@code target} is 0. */
    void setHidden(CUstream stream, long target, long source) {
        setState(stream, target, source, layout.hiddenFloats());
    }

    /** The same of cell states {@code [B, H]}. */
    void setCell(CUstream stream, long target, long source) {
        setState(stream, target, source, layout.stateFloats());
    }

    private void setState(CUstream stream, long target, long source, long floats) {
        if (target == 0 || target == source) {
            return;
        }
        if (source == 0) {
            op.context().fill(stream, target, 0, floats);
        } else {
            op.context().copy(stream, target, source, floats * Float.BYTES);
        }
    }

    /** The address of where the states at the start of a segment are kept: hidden, or cell. */
    long border(int set, int index, boolean cell) {
        if (cell && !spec.cell().hasCellState()) {
            return 0;
        }
        return cell
                ? kept + layout.keptCells(set) + index * layout.stateFloats() * Float.BYTES
                : kept + layout.kept(set) + index * layout.hiddenFloats() * Float.BYTES;
    }

    /**
     * Runs the steps of a segment forward, whose first state stands in the run.
     *
     * @param input of the layer, as operands of products
     * @param output where the layer's output goes; 0 if it stands there already
     */
    void forwardSteps(CUstream stream, int layer, int direction, Segment segment, long input, long output) {
        StepKernels cell = cell(layer, direction);
        long run = run(layer, direction);
        int features = spec.inputOf(layer);
        long first = row(input, segment.begin(), features, operand());
        int rows = segment.steps * spec.batch();
        if (spec.skipsInput(layer)) {
            op.kernels()
                    .launchLoop(
                            stream,
                            "skip_input_f32",
                            (long) rows * features,
                            KernelArguments.of()
                                    .address(first)
                                    .address(segment.gates(run))
                                    .i64(rows)
                                    .i32(features)
                                    .i32(spec.cell().gates())
                                    .i32(operand().code()));
        } else {
            op.gemm(spec.precision(), direction)
                    .timesTransposed(
                            stream,
                            new Gemm.Matrix(first, features),
                            new Gemm.Matrix(weights.get(set(layer, direction)).wx(), features),
                            new Gemm.Matrix(segment.inputProducts(run), cell.gateColumns()),
                            rows,
                            cell.gateColumns(),
                            features,
                            false);
        }
        cell.inputsMade(stream, segment, run);
        cell.begin(stream, segment.hidden(run, 0), training());
        lanes.lane(direction)
                .forward(
                        stream,
                        cell,
                        segment.steps,
                        step -> cell.frame(segment, run, step, output, lengths, training()));
    }
}
