package org.gatefold.recipe.field.media;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.pooling.MaxPool2d;

/**
 * Layers that find features in images, or in each frame of films: convolutions of 3 by 3 with batch normalisation, each of which
 * halves the sides as long as enough is left of them. Immutable as long as nobody writes its list.
 *
 * @param layers in their order
 * @param channels of what they put out
 * @param height of what they put out
 * @param width of what they put out
 */
public record FeatureMaps(List<Layer> layers, int channels, int height, int width) {
    /** A side that halving leaves enough of. */
    private static final int FEWEST_HALVED = 6;

    /**
     * Convolutions one after the other.
     *
     * @param height of the images
     * @param width of the images
     * @param filters of each
     */
    public static FeatureMaps of(int height, int width, int... filters) {
        List<Layer> layers = new ArrayList<>();
        int down = height;
        int across = width;
        for (int count : filters) {
            layers.add(Conv2d.of(count, 3, 3).same());
            layers.add(BatchNorm.create());
            layers.add(ActivationLayer.relu());
            if (Math.min(down, across) >= FEWEST_HALVED) {
                layers.add(MaxPool2d.of(2, 2));
                down /= 2;
                across /= 2;
            }
        }
        return new FeatureMaps(layers, filters[filters.length - 1], down, across);
    }
}
