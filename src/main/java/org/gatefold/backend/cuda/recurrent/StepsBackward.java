package org.gatefold.backend.cuda.recurrent;

import java.util.List;
import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.Gemm;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Operand;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentPlan.BackwardArguments;

/**
 * The backward pass of a {@code cuda.steps} plan: layers from the top, directions, segments from the end.
 *
 * @param given tensors of the pass, by their addresses
 * @param gradients of the weights, one a set; empty if not wanted
 */
record StepsBackward(StepsPass pass, BackwardArguments given, List<StepKernels.Weights> gradients) {

    /** Submits everything to {@code trunk}. */
    void submit(CUstream trunk) {
        long input = clearedInput(trunk);
        for (int layer = pass.spec().layers() - 1; layer >= 0; layer--) {
            long layerInput = layer == 0 ? input : pass.input(layer);
            if (pass.layout().recomputes() || !gradients.isEmpty()) {
                layerInput = pass.inputOperands(trunk, layer, layerInput);
            }
            CUstream[] streams = pass.streams(trunk);
            for (int direction = 0; direction < pass.spec().directions(); direction++) {
                direction(streams[direction], layer, direction, layerInput);
            }
            pass.join(trunk);
            if (pass.sideStream() != null) {
                for (int direction = 0; direction < pass.spec().directions(); direction++) {
                    inputGradient(trunk, layer, direction, pass.segment(direction, 0));
                }
            }
        }
    }

    /** x, or a copy with zeros in its padding, so that nothing which stands there enters the gradient of Wx. */
    private long clearedInput(CUstream stream) {
        if (pass.lengths() == 0 || gradients.isEmpty()) {
            return pass.x();
        }
        long cleared = pass.workspace() + pass.layout().clearedInput();
        int features = pass.spec().inputSize();
        long total = (long) pass.spec().steps() * pass.spec().batch() * features;
        pass.op()
                .kernels()
                .launchLoop(
                        stream,
                        "clear_padding_f32",
                        total,
                        KernelArguments.of()
                                .address(pass.x())
                                .address(pass.lengths())
                                .address(cleared)
                                .i32(pass.spec().steps())
                                .i32(pass.spec().batch())
                                .i32(features));
        return cleared;
    }

    /** Gradient of a layer's output; 0 if there is none. */
    private long outputGradient(int layer) {
        return layer == pass.spec().layers() - 1
                ? StepsPass.address(given.dy())
                : pass.workspace() + pass.layout().between(layer % 2);
    }

    private void direction(CUstream stream, int layer, int direction, long input) {
        int set = pass.set(layer, direction);
        long dh = pass.lanes().lane(direction).stateGradient(0);
        long dc = pass.lanes().lane(direction).stateGradient(1);
        boolean hasCell = pass.spec().cell().hasCellState();
        pass.setHidden(stream, dh, pass.hiddenPart(given.dLast(), set));
        if (hasCell) {
            pass.setCell(stream, dc, pass.cellPart(given.dLast(), set));
        }
        for (int index = pass.layout().segments() - 1; index >= 0; index--) {
            Segment segment = pass.segment(direction, index);
            if (pass.layout().recomputes()) {
                recompute(stream, layer, direction, index, segment, input);
            }
            index(stream, layer, direction, segment, input);
        }
        pass.setHidden(stream, pass.hiddenPart(given.dInitial(), set), dh);
        if (hasCell) {
            pass.setCell(stream, pass.cellPart(given.dInitial(), set), dc);
        }
    }

    private void recompute(CUstream stream, int layer, int direction, int index, Segment segment, long input) {
        int set = pass.set(layer, direction);
        long run = pass.run(layer, direction);
        pass.setHidden(stream, segment.hidden(run, 0), pass.border(set, index, false));
        if (pass.spec().cell().hasCellState()) {
            pass.setCell(stream, segment.cellState(run, 0), pass.border(set, index, true));
        }
        pass.forwardSteps(stream, layer, direction, segment, input, 0);
    }

    private void index(CUstream stream, int layer, int direction, Segment segment, long input) {
        StepKernels cell = pass.cell(layer, direction);
        long run = pass.run(layer, direction);
        long dOutput = outputGradient(layer);
        pass.lanes()
                .lane(direction)
                .backward(
                        stream,
                        cell,
                        segment.steps,
                        step -> cell.frame(segment, run, step, dOutput, pass.lengths(), true));
        StepsLayout layout = pass.layout();
        cell.stepsUndone(
                stream,
                segment,
                run,
                pass.lengths(),
                gradients.isEmpty() ? null : gradients.get(pass.set(layer, direction)));
        long gates = pass.convert(
                stream,
                segment.inputProducts(run),
                layout.gateOperands(direction),
                segment.steps * layout.gateFloats());
        if (!gradients.isEmpty()) {
            weightGradients(stream, layer, direction, segment, gates, input);
        }
        if (pass.sideStream() == null) {
            inputGradient(stream, layer, direction, segment);
        }
    }

    private void weightGradients(CUstream stream, int layer, int direction, Segment segment, long gates, long input) {
        StepKernels cell = pass.cell(layer, direction);
        StepsLayout layout = pass.layout();
        long run = pass.run(layer, direction);
        long states = segment.steps * layout.stateFloats();
        long hidden = hiddenOperands(stream, cell, segment.hiddenBefore(run), direction, segment.steps);
        long candidates = 0;
        if (pass.spec().cell() == Cell.GRU) {
            candidates = pass.convert(stream, segment.candidates(run), layout.candidateOperands(direction), states);
        }
        long given = 0;
        long projected = 0;
        if (pass.spec().projects()) {
            long hiddenStates = segment.steps * layout.hiddenFloats();
            given = pass.convert(stream, segment.given(run), layout.givenOperands(direction), states);
            projected = pass.convert(stream, segment.projected(run), layout.projectedOperands(direction), hiddenStates);
        }
        long recurrentGates = gates;
        if (pass.spec().options().layerNorm()) {
            recurrentGates = pass.convert(
                    stream,
                    segment.recurrentGradients(run),
                    layout.recurrentGradientOperands(direction),
                    segment.steps * layout.gateFloats());
        }
        StepKernels.Weights into = gradients.get(pass.set(layer, direction));
        int rows = segment.steps * pass.spec().batch();
        cell.accumulate(
                stream,
                new StepKernels.Gathered(
                        segment.gates(run),
                        recurrentGates,
                        segment.candidates(run),
                        candidates,
                        hidden,
                        segment.cellsBefore(run),
                        segment.cellsAfter(run),
                        given,
                        projected,
                        rows),
                into);
        if (pass.spec().skipsInput(layer)) {
            return;
        }
        int features = pass.spec().inputOf(layer);
        pass.op()
                .gemm(pass.spec().precision(), direction)
                .transposedTimes(
                        stream,
                        new Gemm.Matrix(gates, cell.gateColumns()),
                        new Gemm.Matrix(pass.row(input, segment.begin(), features, pass.operand()), features),
                        new Gemm.Matrix(into.wx(), features),
                        cell.gateColumns(),
                        features,
                        rows,
                        true);
    }

    /** Hidden states before the steps of a segment, in floats, as the products of these steps took them. */
    private long hiddenOperands(CUstream stream, StepKernels cell, long hidden, int direction, int steps) {
        StepsLayout layout = pass.layout();
        long place = layout.hiddenOperands(direction);
        if (!cell.masksHidden()) {
            return pass.convert(stream, hidden, place, steps * layout.hiddenFloats());
        }
        cell.maskHidden(
                stream, hidden, pass.workspace() + place, steps * pass.spec().batch());
        return pass.workspace() + place;
    }

    /** Gradient of the layer's input over a segment; the second direction adds to the first's. */
    private void inputGradient(CUstream stream, int layer, int direction, Segment segment) {
        long dInput = layer == 0 ? StepsPass.address(given.dx()) : outputGradient(layer - 1);
        if (dInput == 0) {
            return;
        }
        int features = pass.spec().inputOf(layer);
        int columns = pass.spec().cell().gates() * pass.spec().hiddenSize();
        long gates = pass.operands(
                segment.inputProducts(pass.run(layer, direction)), pass.layout().gateOperands(direction));
        long to = pass.row(dInput, segment.begin(), features, Operand.F32);
        int rows = segment.steps * pass.spec().batch();
        if (pass.spec().skipsInput(layer)) {
            pass.op()
                    .kernels()
                    .launchLoop(
                            stream,
                            "skipped_input_gradient_f32",
                            (long) rows * features,
                            KernelArguments.of()
                                    .address(gates)
                                    .address(to)
                                    .i64(rows)
                                    .i32(features)
                                    .i32(pass.spec().cell().gates())
                                    .i32(direction)
                                    .i32(pass.operand().code()));
            return;
        }
        pass.op()
                .gemm(pass.spec().precision(), direction)
                .times(
                        stream,
                        new Gemm.Matrix(gates, columns),
                        new Gemm.Matrix(
                                pass.weights().get(pass.set(layer, direction)).wx(), features),
                        new Gemm.Matrix(to, features),
                        rows,
                        features,
                        columns,
                        direction == 1);
    }
}
