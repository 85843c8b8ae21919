package org.gatefold.exchange.onnx.plan;

import java.util.List;
import java.util.Map;

/**
 * A graph for inputs of fixed sizes: what is to be computed, with all arithmetic of shapes done and all branches taken. Immutable; serves
 * many threads.
 *
 * @param steps one after the other
 * @param slots how many values are computed
 * @param inputs slots by the name of the value
 * @param outputs slots by the name of the output
 * @param dims of the outputs in the graph, by the name of the output
 * @param fromZero for each recurrent operator on the way the name of its layer, true if it reads whole rows from states of zero on
 * @param elements of all values that are computed, for the account of memory
 */
public record OnnxPlan(
        List<Step> steps,
        int slots,
        Map<String, Integer> inputs,
        Map<String, Integer> outputs,
        Map<String, int[]> dims,
        List<Map.Entry<String, Boolean>> fromZero,
        long elements) {
    /** Computes values of a pass from others. */
    public interface Step {
        void run(OnnxRun run);
    }
}
