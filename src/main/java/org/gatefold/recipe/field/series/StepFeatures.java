package org.gatefold.recipe.field.series;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.recurrent.Lstm;

/** Layers that find features in sequences: convolutions over time with batch normalisation, which keep every step. Stateless. */
public final class StepFeatures {
    private static final int[] KERNELS = {5, 3};

    private StepFeatures() {}

    /** Two convolutions, of five steps and of three. */
    public static List<Layer> of(int filters) {
        return of(filters, false);
    }

    /** The same, of which none sees steps that are still to come where they are causal. */
    public static List<Layer> of(int filters, boolean causal) {
        List<Layer> layers = new ArrayList<>();
        for (int kernel : KERNELS) {
            Conv1d convolution = Conv1d.of(filters, kernel);
            layers.add(causal ? convolution.causal() : convolution.same());
            layers.add(BatchNorm.create());
            layers.add(ActivationLayer.relu());
        }
        return layers;
    }

    /**
     * The layers, but the last, of a network that tells the class of a sequence: features, which both directions of a recurrent layer
     * read, and one answer of all steps.
     *
     * @param pooling of sequences to one row
     */
    public static List<Layer> classifier(int filters, float dropout, Lstm lstm, Layer pooling) {
        List<Layer> layers = of(filters);
        layers.add(Dropout.of(dropout));
        layers.add(lstm.bidirectional().returnSequences());
        layers.add(pooling);
        layers.add(Dropout.of(dropout));
        return layers;
    }
}
