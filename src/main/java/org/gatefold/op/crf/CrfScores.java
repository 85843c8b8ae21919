package org.gatefold.op.crf;

import org.gatefold.op.Arguments;
import org.gatefold.tensor.Tensor;

/**
 * What sequences of labels score beside the emissions; of gradients, where they are added. A score of −∞ forbids. Immutable; owns no
 * memory.
 *
 * @param transitions {@code [K, K]}, from the row's label to the column's
 * @param start {@code [K]}, of the first label
 * @param end {@code [K]}, of the last label
 */
public record CrfScores(Tensor transitions, Tensor start, Tensor end) {
    /** Checks shapes and memory for K labels. */
    void require(String prefix, int labels, String memory) {
        Arguments.requireF32(prefix + "transitions", transitions, labels, labels);
        Arguments.requireF32(prefix + "start", start, labels);
        Arguments.requireF32(prefix + "end", end, labels);
        Arguments.requireSameMemory(memory, transitions, start, end);
    }
}
