package org.gatefold.exchange.onnx.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Which {@link Move} an operator makes, from its attributes and its known inputs. Stateless. */
public final class Moves {
    private Moves() {}

    /**
     * The move of an operator that only moves numbers.
     *
     * @param in known inputs; null where unknown or left out
     * @param dims of the first input
     * @return null if it is another operator
     * @throws IllegalArgumentException if attributes or inputs do not fit, or if an input that must be known is not
     */
    public static Move of(OnnxNode node, List<OnnxTensor> in, int... dims) {
        return switch (node.operator()) {
            case "Reshape" ->
                Move.reshape(reshaped(node, dims, known(node, in, 1).ints()));
            case "Flatten" -> Move.reshape(flattened(dims, node.integer("axis", 1)));
            case "Squeeze" -> Move.reshape(squeezed(dims, axes(node, in, 1)));
            case "Unsqueeze" -> Move.reshape(unsqueezed(dims, axes(node, in, 1)));
            case "Transpose" -> transpose(node, dims);
            case "Slice" -> slice(node, in, dims);
            case "Gather" -> gather(node, known(node, in, 1), dims);
            case "Expand" -> {
                int[] target = Move.broadcast(dims, known(node, in, 1).ints());
                yield Move.expand(dims, target);
            }
            case "Tile" -> tile(known(node, in, 1).ints(), dims);
            case "Pad" -> Move.pad(dims, node.text("mode", "constant"), pads(node, in, dims.length));
            case "Trilu" ->
                Move.triangle(
                        dims,
                        node.integer("upper", 1) != 0,
                        in.size() > 1 && in.get(1) != null ? in.get(1).ints()[0] : 0);
            default -> null;
        };
    }

    /** True if inputs behind the first say what the result is like, so that they must be known before a pass. */
    public static boolean readsShape(OnnxNode node) {
        return switch (node.operator()) {
            case "Reshape",
                    "Squeeze",
                    "Unsqueeze",
                    "Slice",
                    "Expand",
                    "Tile",
                    "Pad",
                    "Trilu",
                    "Split",
                    "ReduceSum",
                    "ReduceMean",
                    "ReduceMax",
                    "ReduceMin",
                    "ReduceProd" -> true;
            default -> false;
        };
    }

    /** True if the numbers of the first input say what the result is like. */
    public static boolean givesShapeByValue(OnnxNode node) {
        return switch (node.operator()) {
            case "ConstantOfShape", "Range", "NonZero" -> true;
            default -> false;
        };
    }

    private static OnnxTensor known(OnnxNode node, List<OnnxTensor> in, int index) {
        if (index >= in.size() || in.get(index) == null) {
            throw new IllegalArgumentException("inputs: expected number " + index + " of " + node.operator()
                    + " to follow from constants and shapes, but it depends on data or is missing");
        }
        return in.get(index);
    }

    private static int[] reshaped(OnnxNode node, int[] dims, int... wanted) {
        int[] result = wanted.clone();
        int open = -1;
        long rest = 1;
        for (int i = 0; i < result.length; i++) {
            if (result[i] == 0 && node.integer("allowzero", 0) == 0) {
                result[i] = dims[Move.axis("shape", i, dims.length)];
            }
            if (result[i] == -1) {
                if (open >= 0) {
                    throw new IllegalArgumentException(
                            "shape: expected one open dimension, got " + OnnxTensor.text(wanted));
                }
                open = i;
            } else {
                rest *= Math.max(0, result[i]);
            }
        }
        int count = OnnxTensor.count(dims);
        if (open >= 0 && rest > 0) {
            result[open] = (int) (count / rest);
        }
        if (OnnxTensor.count(result) != count) {
            throw new IllegalArgumentException("shape: expected dimensions of " + count + " numbers as "
                    + OnnxTensor.text(dims) + " has, got " + OnnxTensor.text(wanted));
        }
        return result;
    }

    private static int[] flattened(int[] dims, int axis) {
        int border = axis < 0 ? axis + dims.length : axis;
        if (border < 0 || border > dims.length) {
            throw new IllegalArgumentException("axis: expected at most " + dims.length + ", got " + axis);
        }
        return new int[] {
            OnnxTensor.count(Arrays.copyOf(dims, border)),
            OnnxTensor.count(Arrays.copyOfRange(dims, border, dims.length))
        };
    }

    /** The attribute {@code axes}, or the input that later versions have in its place; null if left out. */
    private static int[] axes(OnnxNode node, List<OnnxTensor> in, int index) {
        if (node.has("axes")) {
            return node.integers("axes");
        }
        return node.input(index).isEmpty() ? null : known(node, in, index).ints();
    }

    private static int[] squeezed(int[] dims, int... axes) {
        boolean[] gone = new boolean[dims.length];
        if (axes == null) {
            for (int i = 0; i < dims.length; i++) {
                gone[i] = dims[i] == 1;
            }
        } else {
            for (int axis : axes) {
                int counted = Move.axis("axes", axis, dims.length);
                if (dims[counted] != 1) {
                    throw new IllegalArgumentException(
                            "axes: expected axes of length 1, got " + axis + " of " + OnnxTensor.text(dims));
                }
                gone[counted] = true;
            }
        }
        return IntStream.range(0, dims.length)
                .filter(i -> !gone[i])
                .map(i -> dims[i])
                .toArray();
    }

    private static int[] unsqueezed(int[] dims, int... axes) {
        if (axes == null) {
            throw new IllegalArgumentException("axes: expected axes, got none");
        }
        int rank = dims.length + axes.length;
        int[] result = new int[rank];
        for (int axis : axes) {
            int counted = Move.axis("axes", axis, rank);
            if (result[counted] == 1) {
                throw new IllegalArgumentException("axes: expected each once, got " + OnnxTensor.text(axes));
            }
            result[counted] = 1;
        }
        boolean[] added = new boolean[rank];
        for (int i = 0; i < rank; i++) {
            added[i] = result[i] == 1;
        }
        int next = 0;
        for (int i = 0; i < rank; i++) {
            result[i] = added[i] ? 1 : dims[next++];
        }
        return result;
    }

    private static Move transpose(OnnxNode node, int... dims) {
        int[] order = node.integers("perm");
        if (order == null) {
            order = IntStream.range(0, dims.length)
                    .map(i -> dims.length - 1 - i)
                    .toArray();
        }
        return Move.transpose(dims, order);
    }

    private static Move slice(OnnxNode node, List<OnnxTensor> in, int... dims) {
        int[] given = node.has("starts")
                ? node.integers("starts")
                : known(node, in, 1).ints();
        int[] ends =
                node.has("ends") ? node.integers("ends") : known(node, in, 2).ints();
        int[] axes = axes(node, in, 3);
        int[] by = node.input(4).isEmpty() ? null : known(node, in, 4).ints();
        int[] starts = new int[dims.length];
        int[] steps = new int[dims.length];
        Arrays.fill(steps, 1);
        int[] counts = dims.clone();
        for (int i = 0; i < given.length; i++) {
            int axis = Move.axis("axes", axes == null ? i : axes[i], dims.length);
            int size = dims[axis];
            int step = by == null ? 1 : by[i];
            if (step == 0) {
                throw new IllegalArgumentException("steps: expected other than 0, got 0");
            }
            long start = given[i] < 0 ? (long) given[i] + size : given[i];
            long end = ends[i] < 0 ? (long) ends[i] + size : ends[i];
            start = step > 0 ? Math.max(0, Math.min(size, start)) : Math.max(0, Math.min(size - 1L, start));
            end = step > 0 ? Math.max(0, Math.min(size, end)) : Math.max(-1, Math.min(size - 1L, end));
            starts[axis] = (int) start;
            steps[axis] = step;
            counts[axis] =
                    (int) Math.max(0, step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step);
        }
        return Move.slice(dims, starts, steps, counts);
    }

    private static Move gather(OnnxNode node, OnnxTensor indices, int... dims) {
        return Move.gather(
                dims, Move.axis("axis", node.integer("axis", 0), dims.length), indices.ints(), indices.dims());
    }

    private static Move tile(int[] repeats, int... dims) {
        if (repeats.length != dims.length) {
            throw new IllegalArgumentException(
                    "repeats: expected " + dims.length + ", got " + OnnxTensor.text(repeats));
        }
        return Move.tile(dims, repeats);
    }

    private static int[] pads(OnnxNode node, List<OnnxTensor> in, int rank) {
        int[] given =
                node.has("pads") ? node.integers("pads") : known(node, in, 1).ints();
        int[] axes = node.input(3).isEmpty()
                ? IntStream.range(0, rank).toArray()
                : known(node, in, 3).ints();
        if (given.length != 2 * axes.length) {
            throw new IllegalArgumentException("pads: expected " + 2 * axes.length + ", got " + OnnxTensor.text(given));
        }
        int[] pads = new int[2 * rank];
        for (int i = 0; i < axes.length; i++) {
            int axis = Move.axis("axes", axes[i], rank);
            pads[axis] = given[i];
            pads[axis + rank] = given[i + axes.length];
        }
        return pads;
    }

    /** What stands where nothing is taken: a constant padding's value, or 0. */
    public static OnnxTensor fill(OnnxNode node, List<OnnxTensor> in) {
        if (!node.operator().equals("Pad") || node.input(2).isEmpty()) {
            return OnnxTensor.of(new float[] {node.real("value", 0f)});
        }
        OnnxTensor value = known(node, in, 2);
        value.item();
        return value;
    }

    /** The moves of a Split, one an output. */
    public static List<Move> split(OnnxNode node, List<OnnxTensor> in, int... dims) {
        int axis = Move.axis("axis", node.integer("axis", 0), dims.length);
        int parts = node.outputs().size();
        int[] sizes = node.has("split")
                ? node.integers("split")
                : node.input(1).isEmpty() ? null : known(node, in, 1).ints();
        if (sizes == null) {
            sizes = new int[parts];
            int each = (dims[axis] + parts - 1) / parts;
            for (int i = 0; i < parts; i++) {
                sizes[i] = Math.max(0, Math.min(each, dims[axis] - i * each));
            }
        }
        if (sizes.length != parts || IntStream.of(sizes).asLongStream().sum() != dims[axis]) {
            throw new IllegalArgumentException(
                    "split: expected " + parts + " parts of " + dims[axis] + ", got " + OnnxTensor.text(sizes));
        }
        List<Move> moves = new ArrayList<>();
        int start = 0;
        for (int size : sizes) {
            moves.add(Move.part(dims, axis, start, size));
            start += size;
        }
        return moves;
    }

    /** The axes that a Reduce operator takes away, ascending. */
    public static int[] reducedAxes(OnnxNode node, List<OnnxTensor> in, int rank) {
        int[] axes = axes(node, in, 1);
        if (axes == null || axes.length == 0) {
            return node.integer("noop_with_empty_axes", 0) != 0
                    ? new int[0]
                    : IntStream.range(0, rank).toArray();
        }
        return IntStream.of(axes)
                .map(axis -> Move.axis("axes", axis, rank))
                .sorted()
                .distinct()
                .toArray();
    }

    /** The dimensions that a Reduce operator leaves. */
    public static int[] reducedDims(OnnxNode node, int[] dims, int... axes) {
        boolean keeps = node.integer("keepdims", 1) != 0;
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            if (Arrays.binarySearch(axes, i) < 0) {
                left.add(dims[i]);
            } else if (keeps) {
                left.add(1);
            }
        }
        return left.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The given axes before all others. */
    public static Move toFront(int[] dims, int... axes) {
        return Move.transpose(dims, frontOrder(dims.length, axes));
    }

    private static int[] frontOrder(int rank, int... axes) {
        return IntStream.concat(IntStream.of(axes), IntStream.range(0, rank).filter(axis -> Arrays.stream(axes)
                        .noneMatch(a -> a == axis)))
                .toArray();
    }
}
