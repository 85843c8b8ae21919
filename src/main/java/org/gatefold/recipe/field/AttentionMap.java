package org.gatefold.recipe.field;

import java.util.List;

/**
 * How much each token that was written attended to each token that was read, for a picture. Immutable as long as nobody writes the
 * weights.
 *
 * @param source tokens that were read
 * @param target tokens that were written
 * @param weights {@code [target][source]}, 0 to 1
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record AttentionMap(List<String> source, List<String> target, float[][] weights) {
    public AttentionMap {
        source = List.copyOf(source);
        target = List.copyOf(target);
    }
}
