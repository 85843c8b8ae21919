package org.gatefold.cli;

import java.util.Optional;
import org.gatefold.op.Precision;
import org.gatefold.recipe.NetworkOptions;
import org.gatefold.recipe.TrainingOptions;
import picocli.CommandLine.Option;

/** The options on network and training that all recipes share; what is not given comes from the recipe's defaults. */
final class TrainingOption {
    @Option(names = "--hidden", paramLabel = "N", description = "Units of a layer and direction.")
    private Integer hidden;

    @Option(names = "--layers", paramLabel = "N", description = "Stacked layers.")
    private Integer layers;

    @Option(names = "--dropout", paramLabel = "P", description = "Probability of dropping a value between layers.")
    private Float dropout;

    @Option(
            names = "--precision",
            paramLabel = "KIND",
            description = "How products are computed: f32, tf32, bf16 or f16; f16 scales the loss by itself.")
    private Precision precision;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the training rows.")
    private Integer epochs;

    @Option(names = "--batch", paramLabel = "N", description = "Rows of an update.")
    private Integer batch;

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            description = "Learning rate at the beginning; it falls to 0 along half a cosine.")
    private Float learningRate;

    @Option(names = "--weight-decay", paramLabel = "RATE", description = "Weight decay of AdamW.")
    private Float weightDecay;

    @Option(names = "--clip", paramLabel = "NORM", description = "The most that the norm of the gradients may be.")
    private Float clip;

    @Option(
            names = "--validation",
            paramLabel = "SHARE",
            description = "Share of the training part, its end, held back to find the best epoch; 0 for none.")
    private Double validation;

    @Option(
            names = "--patience",
            paramLabel = "N",
            description = "With --validation: epochs without improvement after which training stops.")
    private Integer patience;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of first weights, order of rows and dropout.")
    private Long seed;

    /** The epochs that were asked for. */
    Optional<Integer> epochs() {
        return Optional.ofNullable(epochs);
    }

    NetworkOptions network(NetworkOptions defaults) {
        return new NetworkOptions(
                or(hidden, defaults.hidden()),
                or(layers, defaults.layers()),
                or(dropout, defaults.dropout()),
                or(precision, defaults.precision()));
    }

    TrainingOptions training(TrainingOptions defaults) {
        return new TrainingOptions(
                or(epochs, defaults.epochs()),
                or(batch, defaults.batch()),
                or(learningRate, defaults.learningRate()),
                or(weightDecay, defaults.weightDecay()),
                or(clip, defaults.clipNorm()),
                or(validation, defaults.validation()),
                or(patience, defaults.patience()),
                or(seed, defaults.seed()));
    }

    private static <V> V or(V given, V otherwise) {
        return given == null ? otherwise : given;
    }
}
