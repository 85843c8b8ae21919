package org.gatefold.spark.training;

import java.io.Serializable;
import org.gatefold.op.Philox;

/**
 * Which rows measure the model, and who is trained on the others: by their numbers and the seed alone.
 *
 * @param validation share of the rows that measure the model, 0 to below 1
 */
public record TrainingShare(int workers, double validation, long seed) implements Serializable {
    private static final long serialVersionUID = 1L;

    public TrainingShare {
        if (!(validation >= 0 && validation < 1)) {
            throw new IllegalArgumentException("validationShare: expected 0 to below 1, got " + validation);
        }
    }

    public boolean measures(long row) {
        return validation > 0 && (Philox.derive(seed, row, 0) >>> 11) * 0x1p-53 < validation;
    }

    int worker(long row) {
        return (int) (row % workers);
    }
}
