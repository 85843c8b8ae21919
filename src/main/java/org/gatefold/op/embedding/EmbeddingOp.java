package org.gatefold.op.embedding;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Rows of a table by id, {@code y[t, b] = w[ids[t, b]]}, as PyTorch's {@code embedding}, {@code embedding_renorm_} and
 * {@code embedding_dense_backward}. Thread-safe.
 *
 * <p>What goes back to the table needs the ids sorted, by {@link #sort}: each row is then worked on by one thread in the order
 * of the steps, so that the same arguments give the same bits. An id outside 0 to V-1 gives a row of NaN and goes back to none.
 */
public interface EmbeddingOp extends Operation {
    /**
     * Looks rows up.
     *
     * @param ids {@code [T, B]}, read
     * @param lengths valid steps of each row, behind which y is 0 whatever the ids; null means T for all
     * @param w {@code [V, D]}, read
     * @param maxNorm rows with a longer Euclidean norm n are scaled by {@code maxNorm / (n + 1e-7)} on their way; 0 for none
     * @param y {@code [T, B, D]}, written
     */
    default void forward(Tensor ids, Lengths lengths, Tensor w, float maxNorm, Tensor y) {
        Call call = Call.begin(ids);
        try {
            Shape steps = requireIds(ids, lengths);
            Shape table = Arguments.requireRank("w", w, 2, "[V, D]");
            Arguments.requireNotNegative("maxNorm", maxNorm);
            Arguments.requireF32("y", y, steps.dim(0), steps.dim(1), table.dim(1));
            Arguments.requireSameMemory(ids.memory(), w, y);
            Arguments.requireDisjoint("y", y, ids, w);
            computeForward(ids, lengths, w, maxNorm, y);
        } finally {
            call.end();
        }
    }

    /**
     * Sorts ids for what goes back to the table: ascending, equal ones in the order of their positions.
     *
     * @param ids {@code [T, B]}, read
     * @param lengths valid steps of each row; null means T for all
     * @param vocabulary V, the number of rows of the table, at least 1
     * @param paddingId an id that nothing goes back to; -1 for none
     * @param sorted {@code [T*B]}, written: the ids, and V in place of those that nothing goes back to
     * @param positions {@code [T*B]}, written: {@code t*B + b} of each
     */
    default void sort(Tensor ids, Lengths lengths, int vocabulary, int paddingId, Tensor sorted, Tensor positions) {
        Call call = Call.begin(ids);
        try {
            Shape steps = requireIds(ids, lengths);
            Arguments.requireAtLeast("vocabulary", 1, vocabulary);
            if (paddingId < -1 || paddingId >= vocabulary) {
                throw new IllegalArgumentException("paddingId: expected an id below the vocabulary of " + vocabulary
                        + ", or -1 for none, got " + paddingId);
            }
            int count = Math.toIntExact(steps.elements());
            Arguments.requireI32("sorted", sorted, count);
            Arguments.requireI32("positions", positions, count);
            Arguments.requireSameMemory(ids.memory(), sorted, positions);
            Arguments.requireDisjoint("sorted", sorted, ids, positions);
            Arguments.requireDisjoint("positions", positions, ids);
            computeSort(ids, lengths, vocabulary, paddingId, sorted, positions);
        } finally {
            call.end();
        }
    }

    /**
     * The gradient of the table: {@code dw[id] += sum of dy} over the positions of each id, in their order.
     *
     * @param sorted {@code [N]} by {@link #sort}, read
     * @param positions {@code [N]} by {@link #sort}, each in 0 to N-1, read
     * @param dy {@code [N, D]}, read
     * @param dw {@code [V, D]}, accumulated; rows that no id names are not touched
     */
    default void backward(Tensor sorted, Tensor positions, Tensor dy, Tensor dw) {
        Call call = Call.begin(sorted);
        try {
            int count = requireSorted(sorted);
            Arguments.requireI32("positions", positions, count);
            Shape table = Arguments.requireRank("dw", dw, 2, "[V, D]");
            Arguments.requireF32("dy", dy, count, table.dim(1));
            Arguments.requireSameMemory(sorted.memory(), positions, dy, dw);
            Arguments.requireDisjoint("dw", dw, sorted, positions, dy);
            computeBackward(sorted, positions, dy, dw);
        } finally {
            call.end();
        }
    }

    /**
     * Shortens the rows that ids name: one with a longer Euclidean norm n is multiplied by {@code maxNorm / (n + 1e-7)}.
     *
     * @param sorted {@code [N]} by {@link #sort}, read
     * @param maxNorm greater than 0
     * @param w {@code [V, D]}, read and written
     */
    default void renormalize(Tensor sorted, float maxNorm, Tensor w) {
        Call call = Call.begin(sorted);
        try {
            requireSorted(sorted);
            Arguments.requirePositive("maxNorm", maxNorm);
            Arguments.requireRank("w", w, 2, "[V, D]");
            Arguments.requireSameMemory(sorted.memory(), w);
            Arguments.requireDisjoint("w", w, sorted);
            computeRenormalize(sorted, maxNorm, w);
        } finally {
            call.end();
        }
    }

    /**
     * Sets the rows that ids name to 0.
     *
     * @param sorted {@code [N]} by {@link #sort}, read
     * @param dw {@code [V, D]}, written in these rows
     */
    default void clear(Tensor sorted, Tensor dw) {
        Call call = Call.begin(sorted);
        try {
            requireSorted(sorted);
            Arguments.requireRank("dw", dw, 2, "[V, D]");
            Arguments.requireSameMemory(sorted.memory(), dw);
            Arguments.requireDisjoint("dw", dw, sorted);
            computeClear(sorted, dw);
        } finally {
            call.end();
        }
    }

    private static Shape requireIds(Tensor ids, Lengths lengths) {
        Arguments.requireTensor("ids", ids, ElementType.I32);
        Shape.requireRank("ids", ids.shape(), 2, "[T, B]");
        Arguments.optionalLengths(lengths, ids.shape().dim(0), ids.shape().dim(1), ids.memory());
        return ids.shape();
    }

    private static int requireSorted(Tensor sorted) {
        Arguments.requireTensor("sorted", sorted, ElementType.I32);
        Shape.requireRank("sorted", sorted.shape(), 1, "[N]");
        return sorted.shape().dim(0);
    }

    /** Implemented by backends; arguments are checked. */
    void computeForward(Tensor ids, Lengths lengths, Tensor w, float maxNorm, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computeSort(Tensor ids, Lengths lengths, int vocabulary, int paddingId, Tensor sorted, Tensor positions);

    /** Implemented by backends; arguments are checked. */
    void computeBackward(Tensor sorted, Tensor positions, Tensor dy, Tensor dw);

    /** Implemented by backends; arguments are checked. */
    void computeRenormalize(Tensor sorted, float maxNorm, Tensor w);

    /** Implemented by backends; arguments are checked. */
    void computeClear(Tensor sorted, Tensor dw);
}
