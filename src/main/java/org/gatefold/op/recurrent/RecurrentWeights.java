package org.gatefold.op.recurrent;

import java.util.List;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Tensor;

/**
 * The canonical weights of a recurrent operation, or their gradients.
 *
 * @param sets one per layer and direction, at index {@code layer * D + direction}
 */
public record RecurrentWeights(List<Set> sets) {
    public RecurrentWeights {
        sets = List.copyOf(sets);
    }

    public RecurrentWeights(Set... sets) {
        this(List.of(sets));
    }

    /**
     * Weights of one layer and direction, row blocks in the order of the {@link Cell}.
     *
     * @param wx {@code [gates·H, in]}
     * @param wh {@code [gates·H, H]}
     * @param b {@code [biases·H]}
     */
    public record Set(Tensor wx, Tensor wh, Tensor b) {}

    void requireAlive() {
        for (Set set : sets) {
            set.wx().requireAlive();
            set.wh().requireAlive();
            set.b().requireAlive();
        }
    }

    void check(String argument, RecurrentSpec spec, String memory) {
        if (sets.size() != spec.weightSets()) {
            throw new IllegalArgumentException(
                    argument + ": expected " + spec.weightSets() + " sets (layers x directions), got " + sets.size());
        }
        int gates = spec.cell().gates() * spec.hiddenSize();
        int biases = spec.cell().biases() * spec.hiddenSize();
        for (int i = 0; i < sets.size(); i++) {
            Set set = sets.get(i);
            String at = argument + "[" + i + "].";
            Arguments.requireF32(at + "wx", set.wx(), gates, spec.inputOf(i / spec.directions()));
            Arguments.requireF32(at + "wh", set.wh(), gates, spec.hiddenSize());
            Arguments.requireF32(at + "b", set.b(), biases);
            Arguments.requireSameMemory(memory, set.wx(), set.wh(), set.b());
        }
    }
}
