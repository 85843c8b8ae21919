package org.gatefold.readme;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.decode.BeamSearch;
import org.gatefold.decode.CtcDecoder;
import org.gatefold.decode.Hypothesis;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.output.Crf;
import org.gatefold.layer.output.CrfConstraints;
import org.gatefold.layer.output.SpanTag.Scheme;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Graph;
import org.gatefold.model.Merge;
import org.gatefold.model.Model;
import org.gatefold.model.ModelStream;
import org.gatefold.model.Module;
import org.gatefold.model.Network;
import org.gatefold.model.Prediction;
import org.gatefold.seq2seq.EncoderDecoder;
import org.gatefold.seq2seq.Translator;
import org.gatefold.tensor.Form;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.Adam;

/** The examples of docs/networks.md, which {@link NetworkExamplesTest} compares with it and runs. */
final class NetworkExamples {
    private NetworkExamples() {}

    static Network sequential() {
        Network network = Network.sequential(Form.sequences(1))
                .add(Lstm.of(16))
                .add(Linear.of(1))
                .build();
        return network;
    }

    static float[][] stream(Network network) {
        try (Device device = Devices.cpu();
                Model model = network.on(device).build();
                ModelStream stream = model.stream(2)) { // two rows that move together
            stream.step(new float[][] {{0.5f}, {-1f}});
            byte[] saved = stream.save();
            stream.reset(1); // the next sequence of row 1 begins
            float[][] after = stream.step(new float[][] {{0.25f}, {2f}}); // [row][outputs]
            stream.restore(saved);
            return after;
        }
    }

    static Network graph() {
        Graph.Builder graph = Graph.builder();
        Graph.Node left = graph.input("left", Form.sequences(1));
        Graph.Node right = graph.input("right", Form.sequences(1));
        Lstm reader = Lstm.of(16).named("reader");
        Graph.Node a = graph.layer(reader, left);
        Graph.Node b = graph.layer(reader, right); // the same layer again: the same weights
        graph.output("total", graph.layer(Linear.of(1).named("total"), graph.add(a, b)));
        graph.output("side", graph.layer(Linear.of(2).named("side"), graph.concatenate(a, b)));
        Network network = graph.build();
        return network;
    }

    /** An encoder and a decoder that begins with its states. */
    static Network encoderDecoder() {
        Graph.Builder graph = Graph.builder();
        Graph.Node source = graph.input("source", Form.sequences(3));
        Graph.Node target = graph.input("target", Form.sequences(2));
        Graph.Node read = graph.layer(Lstm.of(64).named("encoder"), source);
        Graph.Node said = graph.layer(
                Lstm.of(64).returnSequences().named("decoder"), target, graph.state(read, 0), graph.state(read, 1));
        return graph.output("answer", graph.layer(Linear.of(2), said)).build();
    }

    /** Trains, saves, loads; gives the share of right sides and the mean error of totals. */
    static double[] train(Network network, float[][] left, float[][] right, float[] totals, int[] sides, Path file) {
        Dataset data = Dataset.of(Column.numbers("left", left), Column.numbers("right", right))
                .withTarget(Column.numbers("total", totals))
                .withTarget(Column.labels("side", sides));
        Loss loss =
                Loss.sum(Map.of("total", Loss.mse(), "side", Loss.crossEntropy().times(0.5f)));
        try (Device device = Devices.cpu();
                Model model = network.on(device).seed(42).build()) {
            Trainer.of(model)
                    .loss(loss)
                    .optimizer(Adam.of(1e-2f))
                    .fit(Batches.of(data, 32).shuffled(1), 20);
            ModelFile.save(model, file, Map.of());
        }
        try (Device device = Devices.cpu();
                Model model = ModelFile.load(device, file)) {
            Map<String, Prediction> answers =
                    model.predict(Column.numbers("left", left), Column.numbers("right", right));
            float[][] total = answers.get("total").rows(); // [row][1]
            float[][] side = answers.get("side").rows(); // [row][2], logits
            double error = 0;
            double correct = 0;
            for (int row = 0; row < totals.length; row++) {
                error += Math.abs(total[row][0] - totals[row]) / totals.length;
                correct += (side[row][1] > side[row][0] ? 1 : 0) == sides[row] ? 1.0 / totals.length : 0;
            }
            return new double[] {correct, error};
        }
    }

    /** Learns labels without times, and gives those that it finds. */
    static List<int[]> letters(float[][][] sounds, int[][] letters) {
        Dataset data = Dataset.of(Column.sequences("sound", sounds)) // [row][step][feature]
                .withTarget(Column.tokens("letters", letters)); // [row][letter], 1 to 3; 0 is the blank
        Network network = Network.sequential(Form.sequences(4))
                .add(Lstm.of(16).bidirectional().returnSequences())
                .add(Linear.of(4)) // a logit for each letter, and for none
                .build();
        try (Device device = Devices.cpu();
                Model model = network.on(device).seed(42).build()) {
            Trainer.of(model)
                    .loss(Loss.ctc())
                    .optimizer(Adam.of(2e-2f))
                    .validate(Batches.of(data, 32), Metric.labelErrorRate(0))
                    .fit(Batches.of(data, 8).shuffled(1), 20);
            float[][][] logits = model.predict(data).get("output").sequences();
            CtcDecoder decoder = CtcDecoder.create().width(8);
            List<int[]> found = new ArrayList<>();
            for (float[][] row : logits) {
                found.add(decoder.search(row).get(0).labels());
            }
            return found;
        }
    }

    /** Trains a tagger; gives the labels that it decodes. */
    static int[][] tag(float[][][] sentences, int[][] labels) {
        List<String> tags = List.of("O", "B-PER", "I-PER");
        Network tagger = Network.sequential(Form.sequences(2))
                .add(Lstm.of(8).bidirectional().returnSequences())
                .add(Linear.of(tags.size()))
                .add(Crf.create().constraints(CrfConstraints.bio(tags)))
                .build();
        Dataset data = Dataset.of(Column.sequences("words", sentences)).withTarget(Column.tokens("tags", labels));
        int[][] decoded;
        try (Device device = Devices.cpu();
                Model model = tagger.on(device).seed(1).build()) {
            Trainer.of(model)
                    .loss(Loss.crf())
                    .optimizer(Adam.of(0.05f))
                    .validate(Batches.of(data, 8), Metric.spanF1(Scheme.BIO, tags))
                    .fit(Batches.of(data, 8), 20);
            decoded = Crf.tags(model.predict(data).get(Model.OUTPUT).sequences());
        }
        return decoded;
    }

    /** Reads a sequence, then goes over what it has read several times. */
    public static final class Pondering extends Module {
        private final int rounds;
        private final Lstm reader;
        private final Linear thought;
        private final Linear answer;

        public Pondering(int rounds) {
            this.rounds = rounds;
            Form series = input("series", Form.sequences(1));
            reader = layer(Lstm.of(16), series);
            thought = layer(Linear.of(16).named("thought"), reader.output());
            answer = layer(Linear.of(1).named("answer"), thought.output());
            output("answer", answer.output());
        }

        /** Called when a model file is loaded. */
        public static Pondering described(Options options) {
            return new Pondering(options.integer("rounds"));
        }

        @Override
        protected Map<String, Object> options() {
            return Map.of("rounds", rounds);
        }

        @Override
        protected Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
            Variable h = reader.forward(context, inputs.get("series"));
            for (int round = 0; round < rounds; round++) {
                h = Merge.ADD.of(context, h, thought.forward(context, h));
            }
            return Map.of("answer", answer.forward(context, h));
        }
    }

    static Network module() {
        Network network = Network.of(() -> new Pondering(3));
        return network;
    }

    /** Learns to write sequences backwards; gives the share of others that it writes right. */
    static double translate(int[][] sources, int[][] targets, int[][] others, int[][] expected) {
        Network network = EncoderDecoder.of(8, 8) // ids 0 to 2 are for unknown words, start and end
                .embedding(8)
                .units(12, 24) // of the encoder in each direction, and of the decoder
                .bidirectional()
                .attention(EncoderDecoder.Attention.GENERAL)
                .network();
        Dataset pairs = EncoderDecoder.pairs(sources, targets); // int[row][step]
        try (Device device = Devices.cpu();
                Model model = network.on(device).seed(1).build();
                Translator translator = Translator.of(model)) {
            Trainer.of(model)
                    .loss(Loss.crossEntropy().smoothing(0.02f))
                    .optimizer(Adam.of(1e-2f))
                    .clipNorm(1f)
                    .fit(Batches.of(pairs, 20).shuffled(1).bucketed(), 20);
            int[][] written = translator.translate(others, 4); // beams
            BeamSearch search = translator.search(4).best(2).lengthPenalty(0.6f);
            List<List<Hypothesis>> found = translator.translate(others, search);
            float[][][] weights = translator.attention(others, written); // [row][step][source step]
            double right = 0;
            for (int row = 0; row < others.length; row++) {
                right += Arrays.equals(written[row], expected[row]) ? 1.0 / others.length : 0;
            }
            return found.size() == weights.length ? right : 0;
        }
    }
}
