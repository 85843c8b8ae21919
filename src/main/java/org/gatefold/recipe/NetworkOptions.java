package org.gatefold.recipe;

/**
 * The size of a recurrent network.
 *
 * @param hidden units of a layer and direction, at least 1
 * @param layers stacked layers, at least 1
 * @param dropout probability of dropping a value before every layer but the first, in training, 0 to below 1
 */
public record NetworkOptions(int hidden, int layers, float dropout) {
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
    }
}
