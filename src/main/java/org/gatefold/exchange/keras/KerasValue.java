package org.gatefold.exchange.keras;

import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.gatefold.model.Graph;

/**
 * A value within a graph that is read from Keras. One with a mask has two nodes: here sequences keep their masks as lengths, which layers
 * heed that in Keras read all steps; for those there is the same value without a mask.
 *
 * @param node the value, with its mask if it has one
 * @param channelsFirst whether the channels of images, which stand last in Keras, stand first
 * @param masked whether a mask may leave out steps of it
 * @param open makes the node of the same value of which all steps count, with what Keras has at the steps left out; null if it is not
 *     known, or if there is no mask
 * @param steps of it that Keras knows of a sequence; 0 where it leaves them open
 * @param padding zeros that the next layer puts round it
 */
record KerasValue(
        Graph.Node node,
        boolean channelsFirst,
        boolean masked,
        Supplier<Graph.Node> open,
        int steps,
        List<Integer> padding) {
    KerasValue(Graph.Node node, boolean channelsFirst, int steps) {
        this(node, channelsFirst, false, null, steps, List.of());
    }

    /** A value with a mask. */
    static KerasValue masked(Graph.Node node, Supplier<Graph.Node> open, int steps) {
        return new KerasValue(node, false, true, open, steps, List.of());
    }

    /** What layers make of it whatever a mask says, which stays. */
    KerasValue through(UnaryOperator<Graph.Node> layers) {
        Supplier<Graph.Node> opened = open == null ? null : once(() -> layers.apply(open.get()));
        return new KerasValue(layers.apply(node), channelsFirst, masked, opened, steps, padding);
    }

    /** The same value, of which all steps count; null if it is not known. */
    KerasValue opened() {
        if (!masked) {
            return this;
        }
        return open == null ? null : new KerasValue(open.get(), channelsFirst, false, null, steps, padding);
    }

    KerasValue withPadding(List<Integer> zeros) {
        return new KerasValue(node, channelsFirst, masked, open, steps, zeros);
    }

    KerasValue withChannelsFirst(boolean first) {
        return new KerasValue(node, first, masked, open, steps, padding);
    }

    /** A node that is made when it is first asked for, and once. */
    static Supplier<Graph.Node> once(Supplier<Graph.Node> made) {
        return new Supplier<>() {
            private Graph.Node node;

            @Override
            public Graph.Node get() {
                if (node == null) {
                    node = made.get();
                }
                return node;
            }
        };
    }
}
