package org.gatefold.recipe;

/**
 * How long and how fast a model is trained.
 *
 * @param epochs passes over the training rows, at least 1
 * @param batch rows of an update, at least 1
 * @param learningRate of AdamW at the beginning, above 0; it falls to 0 along half a cosine
 * @param weightDecay of AdamW, at least 0
 * @param clipNorm the most that the norm of all gradients may be, above 0
 * @param validation share of the training part, its end, that is held back to find the best epoch, 0 to below 1; 0 trains
 *     on all rows and keeps the last epoch
 * @param patience epochs without improvement on the held-back share after which training stops, at least 1
 * @param seed of first weights, order of rows and dropout
 */
public record TrainingOptions(
        int epochs,
        int batch,
        float learningRate,
        float weightDecay,
        float clipNorm,
        double validation,
        int patience,
        long seed) {
    public TrainingOptions {
        requireAtLeast("epochs", 1, epochs);
        requireAtLeast("batch", 1, batch);
        requirePositive("learning rate", learningRate);
        if (!(weightDecay >= 0) || Float.isInfinite(weightDecay)) {
            throw new IllegalArgumentException("weight decay: expected a number of at least 0, got " + weightDecay);
        }
        requirePositive("clip norm", clipNorm);
        if (!(validation >= 0 && validation < 1)) {
            throw new IllegalArgumentException("validation: expected a share of 0 to below 1, got " + validation);
        }
        requireAtLeast("patience", 1, patience);
    }

    /** The same with another number of epochs. */
    public TrainingOptions withEpochs(int count) {
        return new TrainingOptions(count, batch, learningRate, weightDecay, clipNorm, validation, patience, seed);
    }

    private static void requireAtLeast(String name, int least, int value) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": expected at least " + least + ", got " + value);
        }
    }

    private static void requirePositive(String name, float value) {
        if (!(value > 0) || Float.isInfinite(value)) {
            throw new IllegalArgumentException(name + ": expected a number above 0, got " + value);
        }
    }
}
