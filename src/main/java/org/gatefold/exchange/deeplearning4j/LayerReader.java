package org.gatefold.exchange.deeplearning4j;

import com.google.gson.JsonElement;
import java.util.List;
import java.util.Set;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.form.RepeatVector;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.pooling.AvgPool1d;
import org.gatefold.layer.pooling.AvgPool2d;
import org.gatefold.layer.pooling.GlobalPooling;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.layer.pooling.MaxPool2d;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.tensor.Form;

/** Layers of Deeplearning4j's as layers here, and what they take of a model's numbers. Stateless. */
final class LayerReader {
    /** Layers whose function is applied to what they give. */
    private static final Set<String> WITH_FUNCTION = Set.of(
            "dense",
            "output",
            "rnnoutput",
            "centerlossoutput",
            "convolution",
            "convolution2d",
            "convolution1d",
            "embedding",
            "embeddingsequence",
            "activation",
            "loss",
            "rnnloss",
            "cnnloss");

    private LayerReader() {}

    /**
     * A layer made.
     *
     * @param layer not yet built; null for one that does nothing outside training
     * @param function that follows it; null for none
     * @param weights that it takes; null for none
     */
    record Made(Layer layer, Layer function, LayerWeights weights) {}

    /**
     * @param config without what wraps it
     * @param name that it gets
     * @param in what it takes
     * @param padding by zeros before it, rows and columns; empty for none
     */
    static Made of(LayerConfig config, String name, Form in, List<Integer> padding) {
        String kind = config.kind();
        Layer function = null;
        if (WITH_FUNCTION.contains(kind)) {
            LayerConfig described = Functions.of(config, "activationFn");
            function = Functions.layer(described);
            boolean vectors =
                    Set.of("dense", "output").contains(kind) || in.dimensions().size() < 2;
            if (!vectors && function != null && function.type().equals("Softmax")) {
                throw config.refused("takes the softmax along channels of images, which is not known");
            }
        }
        return switch (kind) {
            case "dense", "output", "rnnoutput", "centerlossoutput" -> linear(config, name, in, function);
            case "lstm", "graveslstm", "simplernn" -> recurrent(config, name, in);
            case "gravesbidirectionallstm" ->
                new Made(
                        Bidirectional.of(cell(config)).merge(Bidirectional.Merge.SUM),
                        null,
                        cellWeights(config, name, in, 2));
            case "bidirectional" -> bidirectional(config, name, in);
            case "embedding", "embeddingsequence" -> {
                int words = config.size("nin");
                int out = config.size("nout");
                boolean biased = config.flag("hasBias", kind.equals("embedding"));
                yield new Made(Embedding.of(words, out), function, LayerWeights.table(name, words, out, biased));
            }
            case "convolution1d" -> convolution1d(config, name, in, function);
            case "convolution", "convolution2d" -> convolution2d(config, name, in, function, padding);
            case "subsampling1d" -> new Made(subsampling1d(config), null, null);
            case "subsampling" -> new Made(subsampling2d(config, padding), null, null);
            case "globalpooling" -> new Made(globalPooling(config, in), null, null);
            case "batchnormalization" -> batchNorm(config, name, in);
            case "activation", "loss", "rnnloss", "cnnloss" -> new Made(null, function, null);
            case "dropout" -> new Made(null, null, null);
            case "repeatvector" -> new Made(RepeatVector.of(config.size("n")), null, null);
            default -> throw config.refused("layers of this class are not known");
        };
    }

    /** Numbers dropped from what a layer reads, in training; null for none. */
    static Layer dropout(LayerConfig config) {
        JsonElement described = config.values().get("idropout");
        double kept = config.real("dropOut", 0);
        if (described != null && described.isJsonObject()) {
            LayerConfig dropout = LayerConfig.of(described, config.name());
            kept = switch (dropout.kind()) {
                case "dropout" -> dropout.real("p", 0);
                case "spatialdropout", "alphadropout", "gaussiandropout", "gaussiannoise" -> 0;
                default -> throw dropout.refused("dropout of this class is not known");
            };
        }
        return kept <= 0 || kept >= 1 ? null : Dropout.of((float) (1 - kept));
    }

    private static void requireInputs(LayerConfig config, long expected, Form in) {
        if (in.dimensions().isEmpty() || expected != in.dimensions().get(0)) {
            throw config.refused("expected " + expected + " numbers or channels in, got " + in);
        }
    }

    private static boolean biased(LayerConfig config) {
        return config.flag("hasBias", true);
    }

    private static void requireNoLayerNorm(LayerConfig config) {
        if (config.flag("hasLayerNorm", false)) {
            throw config.refused("normalises its layer, which is not known");
        }
    }

    private static Made linear(LayerConfig config, String name, Form in, Layer function) {
        requireNoLayerNorm(config);
        int from = config.size("nin");
        int to = config.size("nout");
        if (in.dimensions().size() != 1) {
            throw config.refused("expected vectors, got " + in);
        }
        requireInputs(config, from, in);
        long centres = config.kind().equals("centerlossoutput") ? (long) from * to : 0;
        Linear linear = Linear.of(to);
        return new Made(
                biased(config) ? linear : linear.withoutBias(),
                function,
                LayerWeights.linear(name, from, to, biased(config), centres));
    }

    private static Made recurrent(LayerConfig config, String name, Form in) {
        return new Made(cell(config), null, cellWeights(config, name, in, 1));
    }

    private static RecurrentLayer<?> cell(LayerConfig config) {
        requireNoLayerNorm(config);
        int units = config.size("nout");
        GateActivation function = Functions.gate(Functions.of(config, "activationFn"));
        if (config.kind().equals("simplernn")) {
            Rnn rnn = Rnn.of(units);
            RecurrentLayer<?> made = function.equals(GateActivation.TANH)
                    ? rnn
                    : function.equals(GateActivation.RELU) ? rnn.relu() : rnn.activation(function);
            return made.returnSequences();
        }
        Lstm lstm = Lstm.of(units).forgetBias((float) config.real("forgetGateBiasInit", 1));
        GateActivation gates = Functions.gate(Functions.of(config, "gateActivationFn"));
        if (!gates.equals(GateActivation.SIGMOID)) {
            lstm.recurrentActivation(gates);
        }
        if (!function.equals(GateActivation.TANH)) {
            lstm.activation(function);
        }
        return (config.kind().startsWith("graves") ? lstm.peepholes() : lstm).returnSequences();
    }

    private static LayerWeights cellWeights(LayerConfig config, String name, Form in, int directions) {
        int from = config.size("nin");
        requireInputs(config, from, in);
        boolean lstm = !config.kind().equals("simplernn");
        return LayerWeights.recurrent(
                name, from, config.size("nout"), lstm ? 4 : 1, config.kind().startsWith("graves"), directions);
    }

    private static Made bidirectional(LayerConfig config, String name, Form in) {
        LayerConfig forward = config.inner("fwd");
        if (!List.of("lstm", "graveslstm", "simplernn").contains(forward.kind())) {
            throw config.refused("expected LSTM, GravesLSTM or SimpleRnn in it, got " + forward.type());
        }
        Bidirectional.Merge merge =
                switch (config.text("mode", "CONCAT")) {
                    case "CONCAT" -> Bidirectional.Merge.CONCATENATE;
                    case "ADD" -> Bidirectional.Merge.SUM;
                    case "AVERAGE" -> Bidirectional.Merge.AVERAGE;
                    case "MUL" -> Bidirectional.Merge.MULTIPLY;
                    default -> throw config.refused("the mode '" + config.text("mode", "") + "' is not known");
                };
        return new Made(Bidirectional.of(cell(forward)).merge(merge), null, cellWeights(forward, name, in, 2));
    }

    private static boolean isSame(LayerConfig config) {
        return config.text("convolutionMode", "Truncate").equals("Same");
    }

    private static void requireMode(LayerConfig config) {
        String mode = config.text("convolutionMode", "Truncate");
        if (!List.of("Same", "Truncate", "Strict").contains(mode)) {
            throw config.refused("the mode '" + mode + "' is not known");
        }
    }

    private static Made convolution1d(LayerConfig config, String name, Form in, Layer function) {
        int from = config.size("nin");
        int to = config.size("nout");
        requireInputs(config, from, in);
        int kernel = config.integers("kernelSize", 1, 3).get(0);
        int stride = config.integers("stride", 1, 1).get(0);
        int padding = config.integers("padding", 1, 0).get(0);
        Conv1d made = Conv1d.of(to, kernel)
                .stride(stride)
                .dilation(config.integers("dilation", 1, 1).get(0));
        if (!biased(config)) {
            made.withoutBias();
        }
        if (config.text("convolutionMode", "Truncate").equals("Causal")) {
            made.causal();
        } else if (isSame(config)) {
            if (stride > 1) {
                throw config.refused("pads to 'Same' with a stride above 1, by which steps depends on the length");
            }
            made.same();
        } else {
            requireMode(config);
            made.padding(padding, padding);
        }
        return new Made(
                made,
                function,
                LayerWeights.steps(name, from, to, kernel, biased(config), config.has("rnnDataFormat")));
    }

    private static Made convolution2d(LayerConfig config, String name, Form in, Layer function, List<Integer> before) {
        requireMode(config);
        int from = config.size("nin");
        int to = config.size("nout");
        requireImage(config, in);
        requireInputs(config, from, in);
        List<Integer> kernel = config.integers("kernelSize", 2, 5);
        List<Integer> stride = config.integers("stride", 2, 1);
        List<Integer> dilation = config.integers("dilation", 2, 1);
        Conv2d made = Conv2d.of(to, kernel.get(0), kernel.get(1))
                .stride(stride.get(0), stride.get(1))
                .dilation(dilation.get(0), dilation.get(1));
        if (!biased(config)) {
            made.withoutBias();
        }
        if (!isSame(config)) {
            List<Integer> padding = padding(config, before);
            made.padding(padding.get(0), padding.get(1));
        } else if (!before.isEmpty()) {
            throw config.refused("pads to 'Same' what zeros were put round");
        } else if (stride.equals(List.of(1, 1))) {
            made.same();
        } else {
            made.padding(
                    samePadding(config, in.dimensions().get(1), kernel.get(0), stride.get(0), dilation.get(0)),
                    samePadding(config, in.dimensions().get(2), kernel.get(1), stride.get(1), dilation.get(1)));
        }
        int places = Math.multiplyExact(kernel.get(0), kernel.get(1));
        return new Made(made, function, LayerWeights.kernel(name, from, to, places, biased(config)));
    }

    private static void requireImage(LayerConfig config, Form in) {
        if (in.dimensions().size() != 3) {
            throw config.refused("expected images [channels, height, width], got " + in);
        }
    }

    /** Rows or columns before, of as many behind. */
    private static int samePadding(LayerConfig config, int size, int kernel, int stride, int dilation) {
        int span = dilation * (kernel - 1) + 1;
        int total = Math.max(0, ((size + stride - 1) / stride - 1) * stride + span - size);
        if (total % 2 != 0) {
            throw config.refused("pads to 'Same' with " + total + " rows or columns, not as many before as behind");
        }
        return total / 2;
    }

    private static List<Integer> padding(LayerConfig config, List<Integer> before) {
        List<Integer> own = config.integers("padding", 2, 0);
        return before.isEmpty() ? own : List.of(own.get(0) + before.get(0), own.get(1) + before.get(1));
    }

    private static Layer subsampling1d(LayerConfig config) {
        requireMode(config);
        int kernel = config.integers("kernelSize", 1, 2).get(0);
        int stride = config.integers("stride", 1, 2).get(0);
        int padding = config.integers("padding", 1, 0).get(0);
        if (isSame(config) && stride > 1) {
            throw config.refused("pads to 'Same' with a stride above 1, by which steps depends on the length");
        }
        requireUndilated(config);
        return switch (config.text("poolingType", "MAX")) {
            case "MAX" -> {
                MaxPool1d pool = MaxPool1d.of(kernel).stride(stride);
                yield isSame(config) ? pool.same() : pool.padding(padding, padding);
            }
            case "AVG" -> {
                AvgPool1d pool = AvgPool1d.of(kernel).stride(stride);
                if (!config.flag("avgPoolIncludePadInDivisor", false)) {
                    pool.withoutPadding();
                }
                yield isSame(config) ? pool.same() : pool.padding(padding, padding);
            }
            default -> throw unknownPooling(config);
        };
    }

    private static Layer subsampling2d(LayerConfig config, List<Integer> before) {
        requireMode(config);
        if (!before.isEmpty()) {
            throw config.refused("pools what zeros were put round; expected a convolution");
        }
        requireUndilated(config);
        List<Integer> kernel = config.integers("kernelSize", 2, 1);
        List<Integer> stride = config.integers("stride", 2, 2);
        List<Integer> padding = config.integers("padding", 2, 0);
        return switch (config.text("poolingType", "MAX")) {
            case "MAX" -> {
                MaxPool2d pool = MaxPool2d.of(kernel.get(0), kernel.get(1)).stride(stride.get(0), stride.get(1));
                yield isSame(config) ? pool.same() : pool.padding(padding.get(0), padding.get(1));
            }
            case "AVG" -> {
                AvgPool2d pool = AvgPool2d.of(kernel.get(0), kernel.get(1)).stride(stride.get(0), stride.get(1));
                if (!config.flag("avgPoolIncludePadInDivisor", false)) {
                    pool.withoutPadding();
                }
                yield isSame(config) ? pool.same() : pool.padding(padding.get(0), padding.get(1));
            }
            default -> throw unknownPooling(config);
        };
    }

    private static void requireUndilated(LayerConfig config) {
        if (config.integers("dilation", 1, 1).stream().anyMatch(step -> step != 1)) {
            throw config.refused("pools windows with gaps, which is not known");
        }
    }

    private static RuntimeException unknownPooling(LayerConfig config) {
        return config.refused(
                "pooling of type " + config.text("poolingType", "MAX") + " is not known; expected MAX or AVG");
    }

    private static Layer globalPooling(LayerConfig config, Form in) {
        if (!config.flag("collapseDimensions", true)) {
            throw config.refused("keeps the dimensions that it pools");
        }
        List<Integer> dimensions = config.integers("poolingDimensions", 0, 0);
        boolean image = in.dimensions().size() == 3;
        if (!dimensions.isEmpty() && !dimensions.equals(image ? List.of(2, 3) : List.of(2))) {
            throw config.refused("pools along " + dimensions + "; expected steps, or height and width");
        }
        return switch (config.text("poolingType", "MAX")) {
            case "MAX" -> image ? GlobalPooling.max() : TimePooling.max();
            case "AVG" -> image ? GlobalPooling.mean() : TimePooling.mean();
            default -> throw unknownPooling(config);
        };
    }

    private static Made batchNorm(LayerConfig config, String name, Form in) {
        int channels = config.size("nout");
        requireInputs(config, channels, in);
        BatchNorm norm = BatchNorm.create()
                .epsilon((float) config.real("eps", 1e-5))
                .momentum((float) (1 - config.real("decay", 0.9)));
        float[] fixed = config.flag("lockGammaBeta", false)
                ? new float[] {(float) config.real("gamma", 1), (float) config.real("beta", 0)}
                : null;
        return new Made(norm, null, LayerWeights.norm(name, channels, config.flag("useLogStd", false), fixed));
    }
}
