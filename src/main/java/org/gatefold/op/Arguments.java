package org.gatefold.op;

import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** The checks at the front door: each failure names the argument, what was expected and what came. */
public final class Arguments {
    private Arguments() {}

    /** Checks that a tensor is given, alive, of floats and of one shape. */
    public static void requireF32(String argument, Tensor tensor, int... shape) {
        requireTensor(argument, tensor, ElementType.F32);
        Shape.require(argument, tensor.shape(), shape);
    }

    /** Checks that a tensor is given, alive, of floats and of one shape. */
    public static void requireF32(String argument, Tensor tensor, Shape shape) {
        requireTensor(argument, tensor, ElementType.F32);
        Shape.require(argument, tensor.shape(), shape);
    }

    /** True for a tensor of floats and of one shape; for arguments whose names are to be made only where they are told. */
    public static boolean isF32(Tensor tensor, Shape shape) {
        return tensor != null
                && tensor.type() == ElementType.F32
                && tensor.shape().equals(shape);
    }

    /** As {@link #requireF32(String, Tensor, Shape)}, but null is allowed. */
    public static void optionalF32(String argument, Tensor tensor, int... shape) {
        if (tensor != null) {
            requireF32(argument, tensor, shape);
        }
    }

    /** Checks that a tensor is given, alive, of integers and of one shape. */
    public static void requireI32(String argument, Tensor tensor, int... shape) {
        requireTensor(argument, tensor, ElementType.I32);
        Shape.require(argument, tensor.shape(), shape);
    }

    /** Checks that a tensor of floats is given, alive and has as many dimensions as the layout says. */
    public static Shape requireRank(String argument, Tensor tensor, int rank, String layout) {
        requireTensor(argument, tensor, ElementType.F32);
        Shape.requireRank(argument, tensor.shape(), rank, layout);
        return tensor.shape();
    }

    public static void requireTensor(String argument, Tensor tensor, ElementType type) {
        if (tensor == null) {
            throw new IllegalArgumentException(argument + ": expected a tensor, got null");
        }
        if (tensor.type() != type) {
            throw new IllegalArgumentException(argument + ": expected elements of " + type + ", got " + tensor.type());
        }
        tensor.requireAlive();
    }

    /** Checks lengths, which may be null, against the padded size they are used with. */
    public static void optionalLengths(Lengths lengths, int steps, int batch) {
        checkLengths("lengths", lengths, steps, batch);
    }

    private static void checkLengths(String argument, Lengths lengths, int steps, int batch) {
        if (lengths == null) {
            return;
        }
        if (lengths.steps() != steps || lengths.batch() != batch) {
            throw new IllegalArgumentException(argument + ": expected " + batch + " rows of at most " + steps
                    + " steps, got " + lengths.batch() + " rows of at most " + lengths.steps());
        }
        if (lengths.mask() != null) {
            throw new IllegalArgumentException(argument
                    + ": expected all steps of a row real up to its length, got a mask; gather the real steps first");
        }
        lengths.onDevice().requireAlive();
    }

    /** As {@link #optionalLengths(Lengths, int, int)}, with the device copy in the given memory. */
    public static void optionalLengths(Lengths lengths, int steps, int batch, String memory) {
        optionalLengths("lengths", lengths, steps, batch, memory);
    }

    /** As {@link #optionalLengths(Lengths, int, int, String)}, where a call has several lengths. */
    public static void optionalLengths(String argument, Lengths lengths, int steps, int batch, String memory) {
        checkLengths(argument, lengths, steps, batch);
        if (lengths != null) {
            requireSameMemory(memory, lengths.onDevice());
        }
    }

    /** Checks that all given tensors (null ones are passed over) live in one memory. */
    public static void requireSameMemory(String memory, Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor != null && !tensor.memory().equals(memory)) {
                throw new IllegalArgumentException(
                        tensor.name() + ": expected a tensor in memory " + memory + ", got one in " + tensor.memory());
            }
        }
    }

    /** Checks that a written tensor shares no byte with the others; null ones are passed over. */
    public static void requireDisjoint(String argument, Tensor written, Tensor... others) {
        if (written == null) {
            return;
        }
        for (Tensor other : others) {
            if (other != null && other != written && written.overlaps(other)) {
                throw new IllegalArgumentException(
                        argument + ": must not overlap " + other.name() + ", which is used by the same call");
            }
            if (other == written) {
                throw new IllegalArgumentException(argument + ": given twice in one call");
            }
        }
    }

    /** Checks that a written tensor covers exactly the bytes of another or none of them. */
    public static void requireSameOrDisjoint(String argument, Tensor written, String otherArgument, Tensor other) {
        boolean same = written.offset() == other.offset() && written.bytes() == other.bytes();
        if (!same && written.overlaps(other)) {
            throw new IllegalArgumentException(
                    argument + ": must be " + otherArgument + " itself or not overlap it, but overlaps a part of it");
        }
    }

    /** Checks that a setting is given. */
    public static <V> V requireGiven(String argument, V value) {
        if (value == null) {
            throw new IllegalArgumentException(argument + ": expected a value, got null");
        }
        return value;
    }

    /** What operations over windows are told of them along height and width. */
    public static void requireWindows(
            int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int paddingTop, int paddingLeft) {
        requireAtLeast("kernelHeight", 1, kernelHeight);
        requireAtLeast("kernelWidth", 1, kernelWidth);
        requireAtLeast("strideHeight", 1, strideHeight);
        requireAtLeast("strideWidth", 1, strideWidth);
        requireAtLeast("paddingTop", 0, paddingTop);
        requireAtLeast("paddingLeft", 0, paddingLeft);
    }

    public static int requireAtLeast(String argument, int least, int actual) {
        if (actual < least) {
            throw new IllegalArgumentException(argument + ": expected at least " + least + ", got " + actual);
        }
        return actual;
    }

    /** Checks 0 ≤ p &lt; 1. */
    public static float requireProbability(String argument, float actual) {
        if (!(actual >= 0f && actual < 1f)) {
            throw new IllegalArgumentException(argument + ": expected 0 <= p < 1, got " + actual);
        }
        return actual;
    }

    public static float requireNotNegative(String argument, float actual) {
        if (!(actual >= 0f) || Float.isInfinite(actual)) {
            throw new IllegalArgumentException(argument + ": expected a finite value >= 0, got " + actual);
        }
        return actual;
    }

    public static float requireFinite(String argument, float actual) {
        if (!Float.isFinite(actual)) {
            throw new IllegalArgumentException(argument + ": expected a finite number, got " + actual);
        }
        return actual;
    }

    public static float requirePositive(String argument, float actual) {
        if (!(actual > 0f) || Float.isInfinite(actual)) {
            throw new IllegalArgumentException(argument + ": expected a finite value > 0, got " + actual);
        }
        return actual;
    }
}
