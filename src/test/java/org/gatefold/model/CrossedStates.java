package org.gatefold.model;

import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.tensor.Form;

/** For tests: a graph whose layers begin with states of others. */
public final class CrossedStates {
    private CrossedStates() {}

    /** States of two layers and two directions, of which some change places, some are read twice, and one comes from an input. */
    public static Network network() {
        Graph.Builder graph = Graph.builder();
        Graph.Node source = graph.input("source", Form.sequences(3));
        Graph.Node target = graph.input("target", Form.sequences(2));
        Graph.Node begun = graph.input("begun", Form.rows(2));
        Graph.Node one = graph.layer(
                Gru.of(2).layers(2).bidirectional().returnSequences().named("one"), source);
        Graph.Node two = graph.layer(
                Bidirectional.of(Gru.of(2)).merge(Bidirectional.Merge.SUM).named("two"),
                target,
                graph.state(one, 3),
                begun);
        Graph.Node three = graph.layer(
                Bidirectional.of(Lstm.of(2), Lstm.of(2).reverse()).named("three"),
                one,
                graph.state(one, 1),
                graph.state(one, 0),
                graph.state(two, 1),
                graph.state(one, 3));
        graph.output("answer", graph.layer(Linear.of(1), graph.concatenate(two, three, graph.state(three, 3))));
        return graph.build();
    }
}
