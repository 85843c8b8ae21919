package org.gatefold.recipe.image;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.image.ImageSize;
import org.gatefold.layer.Layer;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.form.Permute;
import org.gatefold.layer.form.Reshape;
import org.gatefold.layer.form.ToSequence;
import org.gatefold.recipe.field.media.FeatureMaps;

/** How an image becomes the steps of a sequence. */
enum Reading {
    /** Each row of pixels is a step. */
    ROWS {
        @Override
        List<Layer> layers(ImageSize image, int patch) {
            return rows(image.channels(), image.height(), image.width());
        }
    },

    /** Each square of pixels is a step, as a vector of {@value #PATCH_FEATURES} features (Dosovitskiy et al. 2021, equation 1). */
    PATCHES {
        @Override
        List<Layer> layers(ImageSize image, int patch) {
            int down = image.height() / patch;
            int across = image.width() / patch;
            return List.of(
                    Conv2d.of(PATCH_FEATURES, patch, patch).stride(patch, patch),
                    Permute.of(2, 3, 1),
                    Reshape.of(down * across, PATCH_FEATURES),
                    ToSequence.create());
        }
    },

    /** Convolutions find features; each row of what they find is a step. */
    CONVOLUTIONS {
        @Override
        List<Layer> layers(ImageSize image, int patch) {
            FeatureMaps maps = FeatureMaps.of(image.height(), image.width(), FILTERS);
            List<Layer> layers = new ArrayList<>(maps.layers());
            layers.addAll(rows(maps.channels(), maps.height(), maps.width()));
            return layers;
        }
    };

    private static final int PATCH_FEATURES = 64;
    private static final int[] FILTERS = {32, 64};

    /**
     * The layers that make the steps.
     *
     * @param patch pixels of a side of a square, at most those of the image
     */
    abstract List<Layer> layers(ImageSize image, int patch);

    private static List<Layer> rows(int channels, int height, int width) {
        Layer steps = ToSequence.create();
        return channels == 1
                ? List.of(Reshape.of(height, width), steps)
                : List.of(Permute.of(2, 1, 3), Reshape.of(height, channels * width), steps);
    }
}
