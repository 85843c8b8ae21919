package org.gatefold.exchange.keras;

import static org.gatefold.exchange.ForeignFiles.network;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.gatefold.layer.attention.DotAttention;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.AllSteps;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Masking;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.form.Flatten;
import org.gatefold.layer.form.Permute;
import org.gatefold.layer.form.RepeatVector;
import org.gatefold.layer.form.Reshape;
import org.gatefold.layer.form.TimeDistributed;
import org.gatefold.layer.form.ToSequence;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.layer.pooling.AvgPool1d;
import org.gatefold.layer.pooling.AvgPool2d;
import org.gatefold.layer.pooling.GlobalPooling;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.layer.pooling.MaxPool2d;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.model.Graph;
import org.gatefold.model.Network;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.tensor.Form;

/** Networks that {@link KerasExportTest} writes to Keras' files, between them all that can be said there. */
final class WrittenNetworks {
    private WrittenNetworks() {}

    static Map<String, Supplier<Network>> all() {
        Map<String, Supplier<Network>> all = new LinkedHashMap<>();
        all.put("text", WrittenNetworks::text);
        all.put("stack", WrittenNetworks::stack);
        all.put("open", WrittenNetworks::open);
        all.put("backwards", WrittenNetworks::backwards);
        all.put("merges", WrittenNetworks::merges);
        all.put("functions", WrittenNetworks::functions);
        all.put("bounds", WrittenNetworks::bounds);
        all.put("merged", WrittenNetworks::merged);
        all.put("steps", WrittenNetworks::steps);
        all.put("images", WrittenNetworks::images);
        all.put("frames", WrittenNetworks::frames);
        all.put("rows", WrittenNetworks::rows);
        all.put("ids", WrittenNetworks::ids);
        all.put("graph", WrittenNetworks::graph);
        all.put("depths", WrittenNetworks::depths);
        return all;
    }

    private static Network text() {
        return network(
                Form.tokens(),
                Masking.tokens(0),
                Embedding.of(9, 3),
                Dropout.of(0.2f).locked(),
                Bidirectional.of(Lstm.of(2).returnSequences()),
                Dropout.of(0.1f).wholeSteps(),
                Gru.of(3).named("reader"),
                Linear.of(4).named("answer"),
                Softmax.probabilities());
    }

    private static Network stack() {
        return network(
                Form.sequences(3),
                Masking.of(-2f),
                Lstm.of(3).layers(2).bidirectional().dropout(0.3f).returnSequences(),
                Gru.of(2)
                        .layers(2)
                        .withoutBias()
                        .recurrentDropout(0.1f)
                        .returnSequences()
                        .zeroOutputForMask(),
                TimePooling.mean(),
                Linear.of(2).withoutBias());
    }

    /** Masks that end. */
    private static Network open() {
        return network(
                Form.sequences(2),
                Masking.of(-2f),
                Lstm.of(3).returnSequences(),
                AllSteps.create(),
                Gru.of(2).returnSequences(),
                TimePooling.max(),
                Linear.of(2));
    }

    private static Network backwards() {
        return network(
                Form.sequences(3),
                Gru.of(4).resetBefore().goBackwards().returnSequences(),
                Rnn.of(3).relu().reverse(),
                RepeatVector.of(3),
                Lstm.of(2).forgetBias(0f).withoutBias().returnSequences(),
                LayerNorm.create(),
                Softmax.logarithms());
    }

    private static Network merges() {
        return network(
                Form.sequences(2),
                Bidirectional.of(Lstm.of(3).returnSequences()).merge(Bidirectional.Merge.SUM),
                Bidirectional.of(Gru.of(3).layers(2).returnSequences()).merge(Bidirectional.Merge.MULTIPLY),
                Bidirectional.of(Rnn.of(3)).merge(Bidirectional.Merge.AVERAGE));
    }

    private static Network functions() {
        return network(
                Form.sequences(2),
                Lstm.of(3)
                        .recurrentActivation(GateActivation.HARD_SIGMOID_SIXTH)
                        .activation(GateActivation.SOFTSIGN)
                        .returnSequences(),
                Gru.of(3).activation(GateActivation.elu(1f)).returnSequences(),
                Rnn.of(3).activation(GateActivation.IDENTITY).returnSequences(),
                ActivationLayer.relu(),
                ActivationLayer.leakyRelu(0.25f),
                ActivationLayer.elu(0.75f),
                ActivationLayer.gelu(),
                ActivationLayer.silu(),
                ActivationLayer.softplus(),
                ActivationLayer.of(Activation.EXP),
                ActivationLayer.tanh(),
                ActivationLayer.sigmoid());
    }

    private static Network bounds() {
        return network(
                Form.sequences(3),
                ActivationLayer.hardSwish(),
                ActivationLayer.selu(),
                ActivationLayer.mish(),
                Linear.of(3),
                ActivationLayer.softsign(),
                Linear.of(3),
                ActivationLayer.clip(-1f, 1f),
                ActivationLayer.of(Activation.thresholdedRelu(0.125f)),
                ActivationLayer.clip(0f, 0.75f),
                ActivationLayer.hardSigmoid());
    }

    private static Network merged() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(3));
        Graph.Node a = graph.layer(Linear.of(4).named("a"), x);
        Graph.Node b = graph.layer(Linear.of(4).named("b"), x);
        Graph.Node c = graph.layer(Linear.of(4).named("c"), x);
        graph.output(
                "output",
                graph.concatenate(
                        graph.subtract(a, b), graph.average(a, b, c), graph.maximum(a, b, c), graph.minimum(b, c)));
        return graph.build();
    }

    private static Network steps() {
        return network(
                Form.sequences(2),
                Conv1d.of(4, 3).causal().dilation(2),
                BatchNorm.create().epsilon(2e-3f),
                Conv1d.of(4, 2).same().groups(2).withoutBias(),
                MaxPool1d.of(3).stride(1).same(),
                Conv1d.of(3, 3).padding(1, 2).stride(2),
                AvgPool1d.of(2).stride(1).padding(1, 0),
                AvgPool1d.of(3).stride(1).withoutPadding().same(),
                LayerNorm.create().withoutAffine(),
                BatchNorm.create().withoutAffine(),
                TimeDistributed.of(Linear.of(3), ActivationLayer.tanh()),
                MaxPool1d.of(2),
                TimePooling.max());
    }

    private static Network images() {
        return network(
                Form.rows(2, 8, 6),
                Conv2d.of(4, 3, 2).same(),
                ActivationLayer.relu(),
                MaxPool2d.of(2, 2),
                BatchNorm.create(),
                Conv2d.of(4, 2, 2).padding(1, 0).stride(2, 1).groups(2),
                AvgPool2d.of(2, 1).stride(1, 1),
                Flatten.create(),
                Linear.of(3));
    }

    private static Network frames() {
        return network(
                Form.sequences(5, 6, 2),
                Permute.of(3, 1, 2),
                Conv2d.of(3, 2, 2),
                ActivationLayer.relu(),
                BatchNorm.create(),
                MaxPool2d.of(2, 2),
                Conv2d.of(4, 1, 1),
                GlobalPooling.mean(),
                Lstm.of(3));
    }

    private static Network rows() {
        return network(
                Form.rows(12),
                Reshape.of(2, 6),
                Permute.of(2, 1),
                Linear.of(3),
                ToSequence.create(),
                Lstm.of(3),
                BatchNorm.create(),
                RepeatVector.of(4),
                Gru.of(4).returnSequences(),
                Reshape.of(2, 2),
                Permute.of(2, 1),
                Flatten.create());
    }

    private static Network ids() {
        return network(Form.ids(), Embedding.of(5, 3).frozen(), Linear.of(2));
    }

    private static Network graph() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(3));
        Graph.Node tokens = graph.input("tokens", Form.tokens());
        Linear shared = Linear.of(4).named("shared");
        Graph.Node read = graph.layer(Lstm.of(3).returnSequences(), x);
        Graph.Node words = graph.layer(Embedding.of(7, 3), tokens);
        Graph.Node sum = graph.add(read, words, x);
        Graph.Node attended = graph.layer(DotAttention.create().causal(), graph.multiply(sum, words));
        Graph.Node all = graph.concatenate(graph.layer(shared, attended), graph.layer(shared, sum));
        graph.output("steps", all);
        graph.output("same", all);
        graph.output("dense", graph.layer(Linear.of(2).named("dense"), graph.layer(TimePooling.mean(), all)));
        return graph.build();
    }

    /** Branches of unequal depth with layers of one class, which Keras numbers in an order of its own. */
    private static Network depths() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(2));
        Graph.Node late = graph.layer(Lstm.of(3).returnSequences().named("late"), x);
        Graph.Node a = graph.layer(Lstm.of(3).returnSequences().named("a"), x);
        Graph.Node b = graph.layer(Lstm.of(3).returnSequences().named("b"), x);
        Lstm twice = Lstm.of(3).returnSequences().named("twice");
        Graph.Node c = graph.layer(twice, graph.add(b, a));
        Graph.Node d =
                graph.layer(twice, graph.layer(Lstm.of(3).returnSequences().named("d"), c));
        graph.output("left", graph.layer(Lstm.of(3).named("left"), graph.concatenate(late, d)));
        graph.output("right", graph.layer(Lstm.of(3).named("right"), graph.multiply(c, late)));
        return graph.build();
    }
}
