package org.gatefold.recipe.forecast;

import java.util.List;
import java.util.Map;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.option.Options;
import org.gatefold.tensor.Form;

/** The network that forecasts: an LSTM over the rows before, and what is known of those to come. Stateless. */
final class ForecastNetwork {
    private ForecastNetwork() {}

    /** @param inputs the window, and behind it what is known ahead, if there is something */
    static Network of(Options options, Fields fields, Map<String, Form> inputs) {
        Graph.Builder graph = Graph.builder();
        List<Graph.Node> read = inputs.entrySet().stream()
                .map(input -> graph.input(input.getKey(), input.getValue()))
                .toList();
        Graph.Node x = graph.layer(options.stacked(Lstm.of(options.hidden())), read.get(0));
        if (read.size() > 1) {
            x = withAhead(options, graph, x, read.get(1));
        }
        for (Layer layer : fields.target().head()) {
            x = graph.layer(layer, x);
        }
        return graph.output(Model.OUTPUT, x).build();
    }

    /** The state behind what was, what is known beforehand, and a layer over both. */
    private static Graph.Node withAhead(Options options, Graph.Builder graph, Graph.Node state, Graph.Node ahead) {
        Graph.Node both = graph.concatenate(state, ahead);
        Graph.Node seen = graph.layer(ActivationLayer.tanh(), graph.layer(Linear.of(options.hidden()), both));
        return graph.concatenate(both, seen);
    }
}
