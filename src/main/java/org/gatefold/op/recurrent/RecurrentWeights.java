package org.gatefold.op.recurrent;

import java.util.List;
import java.util.stream.Stream;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * The canonical weights of a recurrent operation, or their gradients.
 *
 * @param sets one per layer and direction, at index {@code layer * D + direction}
 */
public record RecurrentWeights(List<Set> sets) {
    private static final Part[] PARTS = Part.values();

    /** What messages call gradients, in the order of {@link Part}. */
    private static final List<String> GRADIENTS =
            Stream.of(PARTS).map(part -> "dWeights." + part.label()).toList();

    public RecurrentWeights {
        sets = List.copyOf(sets);
    }

    public RecurrentWeights(Set... sets) {
        this(List.of(sets));
    }

    /** The parts of a layer and direction's weights, in the order in which they are declared, kept and passed on. */
    public enum Part {
        WX("wx", "dWx"),
        WH("wh", "dWh"),
        B("b", "db"),
        PEEPHOLES("p", "dp"),
        WR("wr", "dWr"),
        NORM("norm", "dNorm");

        private final String label;
        private final String gradient;

        Part(String label, String gradient) {
            this.label = label;
            this.gradient = gradient;
        }

        /** As names of parameters and messages end. */
        public String label() {
            return label;
        }

        /** As its gradient is called. */
        public String gradient() {
            return gradient;
        }
    }

    /**
     * Weights of one layer and direction, row blocks in the order of the {@link Cell}.
     *
     * @param wx {@code [gates·H, in]}; null where a layer's input skips the product
     * @param wh {@code [gates·H, P]}; P is H without a projection
     * @param b {@code [biases·H]}
     * @param p peepholes {@code [3·H]}, of i, f and o; null without
     * @param wr projection {@code [P, H]}; null without
     * @param norm of layer normalisation: gains of Wx x and of Wh h, gates·H each, and of an LSTM gain and shift of c, so
     *     {@code [2·gates·H]}, or {@code [10·H]}; null without
     */
    public record Set(Tensor wx, Tensor wh, Tensor b, Tensor p, Tensor wr, Tensor norm) {
        /** A set without peepholes, projection and layer normalisation. */
        public Set(Tensor wx, Tensor wh, Tensor b) {
            this(wx, wh, b, null, null, null);
        }

        /** The set whose parts, in their order, are {@code tensors}. */
        public static Set of(List<Part> parts, List<Tensor> tensors) {
            return new Set(
                    part(Part.WX, parts, tensors),
                    part(Part.WH, parts, tensors),
                    part(Part.B, parts, tensors),
                    part(Part.PEEPHOLES, parts, tensors),
                    part(Part.WR, parts, tensors),
                    part(Part.NORM, parts, tensors));
        }

        private static Tensor part(Part part, List<Part> parts, List<Tensor> tensors) {
            int at = parts.indexOf(part);
            return at < 0 ? null : tensors.get(at);
        }

        /** The same set with another Wh. */
        public Set withWh(Tensor other) {
            return new Set(wx, other, b, p, wr, norm);
        }

        /** The same set with another Wx and b. */
        public Set withInput(Tensor otherWx, Tensor otherB) {
            return new Set(otherWx, wh, otherB, p, wr, norm);
        }

        /** A part; null if it is not there. */
        public Tensor get(Part part) {
            return switch (part) {
                case WX -> wx;
                case WH -> wh;
                case B -> b;
                case PEEPHOLES -> p;
                case WR -> wr;
                case NORM -> norm;
            };
        }

        /** The parts that are there. */
        public Tensor[] tensors() {
            int count = 0;
            for (Part part : PARTS) {
                count += get(part) == null ? 0 : 1;
            }
            Tensor[] tensors = new Tensor[count];
            int at = 0;
            for (Part part : PARTS) {
                if (get(part) != null) {
                    tensors[at++] = get(part);
                }
            }
            return tensors;
        }
    }

    void requireAlive() {
        for (Set set : sets) {
            for (Tensor tensor : set.tensors()) {
                tensor.requireAlive();
            }
        }
    }

    void check(String argument, RecurrentSpec spec, String memory) {
        if (sets.size() != spec.weightSets()) {
            throw new IllegalArgumentException(
                    argument + ": expected " + spec.weightSets() + " sets (layers x directions), got " + sets.size());
        }
        for (int i = 0; i < sets.size(); i++) {
            Set set = sets.get(i);
            int layer = i / spec.directions();
            List<Part> parts = spec.parts(layer);
            for (int k = 0; k < parts.size(); k++) {
                Part part = parts.get(k);
                Tensor tensor = set.get(part);
                Shape shape = spec.shape(part, layer);
                // Names are made only where one is told: this runs in every step.
                if (!Arguments.isF32(tensor, shape)) {
                    Arguments.requireF32(name(argument, i, part), tensor, shape);
                }
                tensor.requireAlive();
            }
            requireNone(
                    set.wx() != null && spec.skipsInput(layer), argument, i, Part.WX, "skips the product of the input");
            requireNone(
                    set.p() != null && !spec.options().peepholes(), argument, i, Part.PEEPHOLES, "has no peepholes");
            requireNone(set.wr() != null && !spec.projects(), argument, i, Part.WR, "has no projection");
            requireNone(
                    set.norm() != null && !spec.options().layerNorm(),
                    argument,
                    i,
                    Part.NORM,
                    "has no layer normalisation");
            Arguments.requireSameMemory(memory, set.tensors());
        }
    }

    private static String name(String argument, int set, Part part) {
        return argument + "[" + set + "]." + part.label();
    }

    private static void requireNone(boolean given, String argument, int set, Part part, String why) {
        if (given) {
            throw new IllegalArgumentException(name(argument, set, part) + ": expected null, the spec " + why);
        }
    }

    /** That these gradients share no memory with one another or with what a backward pass reads and writes. */
    void requireDisjoint(Tensor... others) {
        for (Set set : sets) {
            for (int i = 0; i < PARTS.length; i++) {
                Tensor own = set.get(PARTS[i]);
                if (own == null) {
                    continue;
                }
                String argument = GRADIENTS.get(i);
                Arguments.requireDisjoint(argument, own, others);
                for (int j = i + 1; j < PARTS.length; j++) {
                    Tensor other = set.get(PARTS[j]);
                    if (other != null) {
                        Arguments.requireDisjoint(argument, own, other);
                    }
                }
            }
        }
    }
}
