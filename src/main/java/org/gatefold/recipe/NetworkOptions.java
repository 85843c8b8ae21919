package org.gatefold.recipe;

import org.gatefold.op.Precision;

/**
 * The size of a recurrent network, and how its products are computed.
 *
 * @param hidden units of a layer and direction, at least 1
 * @param layers stacked layers, at least 1
 * @param dropout probability of dropping a value before every layer but the first, in training, 0 to below 1
 * @param precision of the recurrent layers; null, as read from files older than this choice, becomes F32
 */
public record NetworkOptions(int hidden, int layers, float dropout, Precision precision) {
    public NetworkOptions {
        if (hidden < 1) {
            throw new IllegalArgumentException("hidden: expected at least 1, got " + hidden);
        }
        if (layers < 1) {
            throw new IllegalArgumentException("layers: expected at least 1, got " + layers);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout: expected 0 to below 1, got " + dropout);
        }
        precision = precision == null ? Precision.F32 : precision;
    }

    /** In single precision. */
    public NetworkOptions(int hidden, int layers, float dropout) {
        this(hidden, layers, dropout, Precision.F32);
    }
}
