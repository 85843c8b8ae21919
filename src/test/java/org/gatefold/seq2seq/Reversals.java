package org.gatefold.seq2seq;

import java.util.Random;
import org.gatefold.data.Dataset;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.seq2seq.EncoderDecoder.Attention;

/** Short sequences of symbols, to be written backwards, and small models for them. */
final class Reversals {
    static final int VOCABULARY = 8;
    static final int SYMBOLS = 3;

    final int[][] sources;
    final int[][] targets;

    private Reversals(int[][] sources, int[][] targets) {
        this.sources = sources;
        this.targets = targets;
    }

    /** Random ones of one to {@code longest} symbols. */
    static Reversals random(int count, int longest, long seed) {
        Random random = new Random(seed);
        int[][] sources = new int[count][];
        int[][] targets = new int[count][];
        for (int row = 0; row < count; row++) {
            sources[row] = random.ints(1 + row % longest, SYMBOLS, VOCABULARY).toArray();
            targets[row] = new int[sources[row].length];
            for (int i = 0; i < targets[row].length; i++) {
                targets[row][i] = sources[row][targets[row].length - 1 - i];
            }
        }
        return new Reversals(sources, targets);
    }

    Dataset data() {
        return EncoderDecoder.pairs(sources, targets);
    }

    /** A small model with each kind of attention; some with everything else, some with little. */
    static EncoderDecoder.Builder model(Attention attention) {
        EncoderDecoder.Builder builder =
                EncoderDecoder.of(VOCABULARY, VOCABULARY).embedding(6).attention(attention);
        return switch (attention) {
            case NONE -> builder.units(12).bridge();
            case DOT -> builder.units(6, 12).bidirectional().tied().dropout(0.05f);
            case GENERAL ->
                builder.units(5, 12)
                        .bidirectional()
                        .layers(2, 1)
                        .cells(Cell.GRU, Cell.LSTM)
                        .inputFeeding()
                        .shared();
            case ADDITIVE ->
                builder.units(10, 10)
                        .layers(1, 2)
                        .cells(Cell.LSTM, Cell.GRU)
                        .tied()
                        .inputFeeding();
        };
    }
}
