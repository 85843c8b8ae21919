package org.gatefold.benchmarks.models;

import java.util.List;
import org.gatefold.benchmarks.contract.LstmShape;

/** The models that are measured: sizes, data, and what they cost. Those of the applications' targets. */
enum ModelShape {
    /** Embedding, bidirectional LSTM, the largest outputs, classes. */
    CLASSIFIER("text classifier", 32, 20, 10_000, 100, 64, 6, 1e-3) {
        @Override
        TokenData data() {
            return TokenData.of(ROWS * batch(), steps(), vocabulary(), 1, 0, classes());
        }

        @Override
        List<LstmShape> recurrent() {
            return List.of(new LstmShape(steps(), batch(), embedding(), units(), 1, 2, false));
        }

        @Override
        double otherForwardFlops() {
            return product(batch(), 2 * units(), classes());
        }
    },
    /** Two LSTMs over characters. */
    CHARACTERS("character model", 32, 64, 65, 256, 256, 65, 2e-3),
    /** Two LSTMs over words. */
    WORDS("word model, 10,000 classes", 20, 30, 10_000, 200, 200, 10_000, 1e-3),
    /** A bidirectional encoder, a decoder, general attention, logits by the vectors of the target. */
    TRANSLATION("translation", 64, 14, 8_000, 256, 160, 8_000, 1e-3) {
        @Override
        TokenData data() {
            return TokenData.of(ROWS * batch(), steps(), vocabulary(), steps() - 1, 3, classes());
        }

        @Override
        List<LstmShape> recurrent() {
            return List.of(
                    new LstmShape(steps(), batch(), embedding(), units(), 1, 2, false),
                    new LstmShape(steps(), batch(), embedding(), 2 * units(), 1, 1, false));
        }

        /** The matrix of attention, scores, what is attended to, both together, logits. */
        @Override
        double otherForwardFlops() {
            int rows = steps() * batch();
            int wide = 2 * units();
            return product(rows, wide, wide)
                    + 2 * product(rows, steps(), wide)
                    + product(rows, 2 * wide, embedding())
                    + product(rows, embedding(), classes());
        }
    };

    /** Updates of an epoch. */
    static final int ROWS = 12;

    static final float MAX_NORM = 1;

    private final String title;
    private final int batch;
    private final int steps;
    private final int vocabulary;
    private final int embedding;
    private final int units;
    private final int classes;
    private final double rate;

    ModelShape(String title, int batch, int steps, int vocabulary, int embedding, int units, int classes, double rate) {
        this.title = title;
        this.batch = batch;
        this.steps = steps;
        this.vocabulary = vocabulary;
        this.embedding = embedding;
        this.units = units;
        this.classes = classes;
        this.rate = rate;
    }

    private static double product(double rows, double in, double out) {
        return 2 * rows * in * out;
    }

    /** Rows to train on, for {@value #ROWS} updates. */
    TokenData data() {
        return TokenData.of(ROWS * batch, steps, vocabulary, steps, 0, classes);
    }

    /** The recurrent layers. */
    List<LstmShape> recurrent() {
        return List.of(new LstmShape(steps, batch, embedding, units, 2, 1, false));
    }

    /** Floating-point operations of the products of a batch, forward, beside the recurrent layers. */
    double otherForwardFlops() {
        return product((double) steps * batch, units, classes);
    }

    /** Floating-point operations of all products of an update. */
    double flops() {
        return 3
                * (otherForwardFlops()
                        + recurrent().stream()
                                .mapToDouble(LstmShape::forwardFlops)
                                .sum());
    }

    String title() {
        return title;
    }

    int batch() {
        return batch;
    }

    int steps() {
        return steps;
    }

    int vocabulary() {
        return vocabulary;
    }

    int embedding() {
        return embedding;
    }

    int units() {
        return units;
    }

    int classes() {
        return classes;
    }

    double rate() {
        return rate;
    }
}
