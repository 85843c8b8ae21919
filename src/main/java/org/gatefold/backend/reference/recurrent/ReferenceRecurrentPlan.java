package org.gatefold.backend.reference.recurrent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.backend.reference.math.DropoutMask;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * A stack of recurrent layers in plain Java: one {@link DirectionPass} after the other.
 *
 * <p>Sequences between layers live in its scope; weights are copied to the heap. One thread at a time.
 */
final class ReferenceRecurrentPlan extends RecurrentPlan {
    private final RecurrentSpec spec;
    private final ReserveLayout layout;
    private final DirectionPass pass;
    private final DropoutMask mask = new DropoutMask();
    private final List<CellMath> cells = new ArrayList<>();
    private final List<PackedWeights> weights = new ArrayList<>();

    /** Inference: outputs of even and odd layers; training: their gradients. Null where not needed. */
    private final Tensor[] between = new Tensor[2];

    /** Gates and cell states of one segment, if they are recomputed. */
    private final Steps segmentGates;

    private final Steps segmentCells;

    ReferenceRecurrentPlan(ReferenceRecurrentOp op, RecurrentSpec spec, Mode mode, Scope scope) {
        super(op, spec, mode, scope);
        this.spec = spec;
        for (int direction = 0; direction < spec.directions(); direction++) {
            cells.add(CellMath.of(spec, direction));
        }
        CellMath math = cells.get(0);
        boolean training = mode == Mode.TRAINING;
        layout = training ? new ReserveLayout(spec, math) : null;
        int widest = spec.layers() > 1 ? Math.max(spec.inputSize(), spec.outputSize()) : spec.inputSize();
        pass = new DirectionPass(spec, math, widest, training);
        for (int set = 0; set < spec.weightSets(); set++) {
            weights.add(new PackedWeights());
        }
        for (int i = 0; i < Math.min(2, spec.layers() - 1); i++) {
            between[i] = scope.f32("between layers", spec.steps(), spec.batch(), spec.outputSize());
        }
        boolean recomputes = training && spec.recomputeSegment() > 0;
        int steps = ReserveLayout.segmentSteps(spec);
        segmentGates = recomputes && math.kept() > 0
                ? new Steps(scope.f32("segment gates", steps, spec.batch(), math.kept() * spec.hiddenSize()))
                : null;
        segmentCells = recomputes && spec.cell().hasCellState()
                ? new Steps(scope.f32("segment cells", steps, spec.batch(), spec.hiddenSize()))
                : null;
    }

    /** What a plan holds, in its scope and on the heap. */
    static long bytes(RecurrentSpec spec, Mode mode) {
        boolean training = mode == Mode.TRAINING;
        CellMath math = CellMath.of(spec, 0);
        long row = (long) spec.batch() * spec.hiddenSize();
        long doubles = spec.parameters() * (training ? 3 : 1)
                + (long) spec.batch() * Math.max(spec.inputSize(), spec.outputSize()) * (training ? 2 : 1)
                + row * (2L * spec.cell().gates() + 3L * math.lateGates() + (training ? 13 : 11))
                + (spec.options().layerNorm() ? row * (3L * spec.cell().gates() + 3) + 4L * spec.batch() : 0)
                + (spec.projects() ? row + (long) spec.batch() * spec.projectionSize() : 0);
        long floats = row * math.kept()
                + Math.min(2, spec.layers() - 1) * (long) spec.steps() * spec.batch() * spec.outputSize();
        if (training && spec.recomputeSegment() > 0) {
            floats += ReserveLayout.segmentSteps(spec) * row * (math.kept() + 1);
        }
        return doubles * Double.BYTES + floats * Float.BYTES;
    }

    @Override
    protected void computeSetWeights(RecurrentWeights canonical) {
        for (int set = 0; set < weights.size(); set++) {
            weights.get(set)
                    .pack(
                            canonical.sets().get(set),
                            spec.gateRows(),
                            pass.earlySize,
                            spec.precision(),
                            mode() == Mode.TRAINING);
        }
    }

    @Override
    protected void computeForward(ForwardArguments given) {
        Tensor memory = given.reserve() == null ? null : given.reserve().memory();
        RecurrentState last = given.last();
        pass.lengths = rowLengths(given.lengths());
        for (int layer = 0; layer < spec.layers(); layer++) {
            Tensor output = outputOf(layer, given.y(), memory);
            output.fill(0f);
            for (int direction = 0; direction < spec.directions(); direction++) {
                int set = layer * spec.directions() + direction;
                prepare(layer, direction, given.x(), given.y(), memory, given.dropoutSeed());
                loadInitial(given.initial(), set);
                pass.forward();
                if (last != null) {
                    store(pass.stateH, last.h(), set);
                    store(pass.stateC, last.c(), set);
                }
            }
        }
    }

    @Override
    protected void computeBackward(BackwardArguments given) {
        Reserve reserve = given.reserve();
        RecurrentState dLast = given.dLast();
        RecurrentState dInitial = given.dInitial();
        RecurrentWeights dWeights = given.dWeights();
        pass.lengths = rowLengths(given.lengths());
        for (int layer = spec.layers() - 1; layer >= 0; layer--) {
            boolean top = layer == spec.layers() - 1;
            Tensor dOutput = top ? given.dy() : between[layer % 2];
            Tensor dInput = layer == 0 ? given.dx() : between[(layer - 1) % 2];
            if (dInput != null) {
                dInput.fill(0f);
            }
            Steps dInputSteps = dInput == null ? null : new Steps(dInput);
            for (int direction = 0; direction < spec.directions(); direction++) {
                int set = layer * spec.directions() + direction;
                prepare(layer, direction, given.x(), given.y(), reserve.memory(), reserve.seed());
                loadInitial(given.initial(), set);
                load(dLast == null ? null : dLast.h(), set, pass.stateH);
                load(dLast == null ? null : dLast.c(), set, pass.stateC);
                if (dWeights != null) {
                    pass.weights.clearGradients(dWeights.sets().get(set));
                }
                pass.backward(dOutput == null ? null : new Steps(dOutput), dInputSteps, dWeights != null);
                if (dWeights != null) {
                    pass.weights.addGradients(dWeights.sets().get(set));
                }
                if (dInitial != null) {
                    store(pass.stateH, dInitial.h(), set);
                    store(pass.stateC, dInitial.c(), set);
                }
            }
            if (layer > 0 && spec.dropout() > 0) {
                maskAll(dInputSteps, layer - 1, reserve.seed());
            }
        }
    }

    /** Points the pass at the tensors of one layer and direction. */
    private void prepare(int layer, int direction, Tensor x, Tensor y, Tensor reserve, long seed) {
        int set = layer * spec.directions() + direction;
        pass.math = cells.get(direction);
        pass.weights = weights.get(set);
        pass.reverse = direction == 1 || spec.direction() == Direction.REVERSE;
        pass.inputSize = spec.inputOf(layer);
        Steps input = new Steps(layer == 0 ? x : outputOf(layer - 1, y, reserve));
        if (layer > 0 && spec.dropout() > 0 && reserve != null) {
            pass.source = (step, from, target, at) ->
                    input.getMasked(step, from, target, at, mask, spec.dropout(), seed, layer - 1);
        } else {
            int width = pass.inputSize;
            pass.source = (step, from, target, at) -> input.get(step, from, 0, width, target, at);
        }
        pass.output = new Steps(outputOf(layer, y, reserve));
        pass.set = set;
        pass.drawn = reserve != null && spec.options().noise().drawn();
        pass.seed = seed;
        pass.column = direction * spec.projectionSize();
        boolean keeps = reserve != null;
        pass.borders = keeps ? layout.borders(reserve, set) : null;
        boolean recomputes = spec.recomputeSegment() > 0;
        pass.gates = !keeps || recomputes ? segmentGates : layout.gates(reserve, set);
        pass.cells = !keeps || recomputes ? segmentCells : layout.cells(reserve, set);
    }

    private Tensor outputOf(int layer, Tensor y, Tensor reserve) {
        if (layer == spec.layers() - 1) {
            return y;
        }
        return reserve == null ? between[layer % 2] : layout.sequence(reserve, layer);
    }

    private void maskAll(Steps sequence, int layer, long seed) {
        for (int step = 0; step < spec.steps(); step++) {
            for (int at = 0; at < spec.batch(); at++) {
                sequence.mask(step, at, mask, spec.dropout(), seed, layer);
            }
        }
    }

    private int[] rowLengths(Lengths lengths) {
        if (lengths != null) {
            return lengths.toArray();
        }
        int[] all = new int[spec.batch()];
        Arrays.fill(all, spec.steps());
        return all;
    }

    private void loadInitial(RecurrentState initial, int set) {
        load(initial == null ? null : initial.h(), set, pass.initialH);
        load(initial == null ? null : initial.c(), set, pass.initialC);
    }

    /** Copies one set's states; zeros if the tensor is null. */
    private void load(Tensor states, int set, double[] target) {
        if (states == null) {
            Arrays.fill(target, 0);
            return;
        }
        Steps steps = new Steps(states);
        int width = states.shape().last();
        for (int at = 0; at < spec.batch(); at++) {
            steps.get(set, at, 0, width, target, at * width);
        }
    }

    private void store(double[] source, Tensor states, int set) {
        if (states == null) {
            return;
        }
        Steps steps = new Steps(states);
        int width = states.shape().last();
        for (int at = 0; at < spec.batch(); at++) {
            steps.put(set, at, 0, width, source, at * width);
        }
    }
}
