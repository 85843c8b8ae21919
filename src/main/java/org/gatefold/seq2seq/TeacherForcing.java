package org.gatefold.seq2seq;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.gatefold.data.Column;

/** Targets as an {@link EncoderDecoder} is trained on them: it reads what it should have written (Williams and Zipser 1989). Stateless. */
public final class TeacherForcing {
    private TeacherForcing() {}

    /**
     * What the decoder reads, {@value EncoderDecoder#PREVIOUS}: the symbol that begins a target, then the target.
     *
     * @param targets {@code [row][step]}, without the symbols that begin and end them
     */
    public static Column previous(int[][] targets, int start) {
        return column(EncoderDecoder.PREVIOUS, targets, ids -> IntStream.concat(IntStream.of(start), ids));
    }

    /**
     * What is to be learnt, {@value EncoderDecoder#TARGET}: the target, then the symbol that ends it.
     *
     * @param targets {@code [row][step]}, without the symbols that begin and end them
     */
    public static Column next(int[][] targets, int end) {
        return column(EncoderDecoder.TARGET, targets, ids -> IntStream.concat(ids, IntStream.of(end)));
    }

    private static Column column(String name, int[][] targets, Function<IntStream, IntStream> way) {
        int[][] ids = new int[targets.length][];
        for (int row = 0; row < ids.length; row++) {
            if (targets[row] == null) {
                throw new IllegalArgumentException("targets[" + row + "]: expected an array, got null");
            }
            ids[row] = way.apply(Arrays.stream(targets[row])).toArray();
        }
        return Column.tokens(name, ids);
    }
}
