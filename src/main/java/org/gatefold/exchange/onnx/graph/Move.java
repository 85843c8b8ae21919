package org.gatefold.exchange.onnx.graph;

import java.util.Arrays;

/**
 * A rearrangement of numbers: dimensions of the result, and for each of its numbers the place in what it is taken of. The one form of
 * Transpose, Slice, Gather, Expand, Tile, Pad and Split. Immutable by agreement.
 *
 * @param dims of the result
 * @param from places; null if every number stays where it is
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Move(int[] dims, int[] from) {
    /** The same numbers under other dimensions. */
    public static Move reshape(int... dims) {
        return new Move(dims, null);
    }

    /** A function of the index of a result to the place on the same axis in what it is taken of; -1 for nothing. */
    interface AxisMap {
        int from(int axis, int index);
    }

    /** A move that maps axis by axis. */
    private static Move byAxis(int[] source, int[] result, AxisMap map) {
        int count = OnnxTensor.countComputed(result);
        int[] from = new int[count];
        int[] strides = strides(source);
        int filled = 1;
        // One axis after the other, the first outermost.
        int[] now = {0};
        for (int axis = 0; axis < result.length; axis++) {
            int[] next = new int[Math.multiplyExact(now.length, result[axis])];
            for (int i = 0; i < now.length; i++) {
                for (int j = 0; j < result[axis]; j++) {
                    int place = map.from(axis, j);
                    next[i * result[axis] + j] = place < 0 || now[i] < 0 ? -1 : now[i] + place * strides[axis];
                }
            }
            now = next;
            filled = next.length;
        }
        System.arraycopy(now, 0, from, 0, filled);
        return identity(from, OnnxTensor.count(source)) ? reshape(result) : new Move(result, from);
    }

    private static boolean identity(int[] from, int count) {
        if (from.length != count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (from[i] != i) {
                return false;
            }
        }
        return true;
    }

    static int[] strides(int... dims) {
        int[] strides = new int[dims.length];
        int stride = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= dims[axis];
        }
        return strides;
    }

    public static Move transpose(int[] dims, int... order) {
        int[] result = new int[dims.length];
        boolean[] seen = new boolean[dims.length];
        if (order.length != dims.length) {
            throw new IllegalArgumentException(
                    "perm: expected " + dims.length + " axes, got " + OnnxTensor.text(order));
        }
        for (int i = 0; i < order.length; i++) {
            int axis = axis("perm", order[i], dims.length);
            if (seen[axis]) {
                throw new IllegalArgumentException("perm: expected each axis once, got " + OnnxTensor.text(order));
            }
            seen[axis] = true;
            result[i] = dims[axis];
        }
        int count = OnnxTensor.countComputed(result);
        int[] strides = strides(dims);
        int[] from = new int[count];
        int[] index = new int[dims.length];
        for (int i = 0; i < count; i++) {
            int place = 0;
            for (int k = 0; k < index.length; k++) {
                place += index[k] * strides[axis("perm", order[k], dims.length)];
            }
            from[i] = place;
            for (int k = index.length - 1; k >= 0 && ++index[k] == result[k]; k--) {
                index[k] = 0;
            }
        }
        return identity(from, count) ? reshape(result) : new Move(result, from);
    }

    /** Numbers from starts on, in steps, so many on each axis. */
    static Move slice(int[] dims, int[] starts, int[] steps, int... counts) {
        return byAxis(dims, counts, (axis, index) -> starts[axis] + index * steps[axis]);
    }

    /** A part of an axis. */
    static Move part(int[] dims, int axis, int start, int count) {
        int[] starts = new int[dims.length];
        int[] steps = new int[dims.length];
        Arrays.fill(steps, 1);
        int[] counts = dims.clone();
        starts[axis] = start;
        counts[axis] = count;
        if (start < 0 || count < 0 || start + count > dims[axis]) {
            throw new IllegalArgumentException("part: expected " + start + " to " + (start + count) + " within axis "
                    + axis + " of " + OnnxTensor.text(dims));
        }
        return slice(dims, starts, steps, counts);
    }

    /** Entries of an axis by their numbers, negative ones counted from behind. */
    public static Move gather(int[] dims, int axis, int[] indices, int... indexDims) {
        int[] result = new int[dims.length - 1 + indexDims.length];
        System.arraycopy(dims, 0, result, 0, axis);
        System.arraycopy(indexDims, 0, result, axis, indexDims.length);
        System.arraycopy(dims, axis + 1, result, axis + indexDims.length, dims.length - axis - 1);
        int outer = OnnxTensor.count(Arrays.copyOf(dims, axis));
        int inner = OnnxTensor.count(Arrays.copyOfRange(dims, axis + 1, dims.length));
        int[] from = new int[OnnxTensor.countComputed(result)];
        int at = 0;
        for (int o = 0; o < outer; o++) {
            for (int index : indices) {
                int entry = index < 0 ? index + dims[axis] : index;
                if (entry < 0 || entry >= dims[axis]) {
                    throw new IllegalArgumentException(
                            "indices: expected numbers within an axis of " + dims[axis] + ", got " + index);
                }
                for (int i = 0; i < inner; i++) {
                    from[at++] = (o * dims[axis] + entry) * inner + i;
                }
            }
        }
        return new Move(result, from);
    }

    /** Repeats along axes of length 1, and along new ones in front. */
    public static Move expand(int[] dims, int... target) {
        int[] source = new int[target.length];
        Arrays.fill(source, 1);
        System.arraycopy(dims, 0, source, target.length - dims.length, dims.length);
        return byAxis(source, target, (axis, index) -> source[axis] == 1 ? 0 : index);
    }

    /** Repeats the whole so many times along each axis. */
    static Move tile(int[] dims, int... repeats) {
        int[] result = new int[dims.length];
        for (int axis = 0; axis < result.length; axis++) {
            result[axis] = Math.multiplyExact(dims[axis], repeats[axis]);
        }
        return byAxis(dims, result, (axis, index) -> index % dims[axis]);
    }

    /**
     * Numbers before and behind each axis; negative ones take away.
     *
     * @param mode constant, reflect, edge or wrap; places of a constant are -1
     */
    static Move pad(int[] dims, String mode, int... pads) {
        int[] result = new int[dims.length];
        for (int axis = 0; axis < result.length; axis++) {
            result[axis] = Math.addExact(dims[axis], Math.addExact(pads[axis], pads[axis + dims.length]));
            if (result[axis] < 0) {
                throw new IllegalArgumentException(
                        "pads: expected something left, got " + OnnxTensor.text(pads) + " on " + OnnxTensor.text(dims));
            }
            if (mode.equals("reflect") && (Math.max(pads[axis], pads[axis + dims.length]) >= Math.max(1, dims[axis]))) {
                throw new IllegalArgumentException("pads: expected fewer than the " + dims[axis]
                        + " numbers that are reflected, got " + OnnxTensor.text(pads));
            }
        }
        return byAxis(dims, result, (axis, index) -> {
            int place = index - pads[axis];
            int size = dims[axis];
            if (place >= 0 && place < size) {
                return place;
            }
            return switch (mode) {
                case "reflect" -> place < 0 ? -place : 2 * (size - 1) - place;
                case "edge" -> place < 0 ? 0 : size - 1;
                case "wrap" -> Math.floorMod(place, size);
                case "constant" -> -1;
                default ->
                    throw new IllegalArgumentException("mode: expected constant, reflect, edge or wrap, got " + mode);
            };
        });
    }

    /**
     * The numbers of matrices on and above a diagonal, or on and below it; places of the others are -1.
     *
     * @param diagonal how far it is above the main one
     */
    static Move triangle(int[] dims, boolean upper, int diagonal) {
        if (dims.length < 2) {
            throw new IllegalArgumentException("input: expected matrices, got " + OnnxTensor.text(dims));
        }
        int columns = dims[dims.length - 1];
        int rows = dims[dims.length - 2];
        int[] from = new int[OnnxTensor.countComputed(dims)];
        for (int i = 0; i < from.length; i++) {
            long above = (long) i % columns - i / columns % rows - diagonal;
            from[i] = upper ? (above >= 0 ? i : -1) : above <= 0 ? i : -1;
        }
        return new Move(dims, from);
    }

    /** Whether some numbers of the result are taken of nothing. */
    public boolean hasGaps() {
        return from != null && Arrays.stream(from).anyMatch(place -> place < 0);
    }

    /** The common dimensions of operands that are broadcast to each other. */
    public static int[] broadcast(int[] a, int... b) {
        int rank = Math.max(a.length, b.length);
        int[] result = new int[rank];
        for (int i = 0; i < rank; i++) {
            int left = i < rank - a.length ? 1 : a[i - rank + a.length];
            int right = i < rank - b.length ? 1 : b[i - rank + b.length];
            if (left != right && left != 1 && right != 1) {
                throw new IllegalArgumentException("operands: expected dimensions that fit each other, got "
                        + OnnxTensor.text(a) + " and " + OnnxTensor.text(b));
            }
            result[i] = left == 1 ? right : left;
        }
        return result;
    }

    public static int[] concatenatedDims(int axis, int[]... parts) {
        int[] result = parts[0].clone();
        for (int i = 1; i < parts.length; i++) {
            boolean fits = parts[i].length == result.length;
            for (int k = 0; fits && k < result.length; k++) {
                fits = k == axis || parts[i][k] == result[k];
            }
            if (!fits) {
                throw new IllegalArgumentException("concat: expected values that fit on axis " + axis + ", got "
                        + OnnxTensor.text(parts[0]) + " and " + OnnxTensor.text(parts[i]));
            }
            result[axis] = Math.addExact(result[axis], parts[i][axis]);
        }
        return result;
    }

    /** An axis, counted from behind if negative. */
    public static int axis(String what, int axis, int rank) {
        int counted = axis < 0 ? axis + rank : axis;
        if (counted < 0 || counted >= rank) {
            throw new IllegalArgumentException(what + ": expected an axis of " + rank + " dimensions, got " + axis);
        }
        return counted;
    }

    /** As the source of places with one more number behind the last, where -1 stands. */
    public Move withFill(int fill) {
        int[] filled = from.clone();
        for (int i = 0; i < filled.length; i++) {
            filled[i] = filled[i] < 0 ? fill : filled[i];
        }
        return new Move(dims, filled);
    }
}
