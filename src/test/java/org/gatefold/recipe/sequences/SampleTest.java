package org.gatefold.recipe.sequences;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The sample that travels with the recipe is synthetic: this makes it, and it is what is in the file. */
class SampleTest {
    private static final int ROWS_OF_A_CLASS = 17;
    private static final double NOISE = 0.15;

    private final Random random = new Random(1);

    /** Pen strokes in the plane: one turn to the left, one to the right, and a zigzag, begun anywhere and of any length. */
    private String strokes() {
        StringBuilder text = new StringBuilder("""
                # Synthetic pen strokes; see SOURCES.md.
                @problemName PenStrokes
                @timeStamps false
                @missing false
                @univariate false
                @dimensions 2
                @equalLength false
                @classLabel true left right zigzag
                @data
                """);
        for (String stroke : new String[] {"left", "right", "zigzag"}) {
            for (int row = 0; row < ROWS_OF_A_CLASS; row++) {
                int steps = 10 + random.nextInt(21);
                double begin = 2 * Math.PI * random.nextDouble();
                double turn = stroke.equals("right") ? -2 * Math.PI : 2 * Math.PI;
                double size = 0.7 + 0.6 * random.nextDouble();
                boolean zigzag = stroke.equals("zigzag");
                text.append(channel(steps, at -> size * (zigzag ? 2 * at - 1 : StrictMath.cos(begin + turn * at))))
                        .append(':')
                        .append(channel(
                                steps,
                                at -> size
                                        * (zigzag
                                                ? StrictMath.sin(begin + 6 * Math.PI * at)
                                                : StrictMath.sin(begin + turn * at))))
                        .append(':')
                        .append(stroke)
                        .append('\n');
            }
        }
        return text.toString();
    }

    private String channel(int steps, DoubleUnaryOperator curve) {
        StringBuilder numbers = new StringBuilder();
        for (int step = 0; step < steps; step++) {
            double value = curve.applyAsDouble((double) step / (steps - 1)) + NOISE * random.nextGaussian();
            numbers.append(step == 0 ? "" : ",").append(String.format(Locale.ROOT, "%.2f", value));
        }
        return numbers.toString();
    }

    @Test
    void theSampleIsWhatItIsSaidToBe() throws IOException {
        try (InputStream sample = Sequences.class.getResourceAsStream("/org/gatefold/data/pen-strokes.ts")) {
            assertThat(new String(sample.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(strokes());
        }
    }
}
