package org.gatefold.benchmarks.operations;

import static org.gatefold.benchmarks.operations.Layers.images;
import static org.gatefold.benchmarks.operations.Layers.peer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.operations.LibTorchLayer.Layout;
import org.gatefold.layer.Layer;
import org.gatefold.layer.attention.AdditiveAttention;
import org.gatefold.layer.attention.DotAttention;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.attention.TransformerEncoderLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.layer.pooling.AvgPool1d;
import org.gatefold.layer.pooling.AvgPool2d;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.layer.pooling.MaxPool2d;
import org.gatefold.tensor.Form;

/** The rows of layers, at shapes of the applications. T: steps, B: rows, F: features, V: vocabulary. Stateless. */
final class LayerRows {
    private static final List<Pass> BOTH = List.of(Pass.FORWARD, Pass.TRAINING);

    private LayerRows() {}

    static List<Row> all() {
        List<Row> rows = new ArrayList<>();
        rows.addAll(embeddings());
        rows.addAll(convolutions());
        rows.addAll(pooling());
        rows.addAll(norms());
        rows.addAll(others());
        rows.addAll(attention());
        return rows;
    }

    /** What a row's layer reads. */
    private record Input(Form form, int steps, int batch, boolean first) {
        static Input steps(int steps, int batch, int features) {
            return new Input(Form.sequences(features), steps, batch, false);
        }

        static Input images(int count, int channels, int height, int width) {
            return new Input(Form.rows(channels, height, width), 1, count, false);
        }

        /** Wants no gradient. */
        Input data() {
            return new Input(form, steps, batch, true);
        }
    }

    private static Row row(String name, Work work, Input input, Supplier<Layer> layer, Row.Peer... peers) {
        return row(name, work, input, layer, Arrays.asList(peers));
    }

    private static Row row(String name, Work work, Input input, Supplier<Layer> layer, List<Row.Peer> peers) {
        return new Row(
                name,
                BOTH,
                work,
                0,
                threads -> new GatefoldLayer(
                        layer.get(), input.form(), input.steps(), input.batch(), input.first(), threads),
                peers);
    }

    private static List<Row> embeddings() {
        double read = 64.0 * 32 * 256;
        double table = 50_000.0 * 256;
        Input ids = new Input(Form.tokens(), 64, 32, true);
        return List.of(
                row(
                        "embedding V50000 F256, T64 B32",
                        Work.memory(2 * read, 5 * read + table),
                        ids,
                        () -> Embedding.of(50_000, 256),
                        peer("", Layout.SAME, (x, w, training) -> Layers.embedding(x, w, false))),
                row(
                        "embedding by rows V50000 F256, T64 B32",
                        Work.memory(2 * read, 6 * read),
                        ids,
                        () -> Embedding.of(50_000, 256).lazy(),
                        peer("sparse", Layout.SAME, (x, w, training) -> Layers.embedding(x, w, true))));
    }

    private static List<Row> convolutions() {
        return List.of(
                steps(
                        "conv1d sound 40 to 64, kernel 5, T100 B16",
                        40,
                        64,
                        5,
                        Input.steps(100, 16, 40).data()),
                steps("conv1d sound 64 to 64, kernel 3, T100 B16", 64, 64, 3, Input.steps(100, 16, 64)),
                steps(
                        "conv1d speech 80 to 64, kernel 5, T400 B16",
                        80,
                        64,
                        5,
                        Input.steps(400, 16, 80).data()),
                steps("conv1d characters 30 to 50, kernel 3, T18 B512", 30, 50, 3, Input.steps(18, 512, 30)),
                filters(
                        "conv2d digits 1 to 32, 3x3, 28x28 B64",
                        1,
                        32,
                        28,
                        Input.images(64, 1, 28, 28).data()),
                filters("conv2d digits 32 to 64, 3x3, 14x14 B64", 32, 64, 14, Input.images(64, 32, 14, 14)),
                filters(
                        "conv2d film 3 to 16, 3x3, 32x32, 128 frames",
                        3,
                        16,
                        32,
                        Input.images(128, 3, 32, 32).data()),
                filters("conv2d film 16 to 32, 3x3, 16x16, 128 frames", 16, 32, 16, Input.images(128, 16, 16, 16)),
                filters("conv2d film 32 to 64, 3x3, 8x8, 128 frames", 32, 64, 8, Input.images(128, 32, 8, 8)),
                row(
                        "conv2d patches 1 to 64, 7x7 stride 7, 28x28 B64",
                        Work.firstProducts(64.0 * 16 * 64 * 49),
                        Input.images(64, 1, 28, 28).data(),
                        () -> Conv2d.of(64, 7, 7).stride(7, 7),
                        images((x, w, training) -> Layers.conv2d(x, w, 7, 0))));
    }

    private static Row steps(String name, int channels, int filters, int kernel, Input input) {
        double count = (double) input.steps() * input.batch() * channels * filters * kernel;
        return row(
                name,
                input.first() ? Work.firstProducts(count) : Work.products(count),
                input,
                () -> Conv1d.of(filters, kernel).same(),
                peer("", Layout.CHANNELS_FIRST, (x, w, training) -> Layers.conv1d(x, w, kernel / 2)));
    }

    private static Row filters(String name, int channels, int filters, int side, Input input) {
        double count = (double) input.batch() * side * side * channels * filters * 9;
        return row(
                name,
                input.first() ? Work.firstProducts(count) : Work.products(count),
                input,
                () -> Conv2d.of(filters, 3, 3).same(),
                images((x, w, training) -> Layers.conv2d(x, w, 1, 1)));
    }

    private static List<Row> pooling() {
        double image = 64.0 * 32 * 28 * 28;
        double words = 18.0 * 512 * 50;
        double sound = 100.0 * 16 * 64;
        return List.of(
                row(
                        "max pooling 2x2, 32x28x28 B64",
                        Work.memory(1.25 * image, 3.5 * image),
                        Input.images(64, 32, 28, 28),
                        () -> MaxPool2d.of(2, 2),
                        images((x, w, training) -> Layers.maxPool2d(x))),
                row(
                        "average pooling 2x2, 32x28x28 B64",
                        Work.memory(1.25 * image, 2.5 * image),
                        Input.images(64, 32, 28, 28),
                        () -> AvgPool2d.of(2, 2),
                        images((x, w, training) -> Layers.averagePool2d(x))),
                row(
                        "max pooling of 18 characters, T18 B512 F50",
                        Work.memory(words, 3 * words),
                        Input.steps(18, 512, 50),
                        () -> MaxPool1d.of(18),
                        peer("", Layout.CHANNELS_FIRST, (x, w, training) -> torch.max_pool1d(x, 18)),
                        peer("as amax", Layout.SAME, (x, w, training) -> x.amax(new long[] {0}, true))),
                row(
                        "average pooling of 2 steps, T100 B16 F64",
                        Work.memory(1.5 * sound, 3 * sound),
                        Input.steps(100, 16, 64),
                        () -> AvgPool1d.of(2).stride(2),
                        peer("", Layout.CHANNELS_FIRST, (x, w, training) -> torch.avg_pool1d(x, 2))));
    }

    private static List<Row> norms() {
        double sequence = 64.0 * 32 * 256;
        double image = 64.0 * 32 * 28 * 28;
        double sound = 100.0 * 16 * 64;
        return List.of(
                row(
                        "layer normalisation T64 B32 F256",
                        Work.memory(2 * sequence, 5 * sequence),
                        Input.steps(64, 32, 256),
                        LayerNorm::create,
                        peer("", Layout.SAME, (x, w, training) -> Layers.layerNorm(x, w, ""))),
                row(
                        "batch normalisation 32x28x28 B64",
                        Work.memory(2 * image, 8 * image),
                        Input.images(64, 32, 28, 28),
                        BatchNorm::create,
                        images(Layers::batchNorm)),
                row(
                        "batch normalisation T100 B16 F64",
                        Work.memory(2 * sound, 8 * sound),
                        Input.steps(100, 16, 64),
                        BatchNorm::create,
                        peer("", new Layout(x -> x.reshape(1600, 64), x -> x), Layers::batchNorm),
                        peer("channels first", Layout.CHANNELS_FIRST, Layers::batchNorm)));
    }

    private static List<Row> others() {
        double small = 600.0 * 1000;
        double large = 600.0 * 10_000;
        double sequence = 64.0 * 32 * 256;
        return List.of(
                row(
                        "softmax of 1000, 600 rows",
                        Work.memory(2 * small, 5 * small),
                        Input.steps(30, 20, 1000),
                        Softmax::probabilities,
                        peer("", Layout.SAME, (x, w, training) -> torch.softmax(x, -1))),
                row(
                        "log-softmax of 10000, 600 rows",
                        Work.memory(2 * large, 5 * large),
                        Input.steps(30, 20, 10_000),
                        Softmax::logarithms,
                        peer("", Layout.SAME, (x, w, training) -> torch.log_softmax(x, -1))),
                dropout(64, 32, 256),
                row(
                        "linear 256 to 1024, T64 B32",
                        Work.products(sequence * 1024),
                        Input.steps(64, 32, 256),
                        () -> Linear.of(1024),
                        peer("", Layout.SAME, (x, w, training) -> Layers.linear(x, w, ""))),
                row(
                        "linear 200 to 10000, T30 B20",
                        Work.products(600.0 * 200 * 10_000),
                        Input.steps(30, 20, 200),
                        () -> Linear.of(10_000),
                        peer("", Layout.SAME, (x, w, training) -> Layers.linear(x, w, ""))));
    }

    /** In inference it does nothing. */
    private static Row dropout(int steps, int batch, int features) {
        double count = (double) steps * batch * features;
        return new Row(
                "dropout of a half, T" + steps + " B" + batch + " F" + features,
                List.of(Pass.TRAINING),
                Work.memory(0, 4 * count),
                0.5,
                threads -> new GatefoldLayer(Dropout.of(0.5f), Form.sequences(features), steps, batch, false, threads),
                List.of(peer("", Layout.SAME, (x, w, training) -> torch.dropout(x, 0.5, training))));
    }

    private static List<Row> attention() {
        double dot = 2.0 * 32 * 64 * 64 * 256;
        double maps = 64.0 * 32 * 256 * 256;
        double additive = 64.0 * 14 * 320 * (2 * 160 + 14) + 64.0 * 14 * 14 * 160;
        return List.of(
                row(
                        "attention dot, T64 B32 F256",
                        Work.products(dot),
                        Input.steps(64, 32, 256),
                        DotAttention::create,
                        peer("one function", Layout.ROWS_FIRST, (x, w, training) -> Layers.dot(x)),
                        peer("products", Layout.ROWS_FIRST, (x, w, training) -> Layers.dotByProducts(x))),
                row(
                        "attention additive 160, T14 B64 F320",
                        Work.products(additive),
                        Input.steps(14, 64, 320),
                        () -> AdditiveAttention.of(160),
                        peer("", Layout.ROWS_FIRST, (x, w, training) -> Layers.additive(x, w))),
                row(
                        "attention of 4 heads, T64 B32 F256",
                        Work.products(dot + 4 * maps),
                        Input.steps(64, 32, 256),
                        () -> MultiHeadAttention.of(4),
                        peer("", Layout.ROWS_FIRST, (x, w, training) -> Layers.multiHead(x, w, "", 4))),
                row(
                        "attention of 8 heads, T20 B64 F128",
                        Work.products(2.0 * 64 * 20 * 20 * 128 + 4.0 * 64 * 20 * 128 * 128),
                        Input.steps(20, 64, 128),
                        () -> MultiHeadAttention.of(8),
                        peer("", Layout.ROWS_FIRST, (x, w, training) -> Layers.multiHead(x, w, "", 8))),
                row(
                        "transformer encoder layer, 4 heads, 1024 hidden, T64 B32 F256",
                        Work.products(dot + 12 * maps),
                        Input.steps(64, 32, 256),
                        () -> TransformerEncoderLayer.of(4, 1024).dropout(0f),
                        peer("", Layout.ROWS_FIRST, (x, w, training) -> Layers.encoder(x, w, 4))));
    }
}
