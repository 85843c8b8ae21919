package org.gatefold.exchange.onnx.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;

/**
 * Operators computed on the host: the arithmetic of shapes, of constants, and of whole numbers that a graph is given. Stateless.
 *
 * <p>Inputs are known tensors, null where left out. What an operator lacks here is computed on the device, if at all.
 */
public final class HostOperators {
    private static final Map<String, LongBinaryOperator> WHOLE = Map.of(
            "Add", Math::addExact,
            "Sub", Math::subtractExact,
            "Mul", Math::multiplyExact,
            "Div", (a, b) -> a / b,
            "Mod", Math::floorMod,
            "Max", Math::max,
            "Min", Math::min,
            "Pow", (a, b) -> (long) Math.pow((double) a, (double) b));

    private static final Map<String, DoubleBinaryOperator> REAL = Map.of(
            "Add", Double::sum,
            "Sub", (a, b) -> a - b,
            "Mul", (a, b) -> a * b,
            "Div", (a, b) -> a / b,
            "Max", Math::max,
            "Min", Math::min,
            "Pow", Math::pow);

    /** Comparisons and logic, which give truth values. */
    private static final Map<String, DoubleBinaryOperator> TRUTH = Map.of(
            "Equal", (a, b) -> a == b ? 1 : 0,
            "Less", (a, b) -> a < b ? 1 : 0,
            "LessOrEqual", (a, b) -> a <= b ? 1 : 0,
            "Greater", (a, b) -> a > b ? 1 : 0,
            "GreaterOrEqual", (a, b) -> a >= b ? 1 : 0,
            "And", (a, b) -> a != 0 && b != 0 ? 1 : 0,
            "Or", (a, b) -> a != 0 || b != 0 ? 1 : 0,
            "Xor", (a, b) -> (a != 0) == (b != 0) ? 0 : 1);

    private static final Map<String, DoubleUnaryOperator> UNARY = Map.ofEntries(
            Map.entry("Neg", x -> -x),
            Map.entry("Abs", Math::abs),
            Map.entry("Sqrt", Math::sqrt),
            Map.entry("Reciprocal", x -> 1 / x),
            Map.entry("Exp", Math::exp),
            Map.entry("Log", Math::log),
            Map.entry("Floor", Math::floor),
            Map.entry("Ceil", Math::ceil),
            Map.entry("Round", Math::rint),
            Map.entry("Sign", Math::signum),
            Map.entry("Sin", Math::sin),
            Map.entry("Cos", Math::cos));

    private HostOperators() {}

    /** True of operators that give truth values or whole numbers from real ones, and carry no gradient. */
    public static boolean leavesReals(String operator) {
        return TRUTH.containsKey(operator) || operator.equals("ArgMax") || operator.equals("ArgMin");
    }

    /**
     * The outputs of a node.
     *
     * @return null if the operator is not known here
     * @throws IllegalArgumentException if inputs or attributes do not fit
     */
    public static List<OnnxTensor> evaluate(OnnxNode node, List<OnnxTensor> in) {
        String operator = node.operator();
        OnnxTensor x = in.isEmpty() ? null : in.get(0);
        if (TRUTH.containsKey(operator)) {
            return List.of(truth(TRUTH.get(operator), x, required(in, 1)));
        }
        if (REAL.containsKey(operator) || (operator.equals("Mod") && node.integer("fmod", 0) == 0)) {
            OnnxTensor result = required(in, 0);
            for (int i = 1; i < in.size(); i++) {
                result = arithmetic(operator, result, required(in, i));
            }
            return List.of(result);
        }
        if (UNARY.containsKey(operator)) {
            return List.of(unary(UNARY.get(operator), required(in, 0)));
        }
        Move move = x == null ? null : Moves.of(node, in, x.dims());
        if (move != null) {
            return List.of(moved(node, in, required(in, 0), move));
        }
        return switch (operator) {
            case "Identity" -> List.of(required(in, 0));
            case "Shape" -> List.of(shape(node, required(in, 0).dims()));
            case "Size" -> List.of(OnnxTensor.of(new long[] {required(in, 0).count()}));
            case "Not" -> List.of(unary(a -> a == 0 ? 1 : 0, required(in, 0)));
            case "Cast" -> List.of(required(in, 0).as(castType(node.integer("to", 0))));
            case "Concat" ->
                List.of(OnnxTensor.concatenated(
                        Move.axis(
                                "axis", node.integer("axis", 0), required(in, 0).rank()),
                        in.toArray(OnnxTensor[]::new)));
            case "Split" -> split(node, in);
            case "ConstantOfShape" ->
                List.of(constantOfShape(node, required(in, 0).ints()));
            case "Range" -> List.of(range(required(in, 0), required(in, 1), required(in, 2)));
            case "Where" -> List.of(where(required(in, 0), required(in, 1), required(in, 2)));
            case "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd" ->
                List.of(reduce(node, in, required(in, 0)));
            case "ArgMax", "ArgMin" -> List.of(arg(node, required(in, 0)));
            case "NonZero" -> List.of(nonZero(required(in, 0)));
            default -> null;
        };
    }

    static OnnxTensor required(List<OnnxTensor> in, int index) {
        if (index >= in.size() || in.get(index) == null) {
            throw new IllegalArgumentException("inputs: expected one of number " + index + ", got none");
        }
        return in.get(index);
    }

    private static OnnxTensor moved(OnnxNode node, List<OnnxTensor> in, OnnxTensor x, Move move) {
        if (!move.hasGaps()) {
            return x.moved(move);
        }
        OnnxTensor value = Moves.fill(node, in);
        OnnxTensor fill = value.as(x.type()).reshape(1);
        return OnnxTensor.concatenated(0, x.reshape(x.count()), fill).moved(move.withFill(x.count()));
    }

    /** The element types of the format as those here. */
    public static OnnxTensor.Type castType(int dataType) {
        return switch (dataType) {
            case 1, 10, 11, 16 -> OnnxTensor.Type.FLOAT;
            case 2, 3, 4, 5, 6, 7, 12, 13 -> OnnxTensor.Type.INT;
            case 9 -> OnnxTensor.Type.BOOL;
            default ->
                throw new IllegalArgumentException(
                        "to: expected the type of real or whole numbers or truth values, got " + dataType);
        };
    }

    public static OnnxTensor shape(OnnxNode node, int... dims) {
        int start = clamp(node.integer("start", 0), dims.length);
        int end = clamp(node.integer("end", dims.length), dims.length);
        return OnnxTensor.vector(Arrays.copyOfRange(dims, start, Math.max(start, end)));
    }

    private static int clamp(int index, int size) {
        return Math.max(0, Math.min(size, index < 0 ? index + size : index));
    }

    private static OnnxTensor unary(DoubleUnaryOperator function, OnnxTensor x) {
        if (x.isFloat()) {
            float[] values = new float[x.count()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) function.applyAsDouble(x.floats()[i]);
            }
            return OnnxTensor.of(values, x.dims());
        }
        long[] values = new long[x.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (long) function.applyAsDouble((double) x.longs()[i]);
        }
        return x.type() == OnnxTensor.Type.BOOL
                ? OnnxTensor.ofFlags(values, x.dims())
                : OnnxTensor.of(values, x.dims());
    }

    private static OnnxTensor truth(DoubleBinaryOperator function, OnnxTensor a, OnnxTensor b) {
        int[] dims = Move.broadcast(a.dims(), b.dims());
        OnnxTensor left = a.moved(Move.expand(a.dims(), dims));
        OnnxTensor right = b.moved(Move.expand(b.dims(), dims));
        long[] values = new long[OnnxTensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (long) function.applyAsDouble(at(left, i), at(right, i));
        }
        return OnnxTensor.ofFlags(values, dims);
    }

    private static double at(OnnxTensor x, int index) {
        return x.isFloat() ? x.floats()[index] : x.longs()[index];
    }

    private static OnnxTensor arithmetic(String operator, OnnxTensor a, OnnxTensor b) {
        int[] dims = Move.broadcast(a.dims(), b.dims());
        OnnxTensor left = a.moved(Move.expand(a.dims(), dims));
        OnnxTensor right = b.moved(Move.expand(b.dims(), dims));
        int count = OnnxTensor.count(dims);
        if (left.isFloat()) {
            DoubleBinaryOperator function = REAL.get(operator);
            if (function == null) {
                throw new IllegalArgumentException("operands: expected whole numbers, got " + a);
            }
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) function.applyAsDouble(left.floats()[i], at(right, i));
            }
            return OnnxTensor.of(values, dims);
        }
        LongBinaryOperator function = WHOLE.get(operator);
        long[] values = new long[count];
        try {
            for (int i = 0; i < count; i++) {
                values[i] = function.applyAsLong(
                        left.longs()[i], right.as(OnnxTensor.Type.INT).longs()[i]);
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "operands: expected whole numbers that can be computed with: " + e.getMessage(), e);
        }
        return OnnxTensor.of(values, dims);
    }

    private static List<OnnxTensor> split(OnnxNode node, List<OnnxTensor> in) {
        OnnxTensor x = required(in, 0);
        List<OnnxTensor> parts = new ArrayList<>();
        for (Move move : Moves.split(node, in, x.dims())) {
            parts.add(x.moved(move));
        }
        return parts;
    }

    private static OnnxTensor constantOfShape(OnnxNode node, int... dims) {
        OnnxTensor value =
                node.attributes().get("value") instanceof OnnxTensor given ? given : OnnxTensor.of(new float[1], 1);
        OnnxTensor.countComputed(dims);
        return value.reshape().moved(Move.expand(new int[0], dims));
    }

    private static OnnxTensor range(OnnxTensor start, OnnxTensor limit, OnnxTensor delta) {
        double step = delta.item();
        double count = Math.max(0, Math.ceil((limit.item() - start.item()) / step));
        if (!(count <= OnnxTensor.MOST_COMPUTED)) {
            throw new IllegalArgumentException(
                    "range: expected at most " + OnnxTensor.MOST_COMPUTED + " numbers, got " + count);
        }
        if (start.isFloat()) {
            float[] values = new float[(int) count];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (start.item() + i * step);
            }
            return OnnxTensor.of(values, values.length);
        }
        long[] values = new long[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = start.longs()[0] + i * delta.longs()[0];
        }
        return OnnxTensor.of(values, values.length);
    }

    private static OnnxTensor where(OnnxTensor condition, OnnxTensor a, OnnxTensor b) {
        int[] dims = Move.broadcast(condition.dims(), Move.broadcast(a.dims(), b.dims()));
        long[] flags = condition.moved(Move.expand(condition.dims(), dims)).longs();
        OnnxTensor both = OnnxTensor.concatenated(
                0,
                a.moved(Move.expand(a.dims(), dims)).reshape(flags.length),
                b.moved(Move.expand(b.dims(), dims)).reshape(flags.length));
        return both.moved(choice(flags, dims));
    }

    /** Of two values of equal size, one behind the other, the first where a flag is set. */
    public static Move choice(long[] flags, int... dims) {
        int[] from = new int[flags.length];
        for (int i = 0; i < from.length; i++) {
            from[i] = flags[i] != 0 ? i : flags.length + i;
        }
        return new Move(dims, from);
    }

    private static OnnxTensor reduce(OnnxNode node, List<OnnxTensor> in, OnnxTensor x) {
        int[] axes = Moves.reducedAxes(node, in, x.rank());
        if (axes.length == 0) {
            return x;
        }
        Move front = Moves.toFront(x.dims(), axes);
        OnnxTensor moved = x.moved(front);
        int count = 1;
        for (int axis : axes) {
            count *= x.dims()[axis];
        }
        int rest = count == 0 ? 0 : moved.count() / count;
        double[] sums = new double[rest];
        for (int i = 0; i < rest; i++) {
            double sum = at(moved, i);
            for (int k = 1; k < count; k++) {
                double next = at(moved, k * rest + i);
                sum = switch (node.operator()) {
                    case "ReduceMax" -> Math.max(sum, next);
                    case "ReduceMin" -> Math.min(sum, next);
                    case "ReduceProd" -> sum * next;
                    default -> sum + next;
                };
            }
            sums[i] = node.operator().equals("ReduceMean") ? sum / count : sum;
        }
        int[] dims = Moves.reducedDims(node, x.dims(), axes);
        if (x.isFloat()) {
            float[] values = new float[rest];
            for (int i = 0; i < rest; i++) {
                values[i] = (float) sums[i];
            }
            return OnnxTensor.of(values, dims);
        }
        long[] values = new long[rest];
        for (int i = 0; i < rest; i++) {
            values[i] = (long) sums[i];
        }
        return OnnxTensor.of(values, dims);
    }

    private static OnnxTensor arg(OnnxNode node, OnnxTensor x) {
        int axis = Move.axis("axis", node.integer("axis", 0), x.rank());
        boolean largest = node.operator().equals("ArgMax");
        boolean last = node.integer("select_last_index", 0) != 0;
        OnnxTensor moved = x.moved(Moves.toFront(x.dims(), new int[] {axis}));
        int count = x.dims()[axis];
        int rest = moved.count() / Math.max(1, count);
        long[] best = new long[rest];
        for (int i = 0; i < rest; i++) {
            for (int k = 1; k < count; k++) {
                double now = at(moved, k * rest + i);
                double before = at(moved, (int) best[i] * rest + i);
                if (largest ? now > before || (last && now == before) : now < before || (last && now == before)) {
                    best[i] = k;
                }
            }
        }
        return OnnxTensor.of(best, Moves.reducedDims(node, x.dims(), new int[] {axis}));
    }

    private static OnnxTensor nonZero(OnnxTensor x) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < x.count(); i++) {
            if (at(x, i) != 0) {
                found.add(i);
            }
        }
        int[] strides = Move.strides(x.dims());
        long[] places = new long[x.rank() * found.size()];
        for (int axis = 0; axis < x.rank(); axis++) {
            for (int i = 0; i < found.size(); i++) {
                places[axis * found.size() + i] = found.get(i) / strides[axis] % x.dims()[axis];
            }
        }
        return OnnxTensor.of(places, x.rank(), found.size());
    }
}
