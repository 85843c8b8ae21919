package org.gatefold.spark.training;

import java.io.Serializable;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.gatefold.exchange.NetworkJson;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.model.Network;
import org.gatefold.spark.column.SingleForm;
import org.gatefold.tensor.Form;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.optimizer.AdamW;
import org.gatefold.train.optimizer.Optimizer;
import org.gatefold.train.optimizer.RmsProp;
import org.gatefold.train.optimizer.Sgd;
import org.gatefold.train.parallel.Compression;

/**
 * What all workers are to do.
 *
 * @param network as {@link NetworkJson} writes it
 * @param loss by name
 * @param optimizer by name
 * @param averagingSteps updates between averages of weights; 0 to exchange gradients in every update
 * @param compression of gradients, by name
 * @param patience epochs without improvement before training stops; 0 for all epochs
 * @param clipNorm the largest norm of gradients; 0 for any
 * @param checkpoints on a file system of Hadoop's; none if empty
 * @param device by Gatefold's name
 */
public record TrainingPlan(
        String network,
        String loss,
        String optimizer,
        double learningRate,
        int epochs,
        int batchSize,
        int averagingSteps,
        String compression,
        int patience,
        double clipNorm,
        long seed,
        String checkpoints,
        String device)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final String CROSS_ENTROPY = "crossEntropy";

    private static final Map<String, Supplier<Loss>> LOSSES = Map.of(
            "mse",
            Loss::mse,
            "mae",
            Loss::mae,
            "logCosh",
            Loss::logCosh,
            "binaryCrossEntropy",
            Loss::binaryCrossEntropy,
            CROSS_ENTROPY,
            Loss::crossEntropy);

    private static final Map<String, DoubleFunction<Optimizer>> OPTIMIZERS = Map.of(
            "adam", rate -> Adam.of((float) rate),
            "adamw", rate -> AdamW.of((float) rate),
            "rmsprop", rate -> RmsProp.of((float) rate),
            "sgd", rate -> Sgd.of((float) rate));

    public TrainingPlan {
        one("loss", LOSSES, loss);
        one("optimizer", OPTIMIZERS, optimizer);
        atLeast("epochs", 1, epochs);
        atLeast("batchSize", 1, batchSize);
        atLeast("averagingSteps", 0, averagingSteps);
        atLeast("patience", 0, patience);
        if (!Compression.of(compression).equals(Compression.NONE) && averagingSteps > 0) {
            throw new IllegalArgumentException(
                    "compression: expected none with averagingSteps, got '" + compression + "'");
        }
    }

    private static <V> V one(String param, Map<String, V> known, String name) {
        V found = known.get(name);
        if (found == null) {
            throw new IllegalArgumentException(param + ": expected one of "
                    + known.keySet().stream().sorted().collect(Collectors.toList()) + ", got '" + name + "'");
        }
        return found;
    }

    public static void atLeast(String param, int least, int got) {
        if (got < least) {
            throw new IllegalArgumentException(param + ": expected at least " + least + ", got " + got);
        }
    }

    Loss lossOf() {
        return one("loss", LOSSES, loss).get();
    }

    Optimizer optimizerOf() {
        return one("optimizer", OPTIMIZERS, optimizer).apply(learningRate);
    }

    Compression compressionOf() {
        return Compression.of(compression);
    }

    public Network networkOf() {
        if (network.isEmpty()) {
            throw new IllegalArgumentException("network: expected a description, got none; call setNetwork");
        }
        try {
            return Network.of(NetworkJson.read(JsonFields.parse("network", network)));
        } catch (FileException e) {
            throw new IllegalArgumentException("network: " + e.getMessage(), e);
        }
    }

    public Form input() {
        return SingleForm.of("input", networkOf().inputs());
    }

    /** @throws IllegalArgumentException if what is learnt is not the class of each row */
    public void requireClasses() {
        if (!tellsClasses()) {
            throw new IllegalArgumentException("labelCol: expected names of classes for the loss " + CROSS_ENTROPY
                    + " and one output a row alone, got the loss " + loss);
        }
    }

    /** Numbers of an output, or the most classes that it can tell apart. */
    public int width() {
        return Math.toIntExact(output().size());
    }

    /** True if what is learnt is the class of each row. */
    public boolean tellsClasses() {
        return loss.equals(CROSS_ENTROPY) && !output().sequence();
    }

    private Form output() {
        return SingleForm.of("output", networkOf().outputs());
    }

    /** What is to be learnt: a class of each row or step, or numbers as the model gives them. */
    public Form label() {
        Form output = output();
        if (loss.equals(CROSS_ENTROPY)) {
            return output.sequence() ? Form.tokens() : Form.ids();
        }
        return output;
    }
}
