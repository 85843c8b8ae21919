package org.gatefold.op.recurrent;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Random arguments of a recurrent operation on a workbench: every input given, every result wanted, NaN in the padding of
 * x and dy. Belongs to the workbench's scope; one thread at a time.
 */
public final class RecurrentArguments {
    private static final long DROPOUT_SEED = 77;

    private final RecurrentSpec spec;
    private final Mode mode;
    private final Tensor x;
    private final Lengths lengths;
    private final RecurrentState initial;
    private final RecurrentWeights weights;
    private final Tensor y;
    private final RecurrentState last;
    private Tensor dy;
    private RecurrentState dLast;
    private Tensor dx;
    private RecurrentState dInitial;
    private RecurrentWeights dWeights;

    /** @param rows valid steps of each row; null means all */
    public RecurrentArguments(Workbench bench, RecurrentSpec spec, Mode mode, int[] rows) {
        this.spec = spec;
        this.mode = mode;
        int[] in = {spec.steps(), spec.batch(), spec.inputSize()};
        int[] out = {spec.steps(), spec.batch(), spec.outputSize()};
        this.x = bench.input("x", padded(bench.gaussian(1f, in), rows, spec.inputSize()), in);
        this.lengths = rows == null ? null : bench.lengths(spec.steps(), rows);
        this.initial = given(bench, "h0", "c0");
        this.weights = weights(bench);
        this.y = bench.output("y", out);
        this.last = wanted(bench, "hn", "cn");
        if (mode == Mode.TRAINING) {
            this.dy = bench.input("dy", padded(bench.gaussian(1f, out), rows, spec.outputSize()), out);
            this.dLast = given(bench, "dhn", "dcn");
            this.dx = bench.output("dx", in);
            this.dInitial = wanted(bench, "dh0", "dc0");
            this.dWeights = gradients(bench);
        }
    }

    private int[] states(int size) {
        return new int[] {spec.weightSets(), spec.batch(), size};
    }

    private RecurrentState given(Workbench bench, String h, String c) {
        int[] ofH = states(spec.projectionSize());
        int[] ofC = states(spec.hiddenSize());
        Tensor hidden = bench.input(h, bench.gaussian(0.5f, ofH), ofH);
        return new RecurrentState(
                hidden, spec.cell().hasCellState() ? bench.input(c, bench.gaussian(0.5f, ofC), ofC) : null);
    }

    private RecurrentState wanted(Workbench bench, String h, String c) {
        return new RecurrentState(
                bench.output(h, states(spec.projectionSize())),
                spec.cell().hasCellState() ? bench.output(c, states(spec.hiddenSize())) : null);
    }

    private RecurrentWeights weights(Workbench bench) {
        return new RecurrentWeights(sets((part, shape, set) -> {
            double scale =
                    switch (part) {
                        case WX, WH, WR -> 0.8 / Math.sqrt(shape.dim(1));
                        case B, PEEPHOLES, NORM -> 0.4;
                    };
            int[] dims = shape.toArray();
            return bench.input(part.label(), bench.gaussian((float) scale, dims), dims);
        }));
    }

    private RecurrentWeights gradients(Workbench bench) {
        return new RecurrentWeights(
                sets((part, shape, set) -> bench.accumulator(part.gradient() + "[" + set + "]", shape.toArray())));
    }

    private interface Maker {
        Tensor make(RecurrentWeights.Part part, Shape shape, int set);
    }

    private List<RecurrentWeights.Set> sets(Maker maker) {
        List<RecurrentWeights.Set> sets = new ArrayList<>();
        for (int i = 0; i < spec.weightSets(); i++) {
            int set = i;
            int layer = set / spec.directions();
            sets.add(RecurrentWeights.Set.of(
                    spec.parts(layer),
                    spec.parts(layer).stream()
                            .map(part -> maker.make(part, spec.shape(part, layer), set))
                            .toList()));
        }
        return sets;
    }

    private float[] padded(float[] values, int[] rows, int width) {
        for (int i = 0; rows != null && i < values.length; i++) {
            if (i / width / spec.batch() >= rows[i / width % spec.batch()]) {
                values[i] = Float.NaN;
            }
        }
        return values;
    }

    /**
     * Makes a plan and a reserve, which go with {@code scope}, in the arguments' own precision.
     *
     * @return one pass on these arguments: forward and backward in training, else forward
     */
    public Runnable pass(RecurrentOp op, Scope scope) {
        return pass(op, spec.precision(), scope);
    }

    /** As {@link #pass(RecurrentOp, Scope)}, in any precision. */
    @SuppressWarnings("MustBeClosedChecker") // the scope owns the plan's memory
    public Runnable pass(RecurrentOp op, Precision precision, Scope scope) {
        RecurrentPlan plan = op.plan(scope, spec.withPrecision(precision), mode);
        plan.setWeights(weights);
        if (mode == Mode.INFERENCE) {
            return () -> plan.infer(x, lengths, initial, y, last);
        }
        Reserve reserve = plan.reserve(scope);
        return () -> {
            plan.forward(x, lengths, initial, y, last, reserve, DROPOUT_SEED);
            plan.backward(x, lengths, initial, y, dy, dLast, dx, dInitial, dWeights, reserve);
        };
    }
}
