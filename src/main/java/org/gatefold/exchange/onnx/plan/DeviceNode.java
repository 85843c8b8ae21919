package org.gatefold.exchange.onnx.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gatefold.autograd.Variable;
import org.gatefold.exchange.onnx.graph.HostFunction;
import org.gatefold.exchange.onnx.graph.HostOperators;
import org.gatefold.exchange.onnx.graph.Move;
import org.gatefold.exchange.onnx.graph.Moves;
import org.gatefold.exchange.onnx.graph.OnnxNode;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.exchange.onnx.plan.PlanBuilder.Source;
import org.gatefold.exchange.onnx.plan.PlanBuilder.Value;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.PickedRows;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.sequence.SequenceOp.Pooling;

/** Turns one node whose inputs are known in a pass only into steps of a plan. One use. */
final class DeviceNode {
    private final PlanBuilder plan;
    private final OnnxNode node;
    private final List<Value> in;

    DeviceNode(PlanBuilder plan, OnnxNode node, List<Value> in) {
        this.plan = plan;
        this.node = node;
        this.in = in;
    }

    private Value x() {
        return input(0);
    }

    private Value input(int index) {
        if (index >= in.size() || in.get(index) == null) {
            throw new IllegalArgumentException("inputs: expected one of number " + index + ", got none");
        }
        return in.get(index);
    }

    private boolean has(int index) {
        return index < in.size() && in.get(index) != null;
    }

    private void put(Value value) {
        plan.put(node, 0, value);
    }

    void follow() {
        Activation activation = activation();
        HostFunction function = HostFunction.of(node);
        if (activation != null) {
            each((context, x) -> Functional.activate(context, activation, x));
        } else if (function != null) {
            each((context, x) -> DeviceOperators.onHost(context, x, function));
        } else if (!move()) {
            compute();
        }
    }

    private Activation activation() {
        return switch (node.operator()) {
            case "Relu" -> Activation.RELU;
            case "Sigmoid" -> Activation.SIGMOID;
            case "Tanh" -> Activation.TANH;
            case "Exp" -> Activation.EXP;
            case "Softplus" -> Activation.SOFTPLUS;
            case "LeakyRelu" -> {
                float slope = node.real("alpha", 0.01f);
                yield slope < 0 ? null : Activation.leakyRelu(slope);
            }
            case "Elu" -> Activation.elu(node.real("alpha", 1f));
            case "Gelu" -> node.text("approximate", "none").equals("tanh") ? Activation.GELU_TANH : Activation.GELU;
            case "HardSigmoid" -> Activation.hardSigmoid(node.real("alpha", 0.2f), node.real("beta", 0.5f));
            case "HardSwish" -> Activation.HARD_SWISH;
            case "Mish" -> Activation.MISH;
            case "Selu" ->
                Activation.selu(
                        node.real("alpha", Activation.SELU.alpha()), node.real("gamma", Activation.SELU.beta()));
            case "Softsign" -> Activation.SOFTSIGN;
            case "ThresholdedRelu" -> Activation.thresholdedRelu(node.real("alpha", 1f));
            case "Clip" -> clip();
            default -> null;
        };
    }

    /** A function that leaves dimensions as they are. */
    private interface Each {
        Variable of(Context context, Variable x);
    }

    private void each(Each function) {
        Source source = plan.source(x());
        put(plan.real(x().dims(), run -> function.of(run.context(), source.of(run))));
    }

    private boolean move() {
        if (node.operator().equals("Transpose")) {
            int[] given = node.integers("perm");
            int rank = x().rank();
            int[] order = given == null
                    ? IntStream.range(0, rank).map(i -> rank - 1 - i).toArray()
                    : given;
            Move.transpose(new int[rank], order);
            put(plan.transposed(
                    x(),
                    IntStream.of(order)
                            .map(axis -> Move.axis("perm", axis, rank))
                            .toArray()));
            return true;
        }
        if (node.operator().equals("Gather") && input(1).constant() == null) {
            gatherByData();
            return true;
        }
        if (node.operator().equals("Gather") && x().parameter() != null && axis(0) == 0) {
            Move move = Moves.of(node, PlanBuilder.knownOf(in), x().dims());
            DeviceOperators.Pick pick = new DeviceOperators.Pick(move, x().count());
            String table = x().parameter();
            put(plan.real(move.dims(), run -> pick.of(run.context(), run.parameter(table))));
            return true;
        }
        Move move = Moves.of(node, PlanBuilder.knownOf(in), x().dims());
        if (move == null) {
            return false;
        }
        if (move.hasGaps()) {
            Source source = plan.source(x());
            OnnxTensor fill = Moves.fill(node, PlanBuilder.knownOf(in))
                    .as(OnnxTensor.Type.FLOAT)
                    .reshape(1);
            int count = x().count();
            DeviceOperators.Pick pick = new DeviceOperators.Pick(move.withFill(count), count + 1);
            put(plan.real(
                    move.dims(),
                    run -> pick.of(
                            run.context(),
                            DeviceOperators.concatenate(
                                    run.context(), 1, source.of(run), DeviceOperators.constant(run.context(), fill)))));
            return true;
        }
        put(plan.moved(x(), move));
        return true;
    }

    private int axis(int usual) {
        return Move.axis("axis", node.integer("axis", usual), x().rank());
    }

    /** Entries by numbers that a pass brings, for instance vectors of a table by ids. */
    private void gatherByData() {
        int axis = axis(0);
        int[] dims = x().dims();
        Value indices = input(1);
        int[] sample = new int[indices.count()];
        int[] result = Move.gather(dims, axis, sample, indices.dims()).dims();
        int inner = OnnxTensor.count(Arrays.copyOfRange(dims, axis + 1, dims.length));
        int outer = OnnxTensor.count(Arrays.copyOf(dims, axis));
        int size = dims[axis];
        String table = outer == 1 ? x().parameter() : null;
        Source source = table == null ? plan.source(x()) : null;
        put(plan.real(result, run -> {
            int[] ids = plan.onHost(run, indices).ints();
            int[] rows = new int[outer * ids.length];
            for (int o = 0; o < outer; o++) {
                for (int i = 0; i < ids.length; i++) {
                    int id = ids[i] < 0 ? ids[i] + size : ids[i];
                    if (id < 0 || id >= size) {
                        throw new IllegalArgumentException(
                                node.label() + ": indices: expected ids below " + size + ", got " + ids[i]);
                    }
                    rows[o * ids.length + i] = o * size + id;
                }
            }
            if (table != null) {
                Variable y = run.context()
                        .output("gathered", !run.parameter(table).isFrozen(), null, DeviceOperators.shape(result));
                PickedRows.of(run.context(), run.parameter(table), rows, y);
                return y;
            }
            Variable of = source.of(run);
            Variable picked =
                    run.context().output("gathered", of.requiresGradient(), null, DeviceOperators.shape(result));
            PickedRows.of(
                    run.context(), DeviceOperators.view(of, outer * size, inner), 1, rows.length, rows, null, picked);
            return picked;
        }));
    }

    private void compute() {
        switch (node.operator()) {
            case "Add", "Sub", "Mul", "Div", "Max", "Min" -> arithmetic();
            case "Pow" -> power();
            case "Neg" -> each((context, x) -> Functional.scale(context, x, -1f));
            case "Cast", "Identity" -> put(x());
            case "PRelu" -> prelu();
            case "Concat" -> concat();
            case "Split" -> split();
            case "Where" -> where();
            case "Softmax", "LogSoftmax" -> softmax();
            case "ReduceSum",
                    "ReduceMean",
                    "ReduceMax",
                    "ReduceMin",
                    "ReduceL1",
                    "ReduceL2",
                    "ReduceSumSquare",
                    "ReduceLogSum",
                    "ReduceLogSumExp" -> reduce();
            case "MatMul" -> product();
            case "Sum", "Mean" -> sum();
            case "CumSum" -> cumulate();
            case "InstanceNormalization", "GroupNormalization" -> normalise();
            default -> {
                if (!new LayerNode(plan, node, in).follow()) {
                    throw new IllegalArgumentException("the operator is not supported");
                }
            }
        }
    }

    private Value pair(String operator, Value a, Value b) {
        int[] dims = Move.broadcast(a.dims(), b.dims());
        OnnxTensor number = b.constant() != null && b.count() == 1 && dims.length == a.rank() ? b.constant() : null;
        if (number != null && (operator.equals("Mul") || operator.equals("Div"))) {
            float factor = (float) (operator.equals("Mul") ? number.item() : 1 / number.item());
            Source source = plan.source(a);
            return plan.real(dims, run -> Functional.scale(run.context(), source.of(run), factor));
        }
        Source left = plan.source(plan.expanded(a, dims));
        Source right = plan.source(plan.expanded(b, dims));
        return plan.real(dims, run -> {
            Context context = run.context();
            Variable p = left.of(run);
            Variable q = right.of(run);
            return switch (operator) {
                case "Add" -> Functional.add(context, p, q);
                case "Sub" -> Functional.subtract(context, p, q);
                case "Mul" -> Functional.multiply(context, p, q);
                case "Div" -> Functional.divide(context, p, q);
                case "Max" -> Functional.maximum(context, p, q);
                default -> Functional.minimum(context, p, q);
            };
        });
    }

    private void arithmetic() {
        Value result = x();
        for (int i = 1; i < in.size(); i++) {
            boolean turned = result.constant() != null
                    && result.count() == 1
                    && node.operator().equals("Mul");
            result = turned ? pair("Mul", input(i), result) : pair(node.operator(), result, input(i));
        }
        put(result);
    }

    private void sum() {
        Value result = x();
        for (int i = 1; i < in.size(); i++) {
            result = pair("Add", result, input(i));
        }
        float share = 1f / in.size();
        Source source = plan.source(result);
        put(
                node.operator().equals("Sum")
                        ? result
                        : plan.real(result.dims(), run -> Functional.scale(run.context(), source.of(run), share)));
    }

    private void power() {
        OnnxTensor exponent = input(1).constant();
        if (exponent == null || exponent.count() != 1) {
            throw new IllegalArgumentException("Y: expected one known number, got what depends on data or is learned");
        }
        double by = exponent.item();
        if (by == 2) {
            each((context, x) -> Functional.multiply(context, x, x));
        } else {
            each((context, x) -> DeviceOperators.onHost(context, x, HostFunction.power(by)));
        }
    }

    /** Where the bounds are in the wrong order, the upper one holds. */
    private Activation clip() {
        float most = bound("max", 2, Float.MAX_VALUE);
        return Activation.clip(Math.min(bound("min", 1, -Float.MAX_VALUE), most), most);
    }

    /** A bound, of which there may be none, by an attribute or an input. */
    private float bound(String attribute, int input, float none) {
        if (node.has(attribute)) {
            return finite(node.real(attribute, none));
        }
        if (!has(input)) {
            return none;
        }
        if (input(input).constant() == null) {
            throw new IllegalArgumentException(attribute + ": expected a known number, got what depends on data");
        }
        return finite((float) input(input).constant().item());
    }

    private static float finite(float bound) {
        return Math.min(Float.MAX_VALUE, Math.max(-Float.MAX_VALUE, bound));
    }

    /** {@code max(x, 0) + slope * min(x, 0)}. */
    private void prelu() {
        int[] dims = x().dims();
        Source x = plan.source(x());
        Source slope = plan.source(plan.expanded(input(1), dims));
        put(plan.real(dims, run -> {
            Context context = run.context();
            Variable positive = Functional.activate(context, Activation.RELU, x.of(run));
            Variable negative = Functional.subtract(context, x.of(run), positive);
            return Functional.add(context, positive, Functional.multiply(context, negative, slope.of(run)));
        }));
    }

    private void concat() {
        int axis = axis(0);
        int[] dims = Move.concatenatedDims(axis, in.stream().map(Value::dims).toArray(int[][]::new));
        int outer = OnnxTensor.count(Arrays.copyOf(dims, axis));
        List<Source> sources = new ArrayList<>();
        in.forEach(value -> sources.add(plan.source(value)));
        put(plan.real(dims, run -> {
            Variable all = sources.get(0).of(run);
            for (int i = 1; i < sources.size(); i++) {
                all = DeviceOperators.concatenate(
                        run.context(), outer, all, sources.get(i).of(run));
            }
            return DeviceOperators.view(all, dims);
        }));
    }

    private void split() {
        List<Move> moves = Moves.split(node, PlanBuilder.knownOf(in), x().dims());
        for (int i = 0; i < moves.size(); i++) {
            plan.put(node, i, plan.moved(x(), moves.get(i)));
        }
    }

    private void where() {
        int[] dims = Move.broadcast(input(0).dims(), Move.broadcast(input(1).dims(), input(2).dims()));
        Value condition = input(0);
        Source a = plan.source(plan.expanded(input(1), dims));
        Source b = plan.source(plan.expanded(input(2), dims));
        int count = OnnxTensor.count(dims);
        put(plan.real(dims, run -> {
            OnnxTensor flags = plan.onHost(run, condition);
            Move choice = HostOperators.choice(
                    flags.moved(Move.expand(flags.dims(), dims)).longs(), dims);
            Variable both = DeviceOperators.concatenate(run.context(), 1, a.of(run), b.of(run));
            return new DeviceOperators.Pick(choice, 2 * count).of(run.context(), both);
        }));
    }

    private void softmax() {
        boolean flattens = node.integer("flattens", 0) != 0;
        int rank = x().rank();
        int axis = axis(flattens ? 1 : -1);
        boolean logarithm = node.operator().equals("LogSoftmax");
        int last = flattens ? OnnxTensor.count(Arrays.copyOfRange(x().dims(), axis, rank)) : x().dims()[axis];
        int[] order = IntStream.range(0, rank).toArray();
        if (!flattens) {
            order[axis] = rank - 1;
            order[rank - 1] = axis;
        }
        Value moved = plan.transposed(x(), order);
        Source source = plan.source(moved);
        Value y =
                plan.real(moved.dims(), run -> DeviceOperators.softmax(run.context(), logarithm, source.of(run), last));
        put(plan.transposed(y, order));
    }

    private void reduce() {
        int[] axes = Moves.reducedAxes(node, PlanBuilder.knownOf(in), x().rank());
        int[] dims = Moves.reducedDims(node, x().dims(), axes);
        int count = IntStream.of(axes).map(axis -> x().dims()[axis]).reduce(1, Math::multiplyExact);
        int rest = x().count() / Math.max(1, count);
        Value front = plan.moved(x(), Moves.toFront(x().dims(), axes));
        Source source = plan.source(front);
        put(plan.real(dims, run -> {
            Context context = run.context();
            Variable x = source.of(run);
            return switch (node.operator()) {
                case "ReduceMax" -> DeviceOperators.pool(context, Pooling.MAX, x, count, rest, dims);
                case "ReduceMin" ->
                    Functional.scale(
                            context,
                            DeviceOperators.pool(
                                    context, Pooling.MAX, Functional.scale(context, x, -1f), count, rest, dims),
                            -1f);
                case "ReduceMean" -> DeviceOperators.pool(context, Pooling.MEAN, x, count, rest, dims);
                case "ReduceSum" -> total(context, x, count, rest, dims);
                case "ReduceL1" ->
                    total(context, DeviceOperators.onHost(context, x, HostFunction.ABS), count, rest, dims);
                case "ReduceLogSum" ->
                    DeviceOperators.onHost(context, total(context, x, count, rest, dims), HostFunction.LOG);
                case "ReduceLogSumExp" -> logarithm(context, x, count, rest, dims);
                default -> {
                    Variable squares = total(context, Functional.multiply(context, x, x), count, rest, dims);
                    yield node.operator().equals("ReduceSumSquare")
                            ? squares
                            : DeviceOperators.onHost(context, squares, HostFunction.power(0.5));
                }
            };
        }));
    }

    /** Of sums of exponentials, none of which is computed: the largest number less its logarithm of the softmax. */
    private static Variable logarithm(Context context, Variable x, int count, int rest, int... dims) {
        Variable rows = DeviceOperators.swap(context, x, count, rest, 1, rest, count);
        Variable softmax = DeviceOperators.softmax(context, true, rows, count);
        Variable front = DeviceOperators.swap(context, softmax, rest, count, 1, count, rest);
        return Functional.add(
                context,
                DeviceOperators.pool(context, Pooling.MAX, x, count, rest, dims),
                Functional.scale(context, DeviceOperators.pool(context, Pooling.MAX, front, count, rest, dims), -1f));
    }

    private static Variable total(Context context, Variable x, int count, int rest, int... dims) {
        return Functional.scale(context, DeviceOperators.pool(context, Pooling.MEAN, x, count, rest, dims), count);
    }

    /** Sums of all numbers so far on an axis: a product with a triangle of ones. */
    private void cumulate() {
        OnnxTensor given = input(1).constant();
        if (given == null || given.count() != 1) {
            throw new IllegalArgumentException("axis: expected one known number, got what depends on data");
        }
        int rank = x().rank();
        int axis = Move.axis("axis", given.ints()[0], rank);
        boolean reverse = node.integer("reverse", 0) != 0;
        int apart = node.integer("exclusive", 0) != 0 ? 1 : 0;
        int size = x().dims()[axis];
        float[] ones = new float[Math.multiplyExact(size, size)];
        for (int i = 0; i < ones.length; i++) {
            int ahead = (i / size - i % size) * (reverse ? -1 : 1);
            ones[i] = ahead >= apart ? 1f : 0f;
        }
        int[] order = IntStream.range(0, rank).toArray();
        order[axis] = rank - 1;
        order[rank - 1] = axis;
        Value moved = plan.transposed(x(), order);
        Source source = plan.source(moved);
        OnnxTensor triangle = OnnxTensor.of(ones, size, size);
        int rest = x().count() / Math.max(1, size);
        Value y = plan.real(
                moved.dims(),
                run -> DeviceOperators.products(
                        run.context(),
                        source.of(run),
                        DeviceOperators.constant(run.context(), triangle),
                        1,
                        rest,
                        size,
                        size,
                        moved.dims()));
        put(plan.transposed(y, order));
    }

    /** Each channel, or group of channels, of a row by its own mean and variance. */
    private void normalise() {
        int[] dims = x().dims();
        if (dims.length < 3) {
            throw new IllegalArgumentException("input: expected [N, C, …], got " + OnnxTensor.text(dims));
        }
        int channels = dims[1];
        int groups = node.integer("num_groups", channels);
        if (groups < 1 || channels % groups != 0) {
            throw new IllegalArgumentException(
                    "num_groups: expected a divisor of the " + channels + " channels, got " + groups);
        }
        float epsilon = node.real("epsilon", 1e-5f);
        int features = x().count() / dims[0] / groups;
        Source source = plan.source(x());
        Value normed =
                plan.real(dims, run -> DeviceOperators.normalise(run.context(), source.of(run), features, epsilon));
        Value scaled = pair("Mul", normed, perChannel("scale", 1, groups));
        put(pair("Add", scaled, perChannel("bias", 2, groups)));
    }

    /** Numbers of channels, or before opset 21 of groups of them, as {@code [C, 1, …]}. */
    private Value perChannel(String what, int index, int groups) {
        int channels = x().dims()[1];
        Value given = input(index);
        if (given.rank() != 1 || (given.count() != channels && given.count() != groups)) {
            throw new IllegalArgumentException(
                    what + ": expected " + channels + " numbers, got " + OnnxTensor.text(given.dims()));
        }
        int[] column = new int[x().rank() - 1];
        Arrays.fill(column, 1);
        column[0] = channels;
        Value each = given.count() == channels
                ? given
                : plan.expanded(plan.moved(given, Move.reshape(groups, 1)), groups, channels / groups);
        return plan.moved(each, Move.reshape(column));
    }

    /** A product of two values that a pass brings, with batches. */
    private void product() {
        Value a = x().rank() == 1 ? plan.moved(x(), Move.reshape(1, x().count())) : x();
        Value b = input(1).rank() == 1 ? plan.moved(input(1), Move.reshape(input(1).count(), 1)) : input(1);
        int[] outer = Move.broadcast(Arrays.copyOf(a.dims(), a.rank() - 2), Arrays.copyOf(b.dims(), b.rank() - 2));
        int m = a.dims()[a.rank() - 2];
        int k = a.dims()[a.rank() - 1];
        int n = b.dims()[b.rank() - 1];
        if (b.dims()[b.rank() - 2] != k) {
            throw new IllegalArgumentException("operands: expected matrices that fit, got " + OnnxTensor.text(a.dims())
                    + " and " + OnnxTensor.text(b.dims()));
        }
        int rank = outer.length + 2;
        Value left = plan.expanded(a, dims(outer, m, k));
        int[] order = IntStream.range(0, b.rank()).toArray();
        order[b.rank() - 2] = b.rank() - 1;
        order[b.rank() - 1] = b.rank() - 2;
        Value right = plan.expanded(
                b.constant() != null || b.parameter() != null
                        ? plan.moved(b, Move.transpose(b.dims(), order))
                        : plan.transposed(b, order),
                dims(outer, n, k));
        int batch = OnnxTensor.count(outer);
        Source of = plan.source(left);
        Source by = plan.source(right);
        Value y = plan.real(
                dims(outer, m, n),
                run -> DeviceOperators.products(
                        run.context(), of.of(run), by.of(run), batch, m, n, k, dims(outer, m, n)));
        boolean rows = x().rank() == 1;
        boolean columns = input(1).rank() == 1;
        if (rows || columns) {
            int[] result = IntStream.range(0, rank)
                    .filter(axis -> !(rows && axis == rank - 2) && !(columns && axis == rank - 1))
                    .map(axis -> y.dims()[axis])
                    .toArray();
            put(plan.moved(y, Move.reshape(result)));
        } else {
            put(y);
        }
    }

    private static int[] dims(int[] outer, int rows, int columns) {
        int[] dims = Arrays.copyOf(outer, outer.length + 2);
        dims[outer.length] = rows;
        dims[outer.length + 1] = columns;
        return dims;
    }
}
