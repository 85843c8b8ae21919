package org.gatefold.recipe.audio;

import org.gatefold.layer.Layer;
import org.gatefold.layer.attention.AttentionPooling;
import org.gatefold.layer.pooling.TimePooling;

/** How the steps of a recording become one answer. */
enum StepPooling {
    /** The largest output of each unit. */
    MAX {
        @Override
        Layer layer() {
            return TimePooling.max();
        }
    },

    /** A mean in which steps count as a learnt query finds them. */
    ATTENTION {
        @Override
        Layer layer() {
            return AttentionPooling.create();
        }
    };

    abstract Layer layer();
}
